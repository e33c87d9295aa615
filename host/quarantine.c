/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The last blocks that were freed.
 *
 * A small one is filled with a pattern. Of a large one only the address range
 * is kept: its whole pages go back to the system, and come back only if
 * somebody writes to them.
 *
 *   | pattern |  pages that are not there  | pattern |
 *   ptr       first page                   last page  ptr + size
 */
#include "quarantine.h"

#include "heap.h"
#include "util.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCKS 1024
#define SMALL (1u << 16)
/* Of addresses so much is kept; no memory lies behind it. */
#define RESERVED_MOST ((uint64_t)16 << 30)
#define PATTERN 0xdf
/* Pages that one mincore() tells of. */
#define PAGES_ASKED 4096

static struct freed blocks[BLOCKS];
static unsigned next;
static uint64_t reserved;

/* The whole pages in @block; none: both are its end. */
static void
whole_pages(const struct block *block, uintptr_t *from, uintptr_t *to)
{
	uintptr_t page = (uintptr_t)getpagesize();

	*from = *to = block->ptr + block->size;
	if (block->size <= SMALL)
		return;
	*from = (block->ptr + page - 1) & ~(page - 1);
	*to = (block->ptr + block->size) & ~(page - 1);
}

static void
fill(const struct block *block)
{
	uintptr_t from, to;

	whole_pages(block, &from, &to);
	memset((void *)block->ptr, PATTERN, from - block->ptr);
	memset((void *)to, PATTERN, block->ptr + block->size - to);
	/* refused of memory that is locked */
	if (from < to && madvise((void *)from, to - from, MADV_DONTNEED) != 0)
		memset((void *)from, 0, to - from);
}

static bool
all_are(uintptr_t from, uintptr_t to, unsigned char value)
{
	const unsigned char *bytes = (const unsigned char *)from;

	/* if the first is, and each is as the one before it */
	return from == to ||
		(bytes[0] == value &&
		 memcmp(bytes, bytes + 1, to - from - 1) == 0);
}

/* Did nobody write to the pages that were given back? */
static bool
still_away(uintptr_t from, uintptr_t to)
{
	uintptr_t page = (uintptr_t)getpagesize();
	static unsigned char there[PAGES_ASKED];
	size_t count, i;

	for (; from < to; from += count * page) {
		count = MIN((to - from) / page, (uintptr_t)PAGES_ASKED);
		if (mincore((void *)from, count * page, there) != 0)
			return true; /* it was unmapped */
		for (i = 0; i < count; i++)
			/* what was only read is there, and zero */
			if ((there[i] & 1) != 0 &&
			    !all_are(from + i * page, from + (i + 1) * page, 0))
				return false;
	}
	return true;
}

static bool
was_written(const struct freed *old)
{
	const struct block *block = &old->block;
	uintptr_t from, to;

	if (!old->held)
		return false;
	whole_pages(block, &from, &to);
	return !all_are(block->ptr, from, PATTERN) ||
		!all_are(to, block->ptr + block->size, PATTERN) ||
		!still_away(from, to);
}

bool
quarantine_add(const struct block *block, uint32_t trace, struct freed *old_out)
{
	struct freed *entry = &blocks[next++ % BLOCKS];
	bool written = was_written(entry);

	*old_out = *entry;
	if (entry->held) {
		reserved -= entry->block.size;
		heap_free((void *)entry->block.ptr);
	}
	*entry = (struct freed){ .block = *block, .trace = trace };
	entry->held = block->size <= RESERVED_MOST - reserved;
	if (entry->held) {
		reserved += block->size;
		fill(block);
	} else {
		heap_free((void *)block->ptr);
	}
	return written;
}

const struct freed *
quarantine_find(const void *ptr)
{
	size_t i;

	for (i = 0; i < BLOCKS; i++)
		if (blocks[i].block.ptr == (uintptr_t)ptr && ptr != NULL)
			return &blocks[i];
	return NULL;
}

const struct freed *
quarantine_next_written(size_t *at)
{
	while (*at < BLOCKS)
		if (was_written(&blocks[(*at)++]))
			return &blocks[*at - 1];
	return NULL;
}
