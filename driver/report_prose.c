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

/* Where a link leads to on this page: "#06-enums", if that lesson is there. */
static bool
leads_somewhere(const struct run *run, const char *href)
{
	size_t i;

	if (href[0] != '#')
		return href[0] != '\0';
	for (i = 0; i < run->lesson_count; i++)
		if (strcmp(run->lessons[i].name, href + 1) == 0)
			return true;
	return false;
}

static void
write_span(const struct page *page, json_t *span)
{
	const char *text, *as, *href;
	struct xml *xml = page->xml;
	bool link;

	if (json_unpack(span, "{s:s, s:s, s:s}", "text", &text, "as", &as,
			"href", &href) != 0)
		return;
	link = leads_somewhere(page->run, href);
	if (link) {
		xml_open(xml, "a");
		xml_attr(xml, "href", href);
	}
	if (strcmp(as, "code") == 0 || strcmp(as, "em") == 0 ||
	    strcmp(as, "strong") == 0)
		xml_leaf(xml, as, NULL, text);
	else
		xml_text(xml, text);
	if (link)
		xml_close(xml);
}

/* What is said of several steps stands at the first of them. */
static void
write_see(const struct page *page, const char *step)
{
	const struct lesson_info *lesson = &page->run->lessons[page->lesson];
	struct xml *xml = page->xml;
	size_t i;

	xml_text(xml, "See step ");
	for (i = 1; i < lesson->row_count; i++)
		if (strcmp(lesson->rows[i].name, step) == 0)
			break;
	if (i < lesson->row_count) {
		xml_open(xml, "a");
		xml_attrf(xml, "href", "#%s.step-%zu", lesson->name, i);
	}
	xml_textf(xml, "\"%s\"", step);
	if (i < lesson->row_count)
		xml_close(xml);
	xml_text(xml, ".");
}

/* Does this bullet name @step? Then the first that it names, else NULL. */
static const char *
first_step(json_t *look, const char *step)
{
	json_t *steps = json_object_get(look, "steps");
	const char *name;
	json_t *each;
	size_t i;

	json_array_foreach(steps, i, each)
	{
		name = json_string_value(each);
		if (name != NULL && strcmp(name, step) == 0)
			return json_string_value(json_array_get(steps, 0));
	}
	return NULL;
}

void
page_look(const struct page *page, const struct row *row)
{
	const json_t *looks = page->run->lessons[page->lesson].looks;
	const char *first;
	json_t *look, *span;
	size_t i, j;
	bool any = false;

	json_array_foreach(looks, i, look)
	{
		first = first_step(look, row->name);
		if (first == NULL)
			continue;
		any = true;
		xml_open(page->xml, "p");
		xml_attr(page->xml, "class", "look");
		if (strcmp(first, row->name) != 0)
			write_see(page, first);
		else
			json_array_foreach(json_object_get(look, "spans"), j,
					   span) write_span(page, span);
		xml_close(page->xml);
	}
	if (!any && row->given != row->name) {
		xml_open(page->xml, "p");
		xml_attr(page->xml, "class", "look");
		xml_text(page->xml, "What a thread recorded, as a task.");
		xml_close(page->xml);
	}
}
