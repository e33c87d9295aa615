/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer registers closures with a library that calls them. */
#include "../grade.h"

/* What listeners heard. */
struct heard {
	uint64_t lines;
	uint64_t sum; /* of all bytes */
	uint64_t longest;
};

void
hear(const unsigned char *data, size_t len, struct heard *out);
uint32_t
unregister(uint32_t *late_out);
uint32_t
too_many(void);
uint32_t
no_variables(void);

static void
record(struct ferrule_recorder *rec, const unsigned char *data, size_t len)
{
	struct heard heard = { 0 };

	hear(data, len, &heard);
	rec_int(rec, "lines", (int64_t)heard.lines);
	rec_int(rec, "sum of the bytes", (int64_t)heard.sum);
	rec_int(rec, "longest line", (int64_t)heard.longest);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const unsigned char text[] = "one\n\nth\0ree";
	uint32_t late = 0;

	rec_step(rec, "three listeners");
	record(rec, text, sizeof(text) - 1);

	rec_step(rec, "nothing is pushed");
	record(rec, text, 0);

	rec_step(rec, "unregister");
	rec_int(rec, "lines heard", unregister(&late));
	rec_int(rec, "closures dropped too late", late);

	rec_step(rec, "no room for a fourth");
	rec_int(rec, "registered", too_many());

	rec_step(rec, "a closure without variables");
	rec_int(rec, "lines", no_variables());

	rec_step(rec, "drawn");
	record(rec, in->data, in->len);
}
