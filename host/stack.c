/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Stacks, by the unwinder of gcc. Each frame costs a tenth of a microsecond, so
 * the walk ends where the program called the lesson.
 *
 *   ledger, ledger | lane, libsgz, lane | program, libc, libc
 *       skipped            taken               not reached
 */
#include "stack.h"

#include <stdbool.h>
#include <stdint.h>
#include <unwind.h>

/* The range of the program's code, from the linker. */
extern const char __executable_start[];
extern const char etext[];

struct walk {
	struct stack *stack;
	bool outside; /* the ledger's own frames are passed */
};

static _Unwind_Reason_Code
take_frame(struct _Unwind_Context *context, void *ctx)
{
	struct walk *walk = ctx;
	struct stack *stack = walk->stack;
	uintptr_t pc = (uintptr_t)_Unwind_GetIP(context);
	bool own = pc >= (uintptr_t)__executable_start && pc < (uintptr_t)etext;

	if (own)
		return walk->outside ? _URC_NORMAL_STOP : _URC_NO_REASON;
	walk->outside = true;
	stack->pc[stack->depth++] = (void *)pc;
	return stack->depth < STACK_DEPTH ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

void
stack_take(struct stack *stack)
{
	struct walk walk = { .stack = stack };

	stack->depth = 0;
	_Unwind_Backtrace(take_frame, &walk);
	/* the frame in which a thread began was never called */
	if (stack->depth > 0 && stack->pc[stack->depth - 1] == NULL)
		stack->depth--;
}
