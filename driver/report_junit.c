/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The report for a CI server: JUnit XML, one suite per lane. */
#include "broken.h"
#include "report.h"

#include "xml.h"

#include <stdlib.h>

/*
 * A lesson of a lane has a test case for each row, and one for everything
 * without a row: a missing lesson, and what belongs to no step.
 */
#define WHOLE "the lesson"

struct suite {
	struct xml *xml; /* NULL: only count */
	size_t tests, failures, errors, skipped;
};

/* Does reason @i belong to the test case of @row (NO_ROW: the whole)? */
static bool
belongs(const struct cell *cell, size_t i, size_t row)
{
	size_t its = cell->reason_rows[i];

	/* row 0, before the first step, has no test case of its own */
	return (its == 0 ? NO_ROW : its) == row;
}

static void
write_outcome(struct suite *suite, const struct cell *cell, size_t row,
	      bool reached)
{
	bool is_error = cell->verdict == VERDICT_CRASHED ||
		cell->verdict == VERDICT_TIMEOUT;
	struct text all = { 0 };
	const char *first = NULL;
	size_t i;

	for (i = 0; i < cell->reasons.count; i++) {
		if (!belongs(cell, i, row))
			continue;
		if (first == NULL)
			first = cell->reasons.items[i];
		text_addf(&all, "%s\n", cell->reasons.items[i]);
	}
	suite->tests++;
	suite->errors += first != NULL && is_error;
	suite->failures += first != NULL && !is_error;
	suite->skipped += first == NULL && !reached;
	if (suite->xml != NULL && first != NULL) {
		xml_open(suite->xml, is_error ? "error" : "failure");
		xml_attr(suite->xml, "type", verdict_name(cell->verdict));
		xml_attr(suite->xml, "message", first);
		xml_text(suite->xml, all.data);
		xml_close(suite->xml);
	} else if (suite->xml != NULL && !reached) {
		xml_open(suite->xml, "skipped");
		xml_attr(suite->xml, "message",
			 "the lane did not reach this step");
		xml_close(suite->xml);
	}
	free(all.data);
}

static void
open_case(struct suite *suite, const struct cell *cell, const char *name,
	  double seconds)
{
	if (suite->xml == NULL)
		return;
	xml_open(suite->xml, "testcase");
	xml_attrf(suite->xml, "classname", "%s.%s", cell->lane->name,
		  cell->lesson);
	xml_attr(suite->xml, "name", name);
	xml_attrf(suite->xml, "time", "%.3f", seconds);
}

static void
close_case(struct suite *suite)
{
	if (suite->xml != NULL)
		xml_close(suite->xml);
}

static void
write_lesson(struct suite *suite, const struct run *run, size_t lesson,
	     size_t lane)
{
	const struct lesson_info *info = &run->lessons[lesson];
	const struct cell *cell = run_cell(run, lesson, lane);
	size_t i;

	for (i = 1; cell->entry != NULL && i < info->row_count; i++) {
		/* skip an extra step of another lane */
		if (info->rows[i].steps[lane] == NO_STEP &&
		    info->rows[i].steps[0] == NO_STEP)
			continue;
		open_case(suite, cell, info->rows[i].name, 0);
		write_outcome(suite, cell, i,
			      info->rows[i].steps[lane] != NO_STEP);
		close_case(suite);
	}
	open_case(suite, cell, WHOLE, cell->sandbox.seconds);
	write_outcome(suite, cell, NO_ROW, true);
	if (suite->xml != NULL && cell->sandbox.output_len > 0) {
		xml_open(suite->xml, "system-out");
		xml_text_n(suite->xml, cell->sandbox.output,
			   cell->sandbox.output_len);
		xml_close(suite->xml);
	}
	close_case(suite);
}

static void
write_suite(struct xml *xml, const struct run *run, size_t lane)
{
	struct suite count = { 0 };
	struct suite suite = { .xml = xml };
	double seconds = 0;
	size_t i;

	for (i = 0; i < run->lesson_count; i++) {
		write_lesson(&count, run, i, lane);
		seconds += run_cell(run, i, lane)->sandbox.seconds;
	}
	xml_open(xml, "testsuite");
	xml_attr(xml, "name", run->lanes.items[lane].name);
	xml_attrf(xml, "tests", "%zu", count.tests);
	xml_attrf(xml, "failures", "%zu", count.failures);
	xml_attrf(xml, "errors", "%zu", count.errors);
	xml_attrf(xml, "skipped", "%zu", count.skipped);
	xml_attrf(xml, "time", "%.3f", seconds);
	for (i = 0; i < run->lesson_count; i++)
		write_lesson(&suite, run, i, lane);
	xml_close(xml);
}

/* A mistake is a test case: whether the driver found it. */
static void
write_broken(const struct run *run, struct xml *xml)
{
	struct broken_count count = broken_count(run);
	const struct broken_lane *broken;
	const struct cell *cell;
	size_t i;

	if (count.all == 0)
		return;
	xml_open(xml, "testsuite");
	xml_attr(xml, "name", "broken lanes");
	xml_attrf(xml, "tests", "%zu", count.all);
	xml_attrf(xml, "failures", "%zu",
		  count.all - count.found - count.not_built);
	xml_attr(xml, "errors", "0");
	xml_attrf(xml, "skipped", "%zu", count.not_built);
	for (i = 0; i < run->broken_count; i++) {
		broken = &run->broken[i];
		cell = broken_cell(broken);
		xml_open(xml, "testcase");
		xml_attrf(xml, "classname", "broken.%s",
			  run->lessons[broken->lesson].name);
		xml_attr(xml, "name", broken->name);
		if (cell == NULL) {
			xml_open(xml, "skipped");
			xml_attr(xml, "message", "it was not built");
			xml_close(xml);
		} else if (!broken_found(broken)) {
			xml_open(xml, "failure");
			xml_attr(xml, "type", verdict_name(cell->verdict));
			xml_attr(xml, "message",
				 "the mistake was not found as lesson.toml "
				 "says");
			xml_close(xml);
		}
		xml_close(xml);
	}
	xml_close(xml);
}

bool
report_junit(const struct run *run, FILE *file)
{
	struct xml *xml = xml_new(file, false);
	size_t i;

	xml_open(xml, "testsuites");
	xml_attr(xml, "name", "ferrule");
	for (i = 0; i < run->lanes.count; i++)
		write_suite(xml, run, i);
	write_broken(run, xml);
	xml_close(xml);
	return xml_free(xml);
}
