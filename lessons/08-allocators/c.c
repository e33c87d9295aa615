/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 08, allocators: whose memory it is, and who gives it back. */
#include "lesson.h"
#include <stdlib.h>

/* Counts what it passes on to malloc(), and can fail once. */
struct counter {
	int64_t allocs, frees, bytes;
	int64_t left; /* so many are granted before one is not; -1: all */
};

static void *
counted_alloc(void *ctx, size_t size)
{
	struct counter *counter = ctx;

	if (counter->left-- == 0)
		return NULL;
	counter->allocs++;
	counter->bytes += (int64_t)size;
	return malloc(size);
}

static void *
counted_realloc(void *ctx, void *ptr, size_t size)
{
	struct counter *counter = ctx;

	if (counter->left-- == 0)
		return NULL; /* and the old block stays */
	counter->bytes += (int64_t)size;
	return realloc(ptr, size);
}

static void
counted_free(void *ctx, void *ptr)
{
	struct counter *counter = ctx;

	counter->frees++;
	free(ptr); /* which knows the size by itself */
}

static void
record(struct ferrule_recorder *rec, const struct counter *counter)
{
	rec_int(rec, "allocated", counter->allocs);
	rec_int(rec, "bytes", counter->bytes);
	rec_int(rec, "live", counter->allocs - counter->frees);
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct counter counter = { .left = -1 };
	struct sgz_allocator counted = { counted_alloc, counted_realloc,
					 counted_free, &counter };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader = NULL;
	struct sgz_error err = SGZ_ERROR_INIT;
	enum sgz_status rc;

	options.allocator = &counted;

	rec_step(rec, "a counted writer");
	struct sgz_buffer gz = SGZ_BUFFER_INIT; /* grows from the default */
	rc = sgz_writer_open_memory(&gz, &options, &writer, NULL);
	rec_status(rec, "open", rc);
	sgz_writer_write(writer, in->data, in->len, NULL);
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	sgz_writer_free(writer); /* by our counted_free() */
	record(rec, &counter);

	rec_step(rec, "a buffer handed over");
	rec_bytes(rec, "gzip", gz.data, gz.len);

	rec_step(rec, "a counted reader");
	counter = (struct counter){ .left = -1 };
	rc = sgz_reader_open_memory(gz.data, gz.len, &options, &reader, NULL);
	rec_status(rec, "open", rc);
	record(rec, &counter);

	rec_step(rec, "a buffer that C grows");
	struct sgz_buffer line = SGZ_BUFFER_INIT;
	int64_t lines = 0, longest = 0;
	while (!sgz_reader_read_line(reader, '\n', &line, NULL) &&
	       line.len > 0) {
		lines++;
		if (longest < (int64_t)line.len)
			longest = (int64_t)line.len;
	}
	rec_int(rec, "lines", lines);
	rec_int(rec, "longest", longest);
	sgz_buffer_release(&line);

	rec_step(rec, "a text handed out");
	char *text = NULL;
	rc = sgz_header_describe(sgz_reader_get_header(reader), &text, NULL);
	rec_status(rec, "describe", rc);
	rec_text(rec, "text", text);
	sgz_free(text); /* not free(): it is not malloc()'s */
	sgz_reader_close(reader);
	record(rec, &counter);

	rec_step(rec, "out of memory");
	int64_t lost = 0;
	rc = SGZ_E_NOMEM;
	for (int64_t left = 0; rc == SGZ_E_NOMEM; left++) {
		counter = (struct counter){ .left = left };
		reader = NULL;
		rc = sgz_reader_open_memory(gz.data, gz.len, &options, &reader,
					    &err);
		if (left == 0)
			rec_error(rec, "refused", &err);
		sgz_reader_close(reader);
		lost += counter.allocs - counter.frees;
	}
	rec_status(rec, "in the end", rc);
	rec_int(rec, "lost", lost);

	rec_step(rec, "another default");
	void *block = sgz_alloc(16); /* of the present default, and alive */
	sgz_allocator_set_default(&counted, &err);
	rec_error(rec, "refused", &err);
	sgz_free(block);

	rec_step(rec, "given back twice");
	sgz_buffer_release(&gz); /* the first leaves an empty buffer */
	sgz_buffer_release(&gz);
	sgz_free(NULL);
	rec_int(rec, "bytes left", (int64_t)gz.len);
}
