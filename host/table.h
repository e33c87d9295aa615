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
	/* the host's own, from before the lesson: what it points to is none of
	   the lesson's */
	BLOCK_OF_HOST = 32,
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
	uint8_t form; /* of C++'s operator new; 0: not known */
};

/* Whether @block has the size and alignment that Rust gives it back with; C
   says neither: its @align is 0. */
static inline bool
block_has_layout(const struct block *block, size_t size, size_t align)
{
	return align == 0 ||
		(size == block->size &&
		 align == (size_t)1 << block->align_log2);
}

struct table {
	struct block *slots;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

/* The blocks of one page have neighbouring slots, which share a cache line. */
#define TABLE_PAGE_SLOTS 128u

static inline size_t
table_slot(const struct table *table, uintptr_t ptr)
{
	uint64_t page = (uint64_t)(ptr >> 12) * 0x9e3779b97f4a7c15u;
	size_t window = (size_t)(page >> 32) &
		(table->capacity / TABLE_PAGE_SLOTS - 1);

	return window * TABLE_PAGE_SLOTS + (ptr >> 5 & (TABLE_PAGE_SLOTS - 1));
}

/* NULL: no allocated block begins at @ptr. */
static inline struct block *
table_find(const struct table *table, const void *ptr)
{
	struct block *slots = table->slots;
	size_t slot;

	if (table->capacity == 0)
		return NULL;
	slot = table_slot(table, (uintptr_t)ptr);
	while (slots[slot].ptr != 0) {
		if (slots[slot].ptr == (uintptr_t)ptr)
			return &slots[slot];
		slot = (slot + 1) & (table->capacity - 1);
	}
	return NULL;
}

/* A free slot must exist. */
static inline void
table_put(struct table *table, const struct block *block)
{
	struct block *slots = table->slots;
	size_t slot = table_slot(table, block->ptr);

	while (slots[slot].ptr != 0 && slots[slot].ptr != block->ptr)
		slot = (slot + 1) & (table->capacity - 1);
	table->count += slots[slot].ptr == 0;
	slots[slot] = *block;
}

/* When the table is 3/4 full. */
bool
table_add_slowly(struct table *table, const struct block *block);

/*
 * Add @block, in place of one that begins there. Blocks that are noted as freed
 * are forgotten if they take too much room. False: there is no memory for it.
 */
static inline bool
table_add(struct table *table, const struct block *block)
{
	if (table->count >= table->capacity / 4 * 3)
		return table_add_slowly(table, block);
	table_put(table, block);
	return true;
}

/* Remove the entry that table_find() returned. */
void
table_remove(struct table *table, struct block *block);

#endif
