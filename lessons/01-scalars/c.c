/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 01, scalars: numbers, constants, macros, and calls without handles. */
#include "lesson.h"

#include <inttypes.h>
#include <limits.h>
#include <sys/types.h>

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	rec_step(rec, "types");
	/* int and long are the platform's; an enum is as wide as an int */
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

	rec_step(rec, "printf");
	struct sgz_buffer gz = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	sgz_writer_open_memory(&gz, NULL, &writer, NULL);
	sgz_writer_write(writer, in->data, in->len, NULL);
	/* variadic: the format alone says what follows, and how wide it is */
	double kib = (double)in->len / 1024;
	enum sgz_status rc = sgz_writer_printf(
		writer, NULL,
		"sgz %s: %zu bytes, %.1f KiB, crc %08" PRIx32 "\n",
		sgz_version_text, in->len, kib, crc);
	rec_status(rec, "printf", rc);
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	rec_int(rec, "written", (int64_t)sgz_writer_tell(writer));
	sgz_writer_free(writer);
	rec_bytes(rec, "compressed", gz.data, gz.len);

	rec_step(rec, "macros");
	/* made of three numbers, by a macro that takes arguments */
	rec_int(rec, "version, made", SGZ_VERSION_NUMBER);
	rec_int(rec, "version, running", sgz_version_number());
	struct sgz_reader *reader = NULL;
	rc = sgz_reader_open_memory(gz.data, gz.len, NULL, &reader, NULL);
	rec_int(rec, "is an error", SGZ_IS_ERROR(rc));

	rec_step(rec, "inline functions");
	/* compiled into this file: the library has no such symbols */
	const struct sgz_header *header = sgz_reader_get_header(reader);
	const struct sgz_subfield *first = sgz_subfield_next(header, NULL);
	rec_int(rec, "bytes in the first", (int64_t)sgz_subfield_len(first));

	rec_step(rec, "bool");
	bool verify = true;
	struct sgz_index *index = NULL;
	size_t blocks = 0;
	rec_status(rec, "build", sgz_index_build(reader, verify, &index, NULL));
	sgz_index_get_entries(index, &blocks);
	sgz_index_unref(index);
	rec_int(rec, "blocks", (int64_t)blocks);

	rec_step(rec, "64-bit offsets");
	/* 5 GiB: it fits no int, and no long of every platform */
	uint64_t far = UINT64_C(5) << 30;
	struct sgz_error err = SGZ_ERROR_INIT;
	rec_status(rec, "seek", sgz_reader_seek(reader, far, &err));
	rec_error(rec, "seek", &err);
	rec_int(rec, "still at", (int64_t)sgz_reader_tell(reader));

	sgz_reader_close(reader);
	sgz_buffer_release(&gz);
}
