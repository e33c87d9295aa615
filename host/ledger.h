/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ledger: who owns each block of memory, and who gave it back.
 *
 * The executable defines malloc and its family, offers the library an
 * allocator and Rust's global allocator four functions; all three end in the
 * C library's heap, and each block is entered in one table with the side that
 * asked for it. A block that another side frees is thus seen, although the
 * heap beneath would not mind.
 */
#ifndef FERRULE_LEDGER_H
#define FERRULE_LEDGER_H

#include <ferrule/lane.h>
#include <sgz/memory.h>
#include <stdbool.h>

#include "modules.h"
#include "stack.h"

/* Whose a block is. */
enum owner {
	OWNER_LIBRARY, /* libsgz, through its allocator hook */
	OWNER_RUST, /* the lane's Rust, by its global allocator */
	OWNER_C, /* malloc() and friends, called by the lane */
	OWNER_LIBC, /* the same, called by the C library */
	OWNER_COUNT,
};

/*
 * The owners are a table: the first are the lane's, by the enum above. Each
 * plugin that a lesson loads adds its own. What they allocate is counted by
 * the kind of owner.
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
	uint64_t bytes; /* asked for, over all allocs */
	uint64_t peak; /* most bytes alive at once */
	uint64_t live; /* blocks alive */
	uint64_t live_bytes;
	uint64_t sizes; /* a checksum over all sizes, in any order */
};

/* What can go wrong with one block. */
enum ledger_fault {
	FAULT_WRONG_SIDE, /* freed or resized by a side that does not own it */
	FAULT_LAYOUT, /* Rust gave it back with another size or alignment */
	FAULT_DOUBLE_FREE,
	FAULT_UNKNOWN, /* freed, but never handed out, or long since freed */
	FAULT_WRITTEN, /* written to after it was freed */
};

struct ledger_incident {
	enum ledger_fault fault;
	uint32_t owner;
	uint32_t freed_by;
	uint32_t resized; /* by a realloc rather than a free */
	uint32_t step; /* its row */
	uint64_t size, align; /* as it was allocated */
	uint64_t given_size, given_align; /* FAULT_LAYOUT: as it was freed */
	uint32_t alloc_trace; /* 0: not known */
	uint32_t free_trace;
};

/*
 * Blocks that nobody can free any more, or that should have been, by who
 * allocated them, and in which step.
 */
struct ledger_leak {
	uint32_t owner;
	uint32_t step; /* its row */
	uint32_t trace;
	uint32_t stream; /* it is a stream that was left open */
	uint64_t blocks;
	uint64_t bytes;
};

/*
 * Blocks of the library that a step allocated, and that were freed in one and
 * the same step; all blocks that are alike in this are one entry.
 */
struct ledger_freed {
	uint32_t alloc_row;
	uint32_t free_row; /* LEDGER_NO_ROW: by a thread that is no task */
	uint64_t size;
	uint64_t count;
};

/* More than a transcript has room for; only the ones that are used cost. */
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
	/* the module that each lay in then, or MODULES */
	uint8_t modules[STACK_DEPTH];
};

/* A thread that did not end in time. */
struct ledger_thread {
	uint32_t step; /* its row */
	uint32_t trace; /* where it was */
};

/*
 * What the ledger writes of one cell. It lies in memory that the cell shares
 * with its parent: what was written is there, however the cell ends.
 */
struct ledger_log {
	struct ledger_usage total[OWNER_COUNT];
	uint32_t step; /* the last row that was given out */
	uint64_t wrong_side_frees;
	uint64_t incident_count; /* all of them; so many are kept: */
	struct ledger_incident incidents[LEDGER_INCIDENTS];
	uint64_t leaked; /* blocks, all of them; so many kinds are kept: */
	uint32_t leak_count;
	struct ledger_leak leaks[LEDGER_LEAKS];
	uint64_t untracked; /* blocks for which the table had no room */
	uint64_t thread_count; /* so many did not end; of these are kept: */
	struct ledger_thread threads[LEDGER_THREADS];
	uint32_t unscanned; /* there was no memory to look what is reached */
	/* the number, plus 1, of a module whose Rust was not seen allocating */
	uint32_t unseen;
	uint32_t owner_count;
	struct ledger_owner owners[LEDGER_OWNERS];
	uint32_t trace_count; /* traces[0] is the empty one */
	struct ledger_trace traces[LEDGER_TRACES];
	uint32_t trace_slots[LEDGER_TRACES * 2];
	uint64_t freed_unknown; /* blocks for which this had no room: */
	uint32_t freed_count;
	struct ledger_freed freed[LEDGER_FREED];
	uint32_t freed_slots[LEDGER_FREED * 2]; /* the number, plus 1 */
	struct module_map modules;
	/* by row; [0] is what comes before the first step */
	struct ledger_usage steps[LEDGER_STEPS][OWNER_COUNT];
};

/*
 * The same, read back by the parent: a copy in which all counts and numbers
 * are within their bounds, whatever the cell wrote over the log.
 */
struct ledger {
	struct ledger_usage total[OWNER_COUNT];
	struct ledger_usage (*steps)[OWNER_COUNT];
	size_t step_count; /* 0 if no ledger was kept, else at least 1 */
	uint64_t wrong_side_frees;
	uint64_t incident_count;
	/* the first ones of these */
	struct ledger_incident *incidents;
	size_t incidents_kept;
	uint64_t leaked;
	struct ledger_leak *leaks;
	size_t leak_count;
	uint64_t untracked;
	uint64_t thread_count;
	struct ledger_thread *threads;
	size_t threads_kept;
	bool unscanned;
	/* sorted by ledger_arrange(): by both steps, and size */
	struct ledger_freed *freed;
	size_t freed_count;
	uint64_t freed_unknown; /* blocks for which it had no room */
	const struct module *unseen; /* its Rust allocates past the ledger */
	char **owners; /* the names of all owners */
	size_t owner_count;
	struct module_map *modules;
	/* [0] is the empty one; incidents and leaks name them by number */
	struct ledger_trace *traces;
	size_t trace_count;
	/* what in the log cannot be, or NULL; it is left out */
	char *nonsense;
};

void
ledger_read(struct ledger *ledger, const struct ledger_log *log);
void
ledger_release(struct ledger *ledger);

/*
 * From now on steps are numbered as in @rows, which has the row of each; also
 * in the incidents and frees, where one without a number gets LEDGER_NO_ROW.
 */
void
ledger_arrange(struct ledger *ledger, const uint32_t *rows, size_t count);

/* What was allocated and freed in a step; nothing, if it has no entry. */
const struct ledger_usage *
ledger_usage_of(const struct ledger *ledger, size_t step);

/*
 * When the blocks that @step allocated were freed, sorted by size, then by
 * step; @ledger has been arranged.
 */
const struct ledger_freed *
ledger_freed_of(const struct ledger *ledger, size_t step, size_t *count_out);

/* Does malloc() itself come here? Not in a build for AddressSanitizer. */
bool
ledger_sees_malloc(void);

/* What a lane and the library are given. */
extern const struct ferrule_host ledger_host;
extern const struct sgz_allocator ledger_allocator;

/*
 * From now on blocks are entered in @log; what was there before is watched,
 * but not counted. @lane is an address in the lane's code, @library one in the
 * library that it uses.
 */
void
ledger_begin(struct ledger_log *log, const void *lane, const void *library);

/*
 * What is allocated is booked by steps, each with a row. A thread that is no
 * task has none: what it allocates counts only for the whole lesson.
 */
#define LEDGER_NO_ROW UINT32_MAX

/* The calling thread is the lesson's own: its row is 0. */
void
ledger_enter(void);

/* The calling thread is a task from now on; its row, before its first step. */
uint32_t
ledger_task(void);

/* The calling thread begins a step; its row. */
uint32_t
ledger_step(void);

/* The calling thread's row. */
uint32_t
ledger_row(void);

/* A thread that did not end in time, and where it was. */
void
ledger_thread(const struct stack *stack, uint32_t row);

/* All have ended after all. */
void
ledger_no_threads(void);

/*
 * No more blocks are entered; what leaked is written down. All threads of the
 * lesson have ended.
 */
void
ledger_end(void);

#endif
