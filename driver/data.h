/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Data that other parts of the project wrote, as JSON. */
#ifndef FERRULE_DATA_H
#define FERRULE_DATA_H

#include <jansson.h>

/* The JSON in the file at @path. Ends the program if there is none. */
json_t *
data_load(const char *path);

#endif
