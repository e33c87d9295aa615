/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Jobs: what they are, how they end, and the five kinds of work. */
/* for sys/eventfd.h and clocks of conditions */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "block.h"
#include "pool.h"
#include "reader.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum {
	/* bytes of a range that are read between two looks at the verdict */
	RANGE_PART = 1 << 18,
	/* room for a range at first, if it is longer */
	RANGE_ROOM = 1 << 20,
};

/* Who was first: the one who cancels, or the job that has its result? */
enum verdict {
	OPEN,
	CANCELLED,
	SETTLED,
};

typedef enum sgz_status (*work)(struct sgz_job *job);

struct sgz_job {
	/* its first member; the pool's lock guards it while it is queued */
	struct sgz_task task;
	struct sgz_memory memory;
	/* the process whose thread runs it */
	pid_t process;
	atomic_size_t handles;
	/* an enum verdict; an enum sgz_job_state, changed with the lock held */
	_Atomic(int) verdict;
	_Atomic(int) state;
	pthread_mutex_t lock;
	pthread_cond_t done;
	/* a callback runs, on this thread */
	bool calling;
	pthread_t caller;
	int fd;
	struct sgz_job_callbacks callbacks;

	/* its own from here on: what it works on */
	work work;
	struct sgz_pool *pool;
	struct sgz_options options;
	char *path;
	char *to;
	unsigned char *data;
	struct sgz_index *source_index;
	uint64_t offset;
	size_t len;
	bool verify;
	bool finish;
	/* bytes done when progress was last told */
	uint64_t told_at;

	/* the result: it is there once `ended`, which the lock guards */
	bool ended;
	struct sgz_error error;
	struct sgz_block *block;
	struct sgz_index *index;
};

static struct sgz_job *
job_of(struct sgz_task *task)
{
	/* the task is its first member */
	return (struct sgz_job *)(void *)task;
}

static bool
is_here(const struct sgz_job *job)
{
	return job->process == getpid();
}

static bool
is_cancelled(struct sgz_job *job)
{
	return atomic_load_explicit(&job->verdict, memory_order_relaxed) ==
		CANCELLED;
}

/* From here on it is too late to cancel; false: it was cancelled before. */
static bool
settle(struct sgz_job *job)
{
	int expected = OPEN;

	return atomic_compare_exchange_strong(&job->verdict, &expected,
					      SETTLED) ||
		expected == SETTLED;
}

/* Callbacks */

static void
begin_call(struct sgz_job *job)
{
	pthread_mutex_lock(&job->lock);
	job->caller = pthread_self();
	job->calling = true;
	pthread_mutex_unlock(&job->lock);
}

static void
end_call(struct sgz_job *job)
{
	pthread_mutex_lock(&job->lock);
	job->calling = false;
	pthread_mutex_unlock(&job->lock);
}

/* With the lock held: is this a callback of @job? */
static bool
is_in_callback(const struct sgz_job *job)
{
	return job->calling && pthread_equal(job->caller, pthread_self());
}

/* SGZ_E_CANCELLED, noted, if @job was cancelled. */
static enum sgz_status
check(struct sgz_job *job)
{
	if (!is_cancelled(job))
		return SGZ_OK;
	return sgz_error_set(&job->error, SGZ_E_CANCELLED, 0, job->path, -1,
			     "the job was cancelled");
}

/* Say how much is done, and learn whether to go on. */
static enum sgz_status
tell(struct sgz_job *job, uint64_t done, uint64_t total)
{
	int answer;
	enum sgz_status status = check(job);

	if (status != SGZ_OK || job->callbacks.progress == NULL)
		return status;
	job->told_at = done;
	begin_call(job);
	answer = job->callbacks.progress(job->callbacks.ctx, done, total);
	end_call(job);
	if (answer == 0)
		return check(job);
	return sgz_error_set(&job->error, SGZ_E_CANCELLED, answer, job->path,
			     -1, "the progress callback returned %d", answer);
}

static enum sgz_status
tell_if_due(struct sgz_job *job, uint64_t done, uint64_t total)
{
	if (done - job->told_at < job->options.progress_interval)
		return check(job);
	return tell(job, done, total);
}

/* Readers of jobs */

/* The observer of a reader whose progress is that of the job. */
static int
pass_progress(void *ctx, const struct sgz_event *event)
{
	const struct sgz_event_progress *progress = &event->data.progress;

	/* the reader counts the interval */
	return tell(ctx, progress->compressed_done,
		    progress->compressed_total) != SGZ_OK;
}

static bool
watch_scan(void *ctx, uint64_t done, uint64_t total)
{
	return tell_if_due(ctx, done, total) == SGZ_OK;
}

/* The same for one that only seeks: it is on its way to what counts. */
static int
watch_seek(void *ctx, const struct sgz_event *event)
{
	(void)event;
	return is_cancelled(ctx);
}

static bool
watch_seek_scan(void *ctx, uint64_t done, uint64_t total)
{
	(void)done;
	(void)total;
	return !is_cancelled(ctx);
}

static enum sgz_status
open_reader(struct sgz_job *job,
	    int (*watch)(void *ctx, const struct sgz_event *event),
	    bool (*watch_blocks)(void *ctx, uint64_t done, uint64_t total),
	    struct sgz_reader **reader_out)
{
	const struct sgz_observer observer = {
		.event = watch,
		.ctx = job,
		.mask = SGZ_EVENT_BIT(SGZ_EVENT_PROGRESS),
	};
	enum sgz_status status = sgz_reader_open(job->path, &job->options,
						 reader_out, &job->error);

	if (status != SGZ_OK)
		return status;
	(*reader_out)->watch = watch_blocks;
	(*reader_out)->watch_ctx = job;
	return sgz_reader_set_observer(*reader_out, &observer, &job->error);
}

/* Note @error, unless a watcher stopped the reader and has noted why. */
static enum sgz_status
explain(struct sgz_job *job, enum sgz_status status,
	const struct sgz_error *error)
{
	if (status != SGZ_OK && job->error.status != SGZ_E_CANCELLED)
		job->error = *error;
	return status;
}

/* The kinds of work */

static enum sgz_status
check_file(struct sgz_job *job)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error;
	const void *data;
	size_t len = 1;
	enum sgz_status status =
		open_reader(job, pass_progress, watch_scan, &reader);

	while (status == SGZ_OK && len > 0) {
		status = check(job);
		if (status == SGZ_OK)
			status = explain(
				job,
				sgz_reader_peek(reader, &data, &len, &error),
				&error);
		if (status == SGZ_OK)
			sgz_reader_consume(reader, len);
	}
	if (status == SGZ_OK)
		status = tell(job, sgz_input_offset(&reader->input),
			      reader->input.size);
	sgz_reader_close(reader);
	return status;
}

static enum sgz_status
build_index(struct sgz_job *job)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error;
	/* with @verify it is the second pass that counts */
	enum sgz_status status = open_reader(
		job, pass_progress, job->verify ? watch_seek_scan : watch_scan,
		&reader);

	if (status == SGZ_OK)
		status = explain(job,
				 sgz_index_build(reader, job->verify,
						 &job->index, &error),
				 &error);
	if (status == SGZ_OK)
		status = tell(job, reader->input.size, reader->input.size);
	sgz_reader_close(reader);
	return status;
}

/* Have room for the next part of the range, after the first @at bytes. */
static enum sgz_status
grow_block(struct sgz_job *job, size_t at, size_t *room_out)
{
	size_t most = job->len, len = RANGE_ROOM;
	struct sgz_block *block;

	if (at < *room_out)
		return SGZ_OK;
	if (*room_out > 0 && __builtin_add_overflow(at, at, &len))
		len = most;
	if (len > most)
		len = most;
	block = job->block != NULL ?
		sgz_block_resize(job->block, len) :
		sgz_block_new(&job->memory, job->offset, len);
	if (block == NULL)
		return sgz_error_set_nomem(&job->error, job->path);
	job->block = block;
	*room_out = len;
	return SGZ_OK;
}

/* Read the range from where @reader stands. */
static enum sgz_status
read_range(struct sgz_job *job, struct sgz_reader *reader)
{
	struct sgz_error error;
	struct sgz_block *block;
	size_t at = 0, room = 0, n = 1;
	enum sgz_status status = SGZ_OK;

	while (status == SGZ_OK && at < job->len && n > 0) {
		size_t part;

		status = grow_block(job, at, &room);
		if (status != SGZ_OK)
			break;
		part = room - at < RANGE_PART ? room - at : RANGE_PART;
		status = explain(
			job,
			sgz_reader_read(reader,
					sgz_block_get_room(job->block) + at,
					part, &n, &error),
			&error);
		if (status == SGZ_OK)
			at += n;
		if (status == SGZ_OK && at < job->len)
			status = tell_if_due(job, at, job->len);
	}
	if (status == SGZ_OK)
		status = tell(job, at, job->len);
	if (status != SGZ_OK || at == room)
		return status;
	/* the file ended before: the room that is left goes */
	if (at == 0) {
		sgz_block_unref(job->block);
		job->block = NULL;
		return SGZ_OK;
	}
	block = sgz_block_resize(job->block, at);
	if (block == NULL)
		return sgz_error_set_nomem(&job->error, job->path);
	job->block = block;
	return SGZ_OK;
}

static enum sgz_status
decompress_range(struct sgz_job *job)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error;
	enum sgz_status status =
		open_reader(job, watch_seek, watch_seek_scan, &reader);

	if (status == SGZ_OK && job->source_index != NULL)
		status = sgz_reader_set_index(reader, job->source_index,
					      &job->error);
	if (status == SGZ_OK)
		status = explain(job,
				 sgz_reader_seek(reader, job->offset, &error),
				 &error);
	/* beyond the end there is nothing to read, which is no failure */
	if (status == SGZ_OK)
		status = read_range(job, reader);
	else if (status == SGZ_E_RANGE)
		status = tell(job, 0, job->len);
	sgz_reader_close(reader);
	return status;
}

/* Write all of @input; progress is what was read. */
static enum sgz_status
copy_input(struct sgz_job *job, struct sgz_input *input,
	   struct sgz_writer *writer)
{
	enum sgz_status status = SGZ_OK;

	while (status == SGZ_OK) {
		status = sgz_input_fill(input, 1, &job->error);
		if (status != SGZ_OK || sgz_input_ready(input) == 0)
			break;
		status = sgz_writer_write(writer, input->at,
					  sgz_input_ready(input), &job->error);
		input->at = input->end;
		if (status == SGZ_OK)
			status = tell_if_due(job, sgz_input_offset(input),
					     input->size);
	}
	/* blocks in flight can still be cancelled; a stream has none, and a
	 * flush would leave a mark in it */
	if (status == SGZ_OK && job->options.format == SGZ_FORMAT_BGZF)
		status = sgz_writer_flush(writer, &job->error);
	if (status == SGZ_OK)
		status = tell(job, sgz_input_offset(input), input->size);
	return status;
}

static enum sgz_status
compress_file(struct sgz_job *job)
{
	unsigned char busy = 0;
	struct sgz_writer *writer = NULL;
	struct sgz_input input = {
		.memory = &job->memory,
		.busy = &busy,
		.fd = -1,
		.size = SGZ_UNKNOWN,
		.read_size = job->options.read_size,
	};
	enum sgz_status status =
		sgz_input_open_path(&input, job->path, &job->error);

	if (status == SGZ_OK)
		status = sgz_writer_open(job->to, &job->options, &writer,
					 &job->error);
	if (status == SGZ_OK)
		status = copy_input(job, &input, writer);
	/* now or never: after this the file gets its name */
	if (status == SGZ_OK && !settle(job))
		status = check(job);
	if (status == SGZ_OK)
		status = sgz_writer_finish(writer, &job->error);
	sgz_writer_free(writer);
	sgz_input_close(&input, false);
	return status;
}

/* Give the bytes of @job to @writer, in parts. */
static enum sgz_status
write_data(struct sgz_job *job, struct sgz_writer *writer)
{
	enum sgz_status status = SGZ_OK;

	for (size_t at = 0; status == SGZ_OK && at < job->len;) {
		size_t part = job->len - at;

		part = part < RANGE_PART ? part : RANGE_PART;
		status = sgz_writer_write(writer, job->data + at, part,
					  &job->error);
		at += part;
		if (status == SGZ_OK && at < job->len)
			status = tell_if_due(job, at, job->len);
	}
	if (status == SGZ_OK)
		status = job->finish ? sgz_writer_finish(writer, &job->error) :
				       sgz_writer_flush(writer, &job->error);
	return status;
}

static enum sgz_status
pack_data(struct sgz_job *job)
{
	struct sgz_writer *writer = NULL;
	struct sgz_buffer packed;
	enum sgz_status status;

	sgz_buffer_init(&packed,
			job->memory.counted ? NULL : &job->memory.allocator);
	status = sgz_writer_open_memory(&packed, &job->options, &writer,
					&job->error);
	if (status == SGZ_OK)
		status = write_data(job, writer);
	sgz_writer_free(writer);
	if (status == SGZ_OK && packed.len > 0) {
		job->block = sgz_block_new(&job->memory, 0, packed.len);
		if (job->block != NULL)
			memcpy(sgz_block_get_room(job->block), packed.data,
			       packed.len);
		else
			status = sgz_error_set_nomem(&job->error, job->path);
	}
	sgz_buffer_release(&packed);
	if (status == SGZ_OK)
		status = tell(job, job->len, job->len);
	return status;
}

/* The life of a job */

static void
drop_work(struct sgz_job *job)
{
	sgz_memory_free(&job->memory, job->data);
	job->data = NULL;
	sgz_pool_unref(job->options.pool);
	job->options.pool = NULL;
	sgz_codec_unref(job->options.codec);
	job->options.codec = NULL;
	sgz_index_unref(job->source_index);
	job->source_index = NULL;
	sgz_pool_unref(job->pool);
	job->pool = NULL;
}

static void
drop_result(struct sgz_job *job)
{
	sgz_block_unref(job->block);
	job->block = NULL;
	sgz_index_unref(job->index);
	job->index = NULL;
}

static void
free_job(struct sgz_job *job)
{
	struct sgz_job_callbacks callbacks = job->callbacks;
	struct sgz_memory memory = job->memory;

	/* in a child process its thread was at it, and is no more */
	if (job->state != SGZ_JOB_RUNNING) {
		drop_work(job);
		drop_result(job);
	}
	if (job->fd >= 0)
		(void)close(job->fd);
	if (is_here(job)) {
		pthread_cond_destroy(&job->done);
		pthread_mutex_destroy(&job->lock);
	}
	sgz_memory_free(&memory, job->path);
	sgz_memory_free(&memory, job->to);
	sgz_memory_free(&memory, job->data);
	sgz_memory_free(&memory, job);
	if (callbacks.release != NULL)
		callbacks.release(callbacks.ctx);
}

/* Make the end of @job known. It may be gone afterwards, and its pool, too. */
static void
end(struct sgz_job *job, enum sgz_status status)
{
	static const uint64_t one = 1;
	ssize_t put = 0;
	bool last;

	job->error.status = status;
	if (status != SGZ_OK)
		drop_result(job);
	pthread_mutex_lock(&job->lock);
	job->ended = true;
	pthread_mutex_unlock(&job->lock);
	if (job->callbacks.complete != NULL) {
		begin_call(job);
		job->callbacks.complete(job->callbacks.ctx, status);
		end_call(job);
	}
	/* before it is done: who waited for it may want the pool to end */
	drop_work(job);
	pthread_mutex_lock(&job->lock);
	atomic_store(&job->state, SGZ_JOB_DONE);
	last = atomic_load(&job->handles) == 0;
	if (job->fd >= 0)
		put = write(job->fd, &one, sizeof(one));
	/* an eventfd refuses nothing that small */
	(void)put;
	pthread_cond_broadcast(&job->done);
	pthread_mutex_unlock(&job->lock);
	if (last)
		free_job(job);
}

static void
set_running(struct sgz_job *job)
{
	pthread_mutex_lock(&job->lock);
	atomic_store(&job->state, SGZ_JOB_RUNNING);
	pthread_mutex_unlock(&job->lock);
}

static void
run(struct sgz_task *task)
{
	struct sgz_job *job = job_of(task);
	enum sgz_status status;

	set_running(job);
	status = check(job);
	if (status == SGZ_OK)
		status = job->work(job);
	/* a failure that comes after it was cancelled does not count either */
	if (!settle(job))
		status = check(job);
	end(job, status);
}

void
sgz_job_cancel(struct sgz_job *job)
{
	int expected = OPEN;
	bool taken = false;

	if (!is_here(job) ||
	    !atomic_compare_exchange_strong(&job->verdict, &expected,
					    CANCELLED))
		return;
	pthread_mutex_lock(&job->lock);
	/* while it is queued it has its pool */
	if (atomic_load(&job->state) == SGZ_JOB_QUEUED)
		taken = sgz_pool_take_job(job->pool, &job->task);
	if (taken)
		atomic_store(&job->state, SGZ_JOB_RUNNING);
	pthread_mutex_unlock(&job->lock);
	if (taken)
		end(job, check(job));
}

struct sgz_job *
sgz_job_ref(struct sgz_job *job)
{
	atomic_fetch_add_explicit(&job->handles, 1, memory_order_relaxed);
	return job;
}

void
sgz_job_unref(struct sgz_job *job)
{
	bool last;

	if (job == NULL)
		return;
	/* in a child process the lock may be held for ever */
	if (!is_here(job)) {
		if (atomic_fetch_sub(&job->handles, 1) == 1)
			free_job(job);
		return;
	}
	pthread_mutex_lock(&job->lock);
	last = atomic_fetch_sub(&job->handles, 1) == 1 &&
		atomic_load(&job->state) == SGZ_JOB_DONE;
	pthread_mutex_unlock(&job->lock);
	if (last)
		free_job(job);
}

/* Waiting, and what came of it */

/* Lock @job, if it may be asked here. */
static enum sgz_status
lock_job(struct sgz_job *job, bool in_callback, struct sgz_error *error)
{
	if (!is_here(job))
		return sgz_error_set_forked(error, NULL);
	pthread_mutex_lock(&job->lock);
	if (in_callback || !is_in_callback(job))
		return SGZ_OK;
	pthread_mutex_unlock(&job->lock);
	return sgz_error_set_busy(error);
}

static struct timespec
after(int timeout_ms)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += timeout_ms / 1000;
	time.tv_nsec += timeout_ms % 1000 * 1000000L;
	if (time.tv_nsec >= 1000000000L) {
		time.tv_nsec -= 1000000000L;
		time.tv_sec++;
	}
	return time;
}

enum sgz_status
sgz_job_wait(struct sgz_job *job, int timeout_ms, enum sgz_job_state *state_out,
	     struct sgz_error *error)
{
	struct timespec until = { 0, 0 };
	int answer = 0;
	enum sgz_status status = lock_job(job, false, error);

	if (status != SGZ_OK)
		return status;
	if (timeout_ms > 0)
		until = after(timeout_ms);
	while (answer == 0 && timeout_ms != 0 &&
	       atomic_load(&job->state) != SGZ_JOB_DONE) {
		if (timeout_ms < 0)
			answer = pthread_cond_wait(&job->done, &job->lock);
		else
			answer = pthread_cond_timedwait(&job->done, &job->lock,
							&until);
	}
	*state_out = (enum sgz_job_state)atomic_load(&job->state);
	pthread_mutex_unlock(&job->lock);
	return SGZ_OK;
}

enum sgz_job_state
sgz_job_get_state(const struct sgz_job *job)
{
	return (enum sgz_job_state)atomic_load(&job->state);
}

enum sgz_status
sgz_job_get_fd(struct sgz_job *job, int *fd_out, struct sgz_error *error)
{
	enum sgz_status status = lock_job(job, false, error);
	bool done;

	if (status != SGZ_OK)
		return status;
	done = atomic_load(&job->state) == SGZ_JOB_DONE;
	if (job->fd < 0)
		job->fd = eventfd(done, EFD_CLOEXEC | EFD_NONBLOCK);
	if (job->fd < 0)
		status = sgz_error_set_errno(error, errno, NULL, -1,
					     "make an eventfd");
	else
		*fd_out = job->fd;
	pthread_mutex_unlock(&job->lock);
	return status;
}

/* With the lock held: how @job ended. */
static enum sgz_status
get_result(const struct sgz_job *job, struct sgz_error *error)
{
	if (!job->ended)
		return sgz_error_set(error, SGZ_E_STATE, 0, job->path, -1,
				     "the job has not ended");
	if (job->error.status != SGZ_OK && error != NULL)
		*error = job->error;
	return job->error.status;
}

static enum sgz_status
set_taken(const struct sgz_job *job, struct sgz_error *error)
{
	return sgz_error_set(error, SGZ_E_STATE, 0, job->path, -1,
			     "the job has no such result, or it was taken "
			     "before");
}

enum sgz_status
sgz_job_get_result(struct sgz_job *job, struct sgz_error *error)
{
	enum sgz_status status = lock_job(job, true, error);

	if (status != SGZ_OK)
		return status;
	status = get_result(job, error);
	pthread_mutex_unlock(&job->lock);
	return status;
}

enum sgz_status
sgz_job_take_block(struct sgz_job *job, struct sgz_block **block_out,
		   struct sgz_error *error)
{
	enum sgz_status status = lock_job(job, true, error);

	if (status != SGZ_OK)
		return status;
	status = get_result(job, error);
	if (status == SGZ_OK && job->work != decompress_range &&
	    job->work != pack_data)
		status = set_taken(job, error);
	if (status == SGZ_OK) {
		*block_out = job->block;
		job->block = NULL;
		/* also of a range without bytes it is taken once */
		job->work = NULL;
	}
	pthread_mutex_unlock(&job->lock);
	return status;
}

enum sgz_status
sgz_job_take_index(struct sgz_job *job, struct sgz_index **index_out,
		   struct sgz_error *error)
{
	enum sgz_status status = lock_job(job, true, error);

	if (status != SGZ_OK)
		return status;
	status = get_result(job, error);
	if (status == SGZ_OK && job->index == NULL)
		status = set_taken(job, error);
	if (status == SGZ_OK) {
		*index_out = job->index;
		job->index = NULL;
	}
	pthread_mutex_unlock(&job->lock);
	return status;
}

/* Submitting */

/* What a job is to do: all of it is copied. */
struct order {
	work work;
	const char *path;
	const char *to;
	const void *data;
	struct sgz_index *index;
	uint64_t offset;
	size_t len;
	bool verify;
	bool finish;
};

static void
init_lock(struct sgz_job *job)
{
	pthread_condattr_t monotonic;

	/* on Linux these ask for nothing that could be refused */
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&job->done, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	(void)pthread_mutex_init(&job->lock, NULL);
}

/* A job without callbacks, so that a failure releases nothing of the caller. */
static struct sgz_job *
new_job(const struct order *order, struct sgz_options *options)
{
	struct sgz_memory memory;
	struct sgz_job *job;

	sgz_memory_init(&memory, options->allocator);
	job = sgz_memory_alloc(&memory, sizeof(*job));
	if (job == NULL)
		return NULL;
	memset(job, 0, sizeof(*job));
	init_lock(job);
	job->memory = memory;
	job->process = getpid();
	atomic_init(&job->handles, 1);
	job->fd = -1;
	job->work = order->work;
	job->offset = order->offset;
	job->len = order->len;
	job->verify = order->verify;
	job->finish = order->finish;
	job->options = *options;
	job->options.pool = NULL;
	job->options.codec = NULL;
	/* the caller's struct may go, its copy stays as long as the job */
	if (options->allocator != NULL)
		job->options.allocator = &job->memory.allocator;
	job->path = sgz_memory_copy_text(&memory, order->path);
	if (order->to != NULL)
		job->to = sgz_memory_copy_text(&memory, order->to);
	if (order->data != NULL)
		job->data = sgz_memory_alloc(&memory, order->len);
	if (job->path == NULL || (order->to != NULL && job->to == NULL) ||
	    (order->data != NULL && job->data == NULL)) {
		free_job(job);
		return NULL;
	}
	if (order->data != NULL)
		memcpy(job->data, order->data, order->len);
	return job;
}

static enum sgz_status
check_order(const struct sgz_pool *pool, const struct order *order,
	    struct sgz_error *error)
{
	if (pool == NULL || order->path == NULL ||
	    (order->work == compress_file && order->to == NULL))
		return sgz_error_set(error, SGZ_E_INVALID, 0, order->path, -1,
				     "a job needs a pool and its paths");
	if (order->len > 0 && order->work == pack_data && order->data == NULL)
		return sgz_error_set(error, SGZ_E_INVALID, 0, order->path, -1,
				     "data is NULL, and its length is %zu",
				     order->len);
	if (!sgz_pool_is_here(pool))
		return sgz_error_set_forked(error, order->path);
	return SGZ_OK;
}

/* The options of a job, checked and as its kind needs them. */
static enum sgz_status
copy_options(const struct order *order, const struct sgz_options *options,
	     struct sgz_options *checked_out, struct sgz_error *error)
{
	enum sgz_status status = sgz_options_copy(checked_out, options, error);

	if (status != SGZ_OK)
		return status;
	if (order->work == check_file)
		checked_out->skip_crc = 0;
	if (order->work != pack_data)
		return SGZ_OK;
	checked_out->build_index = 0;
	if (checked_out->format == SGZ_FORMAT_BGZF)
		return SGZ_OK;
	return sgz_error_set(error, SGZ_E_UNSUPPORTED, 0, order->path, -1,
			     "only BGZF can be compressed in parts");
}

static enum sgz_status
submit(struct sgz_pool *pool, const struct order *order,
       const struct sgz_options *options,
       const struct sgz_job_callbacks *callbacks, struct sgz_job **job_out,
       struct sgz_error *error)
{
	struct sgz_options checked;
	struct sgz_job *job;
	enum sgz_status status = check_order(pool, order, error);

	if (status == SGZ_OK)
		status = copy_options(order, options, &checked, error);
	if (status != SGZ_OK)
		return status;
	job = new_job(order, &checked);
	if (job == NULL)
		return sgz_error_set_nomem(error, order->path);
	status = sgz_pool_prepare_job(pool, error);
	if (status != SGZ_OK) {
		free_job(job);
		return status;
	}
	job->pool = sgz_pool_ref(pool);
	if (checked.pool != NULL)
		job->options.pool = sgz_pool_ref(checked.pool);
	if (checked.codec != NULL)
		job->options.codec = sgz_codec_ref(checked.codec);
	if (order->index != NULL)
		job->source_index = sgz_index_ref(order->index);
	if (callbacks != NULL)
		job->callbacks = *callbacks;
	job->task.run = run;
	/* first, since a callback may want it */
	*job_out = job;
	sgz_pool_submit_job(pool, &job->task);
	return SGZ_OK;
}

enum sgz_status
sgz_job_submit_compress(struct sgz_pool *pool, const char *from, const char *to,
			const struct sgz_options *options,
			const struct sgz_job_callbacks *callbacks,
			struct sgz_job **job_out, struct sgz_error *error)
{
	const struct order order = {
		.work = compress_file,
		.path = from,
		.to = to,
	};

	return submit(pool, &order, options, callbacks, job_out, error);
}

enum sgz_status
sgz_job_submit_range(struct sgz_pool *pool, const char *path,
		     struct sgz_index *index, uint64_t offset, size_t len,
		     const struct sgz_options *options,
		     const struct sgz_job_callbacks *callbacks,
		     struct sgz_job **job_out, struct sgz_error *error)
{
	const struct order order = {
		.work = decompress_range,
		.path = path,
		.index = index,
		.offset = offset,
		.len = len,
	};

	return submit(pool, &order, options, callbacks, job_out, error);
}

enum sgz_status
sgz_job_submit_index(struct sgz_pool *pool, const char *path, bool verify,
		     const struct sgz_options *options,
		     const struct sgz_job_callbacks *callbacks,
		     struct sgz_job **job_out, struct sgz_error *error)
{
	const struct order order = {
		.work = build_index,
		.path = path,
		.verify = verify,
	};

	return submit(pool, &order, options, callbacks, job_out, error);
}

enum sgz_status
sgz_job_submit_check(struct sgz_pool *pool, const char *path,
		     const struct sgz_options *options,
		     const struct sgz_job_callbacks *callbacks,
		     struct sgz_job **job_out, struct sgz_error *error)
{
	const struct order order = {
		.work = check_file,
		.path = path,
	};

	return submit(pool, &order, options, callbacks, job_out, error);
}

enum sgz_status
sgz_job_submit_compress_memory(struct sgz_pool *pool, const void *data,
			       size_t len, bool finish,
			       const struct sgz_options *options,
			       const struct sgz_job_callbacks *callbacks,
			       struct sgz_job **job_out,
			       struct sgz_error *error)
{
	const struct order order = {
		.work = pack_data,
		/* what messages call it */
		.path = "<memory>",
		.data = len > 0 ? data : NULL,
		.len = len,
		.finish = finish,
	};

	return submit(pool, &order, options, callbacks, job_out, error);
}
