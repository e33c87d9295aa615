/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Stacks, each kept once. A block refers to its stack by a number.
 *
 * Looking one up takes no lock, because it is done at each allocation: an entry
 * is complete before its number is in a slot, and never changes.
 */
#include "audit.h"

#include "objects.h"
#include "start.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

/* Numbers are offsets in here, in units of 8 bytes. */
#define ROOM ((size_t)1 << 30)
#define SLOTS ((size_t)1 << 21)
/* Then stacks are kept no more: finding a slot would take too long. */
#define MOST (SLOTS / 4 * 3)

struct entry {
	uint32_t hash;
	uint16_t depth;
	uint16_t epoch;
	uint16_t module[STACK_DEPTH];
	uintptr_t pc[]; /* depth of them */
};

static struct entry *_Atomic memory;
static size_t room;
static atomic_size_t used;
static atomic_size_t count;
static _Atomic uint32_t *slots;
/* Objects were unloaded so often: another may have the same address now. */
static _Atomic uint16_t epoch;

static bool
find_memory(void)
{
	size_t size;
	void *found, *table;

	table = mmap(NULL, SLOTS * sizeof(*slots), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (table == MAP_FAILED)
		return false;
	for (size = ROOM; size >= ROOM >> 8; size >>= 2) {
		found = mmap(NULL, size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			     0);
		if (found == MAP_FAILED)
			continue;
		slots = table;
		room = size / 8;
		atomic_store(&used, 1);
		atomic_store(&memory, found);
		return true;
	}
	munmap(table, SLOTS * sizeof(*slots));
	return false;
}

static struct entry *
entry_at(uint32_t number)
{
	struct entry *first =
		atomic_load_explicit(&memory, memory_order_relaxed);

	return (void *)((uint64_t *)(void *)first + number);
}

static uint32_t
write_entry(const uintptr_t *pc, size_t depth, uint32_t hash, uint16_t when)
{
	size_t size = (sizeof(struct entry) + depth * sizeof(*pc) + 7) / 8;
	size_t at =
		atomic_fetch_add_explicit(&used, size, memory_order_relaxed);
	struct entry *entry;
	size_t i;

	if (at + size > room ||
	    atomic_fetch_add_explicit(&count, 1, memory_order_relaxed) >= MOST)
		return 0;
	entry = entry_at((uint32_t)at);
	entry->hash = hash;
	entry->depth = (uint16_t)depth;
	entry->epoch = when;
	memcpy(entry->pc, pc, depth * sizeof(*pc));
	for (i = 0; i < depth; i++)
		entry->module[i] = objects_at(pc[i] - 1);
	return (uint32_t)at;
}

static bool
is_equal(uint32_t number, const uintptr_t *pc, size_t depth, uint32_t hash,
	 uint16_t when)
{
	const struct entry *entry = entry_at(number);

	uintptr_t wrong = 0;
	size_t i;

	if (entry->hash != hash || entry->depth != depth ||
	    entry->epoch != when)
		return false;
	for (i = 0; i < depth; i++)
		wrong |= entry->pc[i] ^ pc[i];
	return wrong == 0;
}

uint32_t
trace_intern(const uintptr_t *pc, size_t depth, uint64_t long_hash)
{
	uint16_t when = atomic_load_explicit(&epoch, memory_order_relaxed);
	uint32_t hash, number, expected, own = 0;
	size_t slot;

	if (depth == 0 || unlikely(slots == NULL))
		return 0;
	hash = (uint32_t)((long_hash + when) >> 32);
	for (slot = hash % SLOTS;; slot = (slot + 1) % SLOTS) {
		number = atomic_load_explicit(&slots[slot],
					      memory_order_acquire);
		if (number == 0) {
			if (own == 0)
				own = write_entry(pc, depth, hash, when);
			if (own == 0)
				goto lost;
			expected = 0;
			if (atomic_compare_exchange_strong(&slots[slot],
							   &expected, own))
				return own;
			number = expected;
		}
		if (is_equal(number, pc, depth, hash, when))
			return number;
	}
lost:
	if (audit_log() != NULL)
		audit_log()->stacks_lost++;
	return 0;
}

void
trace_copy(uint32_t trace, struct audit_stack *stack_out)
{
	const struct entry *entry;
	size_t i;

	if (trace == 0)
		return;
	entry = entry_at(trace);
	for (i = 0; i < entry->depth; i++) {
		stack_out->pc[i] = entry->pc[i];
		stack_out->module[i] = entry->module[i];
	}
	stack_out->depth = entry->depth;
}

void
traces_begin(void)
{
	if (!find_memory())
		refuse(AUDIT_NO_MEMORY, NULL, "there is none for stacks");
}

void
traces_forget(void)
{
	atomic_fetch_add(&epoch, 1);
}
