/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer is a future, which a thread of C's completes: job.c. */
#include "../grade.h"

#define FACTS 4

void
ask(size_t which, const unsigned char *data, size_t len, int64_t *facts);

/* What grade.rs does, and what it finds out. */
static const struct {
	const char *step;
	const char *facts[FACTS];
} tests[] = {
	{ "asked, then done",
	  { "not yet: -1", "woken before", "woken after", "sum" } },
	{ "done, then asked", { "sum", "woken" } },
	{ "two who ask",
	  { "not yet: -1", "the first is woken", "the second is woken",
	    "sum" } },
	{ "done while it is asked", { "nobody is woken", "sum" } },
	{ "dropped while it runs",
	  { "not yet: -1", "the waker is kept", "woken",
	    "the waker is kept to the end" } },
	{ "not started", { "none" } },
	{ "in other threads",
	  { "not yet: -3", "woken", "the first sum", "the others" } },
};

static void
run(struct ferrule_recorder *rec, size_t which, const unsigned char *data,
    size_t len)
{
	int64_t facts[FACTS] = { 0 };
	size_t i;

	ask(which, data, len, facts);
	for (i = 0; i < FACTS && tests[which].facts[i] != NULL; i++)
		rec_int(rec, tests[which].facts[i], facts[i]);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		rec_step(rec, tests[i].step);
		run(rec, i, (const unsigned char *)"some bytes", 10);
		run(rec, i, (const unsigned char *)"", 0);
	}

	rec_step(rec, "drawn");
	run(rec, 0, in->data, in->len);
	run(rec, 6, in->data, in->len);
}
