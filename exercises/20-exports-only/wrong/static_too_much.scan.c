// fails: link: undefined reference to `words_next'
// Another file calls it.
#include <stddef.h>

static int
is_gap(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\0';
}

/* Go on behind the next word. Returns its length; 0: there is none. Of this
 * library only: words.c calls it. */
static size_t
words_next(const unsigned char *data, size_t len, size_t *at)
{
	size_t from;

	while (*at < len && is_gap(data[*at]))
		++*at;
	from = *at;
	while (*at < len && !is_gap(data[*at]))
		++*at;
	return *at - from;
}
