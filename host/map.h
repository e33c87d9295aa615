/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which objects a cell had loaded, and where: it writes them down, so that the
 * addresses that it leaves can be named where the objects are not loaded.
 */
#ifndef FERRULE_MAP_H
#define FERRULE_MAP_H

#include "modules.h"

#define MAP_MODULES 64

struct module_map {
	uint32_t count;
	struct module modules[MAP_MODULES];
};

/* In the cell: write down what is loaded now. */
void
map_fill(struct module_map *map);

/* In the parent: NULL if @map may be read, else what is wrong with it. */
const char *
map_problem(const struct module_map *map);

/* The module whose code holds @address; NULL: it lies in none. */
const struct module *
map_find(const struct module_map *map, uintptr_t address);

#endif
