/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Calls back for each line of a text, under a lock. */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define EACH_BUSY -1
#define EACH_NO_MEMORY -2

/* 0: go on; anything above 0 ends the loop. */
typedef int
each_fn(void *user, const char *line, size_t len);

static bool locked;

/* Returns 0, or what @fn returned if that is not 0, or EACH_BUSY: it is used
 * from within @fn. */
int
each_line(const char *text, size_t len, each_fn *fn, void *user)
{
	const char *end = text + len;
	const char *newline;
	size_t line_len;
	int result = 0;
	char *line;

	if (locked)
		return EACH_BUSY;
	line = malloc(len + 1);
	if (line == NULL)
		return EACH_NO_MEMORY;
	locked = true;
	while (result == 0 && text < end) {
		newline = memchr(text, '\n', (size_t)(end - text));
		line_len = (size_t)((newline != NULL ? newline : end) - text);
		memcpy(line, text, line_len);
		result = fn(user, line, line_len);
		text += line_len + 1;
	}
	locked = false;
	free(line);
	return result;
}
