/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 06, enums: codes, formats and kinds, and the union under one. */
#include "lesson.h"

/* The smallest gzip file: one member, of nothing, that is no BGZF block. */
static const unsigned char plain[20] = { 0x1f, 0x8b, 8, [9] = 255, 3 };

/* What an observer was told of, by kind. */
struct tally {
	int64_t members, blocks, bytes, done, later;
};

static int
count(void *ctx, const struct sgz_event *event)
{
	struct tally *tally = ctx;

	switch (event->kind) { /* first: it says which member is set */
	case SGZ_EVENT_MEMBER:
		tally->members += event->data.member != NULL;
		break;
	case SGZ_EVENT_BLOCK:
		tally->blocks++;
		tally->bytes += event->data.block.len;
		break;
	case SGZ_EVENT_PROGRESS:
		tally->done = (int64_t)event->data.progress.done;
		break;
	case SGZ_EVENT_LOG:
		break;
	default: /* a later version's: nothing of `data` may be read */
		tally->later++;
		break;
	}
	return 0;
}

static void
record(struct ferrule_recorder *rec, const struct tally *tally)
{
	rec_int(rec, "members", tally->members);
	rec_int(rec, "blocks", tally->blocks);
	rec_int(rec, "bytes in blocks", tally->bytes);
	rec_int(rec, "progress", tally->done);
	rec_int(rec, "of later versions", tally->later);
}

/* Read @gz to its end, or to its failure. */
static enum sgz_status
read_all(const void *gz, size_t len, struct tally *tally)
{
	struct sgz_observer observer = { count, NULL, tally, SGZ_EVENT_ALL };
	struct sgz_reader *reader = NULL;
	unsigned char chunk[4096];
	size_t got = 1;
	enum sgz_status rc;

	rc = sgz_reader_open_memory(gz, len, NULL, &reader, NULL);
	if (rc == SGZ_OK)
		rc = sgz_reader_set_observer(reader, &observer, NULL);
	while (rc == SGZ_OK && got > 0)
		rc = sgz_reader_read(reader, chunk, sizeof(chunk), &got, NULL);
	sgz_reader_close(reader);
	return rc;
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	rec_step(rec, "a known code");
	enum sgz_status status = SGZ_E_CRC;
	rec_int(rec, "code", status);
	rec_text(rec, "name", sgz_status_name(status));

	rec_step(rec, "a later code");
	status = -99; /* an int: it holds any value */
	rec_int(rec, "code", status);
	rec_text(rec, "name", sgz_status_name(status));

	rec_step(rec, "signedness");
	/* the compiler chose: the first has a negative value, the second not */
	enum sgz_event_kind kind = ~0;
	status = ~0;
	rec_int(rec, "status of all ones", status);
	rec_int(rec, "kind of all ones", kind);

	rec_step(rec, "detect");
	rec_int(rec, "input", sgz_detect(in->data, in->len));
	rec_int(rec, "plain", sgz_detect(plain, sizeof(plain)));

	rec_step(rec, "one memory");
	struct sgz_event event = { .kind = SGZ_EVENT_PROGRESS };
	event.data.progress.done = 7; /* and read as what it is not */
	rec_int(rec, "offset", (int64_t)event.data.block.compressed_offset);
	rec_int(rec, "bytes of the union", sizeof(event.data));
	rec_int(rec, "bytes of a block", sizeof(event.data.block));

	rec_step(rec, "write");
	struct sgz_buffer gz = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct tally tally = { 0 };
	struct sgz_observer observer = { count, NULL, &tally, SGZ_EVENT_ALL };
	enum sgz_status rc = sgz_writer_open_memory(&gz, NULL, &writer, NULL);
	rec_status(rec, "open", rc);
	sgz_writer_set_observer(writer, &observer, NULL);
	sgz_writer_write(writer, in->data, in->len, NULL);
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	sgz_writer_free(writer);
	record(rec, &tally);

	rec_step(rec, "read blocks");
	tally = (struct tally){ 0 };
	rec_status(rec, "read", read_all(gz.data, gz.len, &tally));
	record(rec, &tally);

	rec_step(rec, "read a member");
	tally = (struct tally){ 0 };
	rec_status(rec, "read", read_all(plain, sizeof(plain), &tally));
	record(rec, &tally);

	rec_step(rec, "read half");
	tally = (struct tally){ 0 };
	rec_status(rec, "read", read_all(gz.data, gz.len / 2, &tally));
	record(rec, &tally);
	sgz_buffer_release(&gz);
}
