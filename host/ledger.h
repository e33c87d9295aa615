/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ledger: which side owns each block of memory, and which side frees it.
 *
 * The executable defines malloc and its family, offers the library an allocator
 * and Rust's global allocator four functions; all three use the C library's
 * heap, and one table has each block and the side that allocated it. So the
 * ledger sees a free by another side (an allocator mismatch), although the heap
 * below would accept it.
 */
#ifndef FERRULE_LEDGER_H
#define FERRULE_LEDGER_H

#include <ferrule/lane.h>
#include <sgz/memory.h>
#include <stdbool.h>

#include "modules.h"
#include "stack.h"

/* The owner of a block. */
enum owner {
	OWNER_LIBRARY, /* libsgz, through its allocator hook */
	OWNER_RUST, /* the lane's Rust, by its global allocator */
	OWNER_C, /* malloc() and friends, called by the lane */
	OWNER_LIBC, /* the same, called by the C library */
	OWNER_COUNT,
};

/*
 * A table has all owners. The first ones are those of the lane, in the order of
 * the enum above. Each plugin that a lesson loads adds its own. Allocations are
 * counted by the kind of owner.
 */
#define LEDGER_OWNERS 64
#define OWNER_NONE UINT32_MAX

struct ledger_owner {
	enum owner kind;
	uint32_t module; /* of a plugin: its number in the map */
};

/* "library", "rust", "c", "libc" */
const char *
owner_name(enum owner owner);

struct ledger_usage {
	uint64_t allocs;
	uint64_t frees;
	uint64_t bytes; /* bytes requested, in all allocs */
	uint64_t peak; /* maximum of bytes allocated at the same time */
	uint64_t live; /* blocks still allocated */
	uint64_t live_bytes;
	uint64_t sizes; /* a checksum over all sizes, in any order */
};

/* The faults of a block. */
enum ledger_fault {
	FAULT_WRONG_SIDE, /* an allocator mismatch: another side freed it */
	FAULT_LAYOUT, /* Rust freed it with another size or alignment */
	FAULT_DOUBLE_FREE,
	FAULT_UNKNOWN, /* not (or no longer) an allocated block */
	FAULT_WRITTEN, /* written to after it was freed */
};

struct ledger_incident {
	enum ledger_fault fault;
	uint32_t owner;
	uint32_t freed_by;
	uint32_t resized; /* by a realloc, not a free */
	uint32_t step; /* its row */
	uint64_t size, align; /* as allocated */
	uint64_t given_size, given_align; /* FAULT_LAYOUT: as freed */
	uint32_t alloc_trace; /* 0: not known */
	uint32_t free_trace;
};

/*
 * Blocks that can no longer be freed, or should have been freed, grouped by the
 * code that allocated them, and by step.
 */
struct ledger_leak {
	uint32_t owner;
	uint32_t step; /* its row */
	uint32_t trace;
	uint32_t stream; /* a stream that was not closed */
	uint64_t blocks;
	uint64_t bytes;
};

/*
 * Blocks of the library, grouped by the step that allocated them, the step that
 * freed them, and their size.
 */
struct ledger_freed {
	uint32_t alloc_row;
	uint32_t free_row; /* LEDGER_NO_ROW: by a thread that is not a task */
	uint64_t size;
	uint64_t count;
};

/* More than a transcript has room for. Unused ones use no memory. */
#define LEDGER_STEPS (1u << 18)
#define LEDGER_THREADS 16
#define LEDGER_INCIDENTS 64
#define LEDGER_LEAKS 64
#define LEDGER_TRACES 16384
#define LEDGER_FREED 65536

struct ledger_trace {
	uint32_t depth;
	uint32_t hash;
	void *pc[STACK_DEPTH];
	/* the module that each address was in, or MODULES */
	uint16_t modules[STACK_DEPTH];
};

/* A thread that did not end in time. */
struct ledger_thread {
	int32_t id; /* the kernel's */
	uint32_t step; /* its row */
	uint32_t trace; /* its stack */
};

/*
 * The ledger's log of one cell. It is in memory that the cell shares with its
 * parent, so that it remains however the cell ends.
 */
struct ledger_log {
	struct ledger_usage total[OWNER_COUNT];
	uint32_t step; /* the last row that was assigned */
	uint64_t wrong_side_frees;
	uint64_t incident_count; /* all of them; kept are: */
	struct ledger_incident incidents[LEDGER_INCIDENTS];
	uint64_t leaked; /* all blocks; kinds that are kept: */
	uint32_t leak_count;
	struct ledger_leak leaks[LEDGER_LEAKS];
	uint64_t untracked; /* blocks for which the table had no room */
	uint64_t refused; /* the size of the first request without memory */
	uint64_t thread_count; /* that did not end; kept are: */
	struct ledger_thread threads[LEDGER_THREADS];
	uint32_t unscanned; /* no memory was left for the scan for leaks */
	/* 1 + the number of a module with Rust that bypasses the ledger */
	uint32_t unseen;
	uint32_t owner_count;
	struct ledger_owner owners[LEDGER_OWNERS];
	uint32_t trace_count; /* traces[0] is empty */
	struct ledger_trace traces[LEDGER_TRACES];
	uint32_t trace_slots[LEDGER_TRACES * 2];
	uint64_t freed_unknown; /* blocks that found no room here: */
	uint32_t freed_count;
	struct ledger_freed freed[LEDGER_FREED];
	uint32_t freed_slots[LEDGER_FREED * 2]; /* the number plus 1 */
	struct module_map modules;
	/* by row; [0] is for the time before the first step */
	struct ledger_usage steps[LEDGER_STEPS][OWNER_COUNT];
};

/*
 * A copy of the log, made by the parent. All counts and numbers in it are
 * within their bounds, even if the cell overwrote the log.
 */
struct ledger {
	struct ledger_usage total[OWNER_COUNT];
	struct ledger_usage (*steps)[OWNER_COUNT];
	size_t step_count; /* 0 if no ledger was kept, else at least 1 */
	uint64_t wrong_side_frees;
	uint64_t incident_count;
	/* the first of these */
	struct ledger_incident *incidents;
	size_t incidents_kept;
	uint64_t leaked;
	struct ledger_leak *leaks;
	size_t leak_count;
	uint64_t untracked;
	uint64_t refused;
	uint64_t thread_count;
	struct ledger_thread *threads;
	size_t threads_kept;
	bool unscanned;
	/* sorted by ledger_arrange(): by both steps, and size */
	struct ledger_freed *freed;
	size_t freed_count;
	uint64_t freed_unknown; /* blocks that found no room in the log */
	const struct module *unseen; /* its Rust bypasses the ledger */
	char **owners; /* the names of all owners */
	size_t owner_count;
	struct module_map *modules;
	/* [0] is empty; incidents and leaks refer to them by number */
	struct ledger_trace *traces;
	size_t trace_count;
	/* the first invalid entry of the log, or NULL; invalid entries are left
	 * out */
	char *nonsense;
};

void
ledger_read(struct ledger *ledger, const struct ledger_log *log);
void
ledger_release(struct ledger *ledger);

/*
 * Number the steps as in @rows, which has the row of each step. Incidents and
 * frees are renumbered too; a step without a number gets LEDGER_NO_ROW.
 */
void
ledger_arrange(struct ledger *ledger, const uint32_t *rows, size_t count);

/* What a step allocated and freed; zero if it has no entry. */
const struct ledger_usage *
ledger_usage_of(const struct ledger *ledger, size_t step);

/*
 * The frees of the blocks that @step allocated, sorted by size, then by step.
 * ledger_arrange() must have been called.
 */
const struct ledger_freed *
ledger_freed_of(const struct ledger *ledger, size_t step, size_t *count_out);

/* Does the ledger define malloc()? Not in a build for AddressSanitizer. */
bool
ledger_sees_malloc(void);

/* The allocators for a lane and for the library. */
extern const struct ferrule_host ledger_host;
extern const struct sgz_allocator ledger_allocator;

/*
 * Start to enter blocks in @log. Older blocks are watched, but not counted.
 * @lane is an address in the lane's code, @library one in the library that it
 * uses.
 */
void
ledger_begin(struct ledger_log *log, const void *lane, const void *library);

/*
 * Allocations are counted by step, and each step has a row. A thread that is
 * not a task has no row: its allocations count only for the whole lesson.
 */
#define LEDGER_NO_ROW UINT32_MAX

/* The calling thread is the lesson's own: its row is 0. */
void
ledger_enter(void);

/* Make the calling thread a task. Returns its row before the first step. */
uint32_t
ledger_task(void);

/* The calling thread begins a step. Returns its row. */
uint32_t
ledger_step(void);

/* The calling thread's row. */
uint32_t
ledger_row(void);

/* Note a thread that did not end in time, and its stack, if it is known. */
void
ledger_thread(int32_t id, const struct stack *stack, uint32_t row);

/* All threads have ended in the end. */
void
ledger_no_threads(void);

/*
 * Stop to enter blocks, and note the leaks. All threads of the lesson must have
 * ended.
 */
void
ledger_end(void);

#endif
