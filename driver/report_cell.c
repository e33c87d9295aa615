/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A step of a lane in the report to read: its code, what it recorded, whose
 * memory it took, and what is wrong with it.
 */
#include "report_page.h"

#include "report.h"
#include "source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
	xml_open(xml, "span");
	if (event->kind == EVENT_PREVENTED)
		page_linked(xml, value.data != NULL ? value.data : "");
	else
		xml_text(xml, value.data != NULL ? value.data : "");
	xml_close(xml);
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
void
page_memory(struct xml *xml, const struct ledger_usage *usage)
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
		xml_leaf(xml, "td", "none", "nothing allocated");
		xml_close(xml);
	}
	xml_close(xml);
}

/* The source of the lane's next step of @row; NULL for none. */
static const char *
next_part(const struct page *page, size_t lane, const struct row *row)
{
	json_t *shown = page->shown[lane];
	json_int_t nth = json_integer_value(json_object_get(shown, row->name));

	json_object_set_new(shown, row->name, json_integer(nth + 1));
	if (row->given != NULL)
		return source_find(page->sources[lane], row->given,
				   (size_t)nth);
	return lane == 0 ? "/* a thread: its code is around the steps */" :
			   "// a thread: its code is around the steps";
}

/* ---- why it is as it is ---- */

static size_t
row_number(const struct page *page, const struct row *row)
{
	return (size_t)(row - page->run->lessons[page->lesson].rows);
}

/* The next reason from @at on that belongs to @row, or NULL. */
static const char *
next_reason(const struct cell *cell, size_t row, size_t *at)
{
	while (*at < cell->reasons.count)
		if (cell->reason_rows[(*at)++] == row)
			return cell->reasons.items[*at - 1];
	return NULL;
}

/* Beneath its step a reason need not name it. */
static void
write_reason(struct xml *xml, const char *reason, const char *step)
{
	struct text name = { 0 };

	add_step_name(&name, step);
	text_addf(&name, ": ");
	if (strncmp(reason, name.data, name.len) == 0)
		reason += name.len;
	xml_leaf(xml, "p", "bad", reason);
	free(name.data);
}

/* rustc's words: the error, and where; that is wider than a column. */
static void
write_message(struct xml *xml, const char *message)
{
	size_t len = strcspn(message, "\n");
	char *error = xasprintf("%.*s", (int)len, message);

	xml_open(xml, "code");
	xml_attr(xml, "class", "error");
	page_linked(xml, error);
	xml_close(xml);
	free(error);
	if (message[len] == '\0')
		return;
	xml_open(xml, "pre");
	xml_attr(xml, "class", "rustc");
	/* it scrolls by itself, by keyboard too */
	xml_attr(xml, "tabindex", "0");
	xml_text(xml, message + len + 1);
	xml_close(xml);
}

/* A program that rustc refuses: that a step is prevented is no mere claim. */
static void
write_proof(struct xml *xml, const json_t *proof)
{
	const char *file, *program, *message, *in_c;

	if (json_unpack((json_t *)proof, "{s:s, s:s, s:s, s:s}", "file", &file,
			"program", &program, "message", &message, "in_c",
			&in_c) != 0)
		return;
	xml_open(xml, "div");
	xml_attr(xml, "class", "proof");
	xml_open(xml, "p");
	xml_text(xml, "rustc refuses ");
	xml_leaf(xml, "code", NULL, file);
	xml_close(xml);
	page_code(xml, program, strlen(program));
	write_message(xml, message);
	if (in_c[0] != '\0') {
		xml_open(xml, "p");
		xml_textf(xml, "In C: %s", in_c);
		xml_close(xml);
	}
	xml_close(xml);
}

static void
write_why(const struct page *page, size_t lane, const struct row *row)
{
	const struct cell *cell = run_cell(page->run, page->lesson, lane);
	const struct declaration *declared = NULL;
	struct xml *xml = page->xml;
	const char *reason;
	size_t at = 0;

	if (row->steps[lane] != NO_STEP)
		declared = cell->steps[row->steps[lane]].declared;
	xml_open(xml, "div");
	xml_attr(xml, "class", "why");
	while ((reason = next_reason(cell, row_number(page, row), &at)) != NULL)
		write_reason(xml, reason, row->name);
	if (declared != NULL) {
		xml_open(xml, "p");
		xml_attr(xml, "class", "reason");
		page_linked(xml, declared->reason);
		xml_close(xml);
		if (declared->proof != NULL)
			write_proof(xml, declared->proof);
	}
	xml_close(xml);
}

/* ---- columns ---- */

/* Is the lesson of @lane the same file as that of the lane before it? */
static bool
shares_file(const struct page *page, size_t lane)
{
	return lane > 0 && page->sources[lane] != NULL &&
		page->sources[lane] == page->sources[lane - 1];
}

/* The column of @lane, from 0. */
static size_t
column_of(const struct page *page, size_t lane)
{
	size_t i, column = 0;

	for (i = 1; i <= lane; i++)
		column += !shares_file(page, i);
	return column;
}

size_t
page_columns(const struct page *page)
{
	return column_of(page, page->run->lanes.count - 1) + 1;
}

size_t
page_column_end(const struct page *page, size_t lane)
{
	for (lane++; lane < page->run->lanes.count; lane++)
		if (!shares_file(page, lane))
			break;
	return lane;
}

char *
page_titles(const struct page *page, size_t first, size_t end)
{
	struct text text = { 0 };
	size_t i;

	for (i = first; i < end; i++)
		text_addf(&text, "%s%s",
			  i == first	      ? "" :
				  i + 1 < end ? ", " :
						" and ",
			  page->run->lanes.items[i].title);
	return text_take(&text);
}

/* ---- what lanes have in common ---- */

bool
page_same_memory(const struct ledger_usage *a, const struct ledger_usage *b)
{
	enum owner owner;

	for (owner = 0; owner < OWNER_COUNT; owner++)
		if (a[owner].allocs != b[owner].allocs ||
		    a[owner].frees != b[owner].frees ||
		    a[owner].bytes != b[owner].bytes)
			return false;
	return true;
}

/* Equal, and shown alike: the text of a note counts too. */
static bool
same_words(const struct event *a, const struct event *b)
{
	struct text words_a = { 0 };
	struct text words_b = { 0 };
	bool same = event_equal(a, b);

	if (same && a->kind == EVENT_NOTE) {
		event_add(a, &words_a);
		event_add(b, &words_b);
		same = strcmp(words_a.data, words_b.data) == 0;
	}
	free(words_a.data);
	free(words_b.data);
	return same;
}

static bool
same_step(const struct cell *a, size_t at_a, const struct cell *b, size_t at_b)
{
	const struct step *step_a, *step_b;
	size_t i;

	if (at_a == NO_STEP || at_b == NO_STEP)
		return at_a == at_b && cell_ended_well(a) == cell_ended_well(b);
	step_a = &a->transcript.steps[at_a];
	step_b = &b->transcript.steps[at_b];
	if (step_a->event_count != step_b->event_count ||
	    a->steps[at_a].differs != b->steps[at_b].differs ||
	    a->steps[at_a].event != b->steps[at_b].event)
		return false;
	for (i = 0; i < step_a->event_count; i++)
		if (!same_words(&step_a->events[i], &step_b->events[i]))
			return false;
	return page_same_memory(ledger_usage_of(&a->ledger, at_a),
				ledger_usage_of(&b->ledger, at_b));
}

static bool
same_reason(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static const char *
declared_reason(const struct cell *cell, size_t at)
{
	if (at == NO_STEP || cell->steps[at].declared == NULL)
		return NULL;
	return cell->steps[at].declared->reason;
}

/* Did both lanes do the same in the row, and is the same said of it? */
static bool
same_results(const struct page *page, const struct row *row, size_t one,
	     size_t other)
{
	const struct cell *a = run_cell(page->run, page->lesson, one);
	const struct cell *b = run_cell(page->run, page->lesson, other);
	size_t number = row_number(page, row);
	size_t i = 0, j = 0;
	const char *reason;

	if (!same_step(a, row->steps[one], b, row->steps[other]) ||
	    !same_reason(declared_reason(a, row->steps[one]),
			 declared_reason(b, row->steps[other])))
		return false;
	do {
		reason = next_reason(a, number, &i);
		if (!same_reason(reason, next_reason(b, number, &j)))
			return false;
	} while (reason != NULL);
	return true;
}

/* ---- a cell ---- */

/* " differs", " meant", " absent" or "" */
static const char *
state_of(const struct page *page, const struct row *row, size_t lane)
{
	const struct cell *cell = run_cell(page->run, page->lesson, lane);
	const struct step_verdict *verdict;
	size_t at = 0;

	if (row->steps[lane] == NO_STEP)
		return " absent";
	verdict = &cell->steps[row->steps[lane]];
	if (next_reason(cell, row_number(page, row), &at) != NULL)
		return " differs";
	if (!verdict->differs)
		return "";
	return verdict->declared != NULL ? " meant" : " differs";
}

static void
write_results(const struct page *page, const struct row *row, size_t lane)
{
	const struct cell *cell = run_cell(page->run, page->lesson, lane);
	size_t at = row->steps[lane];

	if (at == NO_STEP) {
		xml_leaf(page->xml, "p", "none",
			 cell_ended_well(cell) ?
				 "this lane has no such step here" :
				 "this lane did not come here");
	} else {
		write_facts(page->xml, cell, at);
		page_memory(page->xml, ledger_usage_of(&cell->ledger, at));
	}
	write_why(page, lane, row);
}

/* The same code, and it did not do the same: each lane for itself. */
static void
write_apart(const struct page *page, const struct row *row, size_t first,
	    size_t end)
{
	struct xml *xml = page->xml;
	size_t i;

	xml_open(xml, "div");
	xml_attr(xml, "class", "apart");
	for (i = first; i < end; i++) {
		xml_open(xml, "div");
		xml_attrf(xml, "class", "result%s", state_of(page, row, i));
		xml_leaf(xml, "p", "of", page->run->lanes.items[i].title);
		write_results(page, row, i);
		xml_close(xml);
	}
	xml_close(xml);
}

static void
write_cell(const struct page *page, const struct row *row,
	   const char *const *codes, size_t first, size_t end)
{
	size_t span = column_of(page, end - 1) - column_of(page, first) + 1;
	struct xml *xml = page->xml;
	const char *code = NULL;
	bool same = true;
	char *titles;
	size_t i;

	for (i = end; i-- > first;) {
		code = codes[i] != NULL ? codes[i] : code;
		same = same && same_results(page, row, first, i);
	}
	xml_open(xml, "div");
	xml_attrf(xml, "class", "cell%s",
		  same ? state_of(page, row, first) : "");
	if (span > 1)
		xml_attrf(xml, "style", "--span:%zu", span);
	titles = page_titles(page, first, end);
	xml_leaf(xml, "p", "lane", titles);
	free(titles);
	if (code != NULL)
		page_code(xml, code, strlen(code));
	if (same)
		write_results(page, row, first);
	else
		write_apart(page, row, first, end);
	xml_close(xml);
}

/* The source of the lane's step, or of the step where it did not come. */
static const char *
code_of(const struct page *page, size_t lane, const struct row *row)
{
	const struct cell *cell = run_cell(page->run, page->lesson, lane);

	if (row->steps[lane] == NO_STEP &&
	    (row->steps[0] == NO_STEP || cell_ended_well(cell)))
		return NULL;
	return next_part(page, lane, row);
}

/* The first lane behind those that share a cell with lane @first. */
static size_t
cell_end(const struct page *page, const struct row *row,
	 const char *const *codes, size_t first)
{
	size_t end = first + 1;

	for (; end < page->run->lanes.count; end++)
		if (!shares_file(page, end) &&
		    (codes[first] == NULL || codes[end] == NULL ||
		     strcmp(codes[first], codes[end]) != 0 ||
		     !same_results(page, row, first, end)))
			break;
	return end;
}

void
page_cells(const struct page *page, const struct row *row)
{
	size_t lanes = page->run->lanes.count;
	const char **codes = xcalloc(lanes, sizeof(*codes));
	size_t i, end;

	for (i = 0; i < lanes; i++)
		codes[i] = code_of(page, i, row);
	for (i = 0; i < lanes; i = end) {
		end = cell_end(page, row, codes, i);
		write_cell(page, row, codes, i, end);
	}
	free(codes);
}
