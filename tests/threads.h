/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads that are refused, for tests that are linked with
 * -Wl,--wrap=pthread_create.
 */
#ifndef SGZ_TESTS_THREADS_H
#define SGZ_TESTS_THREADS_H

#include "support.h"
#include <signal.h>

/* Refuse all threads from this one on: 1 is the next one; 0: refuse none. */
void
refuse_threads_from(unsigned int number);

/* The signals that the last thread that was started blocks. */
const sigset_t *
get_blocked_signals(void);

/* A pool with exactly @threads threads. */
struct sgz_pool *
new_pool(uint32_t threads);

#endif
