/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Moves instructions to another address, where they do the same. */
#ifndef FERRULE_AUDIT_MOVE_H
#define FERRULE_AUDIT_MOVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOVE_ROOM 96 /* bytes that moved instructions need at most */

/* Was this built with a decoder? */
bool
move_known(void);

/* Called with the address of a function, or of a slot that has it. */
typedef void
move_end_fn(void *ctx, uintptr_t end);

/*
 * Call @fn for each function outside of [from, from + size) that the code there
 * calls or jumps to.
 */
void
move_ends(uintptr_t from, size_t size, move_end_fn *fn, void *ctx);

/*
 * Copy the first instructions of the function at [from, from + size), which are
 * at least @least bytes, to @to, and a jump back behind them. False: they cannot
 * be moved.
 */
bool
move_code(uintptr_t from, size_t size, size_t least, unsigned char *to);

#endif
