/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 01, scalars: numbers, constants, macros, and calls without handles. */
#include "lesson.h"

#include <limits.h>
#include <sys/types.h>

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	rec_step(rec, "types");
	/* int and long are the platform's, and so is the width of an enum */
	rec_int(rec, "bytes of int", sizeof(int));
	rec_int(rec, "bytes of long", sizeof(long));
	rec_int(rec, "bytes of size_t", sizeof(size_t));
	rec_int(rec, "bytes of off_t", sizeof(off_t)); /* the system's */
	rec_int(rec, "bytes of a status", sizeof(enum sgz_status));
	rec_int(rec, "char is signed", CHAR_MIN < 0);

	rec_step(rec, "statics");
	/* variables of the library, not functions: no call is made */
	rec_text(rec, "version", sgz_version_text);
	rec_int(rec, "least", sgz_block_sizes[0]);
	rec_int(rec, "default", sgz_block_sizes[1]);
	rec_int(rec, "most", sgz_block_sizes[2]);

	rec_step(rec, "constants");
	rec_int(rec, "default", SGZ_BLOCK_DEFAULT);
	rec_int(rec, "most", SGZ_BLOCK_MAX);

	rec_step(rec, "unknown");
	/* 0ULL - 1, of 64 bits: all ones, and no int could hold it */
	uint64_t unknown = SGZ_UNKNOWN;
	rec_bytes(rec, "unknown", &unknown, sizeof(unknown));

	rec_step(rec, "crc32");
	/* whole, and in two parts: the second goes on from the first */
	size_t half = in->len / 2;
	uint32_t crc = sgz_crc32(0, in->data, in->len);
	uint32_t front = sgz_crc32(0, in->data, half);
	uint32_t both = sgz_crc32(front, in->data + half, in->len - half);
	rec_int(rec, "crc", crc);
	rec_int(rec, "in two parts", both);

	rec_step(rec, "macros");
	/* made of three numbers, by a macro that takes arguments */
	rec_int(rec, "version, made", SGZ_VERSION_NUMBER);
	rec_int(rec, "version, running", sgz_version_number());
	rec_int(rec, "is an error", SGZ_IS_ERROR(SGZ_E_CRC));

	rec_step(rec, "bool");
	/* one byte; what is converted to it becomes 0 or 1 */
	rec_int(rec, "bytes of bool", sizeof(bool));
	rec_int(rec, "2 as a bool", (bool)2);
}
