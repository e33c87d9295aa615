/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lanes: found in a folder, and what they say of themselves.
 *
 * The code of a lane runs in children alone, from its constructors on: the
 * driver has a checked copy of the table, and no pointer into the lane.
 */
#ifndef FERRULE_LANES_H
#define FERRULE_LANES_H

#include <ferrule/lane.h>

#include "util.h"
#include "sandbox.h"

struct lane_lesson {
	char *name;
	char *source; /* NULL: not said */
};

struct lane {
	char *path; /* absolute */
	size_t nth; /* in the list of those that were loaded */
	char *name;
	char *title;
	uint32_t order;
	struct lane_lesson *lessons; /* as in its table */
	size_t lesson_count;
};

struct lanes {
	struct lane *items; /* in the order of their columns */
	size_t count;
};

/* The files in @dir that are named as lanes are; ends the program if none. */
void
lanes_scan(const char *dir, struct list *paths);

/*
 * Ask the lanes at @paths what they have, and add them. The first @found were
 * found, the others were named: one with the name and order of a lane that was
 * found takes its place. Ends the program, saying why, if a lane can't be
 * loaded, is no lane, or else has the name of another.
 */
void
lanes_load(struct lanes *lanes, const struct list *paths, size_t found,
	   const struct sandbox_options *options);

/* Forget what is not in @names, except the C lane; no @names: keep all. */
void
lanes_select(struct lanes *lanes, const struct list *names);

/* The names of all their lessons, in order. */
void
lanes_lessons(const struct lanes *lanes, struct list *names);

/* NULL: @lane has no such lesson. */
const struct lane_lesson *
lane_lesson(const struct lane *lane, const char *name);

/* A lane that this process, a sandbox, has loaded. */
struct loaded_lane {
	void *handle; /* of dlopen() */
	const void *code; /* an address in it */
	const struct ferrule_lane *table; /* NULL: refused */
};

/* Load the lane at @path in this process. NULL, or what went wrong. */
const char *
lane_open(const char *path, struct loaded_lane *lane_out);

void
lanes_release(struct lanes *lanes);

#endif
