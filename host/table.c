/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of all allocated blocks: open addressing, no tombstones. It has its
 * own memory, and doubles when it is full, because its caller is in the middle
 * of malloc().
 */
#include "table.h"

#include <sys/mman.h>

#define FIRST_CAPACITY (1u << 15)

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
			table_put(&larger, &table->slots[i]);
	if (table->capacity > 0)
		munmap(table->slots, table->capacity * sizeof(*table->slots));
	*table = larger;
	return true;
}

bool
table_add_slowly(struct table *table, const struct block *block)
{
	/* without memory to grow, all slots but one are used */
	if (!grow(table) && table->count + 1 >= table->capacity)
		return false;
	table_put(table, block);
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
			home = table_slot(table, slots[slot].ptr);
		} while (((slot - home) & mask) < ((slot - hole) & mask));
		slots[hole] = slots[slot];
		hole = slot;
	}
}
