/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The call stack: the return addresses of the active calls. */
#ifndef FERRULE_STACK_H
#define FERRULE_STACK_H

#include <stddef.h>

#define STACK_DEPTH 24

struct stack {
	void *pc[STACK_DEPTH];
	size_t depth; /* 0: none was taken */
};

/*
 * The stack of the code that called our function, up to the next frame of the
 * program itself. It does not allocate.
 */
void
stack_take(struct stack *stack);

#endif
