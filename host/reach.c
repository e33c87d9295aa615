/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finds the blocks that can still be reached, by a conservative scan.
 *
 *   writable segments ─┐
 *   thread-locals ─────┼─► word ─► a block that it points into ─► its words
 *   older blocks ──────┘
 *
 * A pointer into the middle of a block reaches it: Rust's hash tables keep only
 * such pointers. The stack and the registers are not scanned: only the host's
 * code runs now, and pointers to blocks there come from this scan. The ledger's
 * table is not in a segment.
 *
 * The dynamic linker's own variables reach a block by its start only. glibc's
 * keeps a pointer to /etc/ld.so.cache after it has unmapped that file: a large
 * block may be there now, and would seem to be in use. So it is with the host's
 * blocks: they have addresses of memory that was not copied for this process.
 */
#include "reach.h"

#include "util.h"

#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>

struct scan {
	struct block **blocks; /* by address */
	size_t count;
	/* all blocks are between them; neither bound is in a block */
	uintptr_t below, above;
	/* reached, but not scanned yet */
	struct block **waiting;
	size_t waiting_count;
};

/* ---- the blocks, by address ---- */

static void
sift_down(struct block **heap, size_t root, size_t count)
{
	struct block *moving = heap[root];
	size_t child;

	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count &&
		    heap[child + 1]->ptr > heap[child]->ptr)
			child++;
		if (heap[child]->ptr <= moving->ptr)
			break;
		heap[root] = heap[child];
		root = child;
	}
	heap[root] = moving;
}

/* The C library's qsort() allocates. */
static void
sort(struct block **blocks, size_t count)
{
	struct block *last;
	size_t i;

	for (i = count / 2; i-- > 0;)
		sift_down(blocks, i, count);
	for (i = count; i-- > 1;) {
		last = blocks[i];
		blocks[i] = blocks[0];
		blocks[0] = last;
		sift_down(blocks, 0, i);
	}
}

/* The block that @address is in, or NULL. */
static struct block *
block_around(const struct scan *scan, uintptr_t address)
{
	size_t low = 0, high = scan->count, middle;
	struct block *block;

	if (address <= scan->below || address >= scan->above)
		return NULL;
	/* the last block that begins at or before it */
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (scan->blocks[middle]->ptr <= address)
			low = middle;
		else
			high = middle;
	}
	block = scan->blocks[low];
	/* an empty block is reached by its own address only */
	return address >= block->ptr &&
			address < block->ptr + MAX(block->size, (size_t)1) ?
		block :
		NULL;
}

/* ---- what is reached ---- */

static void
reach(struct scan *scan, struct block *block)
{
	if (block->flags & BLOCK_REACHED)
		return;
	block->flags |= BLOCK_REACHED;
	scan->waiting[scan->waiting_count++] = block;
}

enum pointers {
	TO_ANYWHERE,
	TO_START
};

__attribute__((no_sanitize_address)) static void
look_at(struct scan *scan, uintptr_t from, uintptr_t to, enum pointers pointers)
{
	struct block *block;
	uintptr_t word;

	from = (from + sizeof(word) - 1) & ~(sizeof(word) - 1);
	for (; from + sizeof(word) <= to; from += sizeof(word)) {
		word = *(const uintptr_t *)from;
		block = block_around(scan, word);
		if (block != NULL &&
		    (pointers == TO_ANYWHERE || word == block->ptr))
			reach(scan, block);
	}
}

static int
look_at_module(struct dl_phdr_info *info, size_t size, void *ctx)
{
	struct scan *scan = ctx;
	enum pointers pointers =
		info->dlpi_addr == getauxval(AT_BASE) ? TO_START : TO_ANYWHERE;
	ElfW(Half) i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + header->p_vaddr;

		if (header->p_type == PT_LOAD && (header->p_flags & PF_W))
			look_at(scan, start, start + header->p_memsz, pointers);
		/* of this thread; all other threads have ended */
		if (header->p_type == PT_TLS && info->dlpi_tls_data != NULL)
			look_at(scan, (uintptr_t)info->dlpi_tls_data,
				(uintptr_t)info->dlpi_tls_data +
					header->p_memsz,
				TO_ANYWHERE);
	}
	return 0;
}

static void
look_at_roots(struct scan *scan)
{
	size_t i;

	dl_iterate_phdr(look_at_module, scan);
	/* blocks from before the lesson, but for the host's; and not the
	 * dynamic linker's blocks from the lesson, which hold variables of
	 * ended threads */
	for (i = 0; i < scan->count; i++)
		if ((scan->blocks[i]->flags &
		     (BLOCK_OF_LESSON | BLOCK_OF_HOST)) == 0)
			reach(scan, scan->blocks[i]);
}

bool
reach_mark(struct table *table)
{
	struct scan scan = { 0 };
	size_t size = 2 * table->count * sizeof(*scan.blocks);
	struct block *block;
	size_t i;

	if (table->count == 0)
		return true;
	scan.blocks = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (scan.blocks == MAP_FAILED)
		return false;
	scan.waiting = scan.blocks + table->count;
	for (i = 0; i < table->capacity; i++)
		if (table->slots[i].ptr != 0)
			scan.blocks[scan.count++] = &table->slots[i];
	sort(scan.blocks, scan.count);
	scan.below = scan.blocks[0]->ptr - 1;
	block = scan.blocks[scan.count - 1];
	scan.above = block->ptr + MAX(block->size, (size_t)1);
	look_at_roots(&scan);
	while (scan.waiting_count > 0) {
		block = scan.waiting[--scan.waiting_count];
		look_at(&scan, block->ptr, block->ptr + block->size,
			TO_ANYWHERE);
	}
	munmap(scan.blocks, size);
	return true;
}
