/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Broken lanes: copies of a lane with one mistake, which the driver must find.
 *
 * Each has a small run of its own, of the C lane and itself, that the same
 * code runs and judges as any other.
 */
#ifndef FERRULE_BROKEN_H
#define FERRULE_BROKEN_H

#include "run.h"

struct broken_lane {
	size_t lesson; /* of the great run */
	/* as lesson.toml says it; the strings are the readings' */
	const char *name;
	const char *lane; /* that it is a copy of */
	const char *step;
	const char *summary;
	const char *cure;
	const char *file;
	const char *diff;
	const char *cure_diff;
	const char *verdict;
	const json_t *says;
	const json_t *tools;
	/* what ran; without lanes if it was not built */
	struct run run;
};

/*
 * Find those of the lessons of @run and of the lanes called @wanted (none: of
 * all), in the folder "broken" of @lanes_dir.
 */
void
broken_find(struct run *run, const char *lanes_dir, const struct list *wanted,
	    const struct sandbox_options *options);

/* The cell to look at; NULL: it was not built. */
const struct cell *
broken_cell(const struct broken_lane *broken);

/* Did the driver say of it what lesson.toml asks for? */
bool
broken_found(const struct broken_lane *broken);

/* The row of @lesson in the great run that it breaks, or NO_ROW. */
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
