/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Changes machine code that is loaded: a jump of five bytes in place of it. */
#ifndef FERRULE_PATCH_H
#define FERRULE_PATCH_H

#include "object_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATCH_JUMP 0xe9 /* then four bytes: the distance, from behind them */
#define PATCH_SIZE 5

/*
 * Get memory that a jump from any address in [start, end) can reach. It is
 * writable, not executable. NULL if there is none.
 */
unsigned char *
patch_near(uintptr_t start, uintptr_t end, size_t size);

#define PATCH_PIECE 32 /* bytes of code that patch_piece() may write */

/*
 * Write code that goes on at @to, a function that takes what @thunk takes, and
 * behind that @number.
 */
void
patch_piece(unsigned char *at, enum thunk thunk, uint32_t number, uintptr_t to);

/* Write a jump to @to over the code at @at. False: this is not permitted. */
bool
patch_jump(uintptr_t at, uintptr_t to);

#endif
