/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ledger: which side owns each block of memory, and which side frees it.
 *
 *   malloc() ──► caller's module ──► c or libc ─┐
 *   sgz_allocator ───────────────────► library ─┼─► table ─► heap of libc
 *   Rust's global allocator ────────────► rust ─┘
 *
 * No function here may allocate. The table is in .bss, where it needs no memory
 * until it is used, and everything to report is in the log.
 */
#include "ledger.h"

#include "heap.h"
#include "quarantine.h"
#include "reach.h"
#include "rust.h"
#include "stack.h"
#include "table.h"
#include "util.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sgz/error.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOOK __attribute__((visibility("default")))

/*
 * We allocate more than the caller requested. Behind each block the heap keeps
 * its own data, and pointers to that data must not look like pointers to the
 * block in the scan for leaks.
 */
#define HEAP_PAD 8
/* Taking a stack costs a microsecond. After this many, the lesson is in a
 * loop. */
#define STACKS_TAKEN (1u << 20)

static struct table table;
static bool overflowed;
static struct ledger_log *cell_log;
/* A module was loaded or unloaded since the modules were noted. */
static atomic_bool modules_stale;
static uintptr_t loader_start, loader_end;
static FILE *const *streams; /* the C library's list of open streams */
static atomic_flag lock = ATOMIC_FLAG_INIT;
/* Rust code asked the host for memory. */
static bool host_used;
/* Set while this thread is in the ledger: then its allocations get no stack. */
static __thread bool inside;
/* 1 + this thread's row, or 0 for none. */
static __thread uint32_t own_row;

static void *
rust_alloc_of(size_t size, size_t align, uint32_t owner);
static void
rust_dealloc_of(void *ptr, size_t size, size_t align, uint32_t owner);
static void *
rust_realloc_of(void *ptr, size_t size, size_t align, size_t new_size,
		uint32_t owner);
static void *
rust_alloc_zeroed_of(size_t size, size_t align, uint32_t owner);

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

/* ---- who called ---- */

static enum owner
kind_of(uint32_t owner)
{
	return owner < OWNER_COUNT || cell_log == NULL ?
		(enum owner)owner :
		cell_log->owners[owner].kind;
}

/*
 * All C code in a process shares one heap: one object may free a block that
 * another allocated. Each Rust object has its own allocator.
 */
static bool
same_side(uint32_t a, uint32_t b)
{
	return a == b || (kind_of(a) >= OWNER_C && kind_of(b) >= OWNER_C);
}

/* Find or add the owner of @kind for @module, number @at of the map. */
static uint32_t
find_owner(enum owner kind, const struct module *module, uint32_t at)
{
	const struct ledger_owner *owner;
	const struct module *its;
	uint32_t i;

	for (i = OWNER_COUNT; i < cell_log->owner_count; i++) {
		owner = &cell_log->owners[i];
		its = &cell_log->modules.items[owner->module];
		if (owner->kind == kind &&
		    its->build_id_len == module->build_id_len &&
		    memcmp(its->build_id, module->build_id,
			   module->build_id_len) == 0 &&
		    strcmp(its->path, module->path) == 0)
			return i;
	}
	if (i >= LEDGER_OWNERS)
		return kind;
	cell_log->owners[i] = (struct ledger_owner){ kind, at };
	cell_log->owner_count++;
	return i;
}

/*
 * Handle Rust that was not built for the ledger: in the lane, in a library that
 * the lane is linked with, or in a plugin.
 */
static void
see_rust(struct module *module, uint32_t owner, uint32_t at)
{
	static const struct rust_hooks hooks = {
		.alloc = rust_alloc_of,
		.dealloc = rust_dealloc_of,
		.realloc = rust_realloc_of,
		.alloc_zeroed = rust_alloc_zeroed_of,
	};

	module->rust = rust_hook(module, &hooks, owner);
	if (module->rust == RUST_UNSEEN &&
	    (module->kind != MODULE_LANE || !host_used))
		cell_log->unseen = at + 1;
}

static void
module_came(struct module *module, uint32_t at)
{
	module->owner = OWNER_NONE;
	switch (module->kind) {
	case MODULE_LIBRARY:
		module->owner = OWNER_LIBRARY;
		break;
	case MODULE_LANE:
		module->owner = OWNER_C;
		see_rust(module, OWNER_RUST, at);
		break;
	case MODULE_LOADER:
		loader_start = module->start;
		loader_end = module->end;
		module->owner = OWNER_LIBC;
		break;
	case MODULE_LIBC:
		module->owner = OWNER_LIBC;
		break;
	case MODULE_PLUGIN:
		module->owner = find_owner(OWNER_C, module, at);
		see_rust(module, find_owner(OWNER_RUST, module, at), at);
		break;
	case MODULE_OTHER:
		if (!module_of_system(module))
			see_rust(module, OWNER_RUST, at);
		break;
	default:
		break;
	}
}

/* The owner of an allocation, from the call stack. */
static uint32_t
owner_in_stack(const struct stack *stack)
{
	const struct module *module;
	uint32_t owner = OWNER_NONE;
	size_t i;

	for (i = 0; i < stack->depth; i++) {
		module = modules_at((char *)stack->pc[i] - 1);
		if (module == NULL || module->owner == OWNER_NONE)
			continue;
		if (owner == OWNER_NONE)
			owner = module->owner;
		/* libc has a caller further down, or the thread began in
		 * libc */
		if (module->owner != OWNER_LIBC)
			return owner;
	}
	/* the caller left no frame: the call was its last action */
	return OWNER_C;
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

/* Enter the stack in the log. Equal stacks are entered once. */
static uint32_t
trace_intern(void *const *pc, size_t depth)
{
	uint32_t hash = trace_hash(pc, depth);
	size_t slot = hash % ARRAY_SIZE(cell_log->trace_slots);
	uint16_t modules[STACK_DEPTH];
	struct ledger_trace *trace;
	uint32_t at;
	size_t i;

	/* another object may have the same address now */
	for (i = 0; i < depth; i++)
		modules[i] = modules_number(modules_at((char *)pc[i] - 1));
	while ((at = cell_log->trace_slots[slot]) != 0) {
		trace = &cell_log->traces[at];
		if (trace->hash == hash && trace->depth == depth &&
		    memcmp(trace->pc, pc, depth * sizeof(*pc)) == 0 &&
		    memcmp(trace->modules, modules, depth * sizeof(*modules)) ==
			    0)
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
	memcpy(trace->modules, modules, depth * sizeof(*modules));
	cell_log->trace_slots[slot] = at;
	return at;
}

/* A call of an allocator's function. */
struct call {
	uint32_t owner; /* OWNER_NONE: the stack decides */
	const void *from; /* the address of the caller */
	bool of_loader;
	bool first; /* modules were loaded or unloaded just before it */
	struct stack stack; /* only while this is not too slow */
};

/* True: modules were loaded or unloaded. */
static bool
note_modules(void)
{
	bool changed;

	atomic_store_explicit(&modules_stale, false, memory_order_relaxed);
	if (!modules_scan()) {
		/* another thread is scanning, and may have started too early */
		atomic_store_explicit(&modules_stale, true,
				      memory_order_relaxed);
		return true;
	}
	take_lock();
	changed = modules_merge();
	drop_lock();
	return changed;
}

/* Is the caller the dynamic linker? Then modules are loaded or unloaded. */
static bool
is_loader(const void *from)
{
	return (uintptr_t)from >= loader_start && (uintptr_t)from < loader_end;
}

/* The calling module, if it owns its allocations. The lock must be held. */
static uint32_t
owner_at(const void *from)
{
	const struct module *module = modules_at(from);

	/* the caller of libc may have left no frame */
	return module != NULL && module->kind != MODULE_LIBC ? module->owner :
							       OWNER_NONE;
}

/* Is the stack of @call needed? */
static bool
wants_stack(const struct call *call)
{
	/* frees count too, because they take the same time */
	static atomic_uint taken;
	bool wanted = atomic_load_explicit(&taken, memory_order_relaxed) <
		STACKS_TAKEN;

	if (wanted) {
		atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
	} else if (call->owner == OWNER_NONE) {
		/* only if the stack decides who the owner is */
		take_lock();
		wanted = owner_at(call->from) == OWNER_NONE;
		drop_lock();
	}
	return wanted;
}

static void
call_begin(struct call *call)
{
	int saved = errno;

	call->stack.depth = 0;
	if (cell_log == NULL || inside)
		return;
	inside = true;
	call->of_loader = is_loader(call->from);
	/* also during the dynamic linker's work, before a new module runs, and
	 * once more after it */
	if (call->of_loader ||
	    atomic_load_explicit(&modules_stale, memory_order_relaxed))
		call->first = note_modules();
	if (call->of_loader)
		atomic_store_explicit(&modules_stale, true,
				      memory_order_relaxed);
	if (wants_stack(call))
		stack_take(&call->stack);
	else
		call->stack = (struct stack){ { (void *)call->from }, 1 };
	inside = false;
	errno = saved;
}

/* The lock must be held. */
static uint32_t
call_owner(const struct call *call)
{
	uint32_t owner = call->owner;

	if (owner == OWNER_NONE && cell_log != NULL)
		owner = owner_at(call->from);
	if (owner != OWNER_NONE)
		return owner;
	return cell_log != NULL && !call->of_loader ?
		owner_in_stack(&call->stack) :
		OWNER_LIBC;
}

static uint32_t
call_trace(const struct call *call)
{
	if (cell_log == NULL || call->stack.depth == 0)
		return 0;
	return trace_intern(call->stack.pc, call->stack.depth);
}

/* ---- counting ---- */

static void
count_alloc(struct ledger_usage *usage, size_t size)
{
	uint64_t mixed = (size + 1) * 0x9e3779b97f4a7c15u;

	usage->allocs++;
	usage->bytes += size;
	/* a sum, because tasks allocate in any order */
	usage->sizes += (mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9u;
	usage->live++;
	usage->live_bytes += size;
	usage->peak = MAX(usage->peak, usage->live_bytes);
}

static void
count_free(struct ledger_usage *usage, size_t size)
{
	usage->frees++;
	/* another task may have allocated it after this task's step began */
	usage->live -= MIN(usage->live, 1u);
	usage->live_bytes -= MIN(usage->live_bytes, size);
}

/* The usage of all owners in this thread's step, or NULL. */
static struct ledger_usage *
step_usage(void)
{
	return own_row > 0 ? cell_log->steps[MIN(own_row, LEDGER_STEPS) - 1] :
			     NULL;
}

static void
book_alloc(enum owner kind, size_t size)
{
	struct ledger_usage *usage = step_usage();

	count_alloc(&cell_log->total[kind], size);
	if (usage != NULL)
		count_alloc(&usage[kind], size);
}

static void
book_free(enum owner kind, size_t size)
{
	struct ledger_usage *usage = step_usage();

	count_free(&cell_log->total[kind], size);
	if (usage != NULL)
		count_free(&usage[kind], size);
}

/* Note in which step a block of the library is freed. */
static void
note_freed(const struct block *block)
{
	struct ledger_freed key = {
		.alloc_row = MIN(block->row, LEDGER_STEPS) - 1,
		.free_row = own_row > 0 ? MIN(own_row, LEDGER_STEPS) - 1 :
					  LEDGER_NO_ROW,
		.size = block->size,
	};
	uint64_t hash = (((uint64_t)key.alloc_row << 32 | key.free_row) ^
			 key.size * 0xbf58476d1ce4e5b9u) *
		0x9e3779b97f4a7c15u;
	size_t slot = (size_t)(hash >> 32) % ARRAY_SIZE(cell_log->freed_slots);
	struct ledger_freed *freed;
	uint32_t number;

	while ((number = cell_log->freed_slots[slot]) != 0) {
		freed = &cell_log->freed[number - 1];
		if (freed->alloc_row == key.alloc_row &&
		    freed->free_row == key.free_row &&
		    freed->size == key.size) {
			freed->count++;
			return;
		}
		slot = (slot + 1) % ARRAY_SIZE(cell_log->freed_slots);
	}
	if (cell_log->freed_count >= LEDGER_FREED) {
		cell_log->freed_unknown++;
		return;
	}
	key.count = 1;
	cell_log->freed[cell_log->freed_count++] = key;
	cell_log->freed_slots[slot] = cell_log->freed_count;
}

static uint8_t
log2_of(size_t align)
{
	return (uint8_t)(8 * sizeof(align) - 1 -
			 (size_t)__builtin_clzl(align | 1));
}

/*
 * Before such a module is noted, both its Rust and its C call malloc(): the
 * owner of the block is then unknown.
 */
static bool
has_rust(const struct module *module)
{
	return module != NULL && module->rust != RUST_NONE;
}

static void
enter(const void *ptr, size_t size, size_t align, const struct call *call)
{
	struct block block = {
		.ptr = (uintptr_t)ptr,
		.size = size,
		.align_log2 = log2_of(align),
	};

	take_lock();
	block.owner = (uint8_t)call_owner(call);
	if (cell_log != NULL) {
		block.flags = BLOCK_OF_LESSON;
		block.row = own_row;
		if (call->first && has_rust(modules_at(call->from)))
			block.flags |= BLOCK_UNSURE;
		if (call->of_loader)
			block.flags |= BLOCK_OF_LOADER;
		block.trace = call_trace(call);
		book_alloc(kind_of(block.owner), size);
	} else {
		block.caller = (uintptr_t)call->from;
	}
	if (!table_add(&table, &block)) {
		overflowed = true;
		if (cell_log != NULL)
			cell_log->untracked++;
	}
	drop_lock();
}

/* @row: of the step that it belongs to, and 1; or 0 */
static void
report(const struct ledger_incident *incident, uint32_t row)
{
	uint64_t at = cell_log->incident_count++;

	if (incident->fault == FAULT_WRONG_SIDE)
		cell_log->wrong_side_frees++;
	if (at >= LEDGER_INCIDENTS)
		return;
	cell_log->incidents[at] = *incident;
	cell_log->incidents[at].step = row - 1; /* LEDGER_NO_ROW for 0 */
}

/* Report @fault of @block, which may be freed already. */
static void
report_block(struct ledger_incident *incident, enum ledger_fault fault,
	     const struct block *block, uint32_t row)
{
	incident->fault = fault;
	incident->owner = block->owner;
	incident->size = block->size;
	incident->align = (uint64_t)1 << block->align_log2;
	incident->alloc_trace = block->trace;
	report(incident, row);
}

/* A request to free or to resize, as the caller describes it. */
struct free_request {
	void *ptr;
	bool resize;
	/* Rust's layout of the block; align 0: unknown */
	size_t size;
	size_t align;
	struct call call;
};

static struct ledger_incident
incident_of(const struct free_request *request)
{
	return (struct ledger_incident){
		.freed_by = call_owner(&request->call),
		.resized = request->resize,
		.given_size = request->size,
		.given_align = request->align,
		.free_trace = call_trace(&request->call),
	};
}

static void
check_request(const struct free_request *request, const struct block *block)
{
	struct ledger_incident incident;

	if (block->flags & BLOCK_UNSURE)
		return;
	if (!same_side(block->owner, call_owner(&request->call))) {
		incident = incident_of(request);
		report_block(&incident, FAULT_WRONG_SIDE, block, own_row);
	} else if (!block_has_layout(block, request->size, request->align)) {
		incident = incident_of(request);
		report_block(&incident, FAULT_LAYOUT, block, own_row);
	}
}

/* There is no such block: is it in quarantine? */
static void
check_dead(const struct free_request *request)
{
	const struct freed *freed = quarantine_find(request->ptr);
	struct ledger_incident incident = incident_of(request);

	if (freed != NULL) {
		report_block(&incident, FAULT_DOUBLE_FREE, &freed->block,
			     own_row);
		return;
	}
	incident.fault = FAULT_UNKNOWN;
	incident.owner = incident.freed_by;
	report(&incident, own_row);
}

static void
report_written(const struct freed *freed)
{
	struct ledger_incident incident = {
		.freed_by = freed->block.owner,
		.free_trace = freed->trace,
	};

	report_block(&incident, FAULT_WRITTEN, &freed->block, freed->row);
}

/*
 * Untrack the block. False: it is not tracked, and must not be freed to the
 * heap.
 */
static bool
leave(const struct free_request *request, struct block *block_out)
{
	struct block *block = table_find(&table, request->ptr);

	if (block == NULL) {
		*block_out = (struct block){ 0 };
		if (overflowed)
			return true;
		if (cell_log != NULL)
			check_dead(request);
		return cell_log == NULL;
	}
	if (cell_log != NULL) {
		check_request(request, block);
		if (block->flags & BLOCK_OF_LESSON)
			book_free(kind_of(block->owner), block->size);
		if (block->row > 0 && kind_of(block->owner) == OWNER_LIBRARY)
			note_freed(block);
	}
	*block_out = *block;
	table_remove(&table, block);
	return true;
}

/* ---- allocate and free, for all sides ---- */

static void *
heap_take(size_t size, size_t align, bool zeroed)
{
	/* a size that is too large stays too large */
	size_t padded = size < SIZE_MAX - HEAP_PAD ? size + HEAP_PAD : size;
	void *ptr;

	/* calloc() need not clear fresh pages of the system */
	if (align <= HEAP_ALIGN)
		return zeroed ? heap_calloc(1, padded) : heap_malloc(padded);
	ptr = heap_memalign(align, padded);
	if (ptr != NULL && zeroed)
		memset(ptr, 0, size);
	return ptr;
}

static void *
owned_alloc(size_t size, size_t align, bool zeroed, struct call *call)
{
	void *ptr = heap_take(size, align, zeroed);

	if (ptr == NULL) {
		if (cell_log != NULL && cell_log->refused == 0)
			cell_log->refused = size;
		return NULL;
	}
	call_begin(call);
	enter(ptr, size, align, call);
	return ptr;
}

static void
owned_free(struct free_request *request)
{
	int saved = errno;
	struct block block;
	struct freed old = { 0 };
	void *release = request->ptr;

	if (request->ptr == NULL)
		return;
	call_begin(&request->call);
	take_lock();
	if (!leave(request, &block)) {
		release = NULL;
	} else if (cell_log != NULL && block.ptr != 0 && ledger_sees_malloc()) {
		if (quarantine_add(&block, own_row, call_trace(&request->call),
				   &old))
			report_written(&old);
		release = NULL;
	}
	drop_lock();
	if (release != NULL)
		heap_free(release);
	errno = saved;
}

/* Resize a block that is not in the table. */
static void *
stray_resize(struct free_request *request, size_t size, size_t align)
{
	void *ptr;

	if (cell_log != NULL && !overflowed) {
		owned_free(request); /* this reports it */
		errno = ENOMEM;
		return NULL;
	}
	ptr = heap_realloc(request->ptr, size);
	if (ptr != NULL) {
		call_begin(&request->call);
		enter(ptr, size, align, &request->call);
	}
	return ptr;
}

/*
 * Resize by allocating a new block at another address, so that a later use of
 * the old pointer is detected.
 */
static void *
owned_resize(struct free_request *request, size_t size, size_t align)
{
	struct block *block;
	size_t old_size = 0;
	struct call call = request->call;
	void *ptr;

	take_lock();
	block = table_find(&table, request->ptr);
	if (block != NULL)
		old_size = block->size;
	drop_lock();
	if (block == NULL)
		return stray_resize(request, size, align);
	ptr = owned_alloc(size, align, false, &call);
	if (ptr == NULL)
		return NULL;
	memcpy(ptr, request->ptr, MIN(old_size, size));
	owned_free(request);
	return ptr;
}

/* A macro, because it must run in the function that was called. */
#define CALL_OF(who)                                                 \
	{                                                            \
		.owner = (who), .from = __builtin_return_address(0), \
	}

/* ---- Rust's side ---- */

/* A macro, so that it describes the caller of the function that uses it. */
#define INLINED static inline __attribute__((always_inline))

INLINED void *
rust_alloc_of(size_t size, size_t align, uint32_t owner)
{
	return owned_alloc(size, align, false, &(struct call)CALL_OF(owner));
}

INLINED void *
rust_alloc_zeroed_of(size_t size, size_t align, uint32_t owner)
{
	return owned_alloc(size, align, true, &(struct call)CALL_OF(owner));
}

INLINED void
rust_dealloc_of(void *ptr, size_t size, size_t align, uint32_t owner)
{
	owned_free(&(struct free_request){
		.ptr = ptr,
		.call = CALL_OF(owner),
		.size = size,
		.align = align,
	});
}

INLINED void *
rust_realloc_of(void *ptr, size_t size, size_t align, size_t new_size,
		uint32_t owner)
{
	struct free_request request = {
		.ptr = ptr,
		.call = CALL_OF(owner),
		.resize = true,
		.size = size,
		.align = align,
	};

	return owned_resize(&request, new_size, align);
}

/* The functions for a lane, which calls them itself. */
static void *
rust_alloc(size_t size, size_t align)
{
	host_used = true;
	return rust_alloc_of(size, align, OWNER_RUST);
}

static void *
rust_alloc_zeroed(size_t size, size_t align)
{
	host_used = true;
	return rust_alloc_zeroed_of(size, align, OWNER_RUST);
}

static void
rust_dealloc(void *ptr, size_t size, size_t align)
{
	rust_dealloc_of(ptr, size, align, OWNER_RUST);
}

static void *
rust_realloc(void *ptr, size_t size, size_t align, size_t new_size)
{
	return rust_realloc_of(ptr, size, align, new_size, OWNER_RUST);
}

const struct ferrule_host ledger_host = {
	.abi = FERRULE_ABI,
	.size = sizeof(ledger_host),
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
	return owned_alloc(size, HEAP_ALIGN, false,
			   &(struct call)CALL_OF(OWNER_LIBRARY));
}

static void *
library_realloc(void *ctx, void *ptr, size_t size)
{
	struct free_request request = {
		.ptr = ptr,
		.call = CALL_OF(OWNER_LIBRARY),
		.resize = true,
	};

	(void)ctx;
	return owned_resize(&request, size, HEAP_ALIGN);
}

static void
library_free(void *ctx, void *ptr)
{
	(void)ctx;
	owned_free(&(struct free_request){
		.ptr = ptr,
		.call = CALL_OF(OWNER_LIBRARY),
	});
}

#define LIBRARY_ALLOCATOR                                           \
	{                                                           \
		.alloc = library_alloc, .realloc = library_realloc, \
		.free = library_free,                               \
	}

const struct sgz_allocator ledger_allocator = LIBRARY_ALLOCATOR;

/*
 * The library's default is also this allocator, because the program's symbol
 * comes before the library's: a lesson that sets no allocator stays in the
 * ledger. AddressSanitizer would report two symbols of one name as an error.
 */
#ifndef __SANITIZE_ADDRESS__
const struct sgz_allocator sgz_allocator_libc = LIBRARY_ALLOCATOR;
#endif

/* ---- C's side ---- */

#ifndef __SANITIZE_ADDRESS__

HOOK void *
malloc(size_t size)
{
	return owned_alloc(size, HEAP_ALIGN, false,
			   &(struct call)CALL_OF(OWNER_NONE));
}

HOOK void *
calloc(size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total)) {
		errno = ENOMEM;
		return NULL;
	}
	return owned_alloc(total, HEAP_ALIGN, true,
			   &(struct call)CALL_OF(OWNER_NONE));
}

HOOK void
free(void *ptr)
{
	owned_free(&(struct free_request){ .ptr = ptr,
					   .call = CALL_OF(OWNER_NONE) });
}

HOOK void *
realloc(void *ptr, size_t size)
{
	struct free_request request = { .ptr = ptr,
					.call = CALL_OF(OWNER_NONE),
					.resize = true };

	if (ptr == NULL)
		return owned_alloc(size, HEAP_ALIGN, false, &request.call);
	if (size == 0) {
		owned_free(&request);
		return NULL;
	}
	return owned_resize(&request, size, HEAP_ALIGN);
}

HOOK void *
memalign(size_t align, size_t size)
{
	return owned_alloc(size, align, false,
			   &(struct call)CALL_OF(OWNER_NONE));
}

HOOK void *
aligned_alloc(size_t align, size_t size)
{
	return owned_alloc(size, align, false,
			   &(struct call)CALL_OF(OWNER_NONE));
}

/* These two are hardly used, but the ledger must know their blocks. */
HOOK void *
valloc(size_t size)
{
	return owned_alloc(size, (size_t)getpagesize(), false,
			   &(struct call)CALL_OF(OWNER_NONE));
}

HOOK void *
pvalloc(size_t size)
{
	size_t page = (size_t)getpagesize();

	return owned_alloc((size + page - 1) / page * page, page, false,
			   &(struct call)CALL_OF(OWNER_NONE));
}

HOOK int
posix_memalign(void **ptr_out, size_t align, size_t size)
{
	int saved = errno;
	void *ptr;

	if (align < sizeof(void *) || (align & (align - 1)) != 0)
		return EINVAL;
	ptr = owned_alloc(size, align, false,
			  &(struct call)CALL_OF(OWNER_NONE));
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
	block = table_find(&table, ptr);
	if (block != NULL)
		size = block->size;
	drop_lock();
	return size;
}

#endif

/* ---- a cell ---- */

/*
 * Find the owners of older blocks. A block of the lane or of the host is
 * recognised by the address of the call. The owners of all others do not
 * matter.
 */
static void
adopt_blocks(void)
{
	const struct module *host =
		modules_at((const void *)(uintptr_t)adopt_blocks);
	const struct module *module;
	struct block *block;
	void *caller;
	size_t i;

	for (i = 0; i < table.capacity; i++) {
		block = &table.slots[i];
		if (block->ptr == 0)
			continue;
		caller = (void *)block->caller;
		block->caller = 0;
		module = modules_at(caller);
		if (module == NULL || module->kind != MODULE_LANE) {
			if (module != NULL && module == host)
				block->flags |= BLOCK_OF_HOST;
			continue;
		}
		block->owner = (uint8_t)module->owner;
		block->trace = trace_intern(&caller, 1);
		if (has_rust(module))
			block->flags |= BLOCK_UNSURE;
	}
}

/*
 * In a child process of the lesson, which has a copy of the heap and of the
 * table, but shares the log: what it does is none of the cell's. The thread
 * that forked is not in the ledger. Another that was is gone, and so is its
 * lock.
 */
static void
leave_cell(void)
{
	cell_log = NULL;
	drop_lock();
}

void
ledger_begin(struct ledger_log *log, const void *lane, const void *library)
{
	const struct module_marks marks = {
		.lane = lane,
		.library = library,
		.own_library = (const void *)(uintptr_t)sgz_status_name,
	};
	enum owner owner;

	pthread_atfork(NULL, NULL, leave_cell);
	streams = dlsym(RTLD_DEFAULT, "_IO_list_all");
	for (owner = 0; owner < OWNER_COUNT; owner++)
		log->owners[owner].kind = owner;
	log->owner_count = OWNER_COUNT;
	take_lock();
	cell_log = log;
	modules_begin(&log->modules, &marks, module_came);
	adopt_blocks();
	drop_lock();
}

void
ledger_enter(void)
{
	own_row = 1;
}

uint32_t
ledger_task(void)
{
	struct ledger_usage *usage;
	enum owner owner;

	if (cell_log == NULL)
		return LEDGER_NO_ROW;
	take_lock();
	own_row = ++cell_log->step + 1;
	usage = step_usage();
	for (owner = 0; owner < OWNER_COUNT; owner++) {
		usage[owner].live = cell_log->total[owner].live;
		usage[owner].live_bytes = cell_log->total[owner].live_bytes;
		usage[owner].peak =
			MAX(usage[owner].peak, usage[owner].live_bytes);
	}
	drop_lock();
	return own_row - 1;
}

uint32_t
ledger_step(void)
{
	return own_row > 0 ? ledger_task() : LEDGER_NO_ROW;
}

uint32_t
ledger_row(void)
{
	return own_row - 1;
}

void
ledger_thread(int32_t id, const struct stack *stack, uint32_t row)
{
	uint64_t at;

	if (cell_log == NULL)
		return;
	take_lock();
	at = cell_log->thread_count++;
	if (at < LEDGER_THREADS) {
		cell_log->threads[at].id = id;
		cell_log->threads[at].step = row;
		cell_log->threads[at].trace = stack->depth > 0 ?
			trace_intern(stack->pc, stack->depth) :
			0;
	}
	drop_lock();
}

void
ledger_no_threads(void)
{
	if (cell_log != NULL)
		cell_log->thread_count = 0;
}

static void
add_leak(struct ledger_log *log, const struct block *block, bool stream)
{
	struct ledger_leak *leak = log->leaks;
	struct ledger_leak *end = leak + log->leak_count;
	uint32_t step = MIN(block->row, LEDGER_STEPS) - 1;

	log->leaked++;
	while (leak < end &&
	       (leak->owner != block->owner || leak->step != step ||
		leak->trace != block->trace || leak->stream != stream))
		leak++;
	if (leak == end) {
		if (log->leak_count >= LEDGER_LEAKS)
			return;
		log->leak_count++;
		leak->owner = block->owner;
		leak->step = step; /* LEDGER_NO_ROW for 0 */
		leak->trace = block->trace;
		leak->stream = stream;
	}
	leak->blocks++;
	leak->bytes += block->size;
}

/* Streams that the lesson did not close: libc's list reaches them. */
static void
add_streams(struct ledger_log *log)
{
	FILE *file = streams != NULL ? *streams : NULL;
	struct block *block;

	for (; file != NULL; file = file->_chain) {
		block = table_find(&table, file);
		if (block != NULL && (block->flags & BLOCK_OF_LESSON))
			add_leak(log, block, true);
	}
}

/* Find the lesson's blocks that are still allocated, and their owners. */
static bool
is_left(const struct block *block, enum owner kind)
{
	if (block->ptr == 0 || (block->flags & BLOCK_OF_LESSON) == 0 ||
	    (block->flags & BLOCK_OF_LOADER) != 0)
		return false;
	return (kind_of(block->owner) == OWNER_LIBRARY) ==
		(kind == OWNER_LIBRARY);
}

static void
add_leaks(struct ledger_log *log)
{
	bool unsure = false;
	size_t i;

	/* blocks of the library are leaks, even if a static variable reaches
	 * them */
	for (i = 0; i < table.capacity; i++) {
		if (is_left(&table.slots[i], OWNER_LIBRARY))
			add_leak(log, &table.slots[i], false);
		unsure |= is_left(&table.slots[i], OWNER_C);
	}
	/* memory outside the table may hold pointers to blocks in it */
	if (!unsure || overflowed)
		return;
	if (!reach_mark(&table)) {
		log->unscanned = 1;
		return;
	}
	for (i = 0; i < table.capacity; i++)
		if (is_left(&table.slots[i], OWNER_C) &&
		    (table.slots[i].flags & BLOCK_REACHED) == 0)
			add_leak(log, &table.slots[i], false);
	add_streams(log);
}

void
ledger_end(void)
{
	struct ledger_log *log = cell_log;
	const struct freed *freed;
	size_t at = 0;

	if (log == NULL)
		return;
	if (atomic_load_explicit(&modules_stale, memory_order_relaxed))
		note_modules();
	/* the step of a fault that is found now is unknown */
	own_row = 0;
	take_lock();
	while ((freed = quarantine_next_written(&at)) != NULL)
		report_written(freed);
	add_leaks(log);
	cell_log = NULL;
	drop_lock();
}
