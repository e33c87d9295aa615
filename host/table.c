/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of all allocated blocks: open addressing, no tombstones. It has its
 * own memory, and doubles when it is full, because its caller is in the middle
 * of malloc().
 */
#include "table.h"

#include <sys/mman.h>

/* The blocks of one page have neighbouring slots, which share a cache line. */
#define PAGE_SLOTS 128u
#define FIRST_CAPACITY (1u << 15)

static size_t
slot_of(const struct table *table, uintptr_t ptr)
{
	uint64_t page = (uint64_t)(ptr >> 12) * 0x9e3779b97f4a7c15u;
	size_t window = (size_t)(page >> 32) &
		(table->capacity / PAGE_SLOTS - 1);

	return window * PAGE_SLOTS + (ptr >> 5 & (PAGE_SLOTS - 1));
}

struct block *
table_find(const struct table *table, const void *ptr)
{
	struct block *slots = table->slots;
	size_t slot;

	if (table->capacity == 0)
		return NULL;
	slot = slot_of(table, (uintptr_t)ptr);
	while (slots[slot].ptr != 0) {
		if (slots[slot].ptr == (uintptr_t)ptr)
			return &slots[slot];
		slot = (slot + 1) & (table->capacity - 1);
	}
	return NULL;
}

/* A free slot must exist. */
static void
insert(struct table *table, const struct block *block)
{
	struct block *slots = table->slots;
	size_t slot = slot_of(table, block->ptr);

	while (slots[slot].ptr != 0 && slots[slot].ptr != block->ptr)
		slot = (slot + 1) & (table->capacity - 1);
	if (slots[slot].ptr == 0)
		table->count++;
	slots[slot] = *block;
}

static bool
is_live(const struct block *block)
{
	return block->ptr != 0 && (block->flags & BLOCK_FREED) == 0;
}

static bool
grow(struct table *table)
{
	struct table larger = { .capacity = FIRST_CAPACITY };
	size_t live = 0, i;

	for (i = 0; i < table->capacity; i++)
		live += is_live(&table->slots[i]);
	while (larger.capacity < table->capacity ||
	       live > larger.capacity / 8 * 3)
		larger.capacity *= 2;

	larger.slots = mmap(NULL, larger.capacity * sizeof(*larger.slots),
			    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	if (larger.slots == MAP_FAILED)
		return false;
	for (i = 0; i < table->capacity; i++)
		if (is_live(&table->slots[i]))
			insert(&larger, &table->slots[i]);
	if (table->capacity > 0)
		munmap(table->slots, table->capacity * sizeof(*table->slots));
	*table = larger;
	return true;
}

bool
table_add(struct table *table, const struct block *block)
{
	/* up to 3/4 full; without memory to grow, all slots but one */
	if (table->count >= table->capacity / 4 * 3 && !grow(table) &&
	    table->count + 1 >= table->capacity)
		return false;
	insert(table, block);
	return true;
}

/* Blocks that were displaced by it move back. */
void
table_remove(struct table *table, struct block *block)
{
	struct block *slots = table->slots;
	size_t mask = table->capacity - 1;
	size_t hole = (size_t)(block - slots);
	size_t slot = hole;
	size_t home;

	table->count--;
	for (;;) {
		slots[hole].ptr = 0;
		do {
			slot = (slot + 1) & mask;
			if (slots[slot].ptr == 0)
				return;
			home = slot_of(table, slots[slot].ptr);
		} while (((slot - home) & mask) < ((slot - hole) & mask));
		slots[hole] = slots[slot];
		hole = slot;
	}
}
