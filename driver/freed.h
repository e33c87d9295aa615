/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Compares the steps in which the library's blocks were freed with C's. */
#ifndef FERRULE_FREED_H
#define FERRULE_FREED_H

#include "judge.h"

/* Which blocks a step of a lane may free. */
enum freed_state {
	FREED_AS_C, /* the blocks that C frees in the partner step */
	FREED_MAY_DIFFER, /* other blocks too: this is declared */
	FREED_DIFFERS, /* declared, and the step frees other blocks */
};

/* A block size: each lane freed one block of it in another step. */
struct freed_difference {
	uint64_t size;
	/* a step of each side, or LEDGER_NO_ROW */
	uint32_t mine;
	uint32_t its;
};

/*
 * Was a block of step @at freed in another step than in C, and may not be? A
 * block that only one lane has or has freed is not such a difference. states[]
 * has my steps; a declared difference that occurs is entered there.
 */
bool
freed_differ(const struct comparison *comparison, size_t at,
	     enum freed_state *states, struct freed_difference *difference_out);

/* `64 bytes that this step allocated were freed in step "a"; in c in ...` */
void
freed_add(const struct comparison *comparison,
	  const struct freed_difference *difference, struct text *text);

#endif
