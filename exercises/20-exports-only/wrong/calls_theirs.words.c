// fails: behaviour: integer "words"
// Its scan.c has another name now, so this one is the other library's.
#include <stddef.h>

/* Of scan.c. */
size_t
next_word(const unsigned char *data, size_t len, size_t *at);

size_t
words_count(const unsigned char *data, size_t len)
{
	size_t at = 0, count = 0;

	while (next_word(data, len, &at) > 0)
		count++;
	return count;
}

size_t
words_longest(const unsigned char *data, size_t len)
{
	size_t at = 0, longest = 0, word;

	while ((word = next_word(data, len, &at)) > 0)
		if (word > longest)
			longest = word;
	return longest;
}
