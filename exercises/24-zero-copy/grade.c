/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer passes bytes on, and copies none. */
#include "../grade.h"

struct facts {
	uint64_t sums[2];
	bool in_place[2];
	bool full;
	size_t dropped[3];
};

void
use_receive(size_t len, struct facts *facts);
void
use_send(const unsigned char *data, size_t len, struct facts *facts);
void
use_others(struct facts *facts);

static void
rec_receive(struct ferrule_recorder *rec, size_t len)
{
	struct facts facts = { 0 };

	use_receive(len, &facts);
	rec_int(rec, "read in place", facts.in_place[0]);
	rec_int(rec, "sum", (int64_t)facts.sums[0]);
	rec_int(rec, "sum in another thread", (int64_t)facts.sums[1]);
}

static void
rec_send(struct ferrule_recorder *rec, const unsigned char *data, size_t len)
{
	struct facts facts = { 0 };

	use_send(data, len, &facts);
	rec_int(rec, "sent in place", facts.in_place[0]);
	rec_int(rec, "sum", (int64_t)facts.sums[0]);
	rec_int(rec, "dropped before the flush", (int64_t)facts.dropped[0]);
	rec_int(rec, "dropped after it", (int64_t)facts.dropped[1]);
	rec_int(rec, "full", facts.full);
	rec_int(rec, "dropped in the end", (int64_t)facts.dropped[2]);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct facts facts = { 0 };

	rec_step(rec, "from C to Rust");
	rec_receive(rec, 90);
	rec_receive(rec, 0);

	rec_step(rec, "from Rust to C");
	rec_send(rec, (const unsigned char *)"a text", 6);

	rec_step(rec, "other types");
	use_others(&facts);
	rec_int(rec, "sum of an array", (int64_t)facts.sums[0]);
	rec_int(rec, "sum of a text", (int64_t)facts.sums[1]);

	rec_step(rec, "drawn");
	rec_receive(rec, in->len);
	rec_send(rec, in->data, in->len);
}
