/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A library of three functions, and the C code that calls the exports of the
 * lanes. It is linked as libsgz is. */
#include "border.h"
#include "rows.h"

struct border_span
border_shift(struct border_span span, uint32_t by)
{
	span.start += by;
	span.end -= by;
	return span;
}

uint64_t
border_sum(const char *text)
{
	uint64_t sum = 0;

	for (; *text != '\0'; text++)
		sum += (unsigned char)*text;
	return sum;
}

uint64_t
border_ask(uint64_t (*ask)(void *ctx, uint64_t value), void *ctx,
	   uint64_t value)
{
	return ask(ctx, value) + 1;
}

/* The call is by name: through a pointer nothing could be linked away. */
#define CALL_EXPORT(lane)                                        \
	uint64_t border_use_##lane(void *state, uint64_t n)      \
	{                                                        \
		uint64_t sum = 0;                                \
                                                                 \
		(void)state;                                     \
		for (uint64_t i = 0; i < n; i++)                 \
			sum += opaque(export_##lane(opaque(i))); \
		return sum;                                      \
	}

CALL_EXPORT(c)
CALL_EXPORT(handwritten)
CALL_EXPORT(generated)
CALL_EXPORT(safe)
