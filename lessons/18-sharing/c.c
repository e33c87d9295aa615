/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 18, sharing: who holds what, and who lets go last. */
#include "lesson.h"
#include <pthread.h>
#include <stdlib.h>

/* What the caller counts itself. One thread has it, so an int will do. */
struct log {
	int holders;
	int64_t blocks;
	struct sgz_index *index; /* one reference, or NULL */
	struct log **weak; /* cleared when the log goes, or NULL */
};

static struct log *
log_new(struct sgz_index *index)
{
	struct log *log = calloc(1, sizeof(*log));

	if (log == NULL)
		abort();
	log->holders = 1;
	log->index = index;
	return log;
}

static struct log *
log_ref(struct log *log)
{
	log->holders++;
	return log;
}

/* The library calls it too: it is the release function of an observer. */
static void
log_unref(void *ctx)
{
	struct log *log = ctx;

	if (--log->holders > 0)
		return;
	if (log->weak != NULL)
		*log->weak = NULL;
	sgz_index_unref(log->index);
	free(log);
}

static int
log_event(void *ctx, const struct sgz_event *event)
{
	struct log *log = ctx;

	log->blocks += event->kind == SGZ_EVENT_BLOCK;
	return 0;
}

/* A thread that gets two references. */
struct guest {
	pthread_t thread;
	struct ferrule_recorder *rec;
	struct sgz_index *first, *last;
};

static void *
guest_run(void *ctx)
{
	struct guest *guest = ctx;

	rec_task(guest->rec, "guest");
	rec_step(guest->rec, "index, thread first");
	sgz_index_unref(guest->first);
	rec_step(guest->rec, "index, thread last");
	rec_int(guest->rec, "block of 0",
		(int64_t)sgz_index_locate(guest->last, 0));
	sgz_index_unref(guest->last);
	return NULL;
}

/* A reader of the file in @file that has read from it. */
static struct sgz_reader *
open_reader(const struct sgz_buffer *file, struct sgz_index *index)
{
	struct sgz_reader *reader = NULL;
	unsigned char byte;
	size_t got;

	sgz_reader_open_memory(file->data, file->len, NULL, &reader, NULL);
	sgz_reader_set_index(reader, index, NULL);
	sgz_reader_read_at(reader, 0, &byte, 1, &got, NULL);
	return reader;
}

/* A reader that tells @log what it reads, and has a reference to it. */
static struct sgz_reader *
open_watched(const struct sgz_buffer *file, struct log *log)
{
	struct sgz_observer observer = { log_event, log_unref, log_ref(log),
					 SGZ_EVENT_ALL };
	struct sgz_reader *reader = NULL;

	sgz_reader_open_memory(file->data, file->len, NULL, &reader, NULL);
	sgz_reader_set_observer(reader, &observer, NULL);
	return reader;
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer file = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_index *index, *a = NULL, *b = NULL, *c = NULL;
	struct sgz_reader *reader, *other;
	unsigned char byte;
	size_t count;

	rec_step(rec, "buffer, made");
	options.build_index = 1;
	sgz_writer_open_memory(&file, &options, &writer, NULL);
	sgz_writer_printf(writer, NULL, "the file may be empty");
	sgz_writer_write(writer, in->data, in->len, NULL);
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	index = sgz_writer_ref_index(writer);
	rec_status(rec, "save", sgz_index_save(index, "sharing.gzi", NULL));
	sgz_index_unref(index);
	sgz_writer_free(writer);

	rec_step(rec, "index, made");
	sgz_index_load("sharing.gzi", NULL, &a, NULL);
	sgz_index_load("sharing.gzi", NULL, &b, NULL);
	rec_status(rec, "load", sgz_index_load("sharing.gzi", NULL, &c, NULL));

	rec_step(rec, "index, shared");
	struct log *held = log_new(a); /* our count, around the library's */
	struct log *weak = held;
	held->weak = &weak;
	reader = open_reader(&file, a);
	other = open_reader(&file, b);
	rec_int(rec, "weak", weak != NULL);

	rec_step(rec, "index, caller first");
	log_unref(held);
	rec_int(rec, "weak", weak != NULL); /* and yet the index is there: */
	rec_status(rec, "read",
		   sgz_reader_read_at(reader, 1, &byte, 1, &count, NULL));

	rec_step(rec, "index, reader last");
	sgz_reader_close(reader);

	rec_step(rec, "index, reader first");
	sgz_reader_close(other);
	sgz_index_get_entries(b, &count);
	rec_int(rec, "entries", (int64_t)count);
	/* a reference more to b; and c goes over to the guest */
	struct guest guest = { .rec = rec,
			       .first = sgz_index_ref(b),
			       .last = c };
	if (pthread_create(&guest.thread, NULL, guest_run, &guest) == 0)
		pthread_join(guest.thread, NULL);

	rec_step(rec, "index, caller last");
	sgz_index_unref(b);

	rec_step(rec, "log, made");
	struct log *mine = log_new(NULL), *its = log_new(NULL);
	rec_int(rec, "holders", its->holders);

	rec_step(rec, "log, shared");
	weak = its;
	its->weak = &weak;
	reader = open_watched(&file, its);
	other = open_watched(&file, mine);
	rec_int(rec, "holders", its->holders);

	rec_step(rec, "log, caller first");
	log_unref(its);
	rec_int(rec, "weak", weak != NULL); /* the reader counts here, too */
	sgz_reader_read(reader, &byte, 1, &count, NULL);
	rec_int(rec, "blocks", weak != NULL ? weak->blocks : -1);

	rec_step(rec, "log, reader last");
	sgz_reader_close(reader);
	rec_int(rec, "weak", weak != NULL);

	rec_step(rec, "log, reader first");
	sgz_reader_read(other, &byte, 1, &count, NULL);
	sgz_reader_close(other);
	rec_int(rec, "holders", mine->holders);
	rec_int(rec, "blocks", mine->blocks);

	rec_step(rec, "log, caller last");
	log_unref(mine);

	rec_step(rec, "buffer, caller last");
	sgz_buffer_release(&file);
}
