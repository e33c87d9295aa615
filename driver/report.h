/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reports: the only part that prints the results of a run. */
#ifndef FERRULE_REPORT_H
#define FERRULE_REPORT_H

#include <stdio.h>

#include "run.h"

/* At most this many events of a step are shown, and the count of the others. */
#define REPORT_EVENTS 1000u

/*
 * Each function writes the whole report to @file. False: it could not be
 * written, and errno has the reason.
 */
typedef bool
report_fn(const struct run *run, FILE *file);

report_fn report_json;
report_fn report_junit;
report_fn report_html;

/*
 * The table for a terminal, 80 columns wide. @declared: list the declared
 * differences instead of counting them; @broken: the same for broken lanes.
 */
void
report_text(const struct run *run, FILE *file, bool color, bool declared,
	    bool broken);

/*
 * The tour: a broken lane that ran, beside @correct, the cell of the lane that
 * it is a copy of.
 */
struct broken_lane;
void
report_tour(const struct broken_lane *broken, const struct cell *correct,
	    FILE *file, bool color);

/* Links to all broken lanes, and whether each was found. */
struct xml;
void
report_broken_list(const struct run *run, struct xml *xml);
/* The broken lanes of a row, for the page: what is wrong, and who sees it. */
void
report_broken_row(const struct run *run, struct xml *xml, size_t lesson,
		  size_t row);

/*
 * Read the costs of calls that `./x bench calls` wrote to @path. Ends the
 * program if it is something else.
 */
json_t *
calls_load(const char *path);
/* A chart of them, and the figures. */
void
report_calls(const json_t *calls, struct xml *xml);

/* "36 cells: 35 as expected, 1 leaked" */
char *
report_summary(const struct run *run);

/* The size of the sample: "sample: first 1,048,576 of 104,857,600 bytes", or
 * all. */
char *
report_sample(const struct run *run);

/* Write a report to @path; see output_write(). */
void
report_write(const struct run *run, const char *path, report_fn *report);

#endif
