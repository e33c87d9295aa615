/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Words in the report to read, and where they lead. */
#include "report_page.h"

#include <ctype.h>
#include <string.h>

#define ERROR_CODES "https://doc.rust-lang.org/error_codes/"

/* The next "E0382" in @text as a word of its own, or NULL. */
static const char *
find_code(const char *text)
{
	const char *at;

	for (at = text; (at = strchr(at, 'E')) != NULL; at++)
		if ((at == text || !isalnum((unsigned char)at[-1])) &&
		    strspn(at + 1, "0123456789") == 4 &&
		    !isalnum((unsigned char)at[5]))
			return at;
	return NULL;
}

void
page_linked(struct xml *xml, const char *text)
{
	const char *code;

	for (; (code = find_code(text)) != NULL; text = code + 5) {
		xml_text_n(xml, text, (size_t)(code - text));
		xml_open(xml, "a");
		xml_attrf(xml, "href", ERROR_CODES "%.5s.html", code);
		xml_text_n(xml, code, 5);
		xml_close(xml);
	}
	xml_text(xml, text);
}
