/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Waits for the end of a lesson: all its threads must have ended. */
#ifndef FERRULE_THREADS_H
#define FERRULE_THREADS_H

#include <pthread.h>

/*
 * Wait for @lesson and then for all other threads of this process. After
 * @seconds the threads that still run are noted in the ledger's log, with their
 * stacks. Then it waits until they end or the process is killed.
 */
void
threads_wait(pthread_t lesson, double seconds);

#endif
