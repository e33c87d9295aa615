/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The report for a CI server: JUnit's XML, a suite per lane. */
#include "report.h"

#include "xml.h"

#include <stdlib.h>

static void
write_case(struct xml *xml, const struct cell *cell)
{
	struct text all = { 0 };
	size_t i;

	xml_open(xml, "testcase");
	xml_attr(xml, "classname", cell->lane->name);
	xml_attr(xml, "name", cell->lesson);
	xml_attrf(xml, "time", "%.3f", cell->ward.seconds);
	if (!verdict_expected(cell->verdict)) {
		for (i = 0; i < cell->reasons.count; i++)
			text_addf(&all, "%s\n", cell->reasons.items[i]);
		xml_open(xml,
			 cell->verdict == VERDICT_CRASHED ||
					 cell->verdict == VERDICT_TIMEOUT ?
				 "error" :
				 "failure");
		xml_attr(xml, "type", verdict_name(cell->verdict));
		xml_attr(xml, "message",
			 cell->reasons.count > 0 ? cell->reasons.items[0] : "");
		xml_text(xml, all.data != NULL ? all.data : "");
		xml_close(xml);
		free(all.data);
	}
	if (cell->ward.output_len > 0) {
		xml_open(xml, "system-out");
		xml_text_n(xml, cell->ward.output, cell->ward.output_len);
		xml_close(xml);
	}
	xml_close(xml);
}

static void
write_suite(struct xml *xml, const struct run *run, size_t lane)
{
	size_t i, failures = 0, errors = 0;
	const struct cell *cell;
	double seconds = 0;

	for (i = 0; i < run->lesson_count; i++) {
		cell = run_cell(run, i, lane);
		seconds += cell->ward.seconds;
		if (cell->verdict == VERDICT_CRASHED ||
		    cell->verdict == VERDICT_TIMEOUT)
			errors++;
		else if (!verdict_expected(cell->verdict))
			failures++;
	}
	xml_open(xml, "testsuite");
	xml_attr(xml, "name", run->lanes.items[lane].name);
	xml_attrf(xml, "tests", "%zu", run->lesson_count);
	xml_attrf(xml, "failures", "%zu", failures);
	xml_attrf(xml, "errors", "%zu", errors);
	xml_attrf(xml, "time", "%.3f", seconds);
	for (i = 0; i < run->lesson_count; i++)
		write_case(xml, run_cell(run, i, lane));
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
	xml_close(xml);
	return xml_free(xml);
}
