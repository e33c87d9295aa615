/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Evaluates sums of numbers and names, as "3+tax+20". */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SUM_SYNTAX -1
#define SUM_NO_MEMORY -2

/* 0: *value_out is the value of the name; anything above 0 ends the sum. */
typedef int
sum_lookup_fn(void *user, const char *name, size_t len, int64_t *value_out);

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
number(const char *text, size_t len, int64_t *value_out)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (!is_digit(text[i]))
			return SUM_SYNTAX;
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	*value_out = (int64_t)value;
	return 0;
}

/*
 * Returns 0 and the sum; or what @lookup returned, if that is above 0; or
 * SUM_SYNTAX, SUM_NO_MEMORY. It may be called from within @lookup.
 */
int
sum_eval(const char *text, size_t len, sum_lookup_fn *lookup, void *user,
	 int64_t *value_out)
{
	char *copy = malloc(len + 1);
	uint64_t sum = 0;
	int64_t value;
	char *at = copy;
	int result = 0;
	size_t part;

	if (copy == NULL)
		return SUM_NO_MEMORY;
	memcpy(copy, text, len);
	copy[len] = '\0';
	for (;;) {
		part = strcspn(at, "+");
		value = 0;
		if (part == 0)
			result = SUM_SYNTAX;
		else if (is_digit(*at))
			result = number(at, part, &value);
		else
			result = lookup(user, at, part, &value);
		sum += (uint64_t)value;
		if (result != 0 || at[part] == '\0')
			break;
		at += part + 1;
	}
	if (result == 0)
		*value_out = (int64_t)sum;
	free(copy);
	return result;
}
