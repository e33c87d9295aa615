/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The code of a lesson, step by step, from tools/reader.py. */
#ifndef FERRULE_SOURCE_H
#define FERRULE_SOURCE_H

#include <jansson.h>
#include <stdbool.h>

/*
 * The reading of the file at @path; NULL if it cannot be read. A file that is
 * not in @readings (from a lane that was built elsewhere) is read now and
 * added.
 */
const json_t *
source_get(json_t *readings, const char *path);

/*
 * The code of the @nth step (from 0) with the name @step; NULL if there is
 * none. Code outside all steps has the name "".
 */
const char *
source_find(const json_t *source, const char *step, size_t nth);

/* Does the code call this function of the library? */
bool
source_calls(const json_t *source, const char *function);

#endif
