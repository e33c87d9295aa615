/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The stacks of all threads of another process: what it does that does not end.
 *
 * The stacks of the ledger are taken by the process itself, one at an
 * allocation. These are taken from outside, with ptrace(2): the threads need
 * not cooperate, and may block all signals.
 */
#ifndef FERRULE_STACKS_H
#define FERRULE_STACKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define STACKS 32
#define STACKS_WORDS 4000

/* A thread. It fits in memory that processes share. */
struct thread_stack {
	pid_t id;
	/* "pause (libc.so.6), called by lesson (c.c:12)", or why there is no
	 * stack */
	char words[STACKS_WORDS];
	bool known;
};

/* A call of an address where no code is. */
struct lost_call {
	bool made;
	bool to_data; /* there is something else than code */
	uint64_t to;
};

struct stacks {
	uint32_t count; /* of the threads kept */
	uint32_t left_out;
	char failure[200]; /* why there are none, or "" */
	struct lost_call lost; /* by which it crashed, if it did */
	struct thread_stack threads[STACKS];
};

/*
 * Write the stacks of the threads of process @pid, which the caller may trace,
 * to @stacks, whose bytes are 0. Threads that only wait in our own program are
 * left out. It can take a second, and for ever if the system does not stop a
 * thread; what was written by then is complete.
 */
void
stacks_take(pid_t pid, struct stacks *stacks);

/*
 * The same for one thread, which is in the handler of a signal that it got by a
 * fault of its own: its stack when it got that.
 */
void
stacks_take_crash(pid_t pid, pid_t thread, struct stacks *stacks);

#endif
