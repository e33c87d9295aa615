/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Code in the report to read: comments, strings and `unsafe` are tinted. */
#include "report_page.h"

#include "util.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

enum ink {
	INK_PLAIN,
	INK_COMMENT,
	INK_STRING,
	INK_STRONG
};

struct tinter {
	struct xml *xml;
	bool in_comment; /* of several lines */
};

static void
write_ink(struct xml *xml, enum ink ink, const char *text, size_t len)
{
	static const char *const classes[] = { NULL, "c", "s", "u" };

	if (len == 0)
		return;
	if (ink != INK_PLAIN) {
		xml_open(xml, "span");
		xml_attr(xml, "class", classes[ink]);
	}
	xml_text_n(xml, text, len);
	if (ink != INK_PLAIN)
		xml_close(xml);
}

/* The length of the token at @at, and its ink. */
static size_t
next_token(struct tinter *tinter, const char *at, size_t len, enum ink *ink)
{
	const char *end;
	size_t i;

	*ink = INK_PLAIN;
	if (tinter->in_comment || (len > 1 && at[0] == '/' && at[1] == '*')) {
		*ink = INK_COMMENT;
		end = memmem(at + (tinter->in_comment ? 0 : 2),
			     len - (tinter->in_comment ? 0 : 2), "*/", 2);
		tinter->in_comment = end == NULL;
		return end != NULL ? (size_t)(end + 2 - at) : len;
	}
	if (len > 1 && at[0] == '/' && at[1] == '/') {
		*ink = INK_COMMENT;
		return len;
	}
	if (at[0] == '"') {
		*ink = INK_STRING;
		for (i = 1; i < len && at[i] != '"'; i++)
			i += at[i] == '\\';
		return MIN(i + 1, len);
	}
	if (isalpha((unsigned char)at[0]) || at[0] == '_') {
		for (i = 1; i < len; i++)
			if (!isalnum((unsigned char)at[i]) && at[i] != '_')
				break;
		if (i == 6 && strncmp(at, "unsafe", i) == 0)
			*ink = INK_STRONG;
		return i;
	}
	return 1;
}

static void
write_tinted(struct tinter *tinter, const char *line, size_t len)
{
	enum ink ink, pending = INK_PLAIN;
	size_t from = 0, at, step;

	for (at = 0; at < len; at += step) {
		step = next_token(tinter, line + at, len - at, &ink);
		if (ink == pending)
			continue;
		write_ink(tinter->xml, pending, line + from, at - from);
		pending = ink;
		from = at;
	}
	write_ink(tinter->xml, pending, line + from, len - from);
}

/*
 * A line of code, as an element that wraps under its own indentation: columns
 * are narrower than 80 characters. A level of indentation takes two.
 */
static void
write_line(struct tinter *tinter, const char *line, size_t len, size_t base)
{
	size_t indent = 0, at = 0;

	for (; at < len && (line[at] == '\t' || line[at] == ' '); at++)
		indent += line[at] == '\t' ? 8 : 1;
	indent = indent > base ? indent - base : 0;
	/* C indents by a tab, Rust by four spaces */
	indent = memchr(line, '\t', at) != NULL ? indent / 4 : indent / 2;
	xml_open(tinter->xml, "span");
	xml_attrf(tinter->xml, "style", "--i:%zu", MIN(indent, 24));
	xml_textf(tinter->xml, "%*s", (int)MIN(indent, 24), "");
	write_tinted(tinter, line + at, len - at);
	xml_text(tinter->xml, "\n");
	xml_close(tinter->xml);
}

static size_t
indent_of(const char *line, size_t len)
{
	size_t indent = 0, at = 0;

	for (; at < len && (line[at] == '\t' || line[at] == ' '); at++)
		indent += line[at] == '\t' ? 8 : 1;
	return at < len ? indent : SIZE_MAX;
}

static size_t
line_length(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);

	return end != NULL ? (size_t)(end - text) : len;
}

void
page_code(struct xml *xml, const char *text, size_t len)
{
	struct tinter tinter = { .xml = xml };
	size_t at, line_len, base = SIZE_MAX;

	for (at = 0; at < len; at += line_len + 1) {
		line_len = line_length(text + at, len - at);
		base = MIN(base, indent_of(text + at, line_len));
	}
	xml_open(xml, "pre");
	for (at = 0; at < len; at += line_len + 1) {
		line_len = line_length(text + at, len - at);
		write_line(&tinter, text + at, line_len,
			   base == SIZE_MAX ? 0 : base);
	}
	xml_close(xml);
}
