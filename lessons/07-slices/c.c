/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 07, slices: arrays passed in, borrowed and filled. */
#include "lesson.h"
#include <stdio.h>

/* Out of order: the third block would begin before the second. */
static const struct sgz_index_entry unsorted[] = {
	{ 0, 0 },
	{ 900, 4096 },
	{ 800, 8192 },
};

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgz_buffer gz = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL, *copy = NULL;
	struct sgz_error err = SGZ_ERROR_INIT;
	enum sgz_status rc;
	size_t count, len, got = 1, total = 0, last = 0;

	rec_step(rec, "nothing");
	/* C says "no bytes" with NULL and 0, or with any pointer and 0 */
	rec_int(rec, "format", sgz_detect(NULL, 0));
	rec_int(rec, "crc", sgz_crc32(0, NULL, 0));

	rec_step(rec, "narrow");
	uint64_t huge = UINT32_MAX + UINT64_C(6);
	uint32_t cut = (uint32_t)huge;
	rec_int(rec, "cut", cut); /* 5: and nobody was told */
	rec_int(rec, "fits", huge <= UINT32_MAX);

	rec_step(rec, "write slices");
	struct sgz_options options = SGZ_OPTIONS_INIT;
	options.block_size = 16384;
	options.build_index = 1;
	rc = sgz_writer_open_memory(&gz, &options, &writer, NULL);
	rec_status(rec, "open", rc);
	for (size_t at = 0; at < in->len; at += len) {
		len = in->len - at < 10000 ? in->len - at : 10000;
		sgz_writer_write(writer, in->data + at, len, NULL);
	}
	rc = sgz_writer_write(writer, NULL, 0, NULL);
	rec_status(rec, "empty", rc);
	rec_int(rec, "written", (int64_t)sgz_writer_tell(writer));
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	index = sgz_writer_ref_index(writer);
	sgz_writer_free(writer);

	rec_step(rec, "entries borrowed");
	const struct sgz_index_entry *entries =
		sgz_index_get_entries(index, &count);
	rec_int(rec, "count", (int64_t)count);
	rec_int(rec, "last", (int64_t)entries[count - 1].offset);
	rec_int(rec, "in the file",
		(int64_t)entries[count - 1].compressed_offset);

	rec_step(rec, "entries in");
	rc = sgz_index_from_entries(entries, count, NULL, &copy, NULL);
	rec_status(rec, "copy", rc);
	sgz_index_unref(index); /* `entries` is dead; the copy is not */
	rec_int(rec, "block of the middle",
		(int64_t)sgz_index_locate(copy, in->len / 2));

	rec_step(rec, "unsorted in");
	sgz_index_from_entries(unsorted, 3, NULL, &index, &err);
	rec_error(rec, "refused", &err);

	rec_step(rec, "read back");
	unsigned char page[3000];
	int same = 1;
	rc = sgz_reader_open_memory(gz.data, gz.len, NULL, &reader, NULL);
	rec_status(rec, "open", rc);
	while (!sgz_reader_read(reader, page, sizeof(page), &got, NULL) &&
	       got > 0) {
		same &= memcmp(page, in->data + total, got) == 0;
		total += got;
		last = got; /* shorter than asked: only at the end */
	}
	rec_int(rec, "total", (int64_t)total);
	rec_int(rec, "last read", (int64_t)last);
	rec_int(rec, "same", same);
	rc = sgz_reader_read(reader, NULL, 0, &got, NULL);
	rec_status(rec, "of no bytes", rc);

	rec_step(rec, "to a file");
	/* what the library grew is bytes like any others to the system */
	FILE *file = fopen("slices.gz", "wb");
	if (file != NULL) {
		len = fwrite(gz.data, 1, gz.len, file);
		rec_int(rec, "written", len == gz.len && !fclose(file));
	}
	rc = sgz_index_save(copy, "slices.gz.gzi", NULL);
	rec_status(rec, "index", rc);

	rec_step(rec, "seek to the middle");
	rc = sgz_reader_set_index(reader, copy, NULL);
	rec_status(rec, "index", rc);
	rc = sgz_reader_seek(reader, in->len / 2, NULL);
	rec_status(rec, "seek", rc);
	sgz_reader_read(reader, page, 16, &got, NULL);
	rec_bytes(rec, "sixteen", page, got);
	rec_int(rec, "same", memcmp(page, in->data + in->len / 2, got) == 0);

	rec_step(rec, "bytes borrowed");
	const void *borrowed;
	sgz_reader_seek(reader, 0, NULL);
	rc = sgz_reader_peek(reader, &borrowed, &len, NULL);
	rec_status(rec, "peek", rc);
	rec_bytes(rec, "borrowed", borrowed, len);
	sgz_reader_consume(reader, len / 2); /* they stay valid */
	rec_int(rec, "position", (int64_t)sgz_reader_tell(reader));

	rec_step(rec, "nothing borrowed");
	sgz_reader_seek(reader, in->len, NULL);
	rc = sgz_reader_peek(reader, &borrowed, &len, NULL);
	rec_status(rec, "peek", rc);
	rec_int(rec, "bytes", (int64_t)len); /* and `borrowed` may be NULL */

	rec_step(rec, "64-bit offsets");
	/* 5 GiB: it fits no int, and no long of every platform */
	sgz_reader_seek(reader, UINT64_C(5) << 30, &err);
	rec_error(rec, "seek", &err);
	rec_int(rec, "still at", (int64_t)sgz_reader_tell(reader));

	sgz_reader_close(reader);
	sgz_index_unref(copy);
	sgz_buffer_release(&gz);
}
