/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The table of all allocated blocks, by address. */
#ifndef FERRULE_TABLE_H
#define FERRULE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum block_flag {
	BLOCK_OF_LESSON = 1, /* allocated after ledger_begin() */
	BLOCK_OF_LOADER = 2, /* the dynamic linker's: never a leak */
	BLOCK_UNSURE = 4, /* Rust's or C's: its owner is not known */
	BLOCK_REACHED = 8, /* the scan for leaks found a pointer to it */
	BLOCK_FREED = 16, /* its address was not used again since */
};

struct block {
	uintptr_t ptr; /* 0: the slot is free */
	size_t size;
	union {
		struct {
			uint32_t trace; /* of the lesson: who allocated it */
			uint32_t free_trace; /* BLOCK_FREED: who freed it */
		};
		uintptr_t caller; /* of an older block: the call's address */
	};
	union {
		uint32_t row; /* 1 + that of the step that allocated, or 0 */
		uint32_t thread; /* that allocated it, or freed it */
	};
	uint8_t align_log2;
	uint8_t owner;
	uint8_t flags;
};

struct table {
	struct block *slots;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

/* NULL: no allocated block begins at @ptr. */
struct block *
table_find(const struct table *table, const void *ptr);

/*
 * Add @block, in place of one that begins there. Blocks that are noted as freed
 * are forgotten if they take too much room. False: there is no memory for it.
 */
bool
table_add(struct table *table, const struct block *block);

/* Remove the entry that table_find() returned. */
void
table_remove(struct table *table, struct block *block);

#endif
