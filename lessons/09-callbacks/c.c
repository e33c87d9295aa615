/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 09, callbacks: the library calls back, and lets go. */
#include "lesson.h"
#include <errno.h>
#include <stdlib.h>

/* A file in memory: the sink of a writer, then the source of a reader. */
struct store {
	unsigned char *data;
	size_t len, at;
	int64_t writes, closed;
};

static int64_t
store_write(void *ctx, const void *data, size_t len)
{
	struct store *store = ctx;
	unsigned char *grown = realloc(store->data, store->len + len);

	if (grown == NULL)
		return -ENOMEM;
	memcpy(grown + store->len, data, len);
	store->data = grown;
	store->len += len;
	store->writes++;
	return (int64_t)len;
}

static int64_t
store_read(void *ctx, void *data, size_t len)
{
	struct store *store = ctx;

	if (len > store->len - store->at)
		len = store->len - store->at;
	memcpy(data, store->data + store->at, len);
	store->at += len;
	return (int64_t)len;
}

static void
store_close(void *ctx)
{
	((struct store *)ctx)->closed++;
}

/* What C has for a closure: functions, and what they would have captured. */
struct watch {
	int64_t blocks, offset, released;
	int answer; /* anything but 0 cancels */
	struct sgz_reader *reader; /* to be used as it may not, or NULL */
	enum sgz_status inside; /* what came of that */
};

static int
watch_event(void *ctx, const struct sgz_event *event)
{
	struct watch *watch = ctx;

	if (event->kind != SGZ_EVENT_BLOCK)
		return 0;
	watch->blocks++;
	watch->offset = (int64_t)event->data.block.offset;
	if (watch->reader != NULL)
		watch->inside = sgz_reader_seek(watch->reader, 0, NULL);
	return watch->answer;
}

static void
watch_release(void *ctx)
{
	((struct watch *)ctx)->released++;
}

static enum sgz_status
drain(struct sgz_reader *reader)
{
	unsigned char page[4096];
	enum sgz_status rc = SGZ_OK;
	size_t got = 1;

	while (rc == SGZ_OK && got > 0)
		rc = sgz_reader_read(reader, page, sizeof(page), &got, NULL);
	return rc;
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct store store = { 0 };
	struct sgz_sink sink = { store_write, NULL, store_close, &store };
	struct sgz_source source = { store_read, NULL, store_close, &store };
	struct watch watch = { 0 };
	struct sgz_observer observer = { watch_event, watch_release, &watch,
					 SGZ_EVENT_ALL };
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader = NULL;
	struct sgz_error err = SGZ_ERROR_INIT;
	enum sgz_status rc;

	rec_step(rec, "a sink");
	rc = sgz_writer_open_sink(&sink, NULL, &writer, NULL);
	rec_status(rec, "open", rc);
	sgz_writer_set_observer(writer, &observer, NULL);
	sgz_writer_write(writer, in->data, in->len, NULL);
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	sgz_writer_free(writer); /* and with it both of our ctx */
	rec_int(rec, "writes", store.writes);
	rec_int(rec, "closed", store.closed);
	rec_int(rec, "blocks", watch.blocks);
	rec_int(rec, "released", watch.released);

	rec_step(rec, "a source");
	rc = sgz_reader_open_source(&source, NULL, &reader, NULL);
	rec_status(rec, "open", rc);
	rec_status(rec, "read", drain(reader));
	rec_int(rec, "position", (int64_t)sgz_reader_tell(reader));
	sgz_reader_close(reader);
	rec_int(rec, "closed", store.closed);

	rec_step(rec, "observe");
	struct watch seen = { 0 };
	observer.ctx = &seen;
	sgz_reader_open_memory(store.data, store.len, NULL, &reader, NULL);
	rc = sgz_reader_set_observer(reader, &observer, NULL);
	rec_status(rec, "set", rc);
	rec_status(rec, "read", drain(reader));
	rec_int(rec, "blocks", seen.blocks);
	rec_int(rec, "last offset", seen.offset);
	rec_int(rec, "released", seen.released);

	rec_step(rec, "cancel");
	struct watch stop = { .answer = 42 };
	observer.ctx = &stop;
	sgz_reader_set_observer(reader, &observer, NULL);
	rec_int(rec, "the former released", seen.released);
	/* a seek reads a block, so it is what our answer ends */
	rc = sgz_reader_seek(reader, 0, &err);
	rec_status(rec, "seek", rc);
	if (rc != SGZ_OK) /* of an empty file there is no block */
		rec_error(rec, "failure", &err); /* 42 is its errno */
	rec_status(rec, "read", drain(reader)); /* it sticks */

	rec_step(rec, "unregister");
	rc = sgz_reader_set_observer(reader, NULL, NULL);
	rec_status(rec, "set", rc);
	rec_int(rec, "released", stop.released);
	sgz_reader_seek(reader, 0, NULL);
	rec_status(rec, "read", drain(reader));
	rec_int(rec, "blocks", stop.blocks);

	rec_step(rec, "enter again");
	struct watch enter = { .reader = reader };
	observer.ctx = &enter;
	sgz_reader_set_observer(reader, &observer, NULL);
	sgz_reader_seek(reader, 0, NULL);
	rec_status(rec, "read", drain(reader));
	rec_status(rec, "inside", enter.inside);

	rec_step(rec, "close");
	sgz_reader_close(reader);
	rec_int(rec, "released", enter.released);
	free(store.data);
}
