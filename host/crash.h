/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where a process crashed.
 *
 * A process that crashes asks its parent to read its stack, before it ends by
 * the signal that it got. The parent reads it from outside: a process that has
 * crashed is not to be trusted with its own stack.
 */
#ifndef FERRULE_CRASH_H
#define FERRULE_CRASH_H

#include "stacks.h"

#include <signal.h>

/* The signal by which a process tells its parent that it has crashed, and the
 * parent tells it that it may end. */
#define CRASH_SIGNAL SIGUSR2

/*
 * From now on this process tells its parent of a crash. A signal that something
 * else handles already is left to it, as is one that is handled later.
 */
void
crash_watch(void);

/* The same when the stack of the calling thread is used up. crash_watch() does
 * this for the first thread. */
void
crash_watch_stack(void);

/*
 * In the parent: @info is a CRASH_SIGNAL of the child @pid. Write the stack of
 * the thread that crashed to @stacks, whose bytes are 0, and let the child end.
 */
void
crash_take(pid_t pid, const siginfo_t *info, struct stacks *stacks);

#endif
