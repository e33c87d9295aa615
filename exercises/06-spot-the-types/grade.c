/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer declares the functions of tally.h, and calls each. */
#include "../grade.h"

struct report {
	uint64_t count;
	int64_t balance;
	int64_t first;
	uint64_t hash;
	double share;
	uint32_t longest;
	bool has;
};

void
describe(const char *text, size_t len, char which, struct report *report_out);

static void
call(struct ferrule_recorder *rec, const char *text, size_t len, char which)
{
	struct report report = { 0 };

	describe(text, len, which, &report);
	rec_int(rec, "count", (int64_t)report.count);
	rec_int(rec, "balance", report.balance);
	rec_int(rec, "has", report.has);
	rec_int(rec, "first", report.first);
	rec_int(rec, "longest", report.longest);
	rec_int(rec, "share in thousandths", (int64_t)(report.share * 1000));
	rec_bytes(rec, "hash", &report.hash, sizeof(report.hash));
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const char text[] = "one\ntwo, three\n\0four\n";

	rec_step(rec, "nothing");
	call(rec, text, 0, 'o');

	rec_step(rec, "a text");
	call(rec, text, sizeof(text) - 1, 'o');

	rec_step(rec, "a byte that is not there");
	call(rec, text, sizeof(text) - 1, 'z');

	rec_step(rec, "drawn");
	call(rec, (const char *)in->data, in->len, 'e');
}
