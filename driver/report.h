/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reports: the only place that prints what a run found. */
#ifndef FERRULE_REPORT_H
#define FERRULE_REPORT_H

#include <stdio.h>

#include "run.h"

/* Of a step's events so many are shown; a count stands for the others. */
#define REPORT_EVENTS 1000u

/*
 * Each writes the whole report to @file; false: it could not be written, and
 * errno says why.
 */
typedef bool
report_fn(const struct run *run, FILE *file);

report_fn report_json;
report_fn report_junit;
report_fn report_html;

/*
 * The table for a terminal, 80 columns wide; @declared lists what differs on
 * purpose, and @broken the mistakes that are shown, rather than count them.
 */
void
report_text(const struct run *run, FILE *file, bool color, bool declared,
	    bool broken);

/* Links to all broken lanes, and whether each was found. */
struct xml;
void
report_broken_list(const struct run *run, struct xml *xml);
/* The broken lanes of a row, for the page: what is wrong, and who sees it. */
void
report_broken_row(const struct run *run, struct xml *xml, size_t lesson,
		  size_t row);

/* "36 cells: 35 as expected, 1 leaked" */
char *
report_summary(const struct run *run);

/* What was read: "sample: first 1,048,576 of 104,857,600 bytes", or all. */
char *
report_sample(const struct run *run);

/* End the program now if @path could not be written later. */
void
report_check_path(const char *path);

/*
 * Write a report to @path ("-": stdout): beside it at first, so that there is
 * a whole one or none. Ends the program if that fails.
 */
void
report_write(const struct run *run, const char *path, report_fn *report);

#endif
