/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* All that one run of `ferrule compare` knows: what is judged and reported. */
#ifndef FERRULE_RUN_H
#define FERRULE_RUN_H

#include "cell.h"

#include <jansson.h>

/* Steps that stand side by side: a row of a report. */
struct row {
	const char *name;
	size_t *steps; /* in each lane, or NO_STEP */
};

struct lesson_info {
	char *name; /* "04-handles" */
	char *title; /* or its name, if nothing is said of it */
	struct declaration *declared;
	size_t declared_count;
	const json_t *looks; /* what its text says of its steps, or NULL */
	/* what compare made of its steps; row 0 is what comes before them */
	struct row *rows;
	size_t row_count;
};

struct run {
	struct ferrule_input input;
	struct lanes lanes; /* [0] is the C lane */
	struct lesson_info *lessons;
	size_t lesson_count;
	json_t *readings;
	/* lesson by lesson, and in each lane by lane */
	struct cell *cells;
	size_t cell_count;
	struct broken_lane *broken;
	size_t broken_count;
	double seconds;
};

struct cell *
run_cell(const struct run *run, size_t lesson, size_t lane);

/*
 * What tools/reader.py wrote to @path of lessons, their code and the library's
 * functions. Ends the program if it is not that.
 */
json_t *
readings_load(const char *path);
/* Fill in what is said there of the lesson of this name. */
void
lesson_read(struct lesson_info *lesson, const json_t *readings);
void
lesson_release(struct lesson_info *lesson);

/* Pair the steps of all lanes, and lay out the rows of a lesson. */
void
rows_make(struct run *run, size_t lesson);
void
rows_release(struct lesson_info *lesson);

/* Judge all cells: set rows, and verdict, reasons and steps of each. */
void
compare_run(struct run *run);
/* Did the lesson return, and the cell close its books? */
bool
cell_ended_well(const struct cell *cell);
/* Is this verdict one that the run may end well with? */
bool
verdict_expected(enum verdict verdict);
/* How many cells have such a verdict. */
size_t
run_expected(const struct run *run);

#endif
