/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer is a library for C, with its header, and for Rust: grade.rs. */
#include "../grade.h"

#include <answer.h>

size_t
use_from_rust(const unsigned char *text, size_t len, bool lower, char *out,
	      size_t size);

static char untouched[] = "untouched";

static void
call(struct ferrule_recorder *rec, const char *text, unsigned int style)
{
	char *found = untouched;

	rec_int(rec, "status", initials_of(text, style, &found));
	rec_text(rec, "initials", found);
	if (found != untouched)
		initials_free(found);
}

static void
call_from_rust(struct ferrule_recorder *rec, const char *text, size_t len)
{
	static char out[4200];
	size_t found = use_from_rust((const unsigned char *)text, len, false,
				     out, sizeof(out));

	rec_text_n(rec, "initials", out, found);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static char drawn[4200];

	memcpy(drawn, in->data, in->len);

	rec_step(rec, "from C");
	call(rec, "Initials of a text", INITIALS_UPPER);
	call(rec, "Initials of a text", INITIALS_LOWER);
	call(rec, "\xc3\xa9t\xc3\xa9 \xc3\xb6l", INITIALS_UPPER);

	rec_step(rec, "no words");
	call(rec, "", INITIALS_UPPER);
	call(rec, " \n", INITIALS_LOWER);

	rec_step(rec, "not UTF-8");
	call(rec, "caf\xe9 noir", INITIALS_UPPER);

	rec_step(rec, "no such style");
	call(rec, "a b", INITIALS_LOWER + 1);
	call(rec, "a b", 201);

	rec_step(rec, "NULL");
	call(rec, NULL, INITIALS_UPPER);
	rec_int(rec, "status", initials_of("a", INITIALS_UPPER, NULL));
	initials_free(NULL);

	rec_step(rec, "from Rust");
	call_from_rust(rec, "Initials of a text", 18);
	call_from_rust(rec, "", 0);
	call_from_rust(rec, "a\0b", 3);

	rec_step(rec, "drawn");
	call(rec, drawn, INITIALS_UPPER);
	call_from_rust(rec, drawn, in->len);
}
