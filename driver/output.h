/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writing a file that is complete, or as it was before. */
#ifndef FERRULE_OUTPUT_H
#define FERRULE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

/* Writes all of @data. False: it could not be written, and errno has the
 * reason. */
typedef bool
output_fn(const void *data, FILE *file);

/* End the program now if it could not write to @path later. */
void
output_check(const char *path);

/*
 * Write @data to @path ("-": stdout). It goes to a new file first, so that @path
 * has all of it or is unchanged. Ends the program on failure.
 */
void
output_write(const char *path, output_fn *write, const void *data);

#endif
