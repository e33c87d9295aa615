/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Finds the blocks that can still be reached. */
#ifndef FERRULE_REACH_H
#define FERRULE_REACH_H

#include "table.h"

/*
 * Mark all blocks of @table that a pointer in a variable, or in a reached
 * block, points to. A word that looks like a pointer counts as one. No other
 * thread may run. False: there is no memory for it.
 */
bool
reach_mark(struct table *table);

#endif
