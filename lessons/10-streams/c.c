/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 10, streams: a reader that reads from a reader. */
#include "lesson.h"
#include <errno.h>
#include <stdlib.h>

/* What is done in place of reading, in the last but one call. */
enum fault {
	NONE,
	INTERRUPTED,
	END,
	LIE
};

/* A source that reads from another reader. It owns that reader. */
struct pipe {
	struct sgz_reader *from;
	struct sgz_error error; /* of `from`, if it failed */
	size_t part; /* the most bytes that one call gives */
	enum fault fault;
	int64_t *reads, *closed;
};

static int64_t
pipe_read(void *ctx, void *data, size_t len)
{
	struct pipe *pipe = ctx;
	size_t got = 0;

	if (len > pipe->part)
		len = pipe->part;
	if (++*pipe->reads == 2 && pipe->fault == INTERRUPTED)
		return -EINTR;
	if (*pipe->reads == 2 && pipe->fault == END)
		return 0;
	if (*pipe->reads == 2 && pipe->fault == LIE)
		return INT64_MAX;
	if (sgz_reader_read(pipe->from, data, len, &got, &pipe->error) !=
	    SGZ_OK)
		return -EIO; /* all that fits in an int: the rest stays in pipe */
	return (int64_t)got;
}

static void
pipe_close(void *ctx)
{
	struct pipe *pipe = ctx;

	sgz_reader_close(pipe->from);
	++*pipe->closed;
}

/* A sink that writes to another writer, which it only borrows. */
static int64_t
writer_write(void *ctx, const void *data, size_t len)
{
	struct sgz_writer *to = ctx;

	if (sgz_writer_write(to, data, len, NULL) != SGZ_OK)
		return -EIO;
	return (int64_t)len;
}

static int
writer_flush(void *ctx)
{
	return sgz_writer_flush(ctx, NULL) == SGZ_OK ? 0 : -EIO;
}

struct counts {
	int64_t reads, closed, bytes;
};

/* Read what was compressed twice, by two readers, the one from the other. */
static enum sgz_status
read_twice(const struct sgz_buffer *twice, struct pipe *pipe,
	   struct counts *counts, struct sgz_error *err)
{
	struct sgz_source source = { pipe_read, NULL, pipe_close, pipe };
	struct sgz_reader *reader = NULL;
	unsigned char page[4096];
	enum sgz_status rc;
	size_t got = 1;

	*counts = (struct counts){ 0, 0, 0 };
	pipe->reads = &counts->reads;
	pipe->closed = &counts->closed;
	rc = sgz_reader_open_memory(twice->data, twice->len, NULL, &pipe->from,
				    err);
	if (rc != SGZ_OK)
		return rc;
	rc = sgz_reader_open_source(&source, NULL, &reader, err);
	if (rc != SGZ_OK)
		pipe_close(pipe); /* it is still ours */
	while (rc == SGZ_OK && got > 0) {
		rc = sgz_reader_read(reader, page, sizeof(page), &got, err);
		counts->bytes += rc == SGZ_OK ? (int64_t)got : 0;
	}
	sgz_reader_close(reader); /* and, by the source, the other one */
	return rc;
}

static void
record(struct ferrule_recorder *rec, enum sgz_status rc,
       const struct counts *counts)
{
	rec_status(rec, "read", rc);
	rec_int(rec, "bytes", counts->bytes);
	rec_int(rec, "reads", counts->reads);
	rec_int(rec, "closed", counts->closed);
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgz_buffer twice = SGZ_BUFFER_INIT;
	struct sgz_sink sink = { writer_write, writer_flush, NULL, NULL };
	struct sgz_writer *outer = NULL, *inner = NULL;
	struct sgz_error err = SGZ_ERROR_INIT;
	struct counts counts;
	enum sgz_status rc;

	rec_step(rec, "a writer into a writer");
	sgz_writer_open_memory(&twice, NULL, &inner, NULL);
	sink.ctx = inner;
	sgz_writer_open_sink(&sink, NULL, &outer, NULL);
	/* some text of our own, for the file may be empty */
	for (int i = 0; i < 100; i++)
		sgz_writer_printf(outer, NULL, "%d ", i * i * 7919);
	sgz_writer_write(outer, in->data, in->len, NULL);
	rec_status(rec, "finish", sgz_writer_finish(outer, NULL));
	rec_int(rec, "went through", (int64_t)sgz_writer_tell(inner));
	sgz_writer_free(outer);
	/* the other one still has to be finished, which can fail */
	rec_status(rec, "finish the other", sgz_writer_finish(inner, NULL));
	sgz_writer_free(inner);

	rec_step(rec, "a reader from a reader");
	struct pipe whole = { .part = SIZE_MAX };
	rc = read_twice(&twice, &whole, &counts, &err);
	record(rec, rc, &counts);

	rec_step(rec, "a few bytes at a time");
	struct pipe narrow = { .part = 100 };
	rc = read_twice(&twice, &narrow, &counts, &err);
	record(rec, rc, &counts);

	rec_step(rec, "interrupted");
	struct pipe signalled = { .part = 100, .fault = INTERRUPTED };
	rc = read_twice(&twice, &signalled, &counts, &err);
	record(rec, rc, &counts);
	rec_int(rec, "errno", rc == SGZ_OK ? 0 : err.sys_errno);

	rec_step(rec, "an end too early");
	struct pipe ends = { .part = 100, .fault = END };
	rc = read_twice(&twice, &ends, &counts, &err);
	record(rec, rc, &counts);

	rec_step(rec, "a failure below");
	unsigned char *data = twice.data;
	data[twice.len - 28 - 8] ^= 1; /* CRC-32 of the last block */
	struct pipe broken = { .part = SIZE_MAX };
	rc = read_twice(&twice, &broken, &counts, &err);
	record(rec, rc, &counts);
	rec_error(rec, "above", &err);
	rec_error(rec, "below", &broken.error);
	data[twice.len - 28 - 8] ^= 1;

	rec_step(rec, "a source that lies");
	struct pipe liar = { .part = 100, .fault = LIE };
	rc = read_twice(&twice, &liar, &counts, &err);
	record(rec, rc, &counts);
	sgz_buffer_release(&twice);
}
