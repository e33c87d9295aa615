/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What cases.rs and both.rs call. Each function keeps nothing of what it is
 * given, and its ctx may be NULL.
 */
#ifndef FRAMES_H
#define FRAMES_H

#ifdef __cplusplus
extern "C" {
#endif

typedef int
callback_fn(void *ctx);

/* They call back, and then say that they clean up. The same three times, since
 * in Rust each function has one ABI: "C", "C-unwind", and the mistake. */
int
call(callback_fn *callback, void *ctx);
int
call_unwinding(callback_fn *callback, void *ctx);
int
call_both(callback_fn *callback, void *ctx);

/* It calls back, and jump() comes back to it: 1. */
int
catch_jump(callback_fn *callback, void *ctx);
void
jump(void);

/* In throw.cc. What it throws may unwind. */
void
throw_11(void);

/* In throw.cc: it calls back, and nothing may leave it. */
int
call_noexcept(callback_fn *callback, void *ctx);

/* In other.rs, a shared object of its own. It may unwind. */
void
other_panics(void);

#ifdef __cplusplus
}
#endif

#endif
