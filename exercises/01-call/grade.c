/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer calls one C function. */
#include "../grade.h"

uint32_t
checksum(const unsigned char *data, size_t len);

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const unsigned char text[] = "123456789";
	size_t part = in->len / 2;

	rec_step(rec, "nothing");
	rec_int(rec, "checksum", checksum(text, 0));

	rec_step(rec, "a text");
	rec_int(rec, "checksum", checksum(text, sizeof(text) - 1));

	rec_step(rec, "drawn");
	rec_int(rec, "of all", checksum(in->data, in->len));
	rec_int(rec, "of a part", checksum(in->data + part, in->len - part));
}
