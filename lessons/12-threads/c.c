/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 12, threads: who calls back, and what two threads may share. */
#include "threads.h"
#include <errno.h>
#include <fcntl.h>

/* What a thread gets that reads a page: any number of them may share it. */
struct page {
	struct ferrule_recorder *rec;
	const char *task;
	struct sgz_reader *reader;
	struct sgz_index *index;
	uint64_t offset;
};

static void *
read_page(void *arg)
{
	struct page *page = arg;
	struct sgz_index *index = sgz_index_ref(page->index);
	unsigned char data[4096];
	enum sgz_status rc;
	size_t got = 0;

	rec_task(page->rec, page->task);
	rec_int(page->rec, "block",
		(int64_t)sgz_index_locate(index, page->offset));
	sgz_index_unref(index);
	rc = sgz_reader_read_at(page->reader, page->offset, data, sizeof(data),
				&got, NULL);
	rec_status(page->rec, "read", rc);
	rec_bytes(page->rec, "page", data, got);
	return NULL;
}

/* The last failure, as many libraries keep it: each thread has its own. */
static _Thread_local struct sgz_error last_error = SGZ_ERROR_INIT;

struct failing {
	atomic_int arrived;
	struct sgz_error told;
};

static void *
fail(void *arg)
{
	struct failing *failing = arg;
	struct sgz_reader *reader = NULL;

	meet(&failing->arrived);
	sgz_reader_open("lesson.gz/none", NULL, &reader, &last_error);
	meet(&failing->arrived);
	failing->told = last_error; /* a copy may go to another thread */
	return NULL;
}

/* For one thread after the other: nothing here guards @ctx. */
static int
keep_offset(void *ctx, const struct sgz_event *event)
{
	*(uint64_t *)ctx = event->data.block.offset;
	return 0;
}

/* One reader for two threads, of which one at a time may use it. */
struct shared {
	pthread_mutex_t lock;
	struct sgz_reader *reader;
	atomic_int arrived;
	bool waited;
};

/* Move on by 5 bytes, if the other thread is not at it. */
static bool
try_skip(struct shared *shared)
{
	if (pthread_mutex_trylock(&shared->lock) != 0)
		return false;
	sgz_reader_seek(shared->reader, sgz_reader_tell(shared->reader) + 5,
			NULL);
	pthread_mutex_unlock(&shared->lock);
	return true;
}

static void *
skip_second(void *arg)
{
	struct shared *shared = arg;

	meet(&shared->arrived); /* the other one is in the middle of it */
	shared->waited = !try_skip(shared);
	meet(&shared->arrived);
	while (shared->waited && !try_skip(shared))
		sched_yield();
	return NULL;
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_observer observer = { .mask = SGZ_EVENT_BIT(
						 SGZ_EVENT_BLOCK) };
	struct sgz_job_callbacks callbacks = { .progress = told_progress };
	struct sgz_index *index = NULL;
	struct sgz_reader *reader = NULL;
	struct sgz_pool *pool = NULL;
	struct sgz_job *job = NULL;
	enum sgz_job_state state;
	pthread_t thread, other;

	rec_step(rec, "a pool");
	struct told told = { .home = pthread_self() };
	observer.event = told_event;
	observer.ctx = &told;
	rec_status(rec, "new", sgz_pool_new(2, 2, NULL, &pool, NULL));
	rec_status(rec, "finish", write_file(pool, &observer, in, &index));
	rec_told(rec, &told);

	rec_step(rec, "a job");
	struct told progress = { .home = pthread_self() };
	callbacks.ctx = &progress;
	sgz_job_submit_check(pool, "lesson.gz", NULL, &callbacks, &job, NULL);
	sgz_job_wait(job, -1, &state, NULL);
	rec_status(rec, "result", sgz_job_get_result(job, NULL));
	sgz_job_unref(job);
	rec_told(rec, &progress);
	sgz_pool_unref(pool);

	rec_step(rec, "a shared index");
	options.cache_size = 2 << 20; /* for all of it */
	sgz_reader_open("lesson.gz", &options, &reader, NULL);
	rec_status(rec, "set", sgz_reader_set_index(reader, index, NULL));
	fill_cache(reader, index);
	struct page first = { rec, "the first page", reader, index, 0 };
	struct page middle = { rec, "a page in the middle", reader, index,
			       in->len / 2 };
	pthread_create(&thread, NULL, read_page, &first);
	pthread_create(&other, NULL, read_page, &middle);
	pthread_join(thread, NULL);
	pthread_join(other, NULL);
	sgz_reader_close(reader);
	sgz_index_unref(index);

	rec_step(rec, "a last error");
	struct failing failing = { .arrived = 0 };
	pthread_create(&thread, NULL, fail, &failing);
	int fd = open("none", O_RDONLY);
	meet(&failing.arrived); /* only now it fails, too */
	meet(&failing.arrived);
	rec_int(rec, "errno here", fd < 0 ? errno : 0);
	pthread_join(thread, NULL);
	rec_status(rec, "last here", last_error.status);
	rec_status(rec, "last there", failing.told.status);
	rec_int(rec, "errno there", failing.told.sys_errno);

	rec_step(rec, "by turns");
	uint64_t offset = 0;
	observer.event = keep_offset;
	observer.ctx = &offset;
	pthread_create(&thread, NULL, read_under, &observer);
	pthread_join(thread, NULL); /* it has ended: now it is our turn */
	read_under(&observer);
	rec_int(rec, "last offset", (int64_t)offset);

	rec_step(rec, "one reader");
	struct shared shared = { .lock = PTHREAD_MUTEX_INITIALIZER };
	sgz_reader_open("lesson.gz", NULL, &shared.reader, NULL);
	pthread_create(&thread, NULL, skip_second, &shared);
	pthread_mutex_lock(&shared.lock);
	uint64_t at = sgz_reader_tell(shared.reader);
	meet(&shared.arrived); /* now the other one tries it */
	meet(&shared.arrived);
	sgz_reader_seek(shared.reader, at + 5, NULL);
	pthread_mutex_unlock(&shared.lock);
	pthread_join(thread, NULL);
	rec_int(rec, "position", (int64_t)sgz_reader_tell(shared.reader));
	rec_int(rec, "waited", shared.waited);
	sgz_reader_close(shared.reader);
}
