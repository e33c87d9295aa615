/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Another library in the same program. It did not hide its helpers. */
#include <stddef.h>

int
is_gap(unsigned char byte)
{
	return byte == ',';
}

/* Go on to the next field. Returns its length. */
size_t
next_word(const unsigned char *data, size_t len, size_t *at)
{
	size_t from = *at;

	while (*at < len && !is_gap(data[*at]))
		++*at;
	return *at < len ? (*at)++ - from : *at - from;
}

size_t
fields_count(const unsigned char *data, size_t len)
{
	size_t at = 0, count = 0;

	while (at < len) {
		next_word(data, len, &at);
		count++;
	}
	return count;
}
