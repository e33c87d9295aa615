/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer keeps elements of several types in a heap of C. */
#include "../grade.h"

/* Each writes what came out, as text, and returns its length. */
size_t
numbers(const unsigned char *data, size_t len, char *out, size_t size);
size_t
texts(const unsigned char *data, size_t len, char *out, size_t size);
size_t
pairs(const unsigned char *data, size_t len, char *out, size_t size);
size_t
full(char *out, size_t size);
bool
aligned_to_64(void);
bool
without_size(void);

static void
record(struct ferrule_recorder *rec, const unsigned char *data, size_t len)
{
	char out[1024];

	rec_text_n(rec, "numbers, in order", out,
		   numbers(data, len, out, sizeof(out)));
	rec_text_n(rec, "texts, in order; some are left", out,
		   texts(data, len, out, sizeof(out)));
	rec_text_n(rec, "pairs, in order", out,
		   pairs(data, len, out, sizeof(out)));
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const unsigned char some[] = "one two three four";
	char out[256];

	rec_step(rec, "some");
	record(rec, some, sizeof(some) - 1);

	rec_step(rec, "none");
	record(rec, some, 0);

	rec_step(rec, "full");
	rec_text_n(rec, "what came back, and what is there", out,
		   full(out, sizeof(out)));

	rec_step(rec, "elements that C cannot keep");
	rec_int(rec, "kept, aligned to 64", aligned_to_64());
	rec_int(rec, "kept, without a size", without_size());

	rec_step(rec, "drawn");
	record(rec, in->data, in->len < 24 ? in->len : 24);
}
