/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How a call came about: the addresses that it will return to. */
#ifndef FERRULE_STACK_H
#define FERRULE_STACK_H

#include <stddef.h>

#define STACK_DEPTH 24

struct stack {
	void *pc[STACK_DEPTH];
	size_t depth; /* 0: none was taken */
};

/*
 * The stack of whoever called the program's function that calls this, as far
 * as the program's own frames beneath. It does not allocate.
 */
void
stack_take(struct stack *stack);

#endif
