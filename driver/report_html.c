/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The report to read: the lanes side by side, step by step. One page that
 * needs nothing else, and no script.
 */
#include "report_page.h"

#include "report.h"
#include "report_style.h"
#include "source.h"

#include <stdlib.h>
#include <string.h>

/* `<NAME class="verdict V">V</NAME>`, in words. */
static void
write_verdict(struct xml *xml, enum verdict verdict)
{
	xml_open(xml, "span");
	xml_attrf(xml, "class", "verdict %s", verdict_name(verdict));
	xml_text(xml, verdict_name(verdict));
	xml_close(xml);
}

/* ---- a lesson ---- */

static void
open_row(const struct page *page, const char *class_name)
{
	xml_open(page->xml, "div");
	xml_attrf(page->xml, "class", "row %s", class_name);
	xml_attrf(page->xml, "style", "--n:%zu", page_columns(page));
	/* where it scrolls, the keyboard should scroll it too */
	xml_attr(page->xml, "tabindex", "0");
}

static void
write_step_row(const struct page *page, const struct row *row, size_t number)
{
	struct xml *xml = page->xml;

	xml_open(xml, "section");
	xml_attr(xml, "class", "step");
	xml_attrf(xml, "id", "%s.step-%zu",
		  page->run->lessons[page->lesson].name, number);
	xml_open(xml, "h3");
	xml_open(xml, "span");
	xml_textf(xml, "%zu", number);
	xml_close(xml);
	xml_text(xml, row->name);
	xml_close(xml);
	page_look(page, row);
	open_row(page, "cells");
	page_cells(page, row);
	xml_close(xml);
	report_broken_row(page->run, xml, page->lesson, number);
	xml_close(xml);
}

/* Row 0, what comes before the first step, is shown with what is around. */
static void
write_step_rows(struct page *page)
{
	const struct lesson_info *lesson = &page->run->lessons[page->lesson];
	size_t i, lanes = page->run->lanes.count;

	page->shown = xcalloc(lanes, sizeof(*page->shown));
	for (i = 0; i < lanes; i++)
		page->shown[i] = json_object();
	for (i = 1; i < lesson->row_count; i++)
		write_step_row(page, &lesson->rows[i], i);
	for (i = 0; i < lanes; i++)
		json_decref(page->shown[i]);
	free(page->shown);
}

/* What belongs to no step: helpers, callbacks, the way there. */
static void
write_rest_row(const struct page *page)
{
	struct xml *xml = page->xml;
	const json_t *source;
	const char *code;
	char *titles;
	size_t i, j, end;

	xml_open(xml, "details");
	xml_attr(xml, "class", "rest");
	xml_leaf(xml, "summary", NULL,
		 "Around the steps: what each lane "
		 "needs besides");
	open_row(page, "cells");
	for (i = 0; i < page->run->lanes.count; i = end) {
		end = page_column_end(page, i);
		source = page->sources[i];
		xml_open(xml, "div");
		xml_attr(xml, "class", "cell");
		titles = page_titles(page, i, end);
		xml_leaf(xml, "p", "lane", titles);
		free(titles);
		xml_open(xml, "div");
		xml_attr(xml, "class", "around");
		for (j = 0; (code = source_find(source, "", j)) != NULL; j++)
			page_code(xml, code, strlen(code));
		if (source == NULL)
			xml_leaf(xml, "p", "none", "no source to be read");
		xml_close(xml);
		xml_close(xml);
	}
	xml_close(xml);
	xml_close(xml);
}

/* The functions that the C lane calls: how many; with @write, as a list. */
static size_t
functions_called(const struct page *page, bool write)
{
	struct xml *xml = page->xml;
	const char *name, *header, *code, *comment;
	json_t *function;
	size_t i, count = 0;

	json_array_foreach(json_object_get(page->run->readings, "functions"), i,
			   function)
	{
		if (json_unpack(function, "{s:s, s:s, s:s, s:s}", "name", &name,
				"header", &header, "code", &code, "comment",
				&comment) != 0 ||
		    !source_calls(page->sources[0], name))
			continue;
		count++;
		if (!write)
			continue;
		xml_open(xml, "details");
		xml_open(xml, "summary");
		page_code(xml, code, strlen(code));
		xml_close(xml);
		xml_leaf(xml, "p", "header", header);
		xml_leaf(xml, "pre", "clauses", comment);
		xml_close(xml);
	}
	return count;
}

static void
write_declarations(const struct page *page)
{
	struct xml *xml = page->xml;
	size_t count = functions_called(page, false);

	if (count == 0)
		return;
	xml_open(xml, "details");
	xml_attr(xml, "class", "contract");
	xml_attr(xml, "open", "open");
	xml_open(xml, "summary");
	xml_textf(xml, "The contract: %zu function%s of C", count,
		  count == 1 ? "" : "s");
	xml_close(xml);
	xml_open(xml, "div");
	xml_attr(xml, "class", "functions");
	functions_called(page, true);
	xml_close(xml);
	xml_close(xml);
}

/* Reason @at of a cell: in its row it stands in full. */
static void
write_where(const struct page *page, const struct cell *cell, size_t at)
{
	struct xml *xml = page->xml;
	size_t row = cell->reason_rows[at];

	xml_open(xml, "p");
	xml_attr(xml, "class", "bad");
	if (row == NO_ROW || row == 0) {
		xml_text(xml, cell->reasons.items[at]);
	} else {
		xml_text(xml, "see ");
		xml_open(xml, "a");
		xml_attrf(xml, "href", "#%s.step-%zu", cell->lesson, row);
		xml_textf(xml, "step \"%s\"",
			  page->run->lessons[page->lesson].rows[row].name);
		xml_close(xml);
	}
	xml_close(xml);
}

static void
write_output(struct xml *xml, const struct cell *cell)
{
	if (cell->sandbox.output_len == 0)
		return;
	xml_open(xml, "pre");
	xml_attr(xml, "class", "output");
	xml_text_n(xml, cell->sandbox.output, cell->sandbox.output_len);
	if (cell->sandbox.output_cut)
		xml_text(xml, "\n...");
	xml_close(xml);
}

static void
write_lane(struct xml *xml, const char *name, const struct cell *cell)
{
	xml_open(xml, name);
	if (strcmp(name, "p") == 0) {
		xml_attr(xml, "class", "of");
		xml_attrf(xml, "id", "%s.%s", cell->lesson, cell->lane->name);
	}
	xml_leaf(xml, "strong", NULL, cell->lane->title);
	xml_text(xml, " ");
	write_verdict(xml, cell->verdict);
	xml_close(xml);
}

/* What a lane took in all, and what is wrong with it as a whole. */
static void
write_total(const struct page *page, const struct cell *cell)
{
	struct xml *xml = page->xml;
	size_t i;

	if (cell->log != NULL)
		page_memory(xml, cell->ledger.total);
	for (i = 0; i < cell->reasons.count; i++)
		write_where(page, cell, i);
	if (!verdict_expected(cell->verdict))
		write_output(xml, cell);
}

/* Can the totals of both be shown as one? */
static bool
same_total(const struct cell *a, const struct cell *b)
{
	return a->log != NULL && b->log != NULL &&
		verdict_expected(a->verdict) && verdict_expected(b->verdict) &&
		page_same_memory(a->ledger.total, b->ledger.total);
}

static void
write_totals(const struct page *page, size_t first, size_t end)
{
	const struct cell *cell, *next;
	size_t i;

	xml_open(page->xml, "div");
	xml_attr(page->xml, "class", "cell");
	for (i = first; i < end; i++) {
		cell = run_cell(page->run, page->lesson, i);
		next = run_cell(page->run, page->lesson, MIN(i + 1, end - 1));
		write_lane(page->xml, "p", cell);
		if (next == cell || !same_total(cell, next))
			write_total(page, cell);
	}
	xml_close(page->xml);
}

/* The heads of the columns: lanes and verdicts, and their memory in all. */
static void
write_heads(const struct page *page)
{
	size_t i, j, end, lanes = page->run->lanes.count;
	struct xml *xml = page->xml;

	open_row(page, "heads");
	for (i = 0; i < lanes; i = end) {
		end = page_column_end(page, i);
		xml_open(xml, "p");
		for (j = i; j < end; j++)
			write_lane(xml, "span",
				   run_cell(page->run, page->lesson, j));
		xml_close(xml);
	}
	xml_close(xml);
	open_row(page, "totals");
	for (i = 0; i < lanes; i = end) {
		end = page_column_end(page, i);
		write_totals(page, i, end);
	}
	xml_close(xml);
}

static void
write_lesson(struct page *page)
{
	const struct lesson_info *lesson = &page->run->lessons[page->lesson];
	const struct cell *cell;
	size_t i, lanes = page->run->lanes.count;

	page->sources = xcalloc(lanes, sizeof(*page->sources));
	for (i = 0; i < lanes; i++) {
		cell = run_cell(page->run, page->lesson, i);
		if (cell->entry != NULL && cell->entry->source != NULL)
			page->sources[i] = source_get(page->run->readings,
						      cell->entry->source);
	}
	xml_open(page->xml, "article");
	xml_attr(page->xml, "id", lesson->name);
	xml_open(page->xml, "h2");
	xml_leaf(page->xml, "small", NULL, lesson->name);
	xml_text(page->xml, lesson->title);
	xml_close(page->xml);
	write_declarations(page);
	write_heads(page);
	write_rest_row(page);
	write_step_rows(page);
	xml_close(page->xml);
	free(page->sources);
}

/* ---- the top ---- */

static void
write_matrix(const struct run *run, struct xml *xml)
{
	const struct cell *cell;
	size_t i, j;

	xml_open(xml, "div");
	xml_attr(xml, "class", "scroll");
	xml_attr(xml, "tabindex", "0");
	xml_open(xml, "table");
	xml_attr(xml, "class", "matrix");
	xml_open(xml, "thead");
	xml_open(xml, "tr");
	xml_leaf(xml, "th", NULL, "Lesson");
	for (j = 0; j < run->lanes.count; j++)
		xml_leaf(xml, "th", NULL, run->lanes.items[j].title);
	xml_close(xml);
	xml_close(xml);
	xml_open(xml, "tbody");
	for (i = 0; i < run->lesson_count; i++) {
		xml_open(xml, "tr");
		xml_open(xml, "th");
		xml_open(xml, "a");
		xml_attrf(xml, "href", "#%s", run->lessons[i].name);
		xml_text(xml, run->lessons[i].title);
		xml_close(xml);
		xml_close(xml);
		for (j = 0; j < run->lanes.count; j++) {
			cell = run_cell(run, i, j);
			xml_open(xml, "td");
			xml_open(xml, "a");
			xml_attrf(xml, "href", "#%s.%s", cell->lesson,
				  cell->lane->name);
			xml_attr(xml, "data-lane", cell->lane->title);
			write_verdict(xml, cell->verdict);
			xml_close(xml);
			xml_close(xml);
		}
		xml_close(xml);
	}
	xml_close(xml);
	xml_close(xml);
	xml_close(xml);
}

/* What the words and signs of this page mean. */
static void
write_legend(struct xml *xml)
{
	xml_open(xml, "p");
	xml_attr(xml, "class", "legend");
	write_verdict(xml, VERDICT_SAME);
	xml_text(xml,
		 " recorded what C recorded, and the library took the "
		 "same memory. ");
	write_verdict(xml, VERDICT_DECLARED);
	xml_text(xml,
		 " differs where its lesson says so, and why. Any other "
		 "word is a failure, and what failed stands beside it.");
	xml_close(xml);
	xml_leaf(xml, "p", "legend",
		 "Under each step: what the lane recorded, and by owner the "
		 "blocks allocated (+), their bytes, and the blocks freed "
		 "(\u2212). The owners: library, which is libsgz; rust or c, "
		 "the lane itself; libc, the C library for its own use.");
}

static void
write_trouble(struct xml *xml, const struct cell *cell, size_t at)
{
	size_t row = cell->reason_rows[at];

	xml_open(xml, "li");
	if (row != NO_ROW && row != 0) {
		xml_open(xml, "a");
		xml_attrf(xml, "href", "#%s.step-%zu", cell->lesson, row);
	}
	xml_text(xml, cell->reasons.items[at]);
	if (row != NO_ROW && row != 0)
		xml_close(xml);
	xml_close(xml);
}

static void
write_troubles(const struct run *run, struct xml *xml)
{
	const struct cell *cell;
	size_t i, j;

	if (run_expected(run) == run->cell_count)
		return;
	xml_leaf(xml, "h2", NULL, "What is not as expected");
	for (i = 0; i < run->cell_count; i++) {
		cell = &run->cells[i];
		if (verdict_expected(cell->verdict))
			continue;
		xml_open(xml, "div");
		xml_attr(xml, "class", "trouble");
		xml_open(xml, "p");
		xml_open(xml, "a");
		xml_attrf(xml, "href", "#%s.%s", cell->lesson,
			  cell->lane->name);
		xml_textf(xml, "%s, %s", cell->lesson, cell->lane->title);
		xml_close(xml);
		xml_text(xml, " ");
		write_verdict(xml, cell->verdict);
		xml_close(xml);
		xml_open(xml, "ul");
		for (j = 0; j < cell->reasons.count; j++)
			write_trouble(xml, cell, j);
		xml_close(xml);
		xml_close(xml);
	}
}

static void
write_top(const struct run *run, struct xml *xml)
{
	char *sample = report_sample(run);
	char *summary = report_summary(run);

	xml_open(xml, "header");
	xml_leaf(xml, "h1", NULL, "Ferrule");
	xml_leaf(xml, "p", "summary", summary);
	xml_open(xml, "p");
	xml_text(xml, "Input: ");
	xml_leaf(xml, "code", NULL, run->input.path);
	xml_textf(xml, ", %s", sample);
	xml_close(xml);
	if (!ledger_sees_malloc())
		xml_leaf(xml, "p", NULL,
			 "Built for AddressSanitizer: the "
			 "memory of c and libc is not counted.");
	xml_close(xml);
	write_matrix(run, xml);
	write_legend(xml);
	report_broken_list(run, xml);
	write_troubles(run, xml);
	free(sample);
	free(summary);
}

bool
report_html(const struct run *run, FILE *file)
{
	struct xml *xml = xml_new(file, true);
	struct page page = { .run = run, .xml = xml };

	xml_open(xml, "html");
	xml_attr(xml, "lang", "en");
	xml_open(xml, "head");
	xml_open(xml, "meta");
	xml_attr(xml, "charset", "utf-8");
	xml_close(xml);
	xml_open(xml, "meta");
	xml_attr(xml, "name", "viewport");
	xml_attr(xml, "content", "width=device-width, initial-scale=1");
	xml_close(xml);
	xml_open(xml, "title");
	xml_textf(xml, "Ferrule: %s", run->input.name);
	xml_close(xml);
	xml_open(xml, "style");
	xml_raw(xml, report_style);
	xml_close(xml);
	xml_close(xml);
	xml_open(xml, "body");
	xml_open(xml, "main");
	write_top(run, xml);
	for (page.lesson = 0; page.lesson < run->lesson_count; page.lesson++)
		write_lesson(&page);
	if (run->calls != NULL)
		report_calls(run->calls, xml);
	return xml_free(xml);
}
