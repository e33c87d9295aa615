/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 11: a small library in C that calls back, and child processes. */
#ifndef FERRULE_LESSON_11_HELPER_H
#define FERRULE_LESSON_11_HELPER_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Take a lock and a block of memory, call @callback, and give both back, in
 * the lines after the call: so does C clean up. *block_out is the block while
 * it is there, else NULL. Returns what @callback returned.
 */
int
panics_under_lock(int (*callback)(void *ctx), void *ctx, void **block_out);

/* EBUSY if the lock is held, else 0. */
int
panics_lock_state(void);

/* Do what a panics_under_lock() that was left in the middle did not do. */
void
panics_clean_up(void *block);

/* How a child process ended. */
struct panics_end {
	int signal; /* that ended it, or 0 */
	int code; /* its exit code, if no signal ended it */
	char said[500]; /* what it wrote to stderr, in one line */
};

/* Call @run in a child process, which exits with 0 if @run returns. */
void
panics_in_child(void (*run)(void *ctx), void *ctx, struct panics_end *end_out);

/* Whether panics_throw() is there: it needs a compiler for C++. */
bool
panics_has_cpp(void);

/* Throw an exception of C++, an int. */
__attribute__((noreturn)) void
panics_throw(void);

/* Call @callback; returns 1 if it ends with panics_jump(), else 0. */
int
panics_catch_jump(int (*callback)(void *ctx), void *ctx);

/* Jump back to panics_catch_jump(), over all that lies between. */
__attribute__((noreturn)) void
panics_jump(void);

#ifdef __cplusplus
}
#endif

#endif
