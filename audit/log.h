/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the audit notes of a process: a file that the process shares with
 * `ferrule audit`, so that it remains however the process ends.
 *
 *   $FERRULE_AUDIT/PID-NUMBER    one file per process
 *
 * The one writes it while a program runs whose faults are what we look for, so
 * the reader checks it.
 */
#ifndef FERRULE_AUDIT_LOG_H
#define FERRULE_AUDIT_LOG_H

#include <stdint.h>

#include "modules.h"
#include "stack.h"

/* The variables that the audited program is started with. */
#define AUDIT_FOLDER "FERRULE_AUDIT"
#define AUDIT_OPTIONS "FERRULE_AUDIT_OPTIONS"
/* Letters of the options. */
#define AUDIT_FAST 'f' /* no stacks */
#define AUDIT_FOLLOW 'c' /* children, too */

#define AUDIT_MAGIC 0x32746475615f6c66u /* changes with this file */

/* What a process that cannot be watched ends with, before it runs. */
#define AUDIT_EXIT_REFUSED 2

/*
 * Owners. All C of a process shares one heap, and so does all C++. Each Rust
 * object has its own allocator, and so a number of its own, from OWNER_RUST on.
 */
enum audit_owner {
	AUDIT_C, /* malloc() and its family */
	AUDIT_CPP, /* operator new and delete */
	AUDIT_RUST, /* the first object in Rust */
};
#define AUDIT_OWNERS 128

struct audit_owner_entry {
	uint32_t module; /* its number in the map */
	uint32_t patched; /* thunks of it that lead to us */
	uint32_t moved; /* of them: the instructions were moved */
};

enum audit_fault {
	AUDIT_WRONG_SIDE,
	AUDIT_LAYOUT, /* Rust gave back another size or alignment */
	AUDIT_FORM, /* C++ allocated it by another form of new */
	AUDIT_DOUBLE_FREE,
	AUDIT_NOT_ALLOCATED,
	AUDIT_FAULTS,
};

/* The forms of operator new and delete: what one allocates, the same frees. */
enum audit_form {
	AUDIT_FORM_NONE, /* not C++, or not known */
	AUDIT_FORM_ONE,
	AUDIT_FORM_ARRAY,
	AUDIT_FORM_ONE_ALIGNED,
	AUDIT_FORM_ARRAY_ALIGNED,
	AUDIT_FORMS,
};

/* What was freed, if it never was allocated. */
enum audit_place {
	AUDIT_PLACE_NONE,
	AUDIT_PLACE_INSIDE, /* of a block, not its start */
	AUDIT_PLACE_STACK,
	AUDIT_PLACE_STATIC, /* of an object: a variable, a literal, code */
	AUDIT_PLACE_MAPPED, /* other memory */
	AUDIT_PLACE_UNMAPPED,
	AUDIT_PLACE_NULL,
	AUDIT_PLACES,
};

struct audit_stack {
	uint32_t depth; /* 0: not known */
	uint16_t module[STACK_DEPTH]; /* its number, or MODULES */
	uint64_t pc[STACK_DEPTH];
};

/* A finding: the same one is noted once, with a count. */
struct audit_finding {
	uint64_t key;
	uint64_t count;
	uint32_t fault;
	uint32_t place;
	uint32_t owner;
	uint32_t freed_by;
	uint32_t resized; /* by a realloc, not a free */
	uint32_t module; /* AUDIT_PLACE_STATIC: of which object */
	uint32_t form, given_form; /* C++: as allocated, and as freed */
	uint64_t size, align; /* as allocated */
	uint64_t given_size, given_align; /* as freed; align 0: not given */
	uint64_t offset; /* AUDIT_PLACE_INSIDE: from the start of the block */
	uint32_t alloc_thread, free_thread, again_thread;
	struct audit_stack alloc, freed;
	struct audit_stack again; /* AUDIT_DOUBLE_FREE: the second free */
};
#define AUDIT_FINDINGS 512

/* Why something cannot be checked. */
enum audit_refusal {
	AUDIT_NO_REFUSAL,
	AUDIT_UNREADABLE, /* the file of an object */
	AUDIT_STRIPPED,
	AUDIT_INLINED, /* not all thunks of an object are there */
	AUDIT_CALLED_AROUND, /* they are, and some code does not use them */
	AUDIT_NO_DECODER,
	AUDIT_NOT_MOVABLE, /* a thunk that cannot be patched */
	AUDIT_NOT_PATCHED, /* the system does not permit it, or no memory */
	AUDIT_OWN_MALLOC, /* another malloc() stands before ours */
	AUDIT_HIDDEN_MALLOC, /* an object has one for itself */
	AUDIT_DEEPBIND,
	AUDIT_NAMESPACE, /* dlmopen() */
	AUDIT_SANITIZER,
	AUDIT_NO_LOADER_HOOK,
	AUDIT_TOO_MANY, /* objects */
	AUDIT_NO_MEMORY, /* for the books */
	AUDIT_NO_CHILD, /* a child process could not have books */
	AUDIT_REFUSALS,
};

struct audit_refusal_entry {
	uint32_t reason;
	char object[MODULE_PATH];
	char detail[128];
};
#define AUDIT_REFUSALS_KEPT 16

/*
 * A reference to the function that a thunk ends in. If it is in Rust that is
 * not the allocator itself, the thunk is called around.
 */
struct audit_site {
	uint32_t module;
	uint64_t address;
};
#define AUDIT_SITES 4096

struct audit_count {
	uint64_t allocs, frees, bytes;
};
/* Each shard of the table counts for itself. */
#define AUDIT_SHARDS 64

enum audit_state {
	AUDIT_STARTING,
	AUDIT_WATCHING,
	AUDIT_REFUSED, /* before it ran */
};

struct audit_log {
	uint64_t magic;
	uint32_t state;
	uint32_t fast;
	int32_t pid;
	int32_t forked_from; /* 0: it was started */
	uint32_t cpp_is_c; /* an object brings its own operator new */
	uint32_t owner_count;
	struct audit_owner_entry owners[AUDIT_OWNERS];
	uint8_t around[AUDIT_OWNERS]; /* the reader's: it calls around */
	uint64_t refusal_count;
	struct audit_refusal_entry refusals[AUDIT_REFUSALS_KEPT];
	uint64_t finding_count; /* all of them, each time */
	uint64_t findings_lost; /* of them: there was no room */
	uint32_t findings_kept;
	uint64_t stacks_lost;
	uint32_t site_count; /* all of them; kept are: */
	struct audit_site sites[AUDIT_SITES];
	char program[MODULE_PATH];
	struct audit_finding findings[AUDIT_FINDINGS];
	struct audit_count counts[AUDIT_SHARDS][AUDIT_OWNERS];
	struct module_map modules;
};

#endif
