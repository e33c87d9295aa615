/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The quarantine: the last blocks that were freed. Their addresses are not
 * reused for a while. So a double free can be told from the free of a new
 * block, and a write is detected when the block leaves quarantine.
 */
#ifndef FERRULE_QUARANTINE_H
#define FERRULE_QUARANTINE_H

#include "table.h"

/* The state of its memory. */
enum keeping {
	KEPT_NOT, /* freed to the heap */
	KEPT_FILLED, /* filled with the pattern */
	KEPT_EMPTIED, /* its whole pages were returned to the system */
	KEPT_UNTOUCHED,
};

struct freed {
	struct block block; /* ptr 0: none */
	uint32_t row; /* of the step that freed it, and 1; or 0 */
	uint32_t trace; /* of the free */
	enum keeping keeping;
};

/*
 * Put @block in quarantine. *old_out is the block that leaves, and its memory
 * goes to the heap. True: it was written to after it was freed.
 */
bool
quarantine_add(const struct block *block, uint32_t row, uint32_t trace,
	       struct freed *old_out);

/* The block at @ptr, if it is in quarantine. */
const struct freed *
quarantine_find(const void *ptr);

/* The next block that was written to, from *@at on; NULL: no more. */
const struct freed *
quarantine_next_written(size_t *at);

#endif
