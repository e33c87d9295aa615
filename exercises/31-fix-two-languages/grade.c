/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer has two halves, which give each other memory. */
#include "../grade.h"

#include "words.h"

static void
call(struct ferrule_recorder *rec, const char *text, size_t len, size_t size)
{
	struct totals totals = { 0 };
	char out[600] = "";

	rec_int(rec, "shouted", shout(text, len, out, size));
	rec_text(rec, "in capital letters", out);
	rec_int(rec, "median", median(text, len));
	count(text, len, &totals);
	rec_int(rec, "words", (int64_t)totals.words);
	rec_int(rec, "bytes", (int64_t)totals.bytes);
	rec_int(rec, "longest", (int64_t)totals.longest);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const char text[] = "Who frees  what?\n";
	static const char cut[] = "a\0bc";
	char drawn[256];
	size_t i;

	rec_step(rec, "no word");
	call(rec, text, 0, 600);

	rec_step(rec, "three words");
	call(rec, text, sizeof(text) - 1, 600);

	rec_step(rec, "too little room");
	call(rec, text, sizeof(text) - 1, 10);

	rec_step(rec, "a NUL between two words");
	call(rec, cut, sizeof(cut) - 1, 600);

	rec_step(rec, "drawn");
	for (i = 0; i < sizeof(drawn); i++)
		drawn[i] = (char)(i % 7 == 6 ? ' ' : in->data[i % in->len]);
	call(rec, drawn, sizeof(drawn), 600);
}
