/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer reads a text that the library allocates for it. */
#include "../grade.h"

size_t
longest_word(const struct sgz_header *header);

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgz_header header = { .name = "a.txt" };
	char name[32];
	size_t len = in->len % (sizeof(name) - 1);

	rec_step(rec, "a name");
	rec_int(rec, "longest", (int64_t)longest_word(&header));

	rec_step(rec, "drawn");
	memset(name, 'n', len);
	name[len] = '\0';
	header.name = name;
	header.comment = "of the input";
	rec_int(rec, "longest", (int64_t)longest_word(&header));
}
