/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer puts lines in a mailbox, which may refuse one. */
#include "../grade.h"

int64_t
longest_line(const unsigned char *text, size_t len, size_t room);

static void
call(struct ferrule_recorder *rec, const char *text, size_t len, size_t room)
{
	rec_int(rec, "longest",
		longest_line((const unsigned char *)text, len, room));
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const char three[] = "one\nthree\nfour";
	static const char nul[] = "one\nt\0wo";
	static const char empty[] = "one\n\nthree";
	char drawn[256];
	size_t i, lines = 1;

	rec_step(rec, "three lines");
	call(rec, three, sizeof(three) - 1, 3);

	rec_step(rec, "no line is no letter");
	call(rec, three, 0, 3);

	rec_step(rec, "no room for the third");
	call(rec, three, sizeof(three) - 1, 2);

	rec_step(rec, "a NUL inside the second");
	call(rec, nul, sizeof(nul) - 1, 3);

	rec_step(rec, "the second is empty");
	call(rec, empty, sizeof(empty) - 1, 3);

	rec_step(rec, "drawn");
	for (i = 0; i < sizeof(drawn); i++) {
		drawn[i] = (char)in->data[i % in->len];
		if (drawn[i] == '\n' && i > 0 && i < sizeof(drawn) - 1 &&
		    drawn[i - 1] != '\n')
			lines++;
		else if (drawn[i] <= '\n')
			drawn[i] = 'x';
	}
	call(rec, drawn, sizeof(drawn), lines);
	call(rec, drawn, sizeof(drawn), lines - 1);

	rec_step(rec, "drawn, as it is");
	call(rec, (const char *)in->data, in->len, in->len);
}
