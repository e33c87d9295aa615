/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The data of a run of `ferrule compare`: input, cells and results. */
#ifndef FERRULE_RUN_H
#define FERRULE_RUN_H

#include "cell.h"

#include <jansson.h>

/* A row of a report: one step of each lane. */
struct row {
	const char *name;
	const char *given; /* as in struct step */
	size_t *steps; /* the step of each lane, or NO_STEP */
};

struct lesson_info {
	char *name; /* "04-handles" */
	char *title; /* or its name, if it has no description */
	struct declaration *declared;
	size_t declared_count;
	const json_t *looks; /* what its text says about its steps, or NULL */
	/* the rows that compare made of its steps; row 0 is for what is before
	 * them */
	struct row *rows;
	size_t row_count;
};

struct run {
	struct ferrule_input input;
	struct lanes lanes; /* [0] is the C lane */
	struct lesson_info *lessons;
	size_t lesson_count;
	json_t *readings;
	json_t *calls; /* what calls cost, or NULL */
	/* sorted by lesson, then by lane */
	struct cell *cells;
	size_t cell_count;
	struct broken_lane *broken;
	size_t broken_count;
	struct lanes broken_lanes; /* that they have loaded */
	double seconds;
};

struct cell *
run_cell(const struct run *run, size_t lesson, size_t lane);

/* Make the cells of all lessons in all lanes. */
void
run_lay_out(struct run *run);
/* Release the cells and lessons, but nothing that they refer to. */
void
run_release_cells(struct run *run);

/*
 * Read the output of tools/reader.py at @path: lessons, their code and the
 * library's functions. Ends the program if it is something else.
 */
json_t *
readings_load(const char *path);
/* The description of the lesson @name there, or NULL. */
const json_t *
readings_lesson(const json_t *readings, const char *name);
/* Fill in the description of the lesson of this name. */
void
lesson_read(struct lesson_info *lesson, const json_t *readings);
void
lesson_release(struct lesson_info *lesson);

/* Pair the steps of all lanes, and make the rows of a lesson. */
void
rows_make(struct run *run, size_t lesson);
void
rows_release(struct lesson_info *lesson);

/* Judge all cells: set the rows, and each cell's verdict, reasons and steps. */
void
compare_run(struct run *run);
/* Did the lesson return, and the cell close its ledger? */
bool
cell_ended_well(const struct cell *cell);
/* Is this verdict a success? */
bool
verdict_expected(enum verdict verdict);
/* The number of cells with such a verdict. */
size_t
run_expected(const struct run *run);

#endif
