/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the parts of the report to read share. */
#ifndef FERRULE_REPORT_PAGE_H
#define FERRULE_REPORT_PAGE_H

#include "run.h"
#include "xml.h"

/* What one lesson's part of the page is made of. */
struct page {
	const struct run *run;
	struct xml *xml;
	size_t lesson;
	const json_t **sources; /* one for each lane; NULL: cannot be read */
	json_t **shown; /* for each lane: step -> how often it was shown */
};

/* Code, as a `pre` whose lines wrap under their own indentation. */
void
page_code(struct xml *xml, const char *text, size_t len);

/* Text, in which rustc's error codes are links to what Rust says of them. */
void
page_linked(struct xml *xml, const char *text);

/* What the lesson's text says of the step of @row, if anything. */
void
page_look(const struct page *page, const struct row *row);

/* What was allocated and freed, by owner. */
void
page_memory(struct xml *xml, const struct ledger_usage *usage);
/* Would it show the same of both? */
bool
page_same_memory(const struct ledger_usage *a, const struct ledger_usage *b);

/* Lanes whose lesson is the same file stand in one column: how many of them. */
size_t
page_columns(const struct page *page);
/* The first lane behind those that stand in the column of @lane. */
size_t
page_column_end(const struct page *page, size_t lane);
/* "A", or "A and B": the titles of the lanes from @first to before @end */
char *
page_titles(const struct page *page, size_t first, size_t end);

/* The cells of a row; lanes that have the same code share one. */
void
page_cells(const struct page *page, const struct row *row);

#endif
