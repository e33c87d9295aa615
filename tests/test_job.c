/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Jobs: each state by what can be done with one, and the result of each kind. */
#include "threads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TEXT_LEN 50000
#define BLOCK 7000

static unsigned char *text;
static struct bytes file;

/* how many threads there are without a pool */
static int threads_alone;

static int
count_threads(void);

static int
setup(void **state)
{
	(void)state;
	enter_dir();
	/* a sanitizer starts its own with the first one */
	sgz_pool_unref(new_pool(2));
	threads_alone = count_threads();
	text = make_text(TEXT_LEN);
	add_bgzf(&file, text, TEXT_LEN, BLOCK);
	put_file("in.bgz", file.data, file.len);
	put_file("plain", text, TEXT_LEN);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	leave_dir();
	free(text);
	bytes_free(&file);
	return 0;
}

/* An allocator that counts for several threads. */
struct locked {
	pthread_mutex_t lock;
	struct counter counter;
	struct sgz_allocator allocator;
};

static void *
locked_alloc(void *ctx, size_t size)
{
	struct locked *locked = ctx;
	void *ptr;

	pthread_mutex_lock(&locked->lock);
	ptr = locked->counter.allocator.alloc(&locked->counter, size);
	pthread_mutex_unlock(&locked->lock);
	return ptr;
}

static void *
locked_realloc(void *ctx, void *ptr, size_t size)
{
	struct locked *locked = ctx;

	pthread_mutex_lock(&locked->lock);
	ptr = locked->counter.allocator.realloc(&locked->counter, ptr, size);
	pthread_mutex_unlock(&locked->lock);
	return ptr;
}

static void
locked_free(void *ctx, void *ptr)
{
	struct locked *locked = ctx;

	pthread_mutex_lock(&locked->lock);
	locked->counter.allocator.free(&locked->counter, ptr);
	pthread_mutex_unlock(&locked->lock);
}

static void
locked_init(struct locked *locked)
{
	pthread_mutex_init(&locked->lock, NULL);
	counter_init(&locked->counter);
	locked->allocator = (struct sgz_allocator){ locked_alloc,
						    locked_realloc, locked_free,
						    locked };
}

/* What is done with a job. */
enum action {
	FORGET,
	CANCEL,
	DROP,
	WAIT,
	POLL,
};

/*
 * A job, and what its callbacks saw. The callbacks run on other threads, where
 * an assertion could not fail the test: they note, and the test looks.
 */
struct subject {
	struct sgz_job *job;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* progress() waits while it is held */
	bool held;
	int calls;
	/* the call that answers with `answer`, and acts; from 1 */
	int stop_at;
	int answer;
	enum action action;
	enum sgz_status acted;
	uint64_t done;
	uint64_t total;
	int completes;
	int releases;
	enum sgz_status status;
	enum sgz_status status_inside;
	enum sgz_job_state state_inside;
	pthread_t thread;
	/* to be given up by release() */
	struct sgz_pool *pool;
};

/* In a callback: what @subject is to do there with its job. */
static void
act_inside(struct subject *subject)
{
	struct sgz_error error;
	enum sgz_job_state state;

	switch (subject->action) {
	case CANCEL:
		sgz_job_cancel(subject->job);
		break;
	case DROP:
		sgz_job_unref(subject->job);
		subject->job = NULL;
		break;
	case WAIT:
		subject->acted = sgz_job_wait(subject->job, -1, &state, &error);
		break;
	case POLL:
		subject->acted = sgz_job_wait(subject->job, 0, &state, &error);
		break;
	case FORGET:
		break;
	}
}

static int
subject_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct subject *subject = ctx;
	int answer = 0;

	pthread_mutex_lock(&subject->lock);
	subject->done = done;
	subject->total = total;
	subject->calls++;
	pthread_cond_broadcast(&subject->changed);
	while (subject->held)
		pthread_cond_wait(&subject->changed, &subject->lock);
	if (subject->calls == subject->stop_at) {
		answer = subject->answer;
		act_inside(subject);
	}
	pthread_mutex_unlock(&subject->lock);
	return answer;
}

static void
subject_complete(void *ctx, enum sgz_status status)
{
	struct subject *subject = ctx;

	pthread_mutex_lock(&subject->lock);
	subject->completes++;
	subject->status = status;
	subject->thread = pthread_self();
	subject->status_inside = status;
	subject->state_inside = SGZ_JOB_RUNNING;
	if (subject->job != NULL) {
		subject->status_inside = sgz_job_get_result(subject->job, NULL);
		subject->state_inside = sgz_job_get_state(subject->job);
	}
	pthread_cond_broadcast(&subject->changed);
	pthread_mutex_unlock(&subject->lock);
}

static void
subject_release(void *ctx)
{
	struct subject *subject = ctx;

	/* before the test learns of it, and leaves */
	sgz_pool_unref(subject->pool);
	pthread_mutex_lock(&subject->lock);
	subject->releases++;
	pthread_cond_broadcast(&subject->changed);
	pthread_mutex_unlock(&subject->lock);
}

static void
subject_init(struct subject *subject)
{
	memset(subject, 0, sizeof(*subject));
	pthread_mutex_init(&subject->lock, NULL);
	pthread_cond_init(&subject->changed, NULL);
}

static struct sgz_job_callbacks
callbacks_of(struct subject *subject)
{
	return (struct sgz_job_callbacks){ subject_progress, subject_complete,
					   subject_release, subject };
}

static void
let_go(struct subject *subject)
{
	pthread_mutex_lock(&subject->lock);
	subject->held = false;
	pthread_cond_broadcast(&subject->changed);
	pthread_mutex_unlock(&subject->lock);
}

/* Wait until one of the counts of @subject is not 0. */
static void
await(struct subject *subject, const int *count)
{
	pthread_mutex_lock(&subject->lock);
	while (*count == 0)
		pthread_cond_wait(&subject->changed, &subject->lock);
	pthread_mutex_unlock(&subject->lock);
}

static void
wait_done(struct sgz_job *job)
{
	enum sgz_job_state state;
	struct sgz_error error;

	assert_ok(sgz_job_wait(job, -1, &state, &error), &error);
	assert_int_equal(state, SGZ_JOB_DONE);
	assert_int_equal(sgz_job_get_state(job), SGZ_JOB_DONE);
}

/* The threads of this process; a sanitizer has some of its own. */
static int
count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

/*
 * Wait until no thread of a pool is left. A thread whose job dropped the pool
 * joins nobody, and those who look for leaks should find that it has gone.
 */
static void
await_threads(void)
{
	static const struct timespec pause = { 0, 1000000 };
	int pauses = 0;

	while (count_threads() > threads_alone && ++pauses < 30000)
		nanosleep(&pause, NULL);
	assert_true(count_threads() <= threads_alone);
}

/* --- each state by each action --- */

enum state {
	QUEUED,
	RUNNING,
	CALLBACK,
	DONE,
	FAILED,
	CANCELLED,
	/* as RUNNING and DONE, of a job that compresses memory */
	PACKING,
	PACKED,
};

struct cell {
	enum state state;
	enum action action;
	struct locked locked;
	struct sgz_options options;
	struct sgz_pool *pool;
	struct subject subject;
	/* it keeps the only thread, in QUEUED */
	struct subject blocker;
	/* the end of a pipe that the job reads from, in RUNNING */
	int fd;
};

static void
submit_check(struct cell *cell, struct subject *subject, const char *path)
{
	const struct sgz_job_callbacks callbacks = callbacks_of(subject);
	struct sgz_error error;

	assert_ok(sgz_job_submit_check(cell->pool, path, &cell->options,
				       &callbacks, &subject->job, &error),
		  &error);
}

/* The bytes are gone when this returns. */
static void
submit_pack(struct cell *cell)
{
	const struct sgz_job_callbacks callbacks = callbacks_of(&cell->subject);
	unsigned char *lent = malloc(TEXT_LEN);
	struct sgz_error error;

	assert_non_null(lent);
	memcpy(lent, text, TEXT_LEN);
	assert_ok(sgz_job_submit_compress_memory(
			  cell->pool, lent, TEXT_LEN, true, &cell->options,
			  &callbacks, &cell->subject.job, &error),
		  &error);
	memset(lent, 0xee, TEXT_LEN);
	free(lent);
}

static void
submit_fifo(struct cell *cell)
{
	const struct sgz_job_callbacks callbacks = callbacks_of(&cell->subject);
	struct sgz_error error;

	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_ok(sgz_job_submit_compress(cell->pool, "fifo", "out.bgz",
					  &cell->options, &callbacks,
					  &cell->subject.job, &error),
		  &error);
	/* until the job has opened its end, this one waits */
	cell->fd = open("fifo", O_WRONLY | O_CLOEXEC);
	assert_true(cell->fd >= 0);
}

/* Have the job in the state of @cell. */
static void
enter_state(struct cell *cell)
{
	struct subject *subject = &cell->subject;

	switch (cell->state) {
	case QUEUED:
		cell->blocker.held = true;
		submit_check(cell, &cell->blocker, "in.bgz");
		await(&cell->blocker, &cell->blocker.calls);
		submit_check(cell, subject, "in.bgz");
		assert_int_equal(sgz_job_get_state(subject->job),
				 SGZ_JOB_QUEUED);
		break;
	case RUNNING:
		submit_fifo(cell);
		break;
	case CALLBACK:
		subject->stop_at = 2;
		subject->action = cell->action;
		submit_check(cell, subject, "in.bgz");
		break;
	case DONE:
	case FAILED:
		submit_check(cell, subject,
			     cell->state == DONE ? "in.bgz" : "missing");
		wait_done(subject->job);
		break;
	case CANCELLED:
		subject->held = true;
		submit_check(cell, subject, "in.bgz");
		await(subject, &subject->calls);
		sgz_job_cancel(subject->job);
		let_go(subject);
		wait_done(subject->job);
		break;
	case PACKING:
		subject->held = true;
		submit_pack(cell);
		await(subject, &subject->calls);
		break;
	case PACKED:
		submit_pack(cell);
		wait_done(subject->job);
		break;
	}
}

/* What keeps the job in its state ends. */
static void
leave_state(struct cell *cell)
{
	if (cell->state == QUEUED)
		let_go(&cell->blocker);
	if (cell->state == PACKING)
		let_go(&cell->subject);
	if (cell->state == RUNNING) {
		assert_int_equal(write(cell->fd, text, 100), 100);
		close(cell->fd);
	}
}

static bool
has_ended(const struct cell *cell)
{
	return cell->state >= DONE && cell->state != PACKING;
}

static void *
wait_elsewhere(void *ctx)
{
	enum sgz_job_state state = SGZ_JOB_QUEUED;
	struct cell *cell = ctx;

	if (sgz_job_wait(cell->subject.job, -1, &state, NULL) != SGZ_OK ||
	    state != SGZ_JOB_DONE)
		abort();
	return NULL;
}

static void
act_poll(struct cell *cell)
{
	struct sgz_job *job = cell->subject.job;
	struct pollfd poll_fd = { .fd = -1, .events = POLLIN };
	enum sgz_job_state state;
	struct sgz_error error;

	assert_ok(sgz_job_wait(job, 0, &state, &error), &error);
	assert_int_equal(state,
			 has_ended(cell)	       ? SGZ_JOB_DONE :
				 cell->state == QUEUED ? SGZ_JOB_QUEUED :
							 SGZ_JOB_RUNNING);
	assert_ok(sgz_job_get_fd(job, &poll_fd.fd, &error), &error);
	assert_int_equal(poll(&poll_fd, 1, 0), has_ended(cell));
	leave_state(cell);
	assert_int_equal(poll(&poll_fd, 1, -1), 1);
	assert_int_equal(poll_fd.revents, POLLIN);
}

/* Do with the job what @cell says, from outside. */
static void
act_outside(struct cell *cell)
{
	pthread_t thread;

	switch (cell->action) {
	case FORGET:
		break;
	case CANCEL:
		sgz_job_cancel(cell->subject.job);
		break;
	case DROP:
		sgz_job_unref(cell->subject.job);
		cell->subject.job = NULL;
		if (has_ended(cell))
			assert_int_equal(cell->subject.releases, 1);
		break;
	case WAIT:
		assert_int_equal(
			pthread_create(&thread, NULL, wait_elsewhere, cell), 0);
		leave_state(cell);
		pthread_join(thread, NULL);
		return;
	case POLL:
		act_poll(cell);
		return;
	}
	leave_state(cell);
}

static enum sgz_status
wanted_status(const struct cell *cell)
{
	if (cell->state == FAILED)
		return SGZ_E_IO;
	if (cell->state == CANCELLED)
		return SGZ_E_CANCELLED;
	if (!has_ended(cell) && cell->action == CANCEL)
		return SGZ_E_CANCELLED;
	return SGZ_OK;
}

static void
check_cell(struct cell *cell)
{
	struct subject *subject = &cell->subject;

	await(subject, &subject->completes);
	if (cell->action == DROP)
		await(subject, &subject->releases);
	else
		wait_done(subject->job);
	assert_int_equal(subject->status, wanted_status(cell));
	assert_int_equal(subject->status_inside, subject->status);
	if (cell->state == CALLBACK && cell->action >= WAIT)
		assert_int_equal(subject->acted, SGZ_E_STATE);
	if (cell->state == RUNNING)
		assert_int_equal(access("out.bgz", F_OK),
				 cell->action == CANCEL ? -1 : 0);
	if (subject->job != NULL) {
		assert_int_equal(sgz_job_get_result(subject->job, NULL),
				 subject->status);
		assert_int_equal(subject->releases, 0);
		sgz_job_unref(subject->job);
	}
	if (cell->state == QUEUED) {
		wait_done(cell->blocker.job);
		sgz_job_unref(cell->blocker.job);
	}
}

static void
run_cell_once(enum state state, enum action action)
{
	struct cell cell = { .state = state, .action = action };

	locked_init(&cell.locked);
	cell.options = (struct sgz_options)SGZ_OPTIONS_INIT;
	cell.options.allocator = &cell.locked.allocator;
	cell.options.progress_interval = 1;
	cell.pool = new_pool(1);
	subject_init(&cell.subject);
	subject_init(&cell.blocker);
	enter_state(&cell);
	if (state != CALLBACK)
		act_outside(&cell);
	check_cell(&cell);
	sgz_pool_unref(cell.pool);
	/* its thread has ended: nothing can come any more */
	assert_int_equal(cell.subject.completes, 1);
	assert_int_equal(cell.subject.releases, 1);
	assert_none_live(&cell.locked.counter);
	unlink("fifo");
	unlink("out.bgz");
}

static void
run_cell(enum state state, enum action action)
{
	const char *repeat = getenv("SGZ_TEST_REPEAT");
	int rounds = repeat != NULL ? atoi(repeat) : 3;

	for (int i = 0; i < rounds; i++)
		run_cell_once(state, action);
}

#define CELL(name, state, action)                \
	static void test_job__##name(void **ctx) \
	{                                        \
		(void)ctx;                       \
		run_cell(state, action);         \
	}

#define EACH_CELL(X)                               \
	X(queued_forgotten, QUEUED, FORGET)        \
	X(queued_cancelled, QUEUED, CANCEL)        \
	X(queued_dropped, QUEUED, DROP)            \
	X(queued_waited_for, QUEUED, WAIT)         \
	X(queued_polled, QUEUED, POLL)             \
	X(running_forgotten, RUNNING, FORGET)      \
	X(running_cancelled, RUNNING, CANCEL)      \
	X(running_dropped, RUNNING, DROP)          \
	X(running_waited_for, RUNNING, WAIT)       \
	X(running_polled, RUNNING, POLL)           \
	X(in_callback_forgotten, CALLBACK, FORGET) \
	X(in_callback_cancelled, CALLBACK, CANCEL) \
	X(in_callback_dropped, CALLBACK, DROP)     \
	X(in_callback_waited_for, CALLBACK, WAIT)  \
	X(in_callback_polled, CALLBACK, POLL)      \
	X(done_forgotten, DONE, FORGET)            \
	X(done_cancelled, DONE, CANCEL)            \
	X(done_dropped, DONE, DROP)                \
	X(done_waited_for, DONE, WAIT)             \
	X(done_polled, DONE, POLL)                 \
	X(failed_forgotten, FAILED, FORGET)        \
	X(failed_cancelled, FAILED, CANCEL)        \
	X(failed_dropped, FAILED, DROP)            \
	X(failed_waited_for, FAILED, WAIT)         \
	X(failed_polled, FAILED, POLL)             \
	X(cancelled_forgotten, CANCELLED, FORGET)  \
	X(cancelled_cancelled, CANCELLED, CANCEL)  \
	X(cancelled_dropped, CANCELLED, DROP)      \
	X(cancelled_waited_for, CANCELLED, WAIT)   \
	X(cancelled_polled, CANCELLED, POLL)       \
	X(packing_forgotten, PACKING, FORGET)      \
	X(packing_cancelled, PACKING, CANCEL)      \
	X(packing_dropped, PACKING, DROP)          \
	X(packing_waited_for, PACKING, WAIT)       \
	X(packing_polled, PACKING, POLL)           \
	X(packed_forgotten, PACKED, FORGET)        \
	X(packed_cancelled, PACKED, CANCEL)        \
	X(packed_dropped, PACKED, DROP)            \
	X(packed_waited_for, PACKED, WAIT)         \
	X(packed_polled, PACKED, POLL)

EACH_CELL(CELL)

/* --- what comes of each kind --- */

static struct sgz_block *
get_range(struct sgz_pool *pool, const char *path, struct sgz_index *index,
	  uint64_t offset, size_t len)
{
	struct sgz_block *block = NULL;
	struct sgz_job *job = NULL;
	struct sgz_error error;

	assert_ok(sgz_job_submit_range(pool, path, index, offset, len, NULL,
				       NULL, &job, &error),
		  &error);
	wait_done(job);
	assert_ok(sgz_job_take_block(job, &block, &error), &error);
	assert_failure(SGZ_E_STATE, sgz_job_take_block(job, &block, &error),
		       &error);
	sgz_job_unref(job);
	return block;
}

static void
check_range(struct sgz_pool *pool, const char *path, struct sgz_index *index,
	    uint64_t offset, size_t len)
{
	struct sgz_block *block = get_range(pool, path, index, offset, len);
	size_t wanted = 0, got = 0;

	if (offset < TEXT_LEN)
		wanted = len < TEXT_LEN - offset ? len : TEXT_LEN - offset;
	if (wanted == 0) {
		assert_null(block);
		return;
	}
	assert_non_null(block);
	assert_memory_equal(sgz_block_get_data(block, &got), text + offset,
			    wanted);
	assert_int_equal(got, wanted);
	assert_int_equal(sgz_block_get_offset(block), offset);
	sgz_block_unref(block);
}

static struct sgz_index *
get_index(struct sgz_pool *pool, bool verify)
{
	struct sgz_index *index = NULL;
	struct sgz_block *block = NULL;
	struct sgz_job *job = NULL;
	struct sgz_error error;

	assert_ok(sgz_job_submit_index(pool, "in.bgz", verify, NULL, NULL, &job,
				       &error),
		  &error);
	wait_done(job);
	assert_failure(SGZ_E_STATE, sgz_job_take_block(job, &block, &error),
		       &error);
	assert_ok(sgz_job_take_index(job, &index, &error), &error);
	assert_failure(SGZ_E_STATE, sgz_job_take_index(job, &index, &error),
		       &error);
	sgz_job_unref(job);
	return index;
}

static void
test_job__a_range_is_what_a_reader_reads(void **ctx)
{
	static const uint64_t offsets[] = { 0,
					    1,
					    BLOCK - 1,
					    BLOCK,
					    TEXT_LEN - 1,
					    TEXT_LEN,
					    TEXT_LEN + 1,
					    UINT64_MAX };
	static const size_t lens[] = { 0, 1, BLOCK, 3 * BLOCK + 1, SIZE_MAX };
	struct sgz_pool *pool = new_pool(2);
	struct sgz_index *index = get_index(pool, false);
	struct bytes plain = { NULL, 0, 0 };

	(void)ctx;
	add_member(&plain, text, TEXT_LEN);
	put_file("in.gz", plain.data, plain.len);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		for (size_t j = 0; j < sizeof(lens) / sizeof(lens[0]); j++) {
			check_range(pool, "in.bgz", index, offsets[i], lens[j]);
			check_range(pool, "in.bgz", NULL, offsets[i], lens[j]);
			check_range(pool, "in.gz", NULL, offsets[i], lens[j]);
		}
	}
	bytes_free(&plain);
	sgz_index_unref(index);
	sgz_pool_unref(pool);
}

/* More than the room that a range gets at first. */
static void
test_job__a_long_range_grows(void **ctx)
{
	size_t len = 5u << 20;
	unsigned char *data = make_text(len);
	struct sgz_pool *pool = new_pool(1);
	struct bytes big = { NULL, 0, 0 };
	struct sgz_block *block;
	size_t got;

	(void)ctx;
	add_member(&big, data, len);
	put_file("big.gz", big.data, big.len);
	block = get_range(pool, "big.gz", NULL, 3, SIZE_MAX);
	assert_memory_equal(sgz_block_get_data(block, &got), data + 3, len - 3);
	assert_int_equal(got, len - 3);
	sgz_block_unref(block);
	sgz_pool_unref(pool);
	unlink("big.gz");
	bytes_free(&big);
	free(data);
}

static void
test_job__an_index_is_what_a_reader_builds(void **ctx)
{
	struct sgz_pool *pool = new_pool(1);
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_index *wanted = NULL;
	struct sgz_error error;
	size_t count, got;

	(void)ctx;
	assert_ok(sgz_index_build(reader, true, &wanted, &error), &error);
	sgz_index_get_entries(wanted, &count);
	for (int verify = 0; verify < 2; verify++) {
		struct sgz_index *index = get_index(pool, verify);
		const struct sgz_index_entry *entries =
			sgz_index_get_entries(index, &got);

		assert_int_equal(got, count);
		assert_memory_equal(entries,
				    sgz_index_get_entries(wanted, &count),
				    count * sizeof(*entries));
		sgz_index_unref(index);
	}
	sgz_index_unref(wanted);
	sgz_reader_close(reader);
	sgz_pool_unref(pool);
}

static enum sgz_status
end_of_check(struct sgz_pool *pool, const char *path, struct sgz_error *error)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_job *job = NULL;
	enum sgz_status status;

	options.skip_crc = 1;
	assert_ok(sgz_job_submit_check(pool, path, &options, NULL, &job, error),
		  error);
	wait_done(job);
	status = sgz_job_get_result(job, error);
	sgz_job_unref(job);
	return status;
}

static void
test_job__a_check_finds_what_is_wrong(void **ctx)
{
	struct sgz_pool *pool = new_pool(1);
	struct sgz_error error;
	struct bytes bad = { NULL, 0, 0 };

	(void)ctx;
	assert_ok(end_of_check(pool, "in.bgz", &error), &error);
	bytes_add(&bad, file.data, file.len);
	/* the CRC-32 of the last block with data, before the end marker */
	bad.data[bad.len - 28 - 8] ^= 1;
	put_file("bad.bgz", bad.data, bad.len);
	assert_failure(SGZ_E_CRC, end_of_check(pool, "bad.bgz", &error),
		       &error);
	assert_non_null(strstr(error.text, "bad.bgz"));
	put_file("bad.bgz", bad.data, bad.len - 28);
	assert_failure(SGZ_E_CRC, end_of_check(pool, "bad.bgz", &error),
		       &error);
	put_file("bad.bgz", file.data, file.len - 28);
	assert_failure(SGZ_E_TRUNCATED, end_of_check(pool, "bad.bgz", &error),
		       &error);
	assert_failure(SGZ_E_IO, end_of_check(pool, "missing", &error), &error);
	assert_int_equal(error.sys_errno, ENOENT);
	unlink("bad.bgz");
	bytes_free(&bad);
	sgz_pool_unref(pool);
}

/* The file that a writer with @options makes of the text. */
static struct bytes
write_plain(const struct sgz_options *options)
{
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct bytes bytes = { NULL, 0, 0 };
	struct sgz_writer *writer = NULL;
	struct sgz_error error;

	assert_ok(sgz_writer_open_memory(&buffer, options, &writer, &error),
		  &error);
	assert_ok(sgz_writer_write(writer, text, TEXT_LEN, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	bytes_add(&bytes, buffer.data, buffer.len);
	sgz_buffer_release(&buffer);
	return bytes;
}

/* What a failed job did not make cannot be taken: the failure says why. */
static void
test_job__a_failure_is_told_whatever_is_asked_for(void **ctx)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_pool *pool = new_pool(1);
	struct sgz_job *job = NULL;
	struct sgz_block *block = NULL;
	struct sgz_index *index = NULL;
	struct sgz_error error;

	(void)ctx;
	assert_ok(sgz_job_submit_index(pool, "missing", true, &options, NULL,
				       &job, &error),
		  &error);
	wait_done(job);
	assert_failure(SGZ_E_IO, sgz_job_take_index(job, &index, &error),
		       &error);
	assert_int_equal(error.sys_errno, ENOENT);
	assert_failure(SGZ_E_IO, sgz_job_take_block(job, &block, &error),
		       &error);
	assert_null(index);
	assert_null(block);
	sgz_job_unref(job);
	sgz_pool_unref(pool);
}

static void
test_job__compresses_to_the_bytes_of_a_writer(void **ctx)
{
	struct sgz_pool *pool = new_pool(2);

	(void)ctx;
	for (int format = SGZ_FORMAT_BGZF; format <= SGZ_FORMAT_GZIP;
	     format++) {
		for (int pooled = 0; pooled < 2; pooled++) {
			struct sgz_options options = SGZ_OPTIONS_INIT;
			struct sgz_job *job = NULL;
			struct bytes wanted, got;
			struct sgz_error error;

			options.format = (unsigned int)format & 3;
			options.block_size = BLOCK;
			wanted = write_plain(&options);
			options.pool = pooled ? pool : NULL;
			assert_ok(sgz_job_submit_compress(pool, "plain",
							  "out.gz", &options,
							  NULL, &job, &error),
				  &error);
			wait_done(job);
			assert_ok(sgz_job_get_result(job, &error), &error);
			sgz_job_unref(job);
			got = get_file("out.gz");
			assert_int_equal(got.len, wanted.len);
			assert_memory_equal(got.data, wanted.data, got.len);
			unlink("out.gz");
			bytes_free(&got);
			bytes_free(&wanted);
		}
	}
	sgz_pool_unref(pool);
}

/* What a job makes of a part of the text is added to @to. */
static void
pack_part(struct sgz_pool *pool, const struct sgz_options *options, size_t at,
	  size_t len, bool finish, struct bytes *to)
{
	struct sgz_block *block = NULL;
	struct sgz_index *index = NULL;
	struct sgz_job *job = NULL;
	struct sgz_error error;
	const void *data;
	size_t size;

	assert_ok(sgz_job_submit_compress_memory(
			  pool, len > 0 ? text + at : NULL, len, finish,
			  options, NULL, &job, &error),
		  &error);
	wait_done(job);
	assert_failure(SGZ_E_STATE, sgz_job_take_index(job, &index, &error),
		       &error);
	assert_ok(sgz_job_take_block(job, &block, &error), &error);
	assert_failure(SGZ_E_STATE, sgz_job_take_block(job, &block, &error),
		       &error);
	sgz_job_unref(job);
	assert_int_equal(block != NULL, len > 0 || finish);
	if (block == NULL)
		return;
	assert_int_equal(sgz_block_get_offset(block), 0);
	data = sgz_block_get_data(block, &size);
	bytes_add(to, data, size);
	sgz_block_unref(block);
}

static void
test_job__packs_parts_to_the_bytes_of_a_writer(void **ctx)
{
	/* blocks of a part; and what one job gets is all, in the end */
	static const size_t blocks[] = { 1, 2, 5, TEXT_LEN };
	struct sgz_pool *pool = new_pool(2);

	(void)ctx;
	for (int way = 0; way < 16; way++) {
		struct sgz_options options = SGZ_OPTIONS_INIT;
		size_t part = BLOCK * blocks[way % 4], at = 0;
		struct bytes wanted, got = { NULL, 0, 0 };

		options.block_size = BLOCK;
		options.build_index = 1;
		options.level = way < 8 ? 6 : 0;
		wanted = write_plain(&options);
		options.pool = way / 4 % 2 ? pool : NULL;
		for (; TEXT_LEN - at > part; at += part)
			pack_part(pool, &options, at, part, false, &got);
		pack_part(pool, &options, at, TEXT_LEN - at, way % 3 == 0,
			  &got);
		/* the end without bytes is a marker alone */
		pack_part(pool, &options, 0, 0, false, &got);
		if (way % 3 != 0)
			pack_part(pool, &options, 0, 0, true, &got);
		assert_int_equal(got.len, wanted.len);
		assert_memory_equal(got.data, wanted.data, got.len);
		bytes_free(&got);
		bytes_free(&wanted);
	}
	sgz_pool_unref(pool);
}

/* A queued job: the bytes that it was lent are gone before it begins. */
static void
test_job__packs_a_copy_of_the_bytes(void **ctx)
{
	struct cell cell = { .state = QUEUED };
	struct sgz_block *block = NULL;
	struct subject behind;
	struct sgz_error error;
	struct bytes wanted;
	const void *data;
	size_t size;

	(void)ctx;
	cell.options = (struct sgz_options)SGZ_OPTIONS_INIT;
	cell.options.progress_interval = 1;
	wanted = write_plain(&cell.options);
	cell.pool = new_pool(1);
	subject_init(&cell.subject);
	subject_init(&cell.blocker);
	enter_state(&cell);
	behind = cell.subject;
	submit_pack(&cell);
	let_go(&cell.blocker);
	wait_done(cell.subject.job);
	assert_ok(sgz_job_take_block(cell.subject.job, &block, &error), &error);
	data = sgz_block_get_data(block, &size);
	assert_int_equal(size, wanted.len);
	assert_memory_equal(data, wanted.data, size);
	sgz_block_unref(block);
	bytes_free(&wanted);
	sgz_job_unref(behind.job);
	sgz_job_unref(cell.subject.job);
	sgz_job_unref(cell.blocker.job);
	sgz_pool_unref(cell.pool);
}

/* More than is packed between two looks at the verdict. */
static void
test_job__tells_how_much_of_memory_is_packed(void **ctx)
{
	enum {
		LEN = 700000
	};
	struct sgz_pool *pool = new_pool(1);
	struct sgz_options options = SGZ_OPTIONS_INIT;
	unsigned char *data = make_text(LEN);
	struct sgz_job_callbacks callbacks;
	struct subject subject;
	struct sgz_error error;

	(void)ctx;
	options.level = 1;
	options.progress_interval = 1;
	for (int at = 1; at < 5; at++) {
		subject_init(&subject);
		subject.stop_at = at;
		subject.answer = 3;
		callbacks = callbacks_of(&subject);
		assert_ok(sgz_job_submit_compress_memory(pool, data, LEN, true,
							 &options, &callbacks,
							 &subject.job, &error),
			  &error);
		wait_done(subject.job);
		assert_int_equal(sgz_job_get_result(subject.job, &error),
				 at < 4 ? SGZ_E_CANCELLED : SGZ_OK);
		assert_int_equal(subject.calls, at < 4 ? at : 3);
		assert_int_equal(subject.total, LEN);
		assert_true(at < 3 ? subject.done < LEN : subject.done == LEN);
		sgz_job_unref(subject.job);
	}
	free(data);
	sgz_pool_unref(pool);
}

/* --- whole or not at all --- */

/* Compress, and stop in the progress call number @at. */
static enum sgz_status
compress_and_stop(struct sgz_pool *pool, struct subject *subject, int at,
		  enum action action, struct sgz_error *error)
{
	const struct sgz_job_callbacks callbacks = callbacks_of(subject);
	struct sgz_options options = SGZ_OPTIONS_INIT;
	enum sgz_status status;

	subject_init(subject);
	subject->stop_at = at;
	subject->action = action;
	subject->answer = action == FORGET ? 77 : 0;
	options.progress_interval = 1;
	options.read_size = BLOCK;
	options.block_size = BLOCK;
	options.pool = pool;
	assert_ok(sgz_job_submit_compress(pool, "plain", "out.gz", &options,
					  &callbacks, &subject->job, error),
		  error);
	wait_done(subject->job);
	status = sgz_job_get_result(subject->job, error);
	sgz_job_unref(subject->job);
	return status;
}

static void
test_job__a_cancelled_job_leaves_no_file(void **ctx)
{
	struct sgz_pool *pool = new_pool(2);
	size_t files = count_files();
	struct sgz_error error;
	struct subject subject;
	struct bytes kept;
	int at = 0;

	(void)ctx;
	for (;;) {
		enum action action = ++at % 2 != 0 ? FORGET : CANCEL;
		enum sgz_status status =
			compress_and_stop(pool, &subject, at, action, &error);

		if (status == SGZ_OK)
			break;
		assert_failure(SGZ_E_CANCELLED, status, &error);
		assert_int_equal(error.sys_errno, at % 2 != 0 ? 77 : 0);
		assert_int_equal(subject.calls, at);
		assert_int_equal(count_files(), files);
	}
	/* each read, and the end */
	assert_true(at > TEXT_LEN / BLOCK + 1);
	assert_int_equal(subject.done, TEXT_LEN);
	assert_int_equal(subject.total, TEXT_LEN);
	assert_int_equal(count_files(), files + 1);
	/* nor does it touch the one that is there */
	put_file("out.gz", "former", 6);
	assert_failure(
		SGZ_E_CANCELLED,
		compress_and_stop(pool, &subject, at - 1, CANCEL, &error),
		&error);
	kept = get_file("out.gz");
	assert_int_equal(kept.len, 6);
	bytes_free(&kept);
	unlink("out.gz");
	sgz_pool_unref(pool);
}

/* Each kind ends soon, wherever it is stopped. */
static void
test_job__each_kind_can_be_cancelled_at_each_point(void **ctx)
{
	struct sgz_pool *pool = new_pool(1);
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error;

	(void)ctx;
	options.progress_interval = 1;
	for (int kind = 0; kind < 4; kind++) {
		enum sgz_status status = SGZ_E_CANCELLED;

		for (int at = 1; status != SGZ_OK; at++) {
			struct sgz_job_callbacks callbacks;
			struct subject subject;

			subject_init(&subject);
			subject.stop_at = at;
			subject.answer = -5;
			callbacks = callbacks_of(&subject);
			if (kind == 0)
				status = sgz_job_submit_check(
					pool, "in.bgz", &options, &callbacks,
					&subject.job, &error);
			else if (kind == 1)
				status = sgz_job_submit_range(
					pool, "in.bgz", NULL, 10, TEXT_LEN,
					&options, &callbacks, &subject.job,
					&error);
			else
				status = sgz_job_submit_index(
					pool, "in.bgz", kind == 3, &options,
					&callbacks, &subject.job, &error);
			assert_ok(status, &error);
			wait_done(subject.job);
			status = sgz_job_get_result(subject.job, &error);
			sgz_job_unref(subject.job);
			assert_true(subject.calls >= 1);
			if (status == SGZ_OK)
				continue;
			assert_failure(SGZ_E_CANCELLED, status, &error);
			assert_int_equal(error.sys_errno, -5);
			assert_int_equal(subject.calls, at);
		}
	}
	sgz_pool_unref(pool);
}

/* --- threads, time and memory --- */

static void
test_job__a_cancelled_queued_job_ends_in_the_call(void **ctx)
{
	struct cell cell = { .state = QUEUED };

	(void)ctx;
	cell.options = (struct sgz_options)SGZ_OPTIONS_INIT;
	cell.options.progress_interval = 1;
	cell.pool = new_pool(1);
	subject_init(&cell.subject);
	subject_init(&cell.blocker);
	enter_state(&cell);
	sgz_job_cancel(cell.subject.job);
	/* although the thread is not free */
	assert_int_equal(cell.subject.completes, 1);
	assert_true(pthread_equal(cell.subject.thread, pthread_self()));
	assert_int_equal(cell.subject.state_inside, SGZ_JOB_RUNNING);
	assert_int_equal(sgz_job_get_state(cell.subject.job), SGZ_JOB_DONE);
	let_go(&cell.blocker);
	wait_done(cell.blocker.job);
	assert_false(pthread_equal(cell.blocker.thread, pthread_self()));
	sgz_job_unref(cell.blocker.job);
	sgz_job_unref(cell.subject.job);
	sgz_pool_unref(cell.pool);
}

static void *
refusing_encoder(int32_t level, const struct sgz_allocator *allocator)
{
	(void)level;
	(void)allocator;
	return text;
}

static void *
refusing_decoder(const struct sgz_allocator *allocator)
{
	(void)allocator;
	return text;
}

static enum sgz_codec_answer
refuse_to_compress(void *encoder, const void *in, size_t in_len, void *out,
		   size_t room, size_t *made_out)
{
	(void)encoder;
	(void)in;
	(void)in_len;
	(void)out;
	(void)room;
	(void)made_out;
	return SGZ_CODEC_BROKEN;
}

static enum sgz_codec_answer
refuse_to_decompress(void *decoder, const void *in, size_t in_len, void *out,
		     size_t out_len, size_t room, size_t *used_out)
{
	(void)out_len;
	return refuse_to_compress(decoder, in, in_len, out, room, used_out);
}

static void
free_nothing(void *coder)
{
	(void)coder;
}

/* The codec of a job's options is the job's, too. */
static void
test_job__keeps_its_codec(void **ctx)
{
	static const struct sgz_codec_vtable functions = {
		.size = sizeof(functions),
		.abi = SGZ_CODEC_ABI,
		.level_least = 1,
		.level_most = 1,
		.level_default = 1,
		.name = "refusing",
		.version = "1",
		.new_encoder = refusing_encoder,
		.compress_block = refuse_to_compress,
		.free_encoder = free_nothing,
		.new_decoder = refusing_decoder,
		.decompress_block = refuse_to_decompress,
		.free_decoder = free_nothing,
	};
	struct cell cell = { .state = QUEUED };
	struct subject third;
	struct locked locked;
	struct sgz_error error;

	(void)ctx;
	locked_init(&locked);
	cell.options = (struct sgz_options)SGZ_OPTIONS_INIT;
	cell.pool = new_pool(1);
	subject_init(&cell.subject);
	subject_init(&cell.blocker);
	subject_init(&third);
	enter_state(&cell);
	assert_ok(sgz_codec_new(&functions, &locked.allocator,
				&cell.options.codec, &error),
		  &error);
	submit_check(&cell, &third, "in.bgz");
	sgz_codec_unref(cell.options.codec);
	assert_int_equal(locked.counter.live, 1);
	let_go(&cell.blocker);
	let_go(&third);
	wait_done(third.job);
	assert_failure(SGZ_E_CALLBACK, sgz_job_get_result(third.job, &error),
		       &error);
	assert_non_null(strstr(error.text, "refusing"));
	sgz_job_unref(third.job);
	sgz_job_unref(cell.blocker.job);
	sgz_job_unref(cell.subject.job);
	sgz_pool_unref(cell.pool);
	assert_int_equal(locked.counter.live, 0);
}

static void
test_job__waits_no_longer_than_asked(void **ctx)
{
	struct cell cell = { .state = QUEUED };
	enum sgz_job_state state;
	struct sgz_error error;

	(void)ctx;
	cell.options = (struct sgz_options)SGZ_OPTIONS_INIT;
	cell.pool = new_pool(1);
	subject_init(&cell.subject);
	subject_init(&cell.blocker);
	enter_state(&cell);
	assert_ok(sgz_job_wait(cell.subject.job, 5, &state, &error), &error);
	assert_int_equal(state, SGZ_JOB_QUEUED);
	assert_ok(sgz_job_wait(cell.blocker.job, 5, &state, &error), &error);
	assert_int_equal(state, SGZ_JOB_RUNNING);
	assert_failure(SGZ_E_STATE,
		       sgz_job_get_result(cell.blocker.job, &error), &error);
	let_go(&cell.blocker);
	wait_done(cell.subject.job);
	assert_ok(sgz_job_wait(cell.subject.job, 3600 * 1000, &state, &error),
		  &error);
	assert_int_equal(state, SGZ_JOB_DONE);
	sgz_job_unref(cell.blocker.job);
	sgz_job_unref(cell.subject.job);
	sgz_pool_unref(cell.pool);
}

struct waiter {
	struct sgz_job *job;
	pthread_barrier_t *barrier;
	enum sgz_job_state state;
};

static void *
wait_beside_others(void *ctx)
{
	struct waiter *waiter = ctx;

	pthread_barrier_wait(waiter->barrier);
	(void)sgz_job_wait(waiter->job, -1, &waiter->state, NULL);
	return NULL;
}

/* The end of a job wakes every thread that waits for it. */
static void
test_job__several_threads_wait(void **ctx)
{
	struct cell cell = { .state = QUEUED };
	struct waiter waiters[4];
	pthread_t threads[4];
	pthread_barrier_t barrier;
	static const struct timespec pause = { 0, 20000000 };

	(void)ctx;
	cell.options = (struct sgz_options)SGZ_OPTIONS_INIT;
	cell.pool = new_pool(1);
	subject_init(&cell.subject);
	subject_init(&cell.blocker);
	enter_state(&cell);
	pthread_barrier_init(&barrier, NULL, 5);
	for (int i = 0; i < 4; i++) {
		waiters[i].job = cell.subject.job;
		waiters[i].barrier = &barrier;
		assert_int_equal(pthread_create(&threads[i], NULL,
						wait_beside_others,
						&waiters[i]),
				 0);
	}
	pthread_barrier_wait(&barrier);
	/* most likely they all wait by then; if not, the test is easier */
	nanosleep(&pause, NULL);
	let_go(&cell.blocker);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(waiters[i].state, SGZ_JOB_DONE);
	}
	pthread_barrier_destroy(&barrier);
	sgz_job_unref(cell.blocker.job);
	sgz_job_unref(cell.subject.job);
	sgz_pool_unref(cell.pool);
}

/* Jobs whose pool everybody else has dropped end it themselves. */
static void
test_job__keeps_its_pool(void **ctx)
{
	(void)ctx;
	for (int i = 0; i < 20; i++) {
		struct cell cell = { .state = QUEUED };

		cell.options = (struct sgz_options)SGZ_OPTIONS_INIT;
		cell.pool = new_pool(1);
		cell.options.pool = cell.pool;
		subject_init(&cell.subject);
		subject_init(&cell.blocker);
		enter_state(&cell);
		sgz_pool_unref(cell.pool);
		sgz_job_unref(cell.blocker.job);
		if (i % 2 == 0)
			sgz_job_unref(cell.subject.job);
		let_go(&cell.blocker);
		await(&cell.subject, &cell.subject.completes);
		if (i % 2 != 0) {
			wait_done(cell.subject.job);
			sgz_job_unref(cell.subject.job);
		}
		await(&cell.subject, &cell.subject.releases);
		await(&cell.blocker, &cell.blocker.releases);
		assert_int_equal(cell.subject.status, SGZ_OK);
	}
	await_threads();
}

static void
test_job__release_may_give_up_the_pool(void **ctx)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error;

	(void)ctx;
	for (int i = 0; i < 20; i++) {
		struct sgz_job_callbacks callbacks;
		struct subject subject;

		subject_init(&subject);
		subject.pool = new_pool(2);
		/* the first call of progress() gives up the only handle */
		subject.stop_at = 1;
		subject.action = DROP;
		callbacks = callbacks_of(&subject);
		assert_ok(sgz_job_submit_check(subject.pool, "in.bgz", &options,
					       &callbacks, &subject.job,
					       &error),
			  &error);
		await(&subject, &subject.releases);
	}
	await_threads();
}

static void
test_job__a_refused_thread_is_a_failure(void **ctx)
{
	struct cell cell = { .state = DONE };
	struct sgz_job_callbacks callbacks;
	struct sgz_error error;

	(void)ctx;
	locked_init(&cell.locked);
	cell.options = (struct sgz_options)SGZ_OPTIONS_INIT;
	cell.options.allocator = &cell.locked.allocator;
	cell.pool = new_pool(2);
	subject_init(&cell.subject);
	callbacks = callbacks_of(&cell.subject);
	refuse_threads_from(1);
	assert_failure(SGZ_E_IO,
		       sgz_job_submit_check(cell.pool, "in.bgz", &cell.options,
					    &callbacks, &cell.subject.job,
					    &error),
		       &error);
	refuse_threads_from(0);
	assert_int_equal(error.sys_errno, EAGAIN);
	assert_null(cell.subject.job);
	assert_int_equal(cell.subject.completes + cell.subject.releases, 0);
	assert_none_live(&cell.locked.counter);
	/* with one thread, a second one is not needed */
	enter_state(&cell);
	refuse_threads_from(1);
	sgz_job_unref(cell.subject.job);
	enter_state(&cell);
	refuse_threads_from(0);
	sgz_job_unref(cell.subject.job);
	assert_true(sigismember(get_blocked_signals(), SIGTERM));
	assert_true(sigismember(get_blocked_signals(), SIGUSR1));
	sgz_pool_unref(cell.pool);
}

static void
test_job__refuses_nonsense(void **ctx)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_pool *pool = new_pool(1);
	struct sgz_job *job = NULL;
	struct sgz_error error;

	(void)ctx;
	assert_failure(
		SGZ_E_INVALID,
		sgz_job_submit_check(NULL, "in.bgz", NULL, NULL, &job, &error),
		&error);
	assert_failure(
		SGZ_E_INVALID,
		sgz_job_submit_check(pool, NULL, NULL, NULL, &job, &error),
		&error);
	assert_failure(SGZ_E_INVALID,
		       sgz_job_submit_compress(pool, "plain", NULL, NULL, NULL,
					       &job, &error),
		       &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_job_submit_compress_memory(pool, NULL, 1, true, NULL,
						      NULL, &job, &error),
		       &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_job_submit_compress_memory(NULL, text, 1, true, NULL,
						      NULL, &job, &error),
		       &error);
	assert_failure(SGZ_E_NOMEM,
		       sgz_job_submit_compress_memory(pool, text, SIZE_MAX / 2,
						      true, NULL, NULL, &job,
						      &error),
		       &error);
	options.format = SGZ_FORMAT_GZIP;
	assert_failure(SGZ_E_UNSUPPORTED,
		       sgz_job_submit_compress_memory(pool, text, 1, true,
						      &options, NULL, &job,
						      &error),
		       &error);
	options.level = 99;
	assert_failure(SGZ_E_INVALID,
		       sgz_job_submit_check(pool, "in.bgz", &options, NULL,
					    &job, &error),
		       &error);
	assert_null(job);
	sgz_job_unref(NULL);
	sgz_pool_unref(pool);
}

/* Each allocation of a job fails once. */
static void
test_job__out_of_memory_is_its_result(void **ctx)
{
	struct sgz_pool *pool = new_pool(2);
	struct locked locked;
	struct sgz_options options = SGZ_OPTIONS_INIT;

	(void)ctx;
	locked_init(&locked);
	options.allocator = &locked.allocator;
	options.pool = pool;
	for (int kind = 0; kind < 5; kind++) {
		enum sgz_status status = SGZ_E_NOMEM;

		for (size_t at = 1; status != SGZ_OK; at++) {
			struct sgz_job *job = NULL;
			struct sgz_error error;

			locked.counter.calls = 0;
			locked.counter.fail_at = at;
			locked.counter.fail_count = 1;
			if (kind == 0)
				status = sgz_job_submit_check(pool, "in.bgz",
							      &options, NULL,
							      &job, &error);
			else if (kind == 1)
				status = sgz_job_submit_range(
					pool, "in.bgz", NULL, 10, TEXT_LEN,
					&options, NULL, &job, &error);
			else if (kind == 2)
				status = sgz_job_submit_index(
					pool, "in.bgz", true, &options, NULL,
					&job, &error);
			else if (kind == 3)
				status = sgz_job_submit_compress_memory(
					pool, text, TEXT_LEN, true, &options,
					NULL, &job, &error);
			else
				status = sgz_job_submit_compress(
					pool, "plain", "out.gz", &options, NULL,
					&job, &error);
			if (status == SGZ_OK) {
				wait_done(job);
				status = sgz_job_get_result(job, &error);
			}
			sgz_job_unref(job);
			if (status != SGZ_OK)
				assert_failure(SGZ_E_NOMEM, status, &error);
			if (status != SGZ_OK)
				assert_int_equal(access("out.gz", F_OK), -1);
			assert_none_live(&locked.counter);
			assert_true(at < 200);
		}
	}
	unlink("out.gz");
	sgz_pool_unref(pool);
}

/* --- fork --- */

static int
use_in_child(void *ctx)
{
	struct cell *cell = ctx;
	struct sgz_job *job = cell->subject.job;
	struct sgz_block *block;
	struct sgz_index *index;
	enum sgz_job_state state;
	struct sgz_job *other;
	int fd;

	cell->subject.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	sgz_job_cancel(job);
	if (sgz_job_wait(job, -1, &state, NULL) != SGZ_E_STATE ||
	    sgz_job_get_fd(job, &fd, NULL) != SGZ_E_STATE ||
	    sgz_job_get_result(job, NULL) != SGZ_E_STATE ||
	    sgz_job_take_block(job, &block, NULL) != SGZ_E_STATE ||
	    sgz_job_take_index(job, &index, NULL) != SGZ_E_STATE)
		return 1;
	if (sgz_job_submit_check(cell->pool, "in.bgz", NULL, NULL, &other,
				 NULL) != SGZ_E_STATE)
		return 2;
	sgz_job_unref(sgz_job_ref(job));
	sgz_job_unref(job);
	return cell->subject.releases == 1 ? 0 : 3;
}

static void
test_job__a_forked_child_has_no_jobs(void **ctx)
{
	static const enum state states[] = { QUEUED, RUNNING, DONE, FAILED,
					     PACKED };

	(void)ctx;
	/* what a thread had allocated is lost in the child, as the header says;
	 * valgrind would report it */
	for (size_t i = is_slow() ? 2 : 0;
	     i < sizeof(states) / sizeof(states[0]); i++) {
		struct cell cell = { .state = states[i], .action = FORGET };

		locked_init(&cell.locked);
		cell.options = (struct sgz_options)SGZ_OPTIONS_INIT;
		cell.pool = new_pool(1);
		subject_init(&cell.subject);
		subject_init(&cell.blocker);
		enter_state(&cell);
		in_child(use_in_child, &cell);
		leave_state(&cell);
		check_cell(&cell);
		sgz_pool_unref(cell.pool);
		unlink("fifo");
		unlink("out.bgz");
	}
}

/* --- many at once --- */

struct party {
	struct sgz_pool *pool;
	int rounds;
	int number;
};

static void *
take_part(void *ctx)
{
	struct party *party = ctx;
	struct sgz_options options = SGZ_OPTIONS_INIT;

	options.pool = party->pool;
	for (int i = 0; i < party->rounds; i++) {
		enum sgz_job_state state = SGZ_JOB_QUEUED;
		struct sgz_job *job = NULL;

		if (sgz_job_submit_range(party->pool, "in.bgz", NULL, 1,
					 TEXT_LEN, &options, NULL, &job,
					 NULL) != SGZ_OK)
			abort();
		if ((i + party->number) % 3 == 0)
			sgz_job_cancel(job);
		if ((i + party->number) % 4 != 0 &&
		    (sgz_job_wait(job, -1, &state, NULL) != SGZ_OK ||
		     state != SGZ_JOB_DONE))
			abort();
		sgz_job_unref(job);
	}
	return NULL;
}

static void
test_job__many_threads_submit_and_cancel(void **ctx)
{
	enum {
		THREADS = 6
	};
	struct party parties[THREADS];
	pthread_t threads[THREADS];
	struct sgz_pool *pool = new_pool(3);

	(void)ctx;
	for (int i = 0; i < THREADS; i++) {
		parties[i] = (struct party){ pool, is_slow() ? 5 : 50, i };
		assert_int_equal(pthread_create(&threads[i], NULL, take_part,
						&parties[i]),
				 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	sgz_pool_unref(pool);
	/* a job that nobody waited for may have had the pool longer */
	await_threads();
}

#define CELL_TEST(name, state, action) TEST(test_job__##name),
#define TEST(test) cmocka_unit_test(test)

static const struct CMUnitTest tests[] = {
	EACH_CELL(CELL_TEST) TEST(test_job__a_range_is_what_a_reader_reads),
	TEST(test_job__a_long_range_grows),
	TEST(test_job__an_index_is_what_a_reader_builds),
	TEST(test_job__a_check_finds_what_is_wrong),
	TEST(test_job__a_failure_is_told_whatever_is_asked_for),
	TEST(test_job__compresses_to_the_bytes_of_a_writer),
	TEST(test_job__packs_parts_to_the_bytes_of_a_writer),
	TEST(test_job__packs_a_copy_of_the_bytes),
	TEST(test_job__tells_how_much_of_memory_is_packed),
	TEST(test_job__a_cancelled_job_leaves_no_file),
	TEST(test_job__each_kind_can_be_cancelled_at_each_point),
	TEST(test_job__a_cancelled_queued_job_ends_in_the_call),
	TEST(test_job__keeps_its_codec),
	TEST(test_job__waits_no_longer_than_asked),
	TEST(test_job__several_threads_wait),
	TEST(test_job__keeps_its_pool),
	TEST(test_job__release_may_give_up_the_pool),
	TEST(test_job__a_refused_thread_is_a_failure),
	TEST(test_job__refuses_nonsense),
	TEST(test_job__out_of_memory_is_its_result),
	TEST(test_job__a_forked_child_has_no_jobs),
	TEST(test_job__many_threads_submit_and_cancel),
};

int
main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("job", tests, setup, teardown);
}
