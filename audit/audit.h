/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The preloaded object, within: what its files share.
 *
 * Nothing here may allocate by malloc(), because it runs within malloc(), and
 * before any constructor.
 */
#ifndef FERRULE_AUDIT_H
#define FERRULE_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"
#include "table.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define HOOK __attribute__((visibility("default")))
/* It describes the caller of the function that uses it. */
#define INLINED static inline __attribute__((always_inline))

/* ---- heap.c: what allocates beneath us ---- */

struct heap {
	void *(*malloc)(size_t size);
	void *(*calloc)(size_t count, size_t size);
	void *(*realloc)(void *ptr, size_t size);
	void *(*memalign)(size_t align, size_t size);
	void (*free)(void *ptr);
	size_t (*malloc_usable_size)(void *ptr);
};
extern struct heap heap;

/*
 * Find the heap that the program would use without us. False: our malloc() is
 * not the one that is called.
 */
bool
heap_find(void);

/* ---- unwind.c ---- */

/* The state at a return into our caller. */
struct frame {
	uintptr_t pc, sp, bp;
};

/* In a function that has a frame pointer: the state when it returns. */
#define CALLER_FRAME()                                            \
	{                                                         \
		.pc = (uintptr_t)__builtin_return_address(0),     \
		.sp = (uintptr_t)__builtin_frame_address(0) + 16, \
		.bp = *(uintptr_t *)__builtin_frame_address(0),   \
	}

/* Write up to @most return addresses to @pc, innermost first; how many. What
 * the thread's last stack was is not used. */
size_t
unwind_plainly(const struct frame *from, uintptr_t *pc, size_t most);

/* The number of the stack from @from on; see trace_intern(). */
uint32_t
unwind_trace(const struct frame *from);

/* Objects were unloaded: what is known of their code is not true any more. */
void
unwind_forget(void);

/* ---- traces.c ---- */

void
traces_begin(void);

/* The hash of a stack is made from its outermost frame on, from 0. */
INLINED uint64_t
trace_mix(uint64_t outer, uintptr_t pc)
{
	return (outer ^ pc) * 0x9e3779b97f4a7c15u;
}

/*
 * The number of this stack, from 1 on; 0: there is none, or no room. @hash: see
 * trace_mix().
 */
uint32_t
trace_intern(const uintptr_t *pc, size_t depth, uint64_t hash);

void
trace_copy(uint32_t trace, struct audit_stack *stack_out);

/* Objects were unloaded: another may have the address of one of them. */
void
traces_forget(void);

/* ---- books.c ---- */

/* A request to allocate or to free, as its caller made it. */
struct request {
	void *ptr;
	size_t size;
	size_t align; /* of Rust's free; 0: not given */
	uint32_t owner;
	uint32_t trace;
	uint8_t form; /* enum audit_form */
	bool resize;
};

void
books_allocated(const struct request *request);

/*
 * The block is about to be freed: check who does it. *old_out is what it was.
 * False: a signal handler interrupted the books. Then they note it later, and
 * the block must not be freed, so that its address is not used again before.
 */
bool
books_freed(const struct request *request, struct block *old_out);

/* It could not be resized: it is still there. */
void
books_restore(const struct block *block);

/* Does this thread hold a lock of them? Then this is a signal handler. */
bool
books_busy(void);

void
books_before_fork(void);
void
books_after_fork(void);
/* In a child process, whose log is new. */
void
books_of_child(void);

#endif
