/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The end of a lesson: when all its threads have ended. */
#ifndef FERRULE_THREADS_H
#define FERRULE_THREADS_H

#include <pthread.h>

/*
 * Wait for @lesson and then for all other threads of this process. After
 * @seconds those that are still running are noted in the ledger's log, with
 * their stacks, and waited for until somebody ends the process.
 */
void
threads_wait(pthread_t lesson, double seconds);

#endif
