/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lanes: finds them in a folder, and reads their tables.
 *
 * The code of a lane, including its constructors, runs only in child processes.
 * The driver has a checked copy of the table, and no pointer into the lane.
 */
#ifndef FERRULE_LANES_H
#define FERRULE_LANES_H

#include <ferrule/lane.h>

#include "util.h"
#include "sandbox.h"

struct lane_lesson {
	char *name;
	char *source; /* NULL: not known */
};

struct lane {
	char *path; /* absolute */
	size_t nth; /* its number in the list of loaded lanes */
	char *name;
	char *title;
	uint32_t order;
	struct lane_lesson *lessons; /* as in its table */
	size_t lesson_count;
};

struct lanes {
	struct lane *items; /* in the order of the columns */
	size_t count;
};

/* The files in @dir that have a lane's name. Ends the program if there are
 * none. */
void
lanes_scan(const char *dir, struct list *paths);

/*
 * Load the lanes at @paths, read their tables and add them. The first @found
 * were found in a folder, the others were named by the user: a named lane with
 * the name and order of a found one replaces it. Ends the program with a
 * message if a file cannot be loaded, is not a lane, or has the name of another
 * lane.
 */
void
lanes_load(struct lanes *lanes, const struct list *paths, size_t found,
	   const struct sandbox_options *options);

/* Keep the lanes in @names and the C lane; without @names keep all. */
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
	const struct ferrule_lane *table; /* NULL: it refused */
};

/* Load the lane at @path in this process. Returns NULL, or the failure. */
const char *
lane_open(const char *path, struct loaded_lane *lane_out);

void
lanes_release(struct lanes *lanes);

#endif
