/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Broken lanes: copies of a lane with one mistake, which the driver must find.
 *
 * Each has its own small run, of the C lane and itself. The same code runs and
 * judges it as any other run.
 */
#ifndef FERRULE_BROKEN_H
#define FERRULE_BROKEN_H

#include "run.h"

struct broken_lane {
	size_t lesson; /* its number in the main run */
	/* from lesson.toml; the readings own the strings */
	const char *name;
	const char *lane; /* its model: the lane that it is a copy of */
	const char *step;
	const char *summary;
	const char *cure;
	const char *file;
	const char *diff;
	const char *cure_diff;
	const char *verdict;
	const json_t *says;
	const json_t *tools;
	/* the program that rustc refuses: the mistake in safe code; or NULL */
	const json_t *proof;
	/* what ran; without lanes if it was not built */
	struct run run;
};

/*
 * Find the broken lanes of the lessons of @run, in the folder "broken" of
 * @lanes_dir: those of the lanes in @wanted, or of all if @wanted is empty.
 */
void
broken_find(struct run *run, const char *lanes_dir, const struct list *wanted,
	    const struct sandbox_options *options);

/* The cell to look at; NULL: it was not built. */
const struct cell *
broken_cell(const struct broken_lane *broken);

/* Does the driver report it as lesson.toml expects? */
bool
broken_found(const struct broken_lane *broken);

/* The row of the main run that it breaks, or NO_ROW. */
size_t
broken_row(const struct run *run, const struct broken_lane *broken);

struct broken_count {
	size_t all, found, not_built;
};

struct broken_count
broken_count(const struct run *run);

void
broken_release(struct run *run);

#endif
