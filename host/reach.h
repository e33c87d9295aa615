/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which blocks can still be reached. */
#ifndef FERRULE_REACH_H
#define FERRULE_REACH_H

#include "table.h"

/*
 * Mark all blocks of @table that a pointer leads to, from where a program
 * keeps its variables or from a block that is reached itself. A word that
 * looks like a pointer counts as one. No other thread runs. False: there is no
 * memory to do it.
 */
bool
reach_mark(struct table *table);

#endif
