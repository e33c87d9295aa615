/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* In which steps the library's blocks were freed, against the C lane's. */
#ifndef FERRULE_FREED_H
#define FERRULE_FREED_H

#include "judge.h"

/* What a step of a lane may free. */
enum freed_state {
	FREED_AS_C, /* what C frees in the step that it is paired with */
	FREED_MAY_DIFFER, /* other blocks too: that is declared */
	FREED_DIFFERS, /* and it does */
};

/* Blocks of one size, of which two lanes freed one each in another step. */
struct freed_difference {
	uint64_t size;
	/* a step of mine and one of its, or LEDGER_NO_ROW */
	uint32_t mine;
	uint32_t its;
};

/*
 * Of the blocks that step @at and its partner allocated: was one freed in
 * another step than in C, and in none that may differ? A block that only one
 * lane has, or has freed, is no such difference. states[] is by steps of mine;
 * those that need to differ are entered there.
 */
bool
freed_differ(const struct comparison *comparison, size_t at,
	     enum freed_state *states, struct freed_difference *difference_out);

/* `64 bytes that this step allocated were freed in step "a"; in c in ...` */
void
freed_add(const struct comparison *comparison,
	  const struct freed_difference *difference, struct text *text);

#endif
