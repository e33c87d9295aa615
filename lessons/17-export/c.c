/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 17, export: C calls libraries that are written in Rust. */
#include "lesson.h"
#include <first.h>
#include <sgzfile.h>
#include <stdio.h>
#include <stdlib.h>

/* What a callback counts, and where it stops. */
struct counter {
	int64_t stop_after, pieces, bytes, released;
};

static int
count(void *ctx, const void *data, size_t len)
{
	struct counter *counter = ctx;

	(void)data;
	counter->bytes += (int64_t)len;
	return ++counter->pieces == counter->stop_after;
}

static void
release(void *ctx)
{
	struct counter *counter = ctx;

	counter->released++;
}

static void
write_file(const char *name, const void *data, size_t len)
{
	FILE *file = fopen(name, "wb");

	fwrite(data, 1, len, file);
	fputs("some text of our own", file); /* the input may be empty */
	fclose(file);
}

static void
record_error(struct ferrule_recorder *rec, const struct sgzfile_error *error)
{
	rec_int(rec, "status", sgzfile_error_status(error));
	rec_int(rec, "errno", sgzfile_error_errno(error));
	rec_text(rec, "message", sgzfile_error_message(error));
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgzfile_bytes bytes = { NULL, 0 };
	struct sgzfile_sizes sizes = { 0, 0 };
	struct counter all = { 0 }, some = { .stop_after = 1 };
	struct sgzfile_sink sink = { count, release, &all };
	struct sgzfile_error *error = NULL, *panic = NULL;
	struct sgzfile *file = NULL;
	unsigned char part[10];
	char *text = NULL;
	size_t got = 0;

	rec_step(rec, "a function");
	rec_int(rec, "sum", first_add(40, 2));
	rec_int(rec, "largest", first_add(UINT32_MAX, 1));

	rec_step(rec, "a whole file");
	write_file("plain", in->data, in->len);
	rec_int(rec, "status",
		sgzfile_compress("plain", "packed", 6, &sizes, NULL));
	rec_int(rec, "plain", (int64_t)sizes.plain);
	rec_int(rec, "packed", (int64_t)sizes.packed);

	rec_step(rec, "memory of the caller's");
	rec_int(rec, "status", sgzfile_open("packed", &file, NULL));
	sgzfile_read_at(file, sizes.plain - 8, part, sizeof(part), &got, NULL);
	rec_bytes(rec, "bytes", part, got);

	rec_step(rec, "memory of the library's");
	sgzfile_range(file, sizes.plain / 2, 100, &bytes, NULL);
	rec_bytes(rec, "bytes", bytes.data, bytes.len);
	sgzfile_bytes_free(&bytes);

	rec_step(rec, "a text");
	sgzfile_describe(file, &text, NULL);
	rec_text(rec, "text", text);
	sgzfile_string_free(text);
	sgzfile_close(file);

	rec_step(rec, "a callback");
	sgzfile_stream("packed", &sink, NULL);
	rec_int(rec, "bytes", all.bytes);
	rec_int(rec, "released", all.released);
	sink.ctx = &some;
	sgzfile_stream("packed", &sink, NULL);
	rec_int(rec, "pieces", some.pieces);
	rec_int(rec, "released", some.released);

	rec_step(rec, "an error of the caller's");
	sgzfile_open("none", &file, &error);
	record_error(rec, error);

	rec_step(rec, "an error of the thread's");
	sgzfile_compress("plain", "packed", 1000, NULL, NULL);
	rec_text(rec, "last", sgzfile_last_error());
	/* the caller's is as it was */
	rec_text(rec, "kept", sgzfile_error_message(error));
	sgzfile_error_free(error);

	rec_step(rec, "a panic");
	sgzfile_test_panic(&panic);
	record_error(rec, panic);
	sgzfile_error_free(panic);
}
