/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The stacks of the audit: each is what gcc's unwinder says, and what is taken
 * from the last stack is what a walk finds.
 */
#include "audit.h"

#include <alloca.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unwind.h>

/* Each function is there once, and no other is used for it. */
#ifdef __clang__
#define NOINLINE __attribute__((noinline))
#else
#define NOINLINE __attribute__((noinline, noclone, no_icf))
#endif
/* The call is not the last thing that its function does. */
#define STAY() __asm__ volatile("" ::: "memory")
#define USE(memory) __asm__ volatile("" ::"r"(memory) : "memory")

static uintptr_t interned[STACK_DEPTH];
static size_t interned_depth;
static uint64_t interned_hash;
static size_t checked, deep;

/* In place of the one of the audit. */
uint32_t
trace_intern(const uintptr_t *pc, size_t depth, uint64_t hash)
{
	memcpy(interned, pc, depth * sizeof(*pc));
	interned_depth = depth;
	interned_hash = hash;
	return 1;
}

struct reference {
	uintptr_t pc[STACK_DEPTH + 1];
	size_t depth;
};

static _Unwind_Reason_Code
take(struct _Unwind_Context *context, void *ctx)
{
	struct reference *reference = ctx;
	int before;
	uintptr_t pc = (uintptr_t)_Unwind_GetIPInfo(context, &before);

	if (pc == 0 || reference->depth > STACK_DEPTH)
		return _URC_NORMAL_STOP;
	/* as ours: behind the instruction */
	reference->pc[reference->depth++] = pc + (before != 0);
	return _URC_NO_REASON;
}

static void
fail(const char *what, const uintptr_t *got, size_t depth,
     const uintptr_t *wanted, size_t wanted_depth)
{
	size_t i;

	fprintf(stderr, "%s: %zu frames, and not %zu\n", what, depth,
		wanted_depth);
	for (i = 0; i < depth || i < wanted_depth; i++)
		fprintf(stderr, "%#lx %#lx\n",
			i < depth ? (unsigned long)got[i] : 0,
			i < wanted_depth ? (unsigned long)wanted[i] : 0);
	exit(1);
}

static void
compare(const char *what, const uintptr_t *got, size_t depth,
	const uintptr_t *wanted, size_t wanted_depth)
{
	if (depth != wanted_depth ||
	    memcmp(got, wanted, depth * sizeof(*got)) != 0)
		fail(what, got, depth, wanted, wanted_depth);
}

/* Of the caller's stack. */
static NOINLINE void
check(void)
{
	struct frame frame = CALLER_FRAME();
	struct reference reference = { .depth = 0 };
	uintptr_t plain[STACK_DEPTH];
	size_t depth = unwind_plainly(&frame, plain, STACK_DEPTH);
	uint64_t hash = 0;
	size_t i;

	_Unwind_Backtrace(take, &reference);
	/* the first frame is this function */
	compare("walked", plain, depth, reference.pc + 1, reference.depth - 1);
	unwind_trace(&frame);
	compare("joined", interned, interned_depth, plain, depth);
	for (i = depth; i-- > 0;)
		hash = trace_mix(hash, plain[i]);
	if (hash != interned_hash) {
		fprintf(stderr, "the hash is another\n");
		exit(1);
	}
	checked++;
	deep += depth > 4;
	STAY();
}

/* ---- all kinds of frames ---- */

static NOINLINE void
go(unsigned depth, unsigned *seed);

static unsigned
next(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

static NOINLINE void
plain_frame(unsigned depth, unsigned *seed)
{
	go(depth, seed);
	STAY();
}

static NOINLINE void
large_frame(unsigned depth, unsigned *seed)
{
	volatile char room[5000];

	USE(room);
	go(depth, seed);
	STAY();
}

/* Its size is not known, so it has a frame pointer. */
static NOINLINE void
moving_frame(unsigned depth, unsigned *seed)
{
	volatile char *room = alloca(next(seed) % 500 + 1);

	USE(room);
	go(depth, seed);
	STAY();
}

/* It aligns the stack, and keeps where it was in memory. */
static NOINLINE void
aligned_frame(unsigned depth, unsigned *seed)
{
	volatile char room[64] __attribute__((aligned(64)));
	volatile char *more = alloca(next(seed) % 100 + 1);

	USE(room);
	USE(more);
	go(depth, seed);
	STAY();
}

static unsigned *shared_seed;
static unsigned shared_depth;

static int
compare_things(const void *a, const void *b)
{
	if (shared_depth > 0) {
		unsigned depth = shared_depth;

		shared_depth = 0;
		go(depth, shared_seed);
	}
	return *(const char *)a - *(const char *)b;
}

/* Through the C library. */
static NOINLINE void
library_frame(unsigned depth, unsigned *seed)
{
	char things[] = "ba";

	shared_seed = seed;
	shared_depth = depth;
	qsort(things, 2, 1, compare_things);
	STAY();
}

static void
on_signal(int number)
{
	(void)number;
	compare_things("a", "b");
}

/* Through a signal handler. */
static NOINLINE void
signal_frame(unsigned depth, unsigned *seed)
{
	shared_seed = seed;
	shared_depth = depth;
	raise(SIGUSR1);
	STAY();
}

static NOINLINE void
go(unsigned depth, unsigned *seed)
{
	static void (*const frames[])(unsigned, unsigned *) = {
		plain_frame,   large_frame,  moving_frame, aligned_frame,
		library_frame, signal_frame, plain_frame,  plain_frame,
	};
	unsigned i, times = depth > 0 ? 1 + next(seed) % 2 : 0;

	check();
	for (i = 0; i < times; i++) {
		frames[next(seed) % 8](depth - 1, seed);
		/* the same place in another loop, and another place */
		check();
	}
	check();
	STAY();
}

static NOINLINE void
inner(void)
{
	check();
	STAY();
}

static NOINLINE void
one_way(void)
{
	inner();
	STAY();
}

static NOINLINE void
other_way(void)
{
	inner();
	STAY();
}

int
main(void)
{
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = SA_NODEFER };
	unsigned seed;

	sigaction(SIGUSR1, &action, NULL);
	for (seed = 1; seed <= 300; seed++) {
		unsigned state = seed;

		go(1 + seed % 12, &state);
		/* only an outer frame differs: all within is the same, at the
		 * same place */
		one_way();
		other_way();
	}
	printf("%zu stacks, %zu of them deep\n", checked, deep);
	return checked > 5000 && deep > 1000 ? 0 : 1;
}
