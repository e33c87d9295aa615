/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The code of a lesson, step by step, as tools/reader.py has it. */
#ifndef FERRULE_SOURCE_H
#define FERRULE_SOURCE_H

#include <jansson.h>
#include <stdbool.h>

/*
 * What is said of the file at @path; NULL if it cannot be read. A file that
 * @readings lacks (of a lane that was built elsewhere) is read now, and kept
 * there.
 */
const json_t *
source_get(json_t *readings, const char *path);

/*
 * The code of the @nth step (from 0) that is called @step; NULL for none. What
 * belongs to no step is called "".
 */
const char *
source_find(const json_t *source, const char *step, size_t nth);

/* Does it call this function of the library? */
bool
source_calls(const json_t *source, const char *function);

#endif
