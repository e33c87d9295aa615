/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lanes: found in a folder, loaded, and their tables checked. */
#ifndef FERRULE_LANES_H
#define FERRULE_LANES_H

#include <ferrule/lane.h>

#include "util.h"

struct lane {
	char *path;
	void *handle; /* of dlopen() */
	const struct ferrule_lane *table;
};

struct lanes {
	struct lane *items; /* in the order of their columns */
	size_t count;
};

/* The files in @dir that are named as lanes are; ends the program if none. */
void
lanes_scan(const char *dir, struct list *paths);

/*
 * Load the lane at @path and add it. Ends the program, saying why, if it can't
 * be loaded, is no lane, or has the name of another.
 */
void
lanes_load(struct lanes *lanes, const char *path);

/* Unload what is not in @names, except the C lane; no @names: keep all. */
void
lanes_select(struct lanes *lanes, const struct list *names);

/* The names of all their lessons, in order. */
void
lanes_lessons(const struct lanes *lanes, struct list *names);

/* NULL: @lane has no such lesson. */
const struct ferrule_lesson *
lane_lesson(const struct lane *lane, const char *name);

void
lanes_release(struct lanes *lanes);

#endif
