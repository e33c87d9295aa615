/* Counts words. */
#include <stddef.h>

/* Of scan.c. */
size_t
words_next(const unsigned char *data, size_t len, size_t *at);

size_t
words_count(const unsigned char *data, size_t len)
{
	size_t at = 0, count = 0;

	while (words_next(data, len, &at) > 0)
		count++;
	return count;
}

size_t
words_longest(const unsigned char *data, size_t len)
{
	size_t at = 0, longest = 0, word;

	while ((word = words_next(data, len, &at)) > 0)
		if (word > longest)
			longest = word;
	return longest;
}
