/* Finds words. */
#include <stddef.h>

/* TODO: the names in all three files, as task.md says */
int
is_gap(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\0';
}

/* Go on behind the next word. Returns its length; 0: there is none. */
size_t
next_word(const unsigned char *data, size_t len, size_t *at)
{
	size_t from;

	while (*at < len && is_gap(data[*at]))
		++*at;
	from = *at;
	while (*at < len && !is_gap(data[*at]))
		++*at;
	return *at - from;
}
