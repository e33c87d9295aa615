/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The quarantine: the last blocks that were freed.
 *
 * A small block is filled with a pattern. Of a large block only the address
 * range is kept: its whole pages are returned to the system, and exist again
 * only after a write.
 *
 *   | pattern |  pages that are not there  | pattern |
 *   ptr       first page                   last page  ptr + size
 *
 * New pages cost far more time than old ones. So if a lesson frees many large
 * blocks, the pages of later ones are kept, of only a few blocks at a time.
 */
#include "quarantine.h"

#include "heap.h"
#include "util.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCKS 1024
#define SMALL (1u << 16)
/* The limit of bytes in a cell whose pages are returned. Address ranges have no
 * limit. */
#define EMPTIED_MOST ((uint64_t)8 << 20)
/* The limit of bytes whose pages are kept: they should fit the processor's
 * cache. */
#define UNTOUCHED_MOST ((uint64_t)1 << 20)
#define PATTERN 0xdf
/* Pages per call of mincore(). */
#define PAGES_ASKED 4096

static struct freed blocks[BLOCKS];
static unsigned next; /* the slot of the oldest block */
static uint64_t emptied;
static uint64_t untouched;

/* The whole pages in @block. If there are none, both are its end. */
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
	/* this fails for locked memory */
	if (from < to && madvise((void *)from, to - from, MADV_DONTNEED) != 0)
		memset((void *)from, 0, to - from);
}

static bool
all_are(uintptr_t from, uintptr_t to, unsigned char value)
{
	const unsigned char *bytes = (const unsigned char *)from;

	/* true if the first byte is right and each byte equals the one before
	 * it */
	return from == to ||
		(bytes[0] == value &&
		 memcmp(bytes, bytes + 1, to - from - 1) == 0);
}

/* Are the returned pages still unwritten? */
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
			/* a page that was only read exists, and is zero */
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

	if (old->keeping != KEPT_FILLED && old->keeping != KEPT_EMPTIED)
		return false;
	whole_pages(block, &from, &to);
	return !all_are(block->ptr, from, PATTERN) ||
		!all_are(to, block->ptr + block->size, PATTERN) ||
		!still_away(from, to);
}

static void
release(struct freed *old)
{
	if (old->keeping == KEPT_NOT)
		return;
	if (old->keeping == KEPT_UNTOUCHED)
		untouched -= old->block.size;
	old->keeping = KEPT_NOT;
	heap_free((void *)old->block.ptr);
}

/* Make room for @size bytes of kept pages. False: they are too many. */
static bool
make_room(uint64_t size)
{
	/* all older blocks have left */
	static unsigned oldest;

	if (size > UNTOUCHED_MOST)
		return false;
	if (next - oldest > BLOCKS)
		oldest = next - BLOCKS;
	for (; untouched + size > UNTOUCHED_MOST; oldest++)
		if (blocks[oldest % BLOCKS].keeping == KEPT_UNTOUCHED)
			release(&blocks[oldest % BLOCKS]);
	return true;
}

static enum keeping
keep(const struct block *block)
{
	if (block->size <= SMALL) {
		fill(block);
		return KEPT_FILLED;
	}
	if (emptied < EMPTIED_MOST) {
		emptied += block->size;
		fill(block);
		return KEPT_EMPTIED;
	}
	if (make_room(block->size)) {
		untouched += block->size;
		return KEPT_UNTOUCHED;
	}
	heap_free((void *)block->ptr);
	return KEPT_NOT;
}

bool
quarantine_add(const struct block *block, uint32_t row, uint32_t trace,
	       struct freed *old_out)
{
	struct freed *entry = &blocks[next++ % BLOCKS];
	bool written = was_written(entry);

	*old_out = *entry;
	release(entry);
	*entry = (struct freed){
		.block = *block,
		.row = row,
		.trace = trace,
	};
	entry->keeping = keep(block);
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
