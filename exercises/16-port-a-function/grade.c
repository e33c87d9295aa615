/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer is a port of reference.c. */
#include "../grade.h"

int
longest_line(const void *file, size_t size, size_t *longest_out);

static void
call(struct ferrule_recorder *rec, const void *file, size_t size)
{
	size_t longest = 12345;

	rec_status(rec, "longest_line", longest_line(file, size, &longest));
	rec_int(rec, "longest", (int64_t)longest);
}

/* A file of the @len bytes at @data, without its last @cut bytes. */
static void
call_with(struct ferrule_recorder *rec, const void *data, size_t len,
	  size_t cut)
{
	struct sgz_buffer file = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;

	sgz_writer_open_memory(&file, NULL, &writer, NULL);
	sgz_writer_write(writer, data, len, NULL);
	sgz_writer_finish(writer, NULL);
	sgz_writer_free(writer);
	call(rec, file.data, file.len - cut);
	sgz_buffer_release(&file);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const char text[] = "one\n\nthree\0and a half\nfour";

	rec_step(rec, "no lines");
	call_with(rec, text, 0, 0);

	rec_step(rec, "lines");
	call_with(rec, text, 5, 0);
	call_with(rec, text, sizeof(text) - 1, 0);

	rec_step(rec, "the last is the longest");
	call_with(rec, text, 9, 0);

	rec_step(rec, "no gzip file");
	call(rec, text, sizeof(text));
	call(rec, NULL, 0);

	rec_step(rec, "drawn");
	call_with(rec, in->data, in->len, 0);

	rec_step(rec, "drawn, and cut off");
	call_with(rec, in->data, in->len, 40);
}
