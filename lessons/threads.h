/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the lesson on threads does by the way. */
#ifndef FERRULE_THREADS_H
#define FERRULE_THREADS_H

#include "lesson.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

/*
 * Wait until two threads are here; @arrived begins with 0.
 *
 * It makes the unlucky moment certain that a mistake needs to be seen. It
 * orders nothing in memory (its atomics are relaxed): what races without it
 * still races, and ThreadSanitizer still sees it.
 */
static inline void
meet(atomic_int *arrived)
{
	const memory_order order = memory_order_relaxed;
	int before = atomic_fetch_add_explicit(arrived, 1, order);

	while (atomic_load_explicit(arrived, order) < (before | 1) + 1)
		sched_yield();
}

/* Which thread calls back: the one that this was made on, or another. */
struct told {
	pthread_t home;
	bool here, elsewhere;
};

static inline int
tell(struct told *told)
{
	if (pthread_equal(pthread_self(), told->home))
		told->here = true;
	else
		told->elsewhere = true;
	return 0;
}

static inline int
told_event(void *ctx, const struct sgz_event *event)
{
	return event->kind == SGZ_EVENT_BLOCK ? tell(ctx) : 0;
}

static inline int
told_progress(void *ctx, uint64_t done, uint64_t total)
{
	return done <= total ? tell(ctx) : -1;
}

static inline void
rec_told(struct ferrule_recorder *rec, const struct told *told)
{
	rec_int(rec, "told here", told->here);
	rec_int(rec, "told elsewhere", told->elsewhere);
}

/*
 * Write the file of this lesson with the threads of @pool: some text of our
 * own, for the input may be empty, and the input. Give its index.
 */
static inline enum sgz_status
write_file(struct sgz_pool *pool, const struct sgz_observer *observer,
	   const struct ferrule_input *in, struct sgz_index **index_out)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	enum sgz_status rc;

	options.pool = pool;
	options.build_index = 1;
	rc = sgz_writer_open("lesson.gz", &options, &writer, NULL);
	if (rc != SGZ_OK)
		return rc;
	sgz_writer_set_observer(writer, observer, NULL);
	sgz_writer_printf(writer, NULL, "what is compressed here: ");
	sgz_writer_write(writer, in->data, in->len, NULL);
	rc = sgz_writer_finish(writer, NULL);
	*index_out = sgz_writer_ref_index(writer);
	sgz_writer_free(writer);
	return rc;
}

/* Have every block of @reader's file in its cache. */
static inline void
fill_cache(struct sgz_reader *reader, const struct sgz_index *index)
{
	size_t count;
	const struct sgz_index_entry *entries =
		sgz_index_get_entries(index, &count);

	for (size_t i = 0; i < count; i++) {
		struct sgz_block *block = NULL;

		sgz_reader_ref_block(reader, entries[i].offset, &block, NULL);
		sgz_block_unref(block);
	}
}

/* A thread: read the file of this lesson to its end, under @observer. */
static inline void *
read_under(void *observer)
{
	struct sgz_reader *reader = NULL;
	unsigned char page[4096];
	size_t got = 1;

	if (sgz_reader_open("lesson.gz", NULL, &reader, NULL) != SGZ_OK)
		return NULL;
	sgz_reader_set_observer(reader, observer, NULL);
	while (got > 0 &&
	       sgz_reader_read(reader, page, sizeof(page), &got, NULL) ==
		       SGZ_OK)
		;
	sgz_reader_close(reader);
	return NULL;
}

#endif
