/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What only C++ can do. */
#include "frames.h"

static int
call_and_end(callback_fn *callback, void *ctx) noexcept
{
	return callback(ctx);
}

int
call_noexcept(callback_fn *callback, void *ctx)
{
	return call_and_end(callback, ctx);
}

void
throw_11()
{
	throw 11;
}
