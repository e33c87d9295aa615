/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where a process crashed.
 *
 * A process that crashes stops, with all of its threads, before it ends by the
 * signal that it got. Meanwhile its parent reads the stack from outside: a
 * process that has crashed is not to be trusted with its own.
 */
#ifndef FERRULE_CRASH_H
#define FERRULE_CRASH_H

#include "stacks.h"

#include <stdbool.h>

/* In the parent, before it forks: where the child will say that it has crashed.
 * False: there is no memory. */
bool
crash_share(void);

/*
 * From now on this process stops when it crashes; its parent has called
 * crash_share(). A signal that something else handles already is left to it, as
 * is one that is handled later.
 */
void
crash_watch(void);

/* The same when the stack of the calling thread is used up. crash_watch() does
 * this for the first thread. */
void
crash_watch_stack(void);

/*
 * In the parent: the child @pid has stopped. If it has crashed, write the stack
 * of the thread that did to @stacks, whose bytes are 0, and let the child end.
 * False: it stopped for another reason.
 */
bool
crash_take(pid_t pid, struct stacks *stacks);

#endif
