/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Counts in a text. */
#include "tally.h"

#include <string.h>

size_t
tally_count(const char *text, size_t len, char which)
{
	size_t i, count = 0;

	for (i = 0; i < len; i++)
		count += text[i] == which;
	return count;
}

long
tally_balance(const char *text, size_t len, char up, char down)
{
	return (long)tally_count(text, len, up) -
		(long)tally_count(text, len, down);
}

bool
tally_has(const char *text, size_t len, char which)
{
	return tally_count(text, len, which) > 0;
}

ptrdiff_t
tally_first(const char *text, size_t len, char which)
{
	const char *found = len > 0 ? memchr(text, which, len) : NULL;

	return found != NULL ? found - text : -1;
}

uint16_t
tally_longest(const char *text, size_t len)
{
	size_t i, line = 0, longest = 0;

	for (i = 0; i < len; i++) {
		line = text[i] == '\n' ? 0 : line + 1;
		if (line > longest)
			longest = line;
	}
	return longest < UINT16_MAX ? (uint16_t)longest : UINT16_MAX;
}

double
tally_share(const char *text, size_t len, char which)
{
	if (len == 0)
		return 0;
	return (double)tally_count(text, len, which) / (double)len;
}

uint64_t
tally_hash(const char *text, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3;
	return hash;
}
