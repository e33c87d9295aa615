/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The broken lanes on the page, each beneath the step that it breaks. */
#include "broken.h"
#include "report.h"
#include "xml.h"

#include <stdlib.h>
#include <string.h>

/* The lines of a diff, each in the colour of its sign. */
static void
write_diff(struct xml *xml, const char *diff)
{
	const char *class_name;
	size_t len;

	xml_open(xml, "pre");
	xml_attr(xml, "class", "diff");
	for (; *diff != '\0'; diff += len) {
		len = strcspn(diff, "\n");
		class_name = diff[0] == '+' ? "added" :
			diff[0] == '-'	    ? "removed" :
			diff[0] == '@'	    ? "place" :
					      "kept";
		xml_open(xml, "span");
		xml_attr(xml, "class", class_name);
		xml_text_n(xml, diff, len);
		xml_text(xml, "\n");
		xml_close(xml);
		len += diff[len] == '\n';
	}
	xml_close(xml);
}

static void
write_row(struct xml *xml, const char *who, const char *version,
	  const char *said)
{
	xml_open(xml, "tr");
	xml_open(xml, "th");
	xml_text(xml, who);
	if (version[0] != '\0') {
		xml_text(xml, " ");
		xml_leaf(xml, "small", NULL, version);
	}
	xml_close(xml);
	xml_open(xml, "td");
	if (said[0] != '\0')
		xml_leaf(xml, "pre", NULL, said);
	else
		xml_leaf(xml, "span", "none", "nothing");
	xml_close(xml);
	xml_close(xml);
}

/* What each tool said; the driver is the last one, and speaks of this run. */
static void
write_tools(struct xml *xml, const struct broken_lane *broken)
{
	const struct cell *cell = broken_cell(broken);
	const char *tool, *version, *said;
	struct text reasons = { 0 };
	char *text;
	json_t *item;
	size_t i;

	xml_open(xml, "table");
	xml_attr(xml, "class", "tools");
	json_array_foreach(broken->tools, i,
			   item) if (json_unpack(item, "{s:s, s:s, s:s}",
						 "tool", &tool, "version",
						 &version, "said", &said) == 0)
		write_row(xml, tool, version, said);
	if (cell == NULL)
		text_addf(&reasons, "not run: this lane was not built");
	for (i = 0; cell != NULL && i < cell->reasons.count; i++)
		text_addf(&reasons, "%s%s", i > 0 ? "\n" : "",
			  cell->reasons.items[i]);
	text = text_take(&reasons);
	write_row(xml, "ferrule", "", text);
	free(text);
	xml_close(xml);
}

static void
write_mistake(struct xml *xml, const char *lesson,
	      const struct broken_lane *broken)
{
	const struct cell *cell = broken_cell(broken);
	const char *verdict = cell != NULL ? verdict_name(cell->verdict) :
					     "not run";

	xml_open(xml, "details");
	xml_attr(xml, "class", "broken");
	xml_attrf(xml, "id", "broken.%s.%s", lesson, broken->name);
	xml_open(xml, "summary");
	xml_leaf(xml, "b", NULL, "A mistake");
	xml_textf(xml, " %s ", broken->summary);
	xml_open(xml, "span");
	xml_attrf(xml, "class", "verdict %s", verdict);
	xml_text(xml, verdict);
	xml_close(xml);
	if (cell != NULL && !broken_found(broken))
		xml_leaf(xml, "b", "bad", " not found as the lesson says");
	xml_close(xml);
	xml_open(xml, "p");
	xml_text(xml, "In ");
	xml_leaf(xml, "code", NULL, broken->file);
	xml_textf(xml, ", lane %s:", broken->lane);
	xml_close(xml);
	write_diff(xml, broken->diff);
	xml_leaf(xml, "p", NULL, "What the tools say of it:");
	write_tools(xml, broken);
	xml_open(xml, "p");
	xml_leaf(xml, "b", NULL, "The cure");
	xml_textf(xml, " %s", broken->cure);
	xml_close(xml);
	write_diff(xml, broken->cure_diff);
	xml_close(xml);
}

void
report_broken_row(const struct run *run, struct xml *xml, size_t lesson,
		  size_t row)
{
	size_t i;

	for (i = 0; i < run->broken_count; i++)
		if (run->broken[i].lesson == lesson &&
		    broken_row(run, &run->broken[i]) == row)
			write_mistake(xml, run->lessons[lesson].name,
				      &run->broken[i]);
}

void
report_broken_list(const struct run *run, struct xml *xml)
{
	struct broken_count count = broken_count(run);
	const struct broken_lane *broken;
	const struct cell *cell;
	size_t i;

	if (count.all == 0)
		return;
	xml_open(xml, "p");
	xml_attr(xml, "class", "mistakes");
	xml_textf(xml,
		  "%zu of %zu mistakes were run too, each in a broken lane. "
		  "They are shown beneath the steps that they break: ",
		  count.all - count.not_built, count.all);
	for (i = 0; i < run->broken_count; i++) {
		broken = &run->broken[i];
		cell = broken_cell(broken);
		xml_text(xml, i > 0 ? ", " : "");
		xml_open(xml, "a");
		xml_attrf(xml, "href", "#broken.%s.%s",
			  run->lessons[broken->lesson].name, broken->name);
		xml_textf(xml, "%.2s %s", run->lessons[broken->lesson].name,
			  broken->name);
		xml_close(xml);
		if (cell == NULL)
			xml_text(xml, " (not built)");
		else if (!broken_found(broken))
			xml_leaf(xml, "b", "bad", " (not found)");
	}
	xml_text(xml, ".");
	xml_close(xml);
}
