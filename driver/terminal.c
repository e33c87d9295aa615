/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Text for a terminal. */
#include "terminal.h"

#include "util.h"

#include <string.h>

void
print_wrapped(FILE *file, const char *text, int indent)
{
	size_t room = (size_t)(TERMINAL_WIDTH - indent);
	size_t len;

	do {
		len = strlen(text);
		if (len > room) {
			len = room;
			while (len > 0 && text[len] != ' ')
				len--;
			if (len == 0)
				len = strcspn(text, " ");
		}
		fprintf(file, "%*s%.*s\n", indent, "", (int)len, text);
		text += len;
		text += strspn(text, " ");
		room = (size_t)(TERMINAL_WIDTH - indent - 2);
		if (indent < 4)
			indent += 2;
	} while (*text != '\0');
}
