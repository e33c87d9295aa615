/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The frames of C between a panic and what could catch it. */
#include "frames.h"

#include <setjmp.h>
#include <stdio.h>

static jmp_buf back;

/* What stands behind the call is how C cleans up. */
static int
call_and_clean_up(callback_fn *callback, void *ctx)
{
	int answer;

	answer = callback(ctx);
	puts("C cleaned up");
	fflush(stdout);
	return answer;
}

int
call(callback_fn *callback, void *ctx)
{
	return call_and_clean_up(callback, ctx);
}

int
call_unwinding(callback_fn *callback, void *ctx)
{
	return call_and_clean_up(callback, ctx);
}

int
call_both(callback_fn *callback, void *ctx)
{
	return call_and_clean_up(callback, ctx);
}

int
catch_jump(callback_fn *callback, void *ctx)
{
	if (setjmp(back) != 0)
		return 1;
	return callback(ctx);
}

void
jump(void)
{
	longjmp(back, 1);
}
