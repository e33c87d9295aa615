/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A small interface to libxml2's writer. */
#include "xml.h"

#include "util.h"

#include <libxml/xmlwriter.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 64

struct xml {
	xmlTextWriter *writer;
	FILE *file;
	bool html;
	bool failed;
	bool is_void[DEPTH];
	unsigned depth;
};

static int
write_some(void *ctx, const char *data, int len)
{
	struct xml *xml = ctx;

	return fwrite(data, 1, (size_t)len, xml->file) == (size_t)len ? len :
									-1;
}

static void
check(struct xml *xml, int result)
{
	if (result < 0)
		xml->failed = true;
}

struct xml *
xml_new(FILE *file, bool html)
{
	struct xml *xml = xcalloc(1, sizeof(*xml));
	xmlOutputBuffer *buffer =
		xmlOutputBufferCreateIO(write_some, NULL, xml, NULL);

	xml->file = file;
	xml->html = html;
	if (buffer != NULL)
		xml->writer = xmlNewTextWriter(buffer);
	if (xml->writer == NULL)
		die("out of memory");
	if (html) {
		check(xml,
		      xmlTextWriterWriteRaw(xml->writer,
					    BAD_CAST "<!doctype html>\n"));
	} else {
		check(xml, xmlTextWriterSetIndent(xml->writer, 1));
		check(xml,
		      xmlTextWriterStartDocument(xml->writer, NULL, "UTF-8",
						 NULL));
	}
	return xml;
}

bool
xml_free(struct xml *xml)
{
	bool good;

	while (xml->depth > 0)
		xml_close(xml);
	check(xml, xmlTextWriterEndDocument(xml->writer));
	check(xml, xmlTextWriterFlush(xml->writer));
	xmlFreeTextWriter(xml->writer);
	good = !xml->failed;
	free(xml);
	return good;
}

/* HTML's void elements; all others need an end tag. */
static bool
is_void_element(const char *name)
{
	static const char *const names[] = { "meta", "link", "br",   "hr",
					     "img",  "col",  "input" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

void
xml_open(struct xml *xml, const char *name)
{
	check(xml, xmlTextWriterStartElement(xml->writer, BAD_CAST name));
	if (xml->depth >= DEPTH)
		die("a report is nested too deep");
	xml->is_void[xml->depth++] = is_void_element(name);
}

void
xml_close(struct xml *xml)
{
	bool is_void = xml->is_void[--xml->depth];

	if (xml->html && !is_void)
		check(xml, xmlTextWriterFullEndElement(xml->writer));
	else
		check(xml, xmlTextWriterEndElement(xml->writer));
}

void
xml_attr(struct xml *xml, const char *name, const char *value)
{
	struct text clean = { 0 };

	text_add_escaped(&clean, value, strlen(value));
	check(xml,
	      xmlTextWriterWriteAttribute(xml->writer, BAD_CAST name,
					  BAD_CAST clean.data));
	free(clean.data);
}

void
xml_attrf(struct xml *xml, const char *name, const char *format, ...)
{
	va_list args;
	char *value;

	va_start(args, format);
	if (vasprintf(&value, format, args) < 0)
		die("out of memory");
	va_end(args);
	xml_attr(xml, name, value);
	free(value);
}

void
xml_text_n(struct xml *xml, const char *text, size_t len)
{
	struct text clean = { 0 };
	size_t plain;

	while (len > 0) {
		/* line ends and tabs are allowed */
		for (plain = 0; plain < len; plain++)
			if (text[plain] == '\n' || text[plain] == '\t')
				break;
		text_add_escaped(&clean, text, plain);
		if (plain < len)
			text_add(&clean, text + plain++, 1);
		text += plain;
		len -= plain;
	}
	if (clean.len > 0)
		check(xml,
		      xmlTextWriterWriteString(xml->writer,
					       BAD_CAST clean.data));
	free(clean.data);
}

void
xml_text(struct xml *xml, const char *text)
{
	xml_text_n(xml, text, strlen(text));
}

void
xml_textf(struct xml *xml, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		die("out of memory");
	va_end(args);
	xml_text(xml, text);
	free(text);
}

void
xml_leaf(struct xml *xml, const char *name, const char *class_name,
	 const char *text)
{
	xml_open(xml, name);
	if (class_name != NULL)
		xml_attr(xml, "class", class_name);
	xml_text(xml, text);
	xml_close(xml);
}

void
xml_raw(struct xml *xml, const char *text)
{
	check(xml, xmlTextWriterWriteRaw(xml->writer, BAD_CAST text));
}
