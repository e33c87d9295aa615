/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The last blocks that were freed. Their addresses are not given out again for
 * a while: a second free is told from a free of a new block there, and a write
 * is detected when the block leaves.
 */
#ifndef FERRULE_QUARANTINE_H
#define FERRULE_QUARANTINE_H

#include "table.h"

/* What became of its memory. */
enum keeping {
	KEPT_NOT, /* the heap has it */
	KEPT_FILLED, /* with the pattern */
	KEPT_EMPTIED, /* its whole pages went back to the system */
	KEPT_UNTOUCHED,
};

struct freed {
	struct block block; /* ptr 0: none */
	uint32_t row; /* of the step that freed it, and 1; or 0 */
	uint32_t trace; /* of the free */
	enum keeping keeping;
};

/*
 * Put @block aside. *old_out is the one that leaves for it (its memory is the
 * heap's then); true: it was written to after it was freed.
 */
bool
quarantine_add(const struct block *block, uint32_t row, uint32_t trace,
	       struct freed *old_out);

/* The block at @ptr, if it was freed lately. */
const struct freed *
quarantine_find(const void *ptr);

/* The next one that was written to, from *@at on; NULL: no more. */
const struct freed *
quarantine_next_written(size_t *at);

#endif
