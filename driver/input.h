/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The input of the lessons: the first part of a file. */
#ifndef FERRULE_INPUT_H
#define FERRULE_INPUT_H

#include <ferrule/lane.h>

/*
 * Read the input from the file at @path, and set all of @input; input->path has
 * to be freed. Ends the program if it cannot be read.
 */
void
input_open(struct ferrule_input *input, const char *path);

#endif
