// fails: memory: leak
#include "words.h"

#include <stdlib.h>
#include <string.h>

/* The next word at or after *at. NULL: there is none. */
static const char *
next_word(const char **at, const char *end, size_t *len_out)
{
	const char *word;

	while (*at < end && (unsigned char)**at <= ' ')
		++*at;
	word = *at;
	while (*at < end && (unsigned char)**at > ' ')
		++*at;
	*len_out = (size_t)(*at - word);
	return *len_out > 0 ? word : NULL;
}

int
shout(const char *text, size_t len, char *out, size_t size)
{
	const char *end = text + len, *word;
	size_t used = 0, word_len;
	char *upper;

	while ((word = next_word(&text, end, &word_len)) != NULL) {
		if (used + word_len + 2 > size)
			return -1;
		upper = word_upper(word, word_len);
		memcpy(out + used, upper, word_len);
		used += word_len;
		out[used++] = ' ';
	}
	out[used] = '\0';
	return 0;
}

uint32_t *
word_lengths(const char *text, size_t len, size_t *count_out)
{
	const char *end = text + len;
	/* there is a separator between two words */
	uint32_t *lengths = calloc(len / 2 + 1, sizeof(*lengths));
	size_t word_len;

	*count_out = 0;
	while (lengths != NULL && next_word(&text, end, &word_len) != NULL)
		lengths[(*count_out)++] = (uint32_t)word_len;
	if (*count_out > 0)
		return lengths;
	free(lengths);
	return NULL;
}

void
lengths_free(uint32_t *lengths)
{
	free(lengths);
}

void
each_word(const char *text, size_t len,
	  void (*call)(void *context, size_t word_len),
	  void (*release)(void *context), void *context)
{
	const char *end = text + len;
	size_t word_len;

	while (next_word(&text, end, &word_len) != NULL)
		call(context, word_len);
	release(context);
}
