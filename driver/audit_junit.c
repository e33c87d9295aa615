/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The audit's report for a CI server: JUnit XML. Each finding is a test case
 * that failed, and what was not checked is an error.
 */
#include "audit.h"

#include "util.h"
#include "xml.h"

#include <stdlib.h>

static void
add_stack(struct text *text, const char *what,
	  const struct audit_frames *frames)
{
	size_t i;
	char *words;

	if (frames->count == 0)
		return;
	text_addf(text, "%s\n", what);
	for (i = audit_next_shown(frames, 0); i < frames->count;
	     i = audit_next_shown(frames, i + 1)) {
		words = audit_frame_words(&frames->items[i]);
		text_addf(text, "    %s\n", words);
		free(words);
	}
}

static void
open_case(struct xml *xml, const char *name)
{
	xml_open(xml, "testcase");
	xml_attr(xml, "classname", "ferrule.audit");
	xml_attr(xml, "name", name);
}

static void
write_finding(struct xml *xml, const struct audit_report_finding *finding)
{
	char *words = audit_finding_words(finding);
	struct text text = { 0 };

	text_addf(&text, "%s (%s time%s)\n", words, with_commas(finding->count),
		  finding->count == 1 ? "" : "s");
	add_stack(&text, "allocated by", &finding->alloc);
	add_stack(&text, "freed by", &finding->freed);
	add_stack(&text, "freed again by", &finding->again);
	text_addf(&text, "advice: %s\n", audit_advice(finding));
	open_case(xml, words);
	xml_open(xml, "failure");
	xml_attr(xml, "type", audit_fault_name(finding->raw.fault));
	xml_attr(xml, "message", words);
	xml_text(xml, text.data);
	xml_close(xml);
	xml_close(xml);
	free(text.data);
	free(words);
}

static void
write_not_checked(struct xml *xml, const struct audit_not_checked *entry)
{
	open_case(xml, entry->id);
	xml_open(xml, "error");
	xml_attr(xml, "type", "not-checked");
	xml_attr(xml, "message", entry->reason);
	xml_textf(xml, "%s%s%s\nremedy: %s\n", entry->object,
		  entry->object[0] != '\0' ? ": " : "", entry->reason,
		  entry->remedy);
	xml_close(xml);
	xml_close(xml);
}

bool
audit_junit(const void *data, FILE *file)
{
	const struct audit_report *report = data;
	struct xml *xml = xml_new(file, false);
	char *summary = audit_summary_words(report);
	bool clean = report->finding_count == 0 &&
		report->not_checked_count == 0;
	size_t i;

	xml_open(xml, "testsuites");
	xml_open(xml, "testsuite");
	xml_attr(xml, "name", "ferrule audit");
	xml_attrf(xml, "tests", "%zu",
		  report->finding_count + report->not_checked_count + clean);
	xml_attrf(xml, "failures", "%zu", report->finding_count);
	xml_attrf(xml, "errors", "%zu", report->not_checked_count);
	xml_attrf(xml, "time", "%.3f", report->seconds);
	if (clean) {
		open_case(xml, report->command[0]);
		xml_close(xml);
	}
	for (i = 0; i < report->finding_count; i++)
		write_finding(xml, &report->findings[i]);
	for (i = 0; i < report->not_checked_count; i++)
		write_not_checked(xml, &report->not_checked[i]);
	xml_leaf(xml, "system-out", NULL, summary);
	free(summary);
	return xml_free(xml);
}
