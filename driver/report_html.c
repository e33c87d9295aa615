/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The report to read: the lanes side by side, step by step. One page that
 * needs nothing else, and no script.
 */
#include "report.h"

#include "report_style.h"
#include "source.h"
#include "xml.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What one lesson's part of the page is made of. */
struct page {
	const struct run *run;
	struct xml *xml;
	size_t lesson;
	const json_t **sources; /* one for each lane; NULL: cannot be read */
	json_t **shown; /* for each lane: step -> how often it was shown */
};

/* `<NAME class="verdict V">V</NAME>`, in words. */
static void
write_verdict(struct xml *xml, enum verdict verdict)
{
	xml_open(xml, "span");
	xml_attrf(xml, "class", "verdict %s", verdict_name(verdict));
	xml_text(xml, verdict_name(verdict));
	xml_close(xml);
}

/* ---- code ---- */

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

static void
write_code(struct xml *xml, const char *text, size_t len)
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

/* ---- a cell of a step ---- */

static void
write_fact(struct xml *xml, const struct event *event, bool first_difference)
{
	struct text label = { 0 };
	struct text value = { 0 };

	text_add_escaped(&label, event->label, event->label_len);
	event_add_value(event, &value);
	xml_open(xml, "li");
	xml_attrf(xml, "class", "%s%s", event_kind_name(event->kind),
		  first_difference ? " first" : "");
	if (label.len > 0) {
		xml_leaf(xml, "b", NULL, label.data);
		xml_text(xml, " ");
	} else if (event->kind == EVENT_PREVENTED) {
		xml_leaf(xml, "b", NULL, "prevented");
		xml_text(xml, " ");
	}
	xml_leaf(xml, "span", NULL, value.data != NULL ? value.data : "");
	if (first_difference)
		xml_leaf(xml, "i", NULL, "first difference");
	xml_close(xml);
	free(label.data);
	free(value.data);
}

static void
write_facts(struct xml *xml, const struct cell *cell, size_t at)
{
	const struct step *step = &cell->transcript.steps[at];
	size_t first = cell->steps[at].event;
	size_t i;

	xml_open(xml, "ul");
	xml_attr(xml, "class", "facts");
	for (i = 0; i < step->event_count && i < REPORT_EVENTS; i++)
		write_fact(xml, &step->events[i], i == first);
	if (i < step->event_count) {
		xml_open(xml, "li");
		xml_attr(xml, "class", "none");
		xml_textf(xml, "and %s more",
			  with_commas(step->event_count - i));
		xml_close(xml);
	}
	if (first != SIZE_MAX && first >= step->event_count) {
		xml_open(xml, "li");
		xml_attr(xml, "class", "first");
		xml_leaf(xml, "span", NULL, "nothing more");
		xml_leaf(xml, "i", NULL, "first difference");
		xml_close(xml);
	}
	if (step->event_count == 0 && first == SIZE_MAX)
		xml_leaf(xml, "li", "none", "nothing recorded");
	xml_close(xml);
}

/* "+2 blocks, 66,112 B   −1", for each owner that did something. */
static void
write_memory(struct xml *xml, const struct ledger_usage *usage)
{
	enum owner owner;
	bool any = false;

	xml_open(xml, "table");
	xml_attr(xml, "class", "memory");
	for (owner = 0; owner < OWNER_COUNT; owner++) {
		if (usage[owner].allocs == 0 && usage[owner].frees == 0)
			continue;
		any = true;
		xml_open(xml, "tr");
		xml_leaf(xml, "th", NULL, owner_name(owner));
		xml_open(xml, "td");
		if (usage[owner].allocs > 0)
			xml_textf(xml, "+%s", with_commas(usage[owner].allocs));
		xml_close(xml);
		xml_open(xml, "td");
		if (usage[owner].allocs > 0)
			xml_textf(xml, "%s B", with_commas(usage[owner].bytes));
		xml_close(xml);
		xml_open(xml, "td");
		if (usage[owner].frees > 0)
			xml_textf(xml, "\u2212%s",
				  with_commas(usage[owner].frees));
		xml_close(xml);
		xml_close(xml);
	}
	if (!any) {
		xml_open(xml, "tr");
		xml_leaf(xml, "td", "none", "no memory");
		xml_close(xml);
	}
	xml_close(xml);
}

/* The source of the lane's next step called @name; NULL for none. */
static const char *
next_part(const struct page *page, size_t lane, const char *name)
{
	json_t *shown = page->shown[lane];
	json_int_t nth = json_integer_value(json_object_get(shown, name));

	json_object_set_new(shown, name, json_integer(nth + 1));
	return source_find(page->sources[lane], name, (size_t)nth);
}

static void
write_step_cell(const struct page *page, size_t lane, const struct row *row)
{
	const struct cell *cell = run_cell(page->run, page->lesson, lane);
	const char *code = NULL;
	const struct step_verdict *verdict = NULL;
	struct xml *xml = page->xml;
	size_t at = row->steps[lane];

	if (at != NO_STEP)
		verdict = &cell->steps[at];
	/* what was not reached is shown as well */
	if (at != NO_STEP ||
	    (row->steps[0] != NO_STEP && !cell_ended_well(cell)))
		code = next_part(page, lane, row->name);
	xml_open(xml, "div");
	xml_attrf(xml, "class", "cell%s",
		  verdict == NULL		    ? " absent" :
			  !verdict->differs	    ? "" :
			  verdict->declared != NULL ? " meant" :
						      " differs");
	xml_leaf(xml, "p", "lane", cell->lane->title);
	if (code != NULL)
		write_code(xml, code, strlen(code));
	if (verdict == NULL) {
		xml_leaf(xml, "p", "none",
			 cell_ended_well(cell) ?
				 "this lane has no such step here" :
				 "this lane did not come here");
		xml_close(xml);
		return;
	}
	write_facts(xml, cell, at);
	write_memory(xml, ledger_usage_of(&cell->ledger, at));
	if (verdict->declared != NULL)
		xml_leaf(xml, "p", "reason", verdict->declared);
	xml_close(xml);
}

/* ---- a lesson ---- */

static void
open_row(const struct page *page, const char *class_name)
{
	xml_open(page->xml, "div");
	xml_attrf(page->xml, "class", "row %s", class_name);
	xml_attrf(page->xml, "style", "--n:%zu", page->run->lanes.count);
	/* where it scrolls, the keyboard should scroll it too */
	xml_attr(page->xml, "tabindex", "0");
}

static void
write_step_row(const struct page *page, const struct row *row, size_t number)
{
	struct xml *xml = page->xml;
	size_t i;

	xml_open(xml, "section");
	xml_attr(xml, "class", "step");
	xml_open(xml, "h3");
	xml_open(xml, "span");
	xml_textf(xml, "%zu", number);
	xml_close(xml);
	xml_text(xml, row->name);
	xml_close(xml);
	open_row(page, "cells");
	for (i = 0; i < page->run->lanes.count; i++)
		write_step_cell(page, i, row);
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
	size_t i, j;

	xml_open(xml, "details");
	xml_attr(xml, "class", "rest");
	xml_leaf(xml, "summary", NULL,
		 "Around the steps: what each lane "
		 "needs besides");
	open_row(page, "cells");
	for (i = 0; i < page->run->lanes.count; i++) {
		source = page->sources[i];
		xml_open(xml, "div");
		xml_attr(xml, "class", "cell");
		xml_leaf(xml, "p", "lane", page->run->lanes.items[i].title);
		for (j = 0; (code = source_find(source, "", j)) != NULL; j++)
			write_code(xml, code, strlen(code));
		if (source == NULL)
			xml_leaf(xml, "p", "none", "no source to be read");
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
		write_code(xml, code, strlen(code));
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

/* The heads of the columns: lane, verdict, and its memory in all. */
static void
write_heads(const struct page *page)
{
	struct xml *xml = page->xml;
	const struct cell *cell;
	size_t i, j;

	open_row(page, "heads");
	for (i = 0; i < page->run->lanes.count; i++) {
		cell = run_cell(page->run, page->lesson, i);
		xml_open(xml, "p");
		xml_leaf(xml, "strong", NULL, cell->lane->title);
		xml_text(xml, " ");
		write_verdict(xml, cell->verdict);
		xml_close(xml);
	}
	xml_close(xml);
	open_row(page, "totals");
	for (i = 0; i < page->run->lanes.count; i++) {
		cell = run_cell(page->run, page->lesson, i);
		xml_open(xml, "div");
		xml_attr(xml, "class", "cell");
		xml_attrf(xml, "id", "%s.%s", cell->lesson, cell->lane->name);
		xml_open(xml, "p");
		xml_attr(xml, "class", "lane");
		xml_textf(xml, "%s ", cell->lane->title);
		write_verdict(xml, cell->verdict);
		xml_close(xml);
		if (cell->log != NULL)
			write_memory(xml, cell->ledger.total);
		for (j = 0; j < cell->reasons.count; j++)
			xml_leaf(xml, "p", "bad", cell->reasons.items[j]);
		if (!verdict_expected(cell->verdict))
			write_output(xml, cell);
		xml_close(xml);
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
			xml_leaf(xml, "li", NULL, cell->reasons.items[j]);
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
	return xml_free(xml);
}
