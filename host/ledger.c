/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ledger: who owns each block of memory, and who gave it back.
 *
 *   malloc() ──► caller's module ──► c or libc ─┐
 *   sgz_allocator ───────────────────► library ─┼─► table ─► heap of libc
 *   Rust's global allocator ────────────► rust ─┘
 *
 * Nothing here may allocate: the table lies in .bss, where it costs nothing
 * until it is touched, and what is reported lies in the log.
 */
#include "ledger.h"

#include "util.h"

#include <errno.h>
#include <execinfo.h>
#include <malloc.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own names for its heap: no dlsym(), so no chicken and no egg. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define heap_malloc malloc
#define heap_realloc realloc
#define heap_free free
#define heap_memalign memalign
#else
void *
__libc_malloc(size_t size);
void *
__libc_memalign(size_t align, size_t size);
void *
__libc_realloc(void *ptr, size_t size);
void
__libc_free(void *ptr);
#define heap_malloc __libc_malloc
#define heap_realloc __libc_realloc
#define heap_free __libc_free
#define heap_memalign __libc_memalign
#endif

#define HOOK __attribute__((visibility("default")))

/* Every allocation of glibc is aligned to this, whatever was asked for. */
#define HEAP_ALIGN 16
#define BLOCK_SLOTS (1u << 20)
/* Slots side by side for the blocks of one page: neighbours share a line. */
#define PAGE_SLOTS 128u
#define RANGES 16
#define FREED_BLOCKS 1024
/* Larger ones go back at once, and are only remembered. */
#define FREED_SIZE (1u << 16)
#define POISON 0xdf
/* One takes about a microsecond; past so many a lesson is in a loop. */
#define STACKS_TAKEN (1u << 20)

struct block {
	uintptr_t ptr; /* 0: the slot is free */
	size_t size;
	uint32_t align;
	uint32_t trace;
	uint8_t owner;
	uint8_t of_lesson; /* allocated after ledger_begin() */
};

/* A block that was freed; if `held`, its memory is kept from being reused. */
struct freed {
	struct block block;
	uint32_t trace;
	bool held;
};

static struct block blocks[BLOCK_SLOTS];
static size_t block_count;
static bool overflowed;
static struct freed freed[FREED_BLOCKS];
static unsigned freed_next;
static struct ledger_log *cell_log;
static struct ledger_range ranges[RANGES];
static size_t range_count;
static atomic_flag lock = ATOMIC_FLAG_INIT;
/* Set while this thread is in the ledger: what it allocates has no trace. */
static __thread bool inside;

static void
take_lock(void)
{
	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
		sched_yield();
}

static void
drop_lock(void)
{
	atomic_flag_clear_explicit(&lock, memory_order_release);
}

bool
ledger_sees_malloc(void)
{
#ifdef __SANITIZE_ADDRESS__
	return false;
#else
	return true;
#endif
}

/* ---- the table: open addressing, no tombstones ---- */

static size_t
slot_of(uintptr_t ptr)
{
	uint64_t page = (uint64_t)(ptr >> 12) * 0x9e3779b97f4a7c15u;
	size_t window = (size_t)(page >> 40) & (BLOCK_SLOTS / PAGE_SLOTS - 1);

	return window * PAGE_SLOTS + (ptr >> 5 & (PAGE_SLOTS - 1));
}

static struct block *
table_find(const void *ptr)
{
	size_t slot = slot_of((uintptr_t)ptr);

	while (blocks[slot].ptr != 0) {
		if (blocks[slot].ptr == (uintptr_t)ptr)
			return &blocks[slot];
		slot = (slot + 1) % BLOCK_SLOTS;
	}
	return NULL;
}

static void
table_add(const struct block *block)
{
	size_t slot = slot_of(block->ptr);

	if (block_count >= BLOCK_SLOTS / 8 * 7) {
		overflowed = true;
		if (cell_log != NULL)
			cell_log->untracked++;
		return;
	}
	while (blocks[slot].ptr != 0 && blocks[slot].ptr != block->ptr)
		slot = (slot + 1) % BLOCK_SLOTS;
	if (blocks[slot].ptr == 0)
		block_count++;
	blocks[slot] = *block;
}

/* Take @block out, and move up those that it had pushed away. */
static void
table_remove(const struct block *block)
{
	size_t hole = (size_t)(block - blocks);
	size_t slot = hole;
	size_t home;

	block_count--;
	for (;;) {
		blocks[hole].ptr = 0;
		do {
			slot = (slot + 1) % BLOCK_SLOTS;
			if (blocks[slot].ptr == 0)
				return;
			home = slot_of(blocks[slot].ptr);
		} while ((slot - home) % BLOCK_SLOTS <
			 (slot - hole) % BLOCK_SLOTS);
		blocks[hole] = blocks[slot];
		hole = slot;
	}
}

/* ---- who called ---- */

/* C and its library share one heap: each frees what the other allocated. */
static bool
same_side(enum owner a, enum owner b)
{
	return a == b || (a >= OWNER_C && b >= OWNER_C);
}

static uint32_t
trace_hash(void *const *pc, size_t depth)
{
	uint64_t hash = depth;
	size_t i;

	for (i = 0; i < depth; i++)
		hash = (hash ^ (uintptr_t)pc[i]) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(hash >> 32);
}

/* Enter the stack in the log, once however often it is seen. */
static uint32_t
trace_intern(void *const *pc, size_t depth)
{
	uint32_t hash = trace_hash(pc, depth);
	size_t slot = hash % ARRAY_SIZE(cell_log->trace_slots);
	struct ledger_trace *trace;
	uint32_t at;

	while ((at = cell_log->trace_slots[slot]) != 0) {
		trace = &cell_log->traces[at];
		if (trace->hash == hash && trace->depth == depth &&
		    memcmp(trace->pc, pc, depth * sizeof(*pc)) == 0)
			return at;
		slot = (slot + 1) % ARRAY_SIZE(cell_log->trace_slots);
	}
	if (cell_log->trace_count + 1 >= LEDGER_TRACES)
		return 0;
	at = ++cell_log->trace_count;
	trace = &cell_log->traces[at];
	trace->hash = hash;
	trace->depth = (uint32_t)depth;
	memcpy(trace->pc, pc, depth * sizeof(*pc));
	cell_log->trace_slots[slot] = at;
	return at;
}

/* How the present call came about, as long as it is worth its time. */
struct stack {
	void *pc[LEDGER_DEPTH + 4];
	int depth;
};

static void
stack_take(struct stack *stack)
{
	/* frees are counted too: what matters is the time */
	static atomic_uint taken;
	int saved = errno;

	stack->depth = 0;
	if (cell_log == NULL || inside)
		return;
	if (atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed) >=
	    STACKS_TAKEN)
		return;
	inside = true;
	stack->depth = backtrace(stack->pc, ARRAY_SIZE(stack->pc));
	inside = false;
	errno = saved;
}

static uint32_t
stack_intern(const struct stack *stack)
{
	/* the ledger's own frame is of no use */
	if (cell_log == NULL || stack->depth < 2)
		return 0;
	return trace_intern(stack->pc + 1,
			    (size_t)MIN(stack->depth - 1, LEDGER_DEPTH));
}

/* ---- what is counted ---- */

static void
count_alloc(struct ledger_usage *usage, size_t size)
{
	usage->allocs++;
	usage->bytes += size;
	usage->live++;
	usage->live_bytes += size;
	usage->peak = MAX(usage->peak, usage->live_bytes);
}

static void
count_free(struct ledger_usage *usage, size_t size)
{
	usage->frees++;
	usage->live--;
	usage->live_bytes -= size;
}

static uint32_t
step_slot(void)
{
	return MIN(cell_log->step, LEDGER_STEPS - 1);
}

static void
enter(const void *ptr, size_t size, size_t align, enum owner owner,
      const struct stack *stack)
{
	struct block block = {
		.ptr = (uintptr_t)ptr,
		.size = size,
		.align = (uint32_t)align,
		.owner = (uint8_t)owner,
		.of_lesson = cell_log != NULL,
	};

	take_lock();
	if (cell_log != NULL) {
		block.trace = stack_intern(stack);
		count_alloc(&cell_log->total[owner], size);
		count_alloc(&cell_log->steps[step_slot()][owner], size);
	}
	table_add(&block);
	drop_lock();
}

static void
report(const struct ledger_incident *incident)
{
	uint64_t at = cell_log->incident_count++;

	if (incident->fault == FAULT_WRONG_SIDE)
		cell_log->wrong_side_frees++;
	if (at >= LEDGER_INCIDENTS)
		return;
	cell_log->incidents[at] = *incident;
	cell_log->incidents[at].step = cell_log->step;
}

/* A free or a resize, as the caller describes it. */
struct giving {
	void *ptr;
	enum owner by;
	bool resize;
	/* what Rust says of the block; align 0: nothing is said */
	size_t size;
	size_t align;
	struct stack stack;
};

static void
check_giving(const struct giving *giving, const struct block *block)
{
	struct ledger_incident incident = {
		.owner = block->owner,
		.freed_by = giving->by,
		.resized = giving->resize,
		.size = block->size,
		.align = block->align,
		.given_size = giving->size,
		.given_align = giving->align,
		.alloc_trace = block->trace,
	};

	if (same_side(block->owner, giving->by)) {
		if (giving->align == 0 ||
		    (giving->size == block->size &&
		     giving->align == block->align))
			return;
		incident.fault = FAULT_LAYOUT;
	} else {
		incident.fault = FAULT_WRONG_SIDE;
	}
	incident.free_trace = stack_intern(&giving->stack);
	report(&incident);
}

/* No such block is alive: was it once? */
static void
check_dead(const struct giving *giving)
{
	struct ledger_incident incident = {
		.fault = FAULT_UNKNOWN,
		.owner = giving->by,
		.freed_by = giving->by,
		.resized = giving->resize,
		.free_trace = stack_intern(&giving->stack),
	};
	size_t i;

	for (i = 0; i < FREED_BLOCKS; i++) {
		if (freed[i].block.ptr != (uintptr_t)giving->ptr)
			continue;
		incident.fault = FAULT_DOUBLE_FREE;
		incident.owner = freed[i].block.owner;
		incident.size = freed[i].block.size;
		incident.align = freed[i].block.align;
		incident.alloc_trace = freed[i].block.trace;
		break;
	}
	report(&incident);
}

/*
 * Take the block out of the books. False: it is not in them, and must not
 * reach the heap.
 */
static bool
leave(const struct giving *giving, struct block *block_out)
{
	struct block *block = table_find(giving->ptr);

	if (block == NULL) {
		*block_out = (struct block){ 0 };
		if (overflowed)
			return true;
		if (cell_log != NULL)
			check_dead(giving);
		return cell_log == NULL;
	}
	if (cell_log != NULL && block->of_lesson) {
		check_giving(giving, block);
		count_free(&cell_log->total[block->owner], block->size);
		count_free(&cell_log->steps[step_slot()][block->owner],
			   block->size);
	}
	*block_out = *block;
	table_remove(block);
	return true;
}

/* ---- freed memory is kept a while, so that its misuse shows ---- */

static void
check_poison(const struct freed *old)
{
	const unsigned char *bytes = (const unsigned char *)old->block.ptr;
	size_t i;

	for (i = 0; i < old->block.size; i++) {
		if (bytes[i] == POISON)
			continue;
		report(&(struct ledger_incident){
			.fault = FAULT_WRITTEN,
			.owner = old->block.owner,
			.freed_by = old->block.owner,
			.size = old->block.size,
			.align = old->block.align,
			.alloc_trace = old->block.trace,
			.free_trace = old->trace,
		});
		return;
	}
}

/* Put @block aside; the memory that may go back to the heap instead, or NULL */
static void *
set_aside(const struct block *block, uint32_t trace)
{
	struct freed *entry = &freed[freed_next++ % FREED_BLOCKS];
	struct freed old = *entry;

	entry->block = *block;
	entry->trace = trace;
	entry->held = block->size <= FREED_SIZE;
	if (entry->held)
		memset((void *)block->ptr, POISON, block->size);
	if (old.held)
		check_poison(&old);
	if (!entry->held) {
		/* both go back: this one now, the older one on its own */
		if (old.held)
			heap_free((void *)old.block.ptr);
		return (void *)block->ptr;
	}
	return old.held ? (void *)old.block.ptr : NULL;
}

/* ---- one way in and one way out for all three sides ---- */

static void *
owned_alloc(size_t size, size_t align, bool zeroed, enum owner owner)
{
	struct stack stack;
	void *ptr;

	if (align <= HEAP_ALIGN)
		ptr = heap_malloc(size);
	else
		ptr = heap_memalign(align, size);
	if (ptr == NULL)
		return NULL;
	if (zeroed)
		memset(ptr, 0, size);
	stack_take(&stack);
	enter(ptr, size, align, owner, &stack);
	return ptr;
}

static void
owned_free(struct giving *giving)
{
	int saved = errno;
	struct block block;
	void *release = giving->ptr;

	if (giving->ptr == NULL)
		return;
	stack_take(&giving->stack);
	take_lock();
	if (!leave(giving, &block))
		release = NULL;
	else if (cell_log != NULL && block.of_lesson && ledger_sees_malloc())
		release = set_aside(&block, stack_intern(&giving->stack));
	drop_lock();
	if (release != NULL)
		heap_free(release);
	errno = saved;
}

/* Resize what the table knows nothing of. */
static void *
stray_resize(struct giving *giving, size_t size, size_t align)
{
	struct stack stack = { .depth = 0 };
	void *ptr;

	if (cell_log != NULL && !overflowed) {
		owned_free(giving); /* which reports it */
		errno = ENOMEM;
		return NULL;
	}
	ptr = heap_realloc(giving->ptr, size);
	if (ptr != NULL)
		enter(ptr, size, align, giving->by, &stack);
	return ptr;
}

/*
 * Resize by a new block: the old one's address is never the new one's, so that
 * who still holds it is found out.
 */
static void *
owned_resize(struct giving *giving, size_t size, size_t align)
{
	struct block *block;
	size_t old_size = 0;
	void *ptr;

	take_lock();
	block = table_find(giving->ptr);
	if (block != NULL)
		old_size = block->size;
	drop_lock();
	if (block == NULL)
		return stray_resize(giving, size, align);
	ptr = owned_alloc(size, align, false, giving->by);
	if (ptr == NULL)
		return NULL;
	memcpy(ptr, giving->ptr, MIN(old_size, size));
	owned_free(giving);
	return ptr;
}

/* ---- Rust's side ---- */

static void *
rust_alloc(size_t size, size_t align)
{
	return owned_alloc(size, align, false, OWNER_RUST);
}

static void *
rust_alloc_zeroed(size_t size, size_t align)
{
	return owned_alloc(size, align, true, OWNER_RUST);
}

static void
rust_dealloc(void *ptr, size_t size, size_t align)
{
	owned_free(&(struct giving){
		.ptr = ptr,
		.by = OWNER_RUST,
		.size = size,
		.align = align,
	});
}

static void *
rust_realloc(void *ptr, size_t size, size_t align, size_t new_size)
{
	struct giving giving = {
		.ptr = ptr,
		.by = OWNER_RUST,
		.resize = true,
		.size = size,
		.align = align,
	};

	return owned_resize(&giving, new_size, align);
}

const struct ferrule_host ledger_host = {
	.abi = FERRULE_ABI,
	.alloc = rust_alloc,
	.alloc_zeroed = rust_alloc_zeroed,
	.realloc = rust_realloc,
	.dealloc = rust_dealloc,
};

/* ---- the library's side ---- */

static void *
library_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return owned_alloc(size, HEAP_ALIGN, false, OWNER_LIBRARY);
}

static void *
library_realloc(void *ctx, void *ptr, size_t size)
{
	struct giving giving = {
		.ptr = ptr,
		.by = OWNER_LIBRARY,
		.resize = true,
	};

	(void)ctx;
	return owned_resize(&giving, size, HEAP_ALIGN);
}

static void
library_free(void *ctx, void *ptr)
{
	(void)ctx;
	owned_free(&(struct giving){ .ptr = ptr, .by = OWNER_LIBRARY });
}

const struct sgz_allocator ledger_allocator = {
	.alloc = library_alloc,
	.realloc = library_realloc,
	.free = library_free,
	.ctx = NULL,
};

/* ---- C's side ---- */

#ifndef __SANITIZE_ADDRESS__

/* Whose is a malloc() that was called from @pc? */
static enum owner
owner_at(const void *pc)
{
	size_t i;

	for (i = 0; i < range_count; i++)
		if ((uintptr_t)pc >= ranges[i].start &&
		    (uintptr_t)pc < ranges[i].end)
			return OWNER_C;
	return OWNER_LIBC;
}

#define CALLER owner_at(__builtin_return_address(0))

HOOK void *
malloc(size_t size)
{
	return owned_alloc(size, HEAP_ALIGN, false, CALLER);
}

HOOK void *
calloc(size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total)) {
		errno = ENOMEM;
		return NULL;
	}
	return owned_alloc(total, HEAP_ALIGN, true, CALLER);
}

HOOK void
free(void *ptr)
{
	owned_free(&(struct giving){ .ptr = ptr, .by = CALLER });
}

HOOK void *
realloc(void *ptr, size_t size)
{
	struct giving giving = { .ptr = ptr, .by = CALLER, .resize = true };

	if (ptr == NULL)
		return owned_alloc(size, HEAP_ALIGN, false, giving.by);
	if (size == 0) {
		owned_free(&giving);
		return NULL;
	}
	return owned_resize(&giving, size, HEAP_ALIGN);
}

HOOK void *
memalign(size_t align, size_t size)
{
	return owned_alloc(size, align, false, CALLER);
}

HOOK void *
aligned_alloc(size_t align, size_t size)
{
	return owned_alloc(size, align, false, CALLER);
}

/* Nobody should need these two; but what they return has to be known. */
HOOK void *
valloc(size_t size)
{
	return owned_alloc(size, (size_t)getpagesize(), false, CALLER);
}

HOOK void *
pvalloc(size_t size)
{
	size_t page = (size_t)getpagesize();

	return owned_alloc((size + page - 1) / page * page, page, false,
			   CALLER);
}

HOOK int
posix_memalign(void **ptr_out, size_t align, size_t size)
{
	int saved = errno;
	void *ptr;

	if (align < sizeof(void *) || (align & (align - 1)) != 0)
		return EINVAL;
	ptr = owned_alloc(size, align, false, CALLER);
	errno = saved;
	if (ptr == NULL)
		return ENOMEM;
	*ptr_out = ptr;
	return 0;
}

HOOK size_t
malloc_usable_size(void *ptr)
{
	struct block *block;
	size_t size = 0;

	if (ptr == NULL)
		return 0;
	take_lock();
	block = table_find(ptr);
	if (block != NULL)
		size = block->size;
	drop_lock();
	return size;
}

#endif

/* ---- a cell ---- */

void
ledger_begin(struct ledger_log *log, const struct ledger_range *from,
	     size_t from_count)
{
	void *warm_up[2];

	/* the first one loads the unwinder, and allocates for it */
	backtrace(warm_up, ARRAY_SIZE(warm_up));
	range_count = MIN(from_count, RANGES);
	memcpy(ranges, from, range_count * sizeof(*from));
	take_lock();
	cell_log = log;
	drop_lock();
}

void
ledger_step(void)
{
	struct ledger_usage *usage;
	enum owner owner;
	uint32_t slot;

	if (cell_log == NULL)
		return;
	take_lock();
	cell_log->step++;
	slot = step_slot();
	for (owner = 0; owner < OWNER_COUNT; owner++) {
		usage = &cell_log->steps[slot][owner];
		usage->live = cell_log->total[owner].live;
		usage->live_bytes = cell_log->total[owner].live_bytes;
		usage->peak = MAX(usage->peak, usage->live_bytes);
	}
	drop_lock();
}

static void
add_leak(struct ledger_log *log, const struct block *block)
{
	struct ledger_leak *leak = log->leaks;
	struct ledger_leak *end = leak + log->leak_count;

	while (leak < end &&
	       (leak->owner != block->owner || leak->trace != block->trace))
		leak++;
	if (leak == end) {
		if (log->leak_count >= LEDGER_LEAKS)
			return;
		log->leak_count++;
		leak->owner = block->owner;
		leak->trace = block->trace;
	}
	leak->blocks++;
	leak->bytes += block->size;
}

void
ledger_end(void)
{
	struct ledger_log *log = cell_log;
	uint64_t alive;
	size_t i;

	if (log == NULL)
		return;
	take_lock();
	for (i = 0; i < FREED_BLOCKS; i++)
		if (freed[i].held)
			check_poison(&freed[i]);
	cell_log = NULL;
	/* what libc keeps for itself is no leak */
	alive = log->total[OWNER_LIBRARY].live + log->total[OWNER_RUST].live +
		log->total[OWNER_C].live;
	for (i = 0; i < BLOCK_SLOTS && alive > 0; i++)
		if (blocks[i].ptr != 0 && blocks[i].of_lesson &&
		    blocks[i].owner != OWNER_LIBC)
			add_leak(log, &blocks[i]);
	drop_lock();
}
