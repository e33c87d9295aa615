/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two objects with different rules for threads.
 *
 * A gauge is used by the thread that made it, and by no other: its sum lies in
 * the memory of that thread. A journal is used by any thread, but by one at a
 * time.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define GAUGES 4

struct gauge {
	size_t slot;
};

static _Thread_local uint64_t sums[GAUGES];
static _Thread_local unsigned char used[GAUGES];

/* NULL: no memory, or this thread has four. */
struct gauge *
gauge_new(void)
{
	struct gauge *gauge;
	size_t slot = 0;

	while (slot < GAUGES && used[slot])
		slot++;
	gauge = slot < GAUGES ? malloc(sizeof(*gauge)) : NULL;
	if (gauge == NULL)
		return NULL;
	gauge->slot = slot;
	used[slot] = 1;
	sums[slot] = 0;
	return gauge;
}

void
gauge_add(struct gauge *gauge, uint32_t n)
{
	sums[gauge->slot] += n;
}

uint64_t
gauge_sum(const struct gauge *gauge)
{
	return sums[gauge->slot];
}

void
gauge_free(struct gauge *gauge)
{
	if (gauge != NULL)
		used[gauge->slot] = 0;
	free(gauge);
}

struct journal {
	uint32_t *entries;
	size_t len;
	size_t reads; /* counted without a lock */
};

/* NULL: no memory. */
struct journal *
journal_new(void)
{
	return calloc(1, sizeof(struct journal));
}

/* Returns 0, or -1: no memory. The entries move. */
int
journal_add(struct journal *journal, uint32_t value)
{
	uint32_t *new = malloc((journal->len + 1) * sizeof(*new));
	size_t i;

	if (new == NULL)
		return -1;
	for (i = 0; i < journal->len; i++)
		new[i] = journal->entries[i];
	new[journal->len++] = value;
	free(journal->entries);
	journal->entries = new;
	return 0;
}

/* The entries, until the next journal_add() or journal_free(). They may be
 * written. NULL: there are none. */
uint32_t *
journal_entries(struct journal *journal, size_t *len_out)
{
	journal->reads++;
	*len_out = journal->len;
	return journal->entries;
}

void
journal_free(struct journal *journal)
{
	if (journal != NULL)
		free(journal->entries);
	free(journal);
}
