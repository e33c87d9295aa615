/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A small interface to libxml2's writer. Only the last call reports errors. */
#ifndef FERRULE_XML_H
#define FERRULE_XML_H

#include <stdbool.h>
#include <stdio.h>

struct xml;

/*
 * Start a document in @file. With @html it has a doctype, and an empty element
 * gets an end tag unless it is one of HTML's void elements.
 */
struct xml *
xml_new(FILE *file, bool html);
/* Close all open elements and free @xml. False: an error occurred. */
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

/* Text. Bytes that XML does not allow are written as \xNN. */
void
xml_text(struct xml *xml, const char *text);
void
xml_text_n(struct xml *xml, const char *text, size_t len);
void
xml_textf(struct xml *xml, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* An element with a class and text. NULL: no class. */
void
xml_leaf(struct xml *xml, const char *name, const char *class_name,
	 const char *text);
/* Text without escapes, for style sheets. */
void
xml_raw(struct xml *xml, const char *text);

#endif
