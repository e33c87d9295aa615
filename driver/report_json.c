/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The report for programs, as one JSON object. */
#include "broken.h"
#include "report.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A lane may record any bytes, but JSON needs UTF-8: other bytes are
 * escaped. */
static json_t *
clean_bytes(const char *bytes, size_t len)
{
	struct text clean = { 0 };
	json_t *string;

	text_add_escaped(&clean, bytes, len);
	string = json_stringn(clean.data, clean.len);
	free(clean.data);
	return string;
}

static json_t *
clean_string(const char *text)
{
	return clean_bytes(text, strlen(text));
}

static json_t *
number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *
usage_json(const struct ledger_usage *usage)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "allocs",
			 number(usage->allocs), "frees", number(usage->frees),
			 "bytes", number(usage->bytes), "peak",
			 number(usage->peak), "live", number(usage->live),
			 "live_bytes", number(usage->live_bytes));
}

/* By owner; for a step, only owners with activity in it. */
static json_t *
memory_json(const struct ledger_usage *usage, bool of_step)
{
	json_t *memory = json_object();
	enum owner owner;

	for (owner = 0; owner < OWNER_COUNT; owner++)
		if (!of_step || usage[owner].allocs > 0 ||
		    usage[owner].frees > 0)
			json_object_set_new(memory, owner_name(owner),
					    usage_json(&usage[owner]));
	return memory;
}

static json_t *
event_json(const struct event *event)
{
	struct text label = { 0 };
	struct text value = { 0 };
	json_t *json;

	text_add_escaped(&label, event->label, event->label_len);
	event_add_value(event, &value);
	json = json_pack(
		"{s:s, s:s#, s:s#}", "kind", event_kind_name(event->kind),
		"label", label.data != NULL ? label.data : "", (int)label.len,
		"value", value.data != NULL ? value.data : "", (int)value.len);
	free(label.data);
	free(value.data);
	return json;
}

static json_t *
step_json(const struct cell *cell, size_t at)
{
	const struct step *step = &cell->transcript.steps[at];
	const struct step_verdict *verdict = &cell->steps[at];
	const struct declaration *declared = verdict->declared;
	json_t *events = json_array();
	size_t i;

	for (i = 0; i < step->event_count && i < REPORT_EVENTS; i++)
		json_array_append_new(events, event_json(&step->events[i]));
	return json_pack(
		"{s:o, s:o, s:b, s:o?, s:O?, s:o?, s:o, s:o, s:o}", "name",
		clean_string(step->name), "row", number(verdict->row),
		"differs", verdict->differs, "declared",
		declared != NULL ? clean_string(declared->reason) : NULL,
		"proof", declared != NULL ? declared->proof : NULL,
		"first_difference",
		verdict->event != SIZE_MAX ? number(verdict->event) : NULL,
		"events", events, "events_left_out",
		number(step->event_count - i), "memory",
		memory_json(ledger_usage_of(&cell->ledger, at), true));
}

static json_t *
steps_json(const struct cell *cell)
{
	json_t *steps = json_array();
	size_t i;

	for (i = 0; cell->steps != NULL && i < cell->transcript.step_count; i++)
		/* what is before the first step, if there is anything */
		if (i > 0 || cell->transcript.steps[0].event_count > 0)
			json_array_append_new(steps, step_json(cell, i));
	return steps;
}

/* The row of each reason; null for a reason of the whole cell. */
static json_t *
reason_rows_json(const struct cell *cell)
{
	json_t *rows = json_array();
	size_t i;

	for (i = 0; i < cell->reasons.count; i++)
		json_array_append_new(rows,
				      cell->reason_rows[i] != NO_ROW ?
					      number(cell->reason_rows[i]) :
					      json_null());
	return rows;
}

static json_t *
cell_json(const struct cell *cell)
{
	json_t *memory = memory_json(cell->ledger.total, false);
	json_t *reasons = json_array();
	size_t i;

	json_object_set_new(memory, "wrong_side_frees",
			    number(cell->ledger.wrong_side_frees));
	for (i = 0; i < cell->reasons.count; i++)
		json_array_append_new(reasons,
				      clean_string(cell->reasons.items[i]));
	return json_pack(
		"{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:f, s:o, s:o}", "lesson",
		clean_string(cell->lesson), "lane",
		clean_string(cell->lane->name), "verdict",
		verdict_name(cell->verdict), "events",
		number(cell->transcript.facts), "memory", memory, "reasons",
		reasons, "reason_rows", reason_rows_json(cell), "seconds",
		cell->sandbox.seconds, "steps", steps_json(cell), "output",
		clean_bytes(cell->sandbox.output, cell->sandbox.output_len));
}

static json_t *
lanes_json(const struct run *run)
{
	const struct lane *lane;
	json_t *lanes = json_array();
	size_t i;

	for (i = 0; i < run->lanes.count; i++) {
		lane = &run->lanes.items[i];
		json_array_append_new(
			lanes,
			json_pack("{s:o, s:o, s:o, s:o}", "name",
				  clean_string(lane->name), "title",
				  clean_string(lane->title), "order",
				  number(lane->order), "file",
				  clean_string(lane->path)));
	}
	return lanes;
}

/* The names of the rows. Steps of the same row belong together. */
static json_t *
rows_json(const struct lesson_info *lesson)
{
	json_t *rows = json_array();
	size_t i;

	for (i = 0; i < lesson->row_count; i++)
		json_array_append_new(rows, clean_string(lesson->rows[i].name));
	return rows;
}

static json_t *
lessons_json(const struct run *run)
{
	json_t *lessons = json_array();
	size_t i;

	for (i = 0; i < run->lesson_count; i++)
		json_array_append_new(
			lessons,
			json_pack("{s:o, s:o, s:o}", "name",
				  clean_string(run->lessons[i].name), "title",
				  clean_string(run->lessons[i].title), "rows",
				  rows_json(&run->lessons[i])));
	return lessons;
}

static json_t *
broken_json(const struct run *run)
{
	const struct broken_lane *broken;
	const struct cell *cell;
	json_t *all = json_array();
	size_t i, row;

	for (i = 0; i < run->broken_count; i++) {
		broken = &run->broken[i];
		cell = broken_cell(broken);
		row = broken_row(run, broken);
		json_array_append_new(
			all,
			json_pack(
				"{s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:s, "
				"s:s, s:s, s:b, s:O, s:o?}",
				"lesson", run->lessons[broken->lesson].name,
				"name", broken->name, "lane", broken->lane,
				"step", broken->step, "row",
				row != NO_ROW ? number(row) : json_null(),
				"summary", broken->summary, "cure",
				broken->cure, "file", broken->file, "diff",
				broken->diff, "cure_diff", broken->cure_diff,
				"expected", broken->verdict, "found",
				broken_found(broken), "tools", broken->tools,
				"cell", cell != NULL ? cell_json(cell) : NULL));
	}
	return all;
}

bool
report_json(const struct run *run, FILE *file)
{
	json_t *cells = json_array();
	json_t *root;
	size_t i;
	bool good;

	for (i = 0; i < run->cell_count; i++)
		json_array_append_new(cells, cell_json(&run->cells[i]));
	root = json_pack("{s:{s:o, s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o, "
			 "s:f, s:b}",
			 "input", "path", clean_string(run->input.path), "name",
			 clean_string(run->input.name), "size",
			 number(run->input.size), "sample",
			 number(run->input.len), "lanes", lanes_json(run),
			 "lessons", lessons_json(run), "cells", cells, "broken",
			 broken_json(run), "as_expected",
			 number(run_expected(run)), "seconds", run->seconds,
			 "malloc_counted", ledger_sees_malloc());
	if (root == NULL)
		return false;
	good = json_dumpf(root, file, JSON_INDENT(1)) == 0 &&
		fputc('\n', file) != EOF;
	json_decref(root);
	return good;
}
