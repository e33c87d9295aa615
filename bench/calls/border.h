/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Shapes of functions that libsgz does not have, for the table of call costs.
 * All of them may be called by any thread. */
#ifndef BORDER_H
#define BORDER_H

#include <stdint.h>

/*
 * 8 bytes: the ABI passes and returns it in a register. One of 16 bytes takes
 * two; but rustc and clang describe those to LLVM in different ways, and LLVM
 * does not inline such a call across the languages.
 */
struct border_span {
	uint32_t start;
	uint32_t end;
};

struct border_span
border_shift(struct border_span span, uint32_t by);

/* The sum of the bytes of @text, which is borrowed for the call. */
uint64_t
border_sum(const char *text);

/* What @ask answers, plus one. @ctx is borrowed for the call, and @ask is
 * called once, before this returns. */
uint64_t
border_ask(uint64_t (*ask)(void *ctx, uint64_t value), void *ctx,
	   uint64_t value);

#endif
