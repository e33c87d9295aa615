/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The cost of a call, on the page: a chart for each way to link, and the
 * figures. `./x bench calls` counted them, and judged them.
 */
#include "data.h"
#include "report.h"
#include "xml.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *title;
} calls_lanes[] = {
	{ "c", "C" },
	{ "handwritten", "hand-written" },
	{ "generated", "generated" },
	{ "safe", "safe" },
};

/* The chart, in units of its own: as wide as the page lets it be. */
enum {
	BARS_AT = 190,
	BARS_WIDTH = 400,
	FIGURES_WIDTH = 110,
	ROW_HEIGHT = 36,
	BAR_HEIGHT = 9,
};

json_t *
calls_load(const char *path)
{
	json_t *link, *root = data_load(path);
	const char *name;

	if (!json_is_object(json_object_get(root, "links")))
		die("%s: has no costs of calls; './x bench calls' writes what "
		    "does",
		    path);
	json_object_foreach(
		json_object_get(root, "links"), name,
		link) if (!json_is_array(json_object_get(link, "rows")) &&
			  !json_is_string(json_object_get(link, "not_run")))
		die("%s: %s: neither rows nor why it was not run", path, name);
	return root;
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

/* What is @key of the lane, in a row; nothing of it is negative. */
static double
number_of(const json_t *row, size_t lane, const char *key)
{
	const json_t *lanes = json_object_get(row, "lanes");
	const json_t *cell = json_object_get(lanes, calls_lanes[lane].name);
	double number = json_number_value(json_object_get(cell, key));

	return number > 0 ? number : 0;
}

static double
greatest_ratio(const json_t *rows)
{
	double ratio, greatest = 1;
	json_t *row;
	size_t i, lane;

	json_array_foreach(rows, i, row)
	{
		for (lane = 0; lane < ARRAY_SIZE(calls_lanes); lane++) {
			ratio = number_of(row, lane, "ratio");
			greatest = ratio > greatest ? ratio : greatest;
		}
	}
	return greatest;
}

static void
write_label(struct xml *xml, double x, double y, const char *class_name)
{
	xml_open(xml, "text");
	xml_attr(xml, "class", class_name);
	xml_attrf(xml, "x", "%.1f", x);
	xml_attrf(xml, "y", "%.1f", y);
}

/* A bar for each lane but C, whose ratio is the line at 1. */
static void
write_bars(struct xml *xml, const json_t *row, double top, double unit)
{
	double ratio = 1, y = top;
	size_t lane;

	write_label(xml, 0, top + 18, "title");
	xml_text(xml, text_of(row, "title"));
	xml_close(xml);
	for (lane = 1; lane < ARRAY_SIZE(calls_lanes); lane++) {
		ratio = number_of(row, lane, "ratio");
		xml_open(xml, "rect");
		xml_attr(xml, "class", calls_lanes[lane].name);
		xml_attrf(xml, "x", "%d", BARS_AT);
		xml_attrf(xml, "y", "%.1f", y);
		xml_attrf(xml, "width", "%.1f", ratio * unit);
		xml_attrf(xml, "height", "%d", BAR_HEIGHT);
		xml_open(xml, "title");
		xml_textf(xml, "%s, %s: %.1f instructions, %.2f× C",
			  text_of(row, "title"), calls_lanes[lane].title,
			  number_of(row, lane, "instructions"), ratio);
		xml_close(xml);
		xml_close(xml);
		y += BAR_HEIGHT + 1;
	}
	write_label(xml, BARS_AT + ratio * unit + 6, y - 2, "figure");
	xml_textf(xml, "safe %.2f×", ratio);
	xml_close(xml);
}

static void
write_chart(struct xml *xml, const char *link, const json_t *rows)
{
	double unit = BARS_WIDTH / greatest_ratio(rows);
	size_t i, height = 20 + json_array_size(rows) * ROW_HEIGHT;
	json_t *row;

	xml_open(xml, "svg");
	xml_attrf(xml, "viewBox", "0 0 %d %zu",
		  BARS_AT + BARS_WIDTH + FIGURES_WIDTH, height);
	xml_attr(xml, "role", "img");
	xml_attrf(xml, "aria-label",
		  "Instructions of a call, as ratios to C: %s", link);
	json_array_foreach(rows, i, row)
	{
		write_bars(xml, row, 20 + (double)i * ROW_HEIGHT, unit);
	}
	xml_open(xml, "line");
	xml_attrf(xml, "x1", "%.1f", BARS_AT + unit);
	xml_attrf(xml, "x2", "%.1f", BARS_AT + unit);
	xml_attr(xml, "y1", "14");
	xml_attrf(xml, "y2", "%zu", height);
	xml_close(xml);
	write_label(xml, BARS_AT + unit - 4, 11, "figure");
	xml_text(xml, "C");
	xml_close(xml);
	xml_close(xml);
}

static void
write_figures(struct xml *xml, const json_t *row)
{
	double ns;
	size_t i, lane;
	json_t *part;

	xml_open(xml, "tr");
	xml_leaf(xml, "th", NULL, text_of(row, "title"));
	for (lane = 0; lane < ARRAY_SIZE(calls_lanes); lane++) {
		xml_open(xml, "td");
		xml_textf(xml, "%.1f", number_of(row, lane, "instructions"));
		if (lane > 0)
			xml_textf(xml, " (%.2f×)",
				  number_of(row, lane, "ratio"));
		ns = number_of(row, lane, "ns");
		if (ns > 0)
			xml_textf(xml, ", %.2f ns", ns);
		xml_close(xml);
	}
	xml_open(xml, "td");
	json_array_foreach(json_object_get(row, "more"), i, part)
	{
		xml_textf(xml, "%s%s %+.1f", i > 0 ? ", " : "",
			  text_of(part, "part"),
			  json_number_value(
				  json_object_get(part, "instructions")));
	}
	xml_close(xml);
	xml_close(xml);
}

static void
write_table(struct xml *xml, const json_t *rows)
{
	json_t *row;
	size_t i;

	xml_open(xml, "details");
	xml_leaf(xml, "summary", NULL, "The figures");
	xml_open(xml, "div");
	xml_attr(xml, "class", "scroll");
	xml_attr(xml, "tabindex", "0");
	xml_open(xml, "table");
	xml_attr(xml, "class", "costs");
	xml_open(xml, "thead");
	xml_open(xml, "tr");
	xml_leaf(xml, "th", NULL, "a call");
	for (i = 0; i < ARRAY_SIZE(calls_lanes); i++)
		xml_leaf(xml, "th", NULL, calls_lanes[i].title);
	xml_leaf(xml, "th", NULL, "what the safe lane takes more than C");
	xml_close(xml);
	xml_close(xml);
	xml_open(xml, "tbody");
	json_array_foreach(rows, i, row)
	{
		write_figures(xml, row);
	}
	xml_close(xml);
	xml_close(xml);
	xml_close(xml);
	xml_close(xml);
}

/* Why the safe lane takes more, in the rows where it does. */
static void
write_reasons(struct xml *xml, const json_t *rows)
{
	json_t *row;
	size_t i;

	xml_open(xml, "ul");
	json_array_foreach(rows, i, row)
	{
		if (json_object_get(row, "why") == NULL)
			continue;
		xml_open(xml, "li");
		xml_textf(xml, "%s: %s", text_of(row, "title"),
			  text_of(row, "why"));
		xml_close(xml);
	}
	xml_close(xml);
}

void
report_calls(const json_t *calls, struct xml *xml)
{
	json_t *link, *rows, *reasons = NULL, *claim;
	const char *name;
	size_t i;

	xml_open(xml, "section");
	xml_attr(xml, "class", "calls");
	xml_attr(xml, "id", "calls");
	xml_leaf(xml, "h2", NULL, "The cost of a call");
	xml_open(xml, "p");
	xml_text(xml,
		 "Instructions of one call, as ratios to C that is linked "
		 "in the same way. The bars: ");
	for (i = 1; i < ARRAY_SIZE(calls_lanes); i++) {
		xml_leaf(xml, "b", calls_lanes[i].name, calls_lanes[i].title);
		xml_text(xml, i + 1 < ARRAY_SIZE(calls_lanes) ? ", " : ". ");
	}
	xml_textf(xml, "C by %s; Rust by %s.", text_of(calls, "c_compiler"),
		  text_of(calls, "rustc"));
	xml_close(xml);
	json_array_foreach(json_object_get(calls, "broken"), i, claim)
	{
		xml_leaf(xml, "p", "trouble", json_string_value(claim));
	}
	json_object_foreach(json_object_get(calls, "links"), name, link)
	{
		xml_leaf(xml, "h3", NULL, text_of(link, "title"));
		rows = json_object_get(link, "rows");
		if (rows == NULL) {
			xml_open(xml, "p");
			xml_textf(xml, "not run: %s", text_of(link, "not_run"));
			xml_close(xml);
			continue;
		}
		write_chart(xml, name, rows);
		write_table(xml, rows);
		reasons = reasons != NULL ? reasons : rows;
	}
	if (reasons != NULL)
		write_reasons(xml, reasons);
	xml_close(xml);
}
