/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 03, errors: statuses, NULL, -1 and errno, and failures that wait. */
#include "lesson.h"

#include <errno.h>
#include <stdlib.h>

/* Read @reader to its end, or to the first failure. */
static enum sgz_status
drain(struct sgz_reader *reader, size_t *total_out, struct sgz_error *err)
{
	unsigned char chunk[4096];
	size_t got = 1;
	enum sgz_status rc = SGZ_OK;

	*total_out = 0;
	while (got > 0) {
		rc = sgz_reader_read(reader, chunk, sizeof(chunk), &got, err);
		if (rc != SGZ_OK)
			break;
		*total_out += got;
	}
	return rc;
}

/* A source that breaks at once: what C's callers get is a negated errno. */
static int64_t
broken(void *ctx, void *data, size_t len)
{
	(void)ctx, (void)data, (void)len;
	return -EPIPE;
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	rec_step(rec, "status and details");
	struct sgz_reader *reader = NULL;
	struct sgz_error err = SGZ_ERROR_INIT;
	rec_status(rec, "open",
		   sgz_reader_open("missing.gz", NULL, &reader, &err));
	rec_error(rec, "open", &err);

	rec_step(rec, "not gzip");
	rec_status(rec, "open",
		   sgz_reader_open_memory("plain text, not gzip", 20, NULL,
					  &reader, &err));
	rec_error(rec, "open", &err);

	rec_step(rec, "NULL");
	/* an index was not asked for: NULL says so, and it is no failure */
	struct sgz_buffer gz = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	sgz_writer_open_memory(&gz, NULL, &writer, NULL);
	sgz_writer_write(writer, in->data, in->len, NULL);
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	rec_int(rec, "has index", sgz_writer_ref_index(writer) != NULL);
	sgz_writer_free(writer);

	rec_step(rec, "-1 and errno");
	sgz_reader_open_memory(gz.data, gz.len, NULL, &reader, NULL);
	int fd = sgz_reader_get_fd(reader);
	int saved = errno; /* now: any call may overwrite it */
	rec_int(rec, "failed", fd == -1);
	rec_int(rec, "bad descriptor", saved == EBADF);
	sgz_reader_close(reader);

	rec_step(rec, "held back");
	/* a bit of the end marker's CRC: what is before it is whole */
	gz.data[gz.len - 8] ^= 1;
	sgz_reader_open_memory(gz.data, gz.len, NULL, &reader, NULL);
	unsigned char *all = malloc(in->len + 1);
	size_t got = 0;
	size_t room = all != NULL ? in->len + 1 : 0;
	rec_status(rec, "read", sgz_reader_read(reader, all, room, &got, NULL));
	rec_bytes(rec, "read", all, got);
	free(all);

	rec_step(rec, "reported");
	rec_status(rec, "read", drain(reader, &got, &err));
	rec_error(rec, "read", &err);

	rec_step(rec, "it sticks");
	const struct sgz_error *last = sgz_reader_get_error(reader);
	rec_status(rec, "last error", last != NULL ? last->status : SGZ_OK);
	rec_status(rec, "read again", drain(reader, &got, NULL));

	rec_step(rec, "a seek clears it");
	rec_status(rec, "seek", sgz_reader_seek(reader, 0, NULL));
	rec_int(rec, "failed", sgz_reader_get_error(reader) != NULL);
	sgz_reader_close(reader);

	rec_step(rec, "truncated");
	sgz_reader_open_memory(gz.data, gz.len - 1, NULL, &reader, NULL);
	rec_status(rec, "read", drain(reader, &got, &err));
	rec_error(rec, "read", &err);
	rec_int(rec, "bytes before", (int64_t)got);
	sgz_reader_close(reader);

	rec_step(rec, "through C and back");
	struct sgz_source source = { .read = broken };
	rec_status(rec, "open",
		   sgz_reader_open_source(&source, NULL, &reader, &err));
	rec_error(rec, "open", &err);
	sgz_buffer_release(&gz);
}
