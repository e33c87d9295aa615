/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* libxml2's writer, in short: no call fails, but the last one says if one did. */
#ifndef FERRULE_XML_H
#define FERRULE_XML_H

#include <stdbool.h>
#include <stdio.h>

struct xml;

/*
 * A document that goes to @file; @html writes HTML's way: a doctype, and empty
 * elements closed by a tag of their own unless HTML knows them as void.
 */
struct xml *
xml_new(FILE *file, bool html);
/* Close what is open and free @xml; false: something went wrong. */
bool
xml_free(struct xml *xml);

void
xml_open(struct xml *xml, const char *name);
void
xml_close(struct xml *xml);
void
xml_attr(struct xml *xml, const char *name, const char *value);
void
xml_attrf(struct xml *xml, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Text: what may not stand in XML is written as \xNN. */
void
xml_text(struct xml *xml, const char *text);
void
xml_text_n(struct xml *xml, const char *text, size_t len);
void
xml_textf(struct xml *xml, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* An element with class and text: the most frequent of all. NULL: no class. */
void
xml_leaf(struct xml *xml, const char *name, const char *class_name,
	 const char *text);
/* As it stands: for style sheets. */
void
xml_raw(struct xml *xml, const char *text);

#endif
