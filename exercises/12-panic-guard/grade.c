/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer calls closures from C, and some of them panic. */
#include "../grade.h"

/* What came of a call. */
struct outcome {
	int32_t result; /* 1, 0: what it returned; -1: it panicked */
	uint32_t calls; /* of the closure */
	uint32_t len; /* of the text in the payload */
	char text[64];
};

/* The closure panics in its call number @at, with its line as the payload. */
void
visit(const unsigned char *data, size_t len, uint32_t at, struct outcome *out);
void
panic_with_number(struct outcome *out);
void
from_within(struct outcome *out);

static void
record(struct ferrule_recorder *rec, const struct outcome *outcome)
{
	rec_int(rec, "calls of the closure", outcome->calls);
	rec_int(rec, "returned (-1: it panicked)", outcome->result);
	rec_text_n(rec, "payload of the panic", outcome->text, outcome->len);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const unsigned char text[] = "one\n\ntwo\nthree";
	struct outcome outcome = { 0 };

	rec_step(rec, "no panic");
	visit(text, sizeof(text) - 1, UINT32_MAX, &outcome);
	record(rec, &outcome);

	rec_step(rec, "from within");
	from_within(&outcome);
	record(rec, &outcome);

	rec_step(rec, "a panic");
	visit(text, sizeof(text) - 1, 3, &outcome);
	record(rec, &outcome);

	rec_step(rec, "the next call");
	visit(text, sizeof(text) - 1, UINT32_MAX, &outcome);
	record(rec, &outcome);

	rec_step(rec, "a payload that is not a text");
	panic_with_number(&outcome);
	record(rec, &outcome);

	rec_step(rec, "drawn");
	visit(in->data, in->len, 1 + in->len % 3, &outcome);
	record(rec, &outcome);
}
