/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 13, async: jobs that a pool does, and who is woken at their end. */
#include "lesson.h"
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
	SAMPLE = 100000, /* more than one block */
	RANGES = 3,
	RANGE = 100,
};

/* What our thread shares with that of the jobs; the lock guards it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t woken = PTHREAD_COND_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static bool gate_open, gate_reached;
static int64_t released;

/* What the callbacks of one job get, and own. */
struct task {
	bool done;
	int64_t wakes;
};

/* The job waits here until we open the gate: so we know where it is. */
static int
task_progress(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx, (void)done, (void)total;
	pthread_mutex_lock(&lock);
	gate_reached = true;
	pthread_cond_broadcast(&moved);
	while (!gate_open)
		pthread_cond_wait(&moved, &lock);
	pthread_mutex_unlock(&lock);
	return 0;
}

static void
task_complete(void *ctx, enum sgz_status status)
{
	struct task *task = ctx;

	(void)status; /* we ask for it */
	pthread_mutex_lock(&lock);
	task->done = true;
	task->wakes++;
	pthread_cond_signal(&woken);
	pthread_mutex_unlock(&lock);
}

static void
task_release(void *ctx)
{
	free(ctx);
	pthread_mutex_lock(&lock);
	released++;
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&lock);
}

/* A job that compresses "in", and is held at the gate. */
static struct task *
submit(struct sgz_pool *pool, const char *to, struct sgz_job **job_out)
{
	struct task *task = calloc(1, sizeof(*task));
	struct sgz_job_callbacks callbacks = { task_progress, task_complete,
					       task_release, task };

	pthread_mutex_lock(&lock);
	gate_open = gate_reached = false;
	pthread_mutex_unlock(&lock);
	sgz_job_submit_compress(pool, "in", to, NULL, &callbacks, job_out,
				NULL);
	return task;
}

/* With the lock held: what the job does next, it does while we sleep. */
static void
open_gate(void)
{
	gate_open = true;
	pthread_cond_broadcast(&moved);
}

static void
wait_at_gate(void)
{
	pthread_mutex_lock(&lock);
	while (!gate_reached)
		pthread_cond_wait(&moved, &lock);
	pthread_mutex_unlock(&lock);
}

static void
open_and_wait_for_release(int64_t before)
{
	pthread_mutex_lock(&lock);
	open_gate();
	while (released == before)
		pthread_cond_wait(&moved, &lock);
	pthread_mutex_unlock(&lock);
}

/* With the lock held. */
static void
sleep_until_done(const struct task *task)
{
	while (!task->done)
		pthread_cond_wait(&woken, &lock);
}

static void
open_and_sleep(const struct task *task)
{
	pthread_mutex_lock(&lock);
	open_gate();
	sleep_until_done(task);
	pthread_mutex_unlock(&lock);
}

/* The job's thread may still be in complete(): it is to be out first. */
static void
let_go(struct sgz_job *job)
{
	enum sgz_job_state state;

	sgz_job_wait(job, -1, &state, NULL);
	sgz_job_unref(job);
}

/* Wait for several jobs at once, and for whatever else has a descriptor. */
static void
run_loop(struct sgz_job **jobs, size_t left)
{
	struct pollfd fds[RANGES] = { 0 };
	size_t i, count = left;

	for (i = 0; i < count; i++) {
		fds[i].events = POLLIN;
		sgz_job_get_fd(jobs[i], &fds[i].fd, NULL);
	}
	while (left > 0) {
		poll(fds, count, -1);
		for (i = 0; i < count; i++) {
			if ((fds[i].revents & POLLIN) == 0)
				continue;
			fds[i] = (struct pollfd){ .fd = -1 }; /* leave it out */
			left--;
		}
	}
}

static void
record_range(struct ferrule_recorder *rec, struct sgz_job *job)
{
	struct sgz_block *block = NULL;
	const void *data = NULL;
	size_t len = 0;

	rec_status(rec, "result", sgz_job_take_block(job, &block, NULL));
	if (block != NULL) /* else the file has ended before */
		data = sgz_block_get_data(block, &len);
	rec_bytes(rec, "range", data, len);
	sgz_block_unref(block);
}

static int
count_progress(void *ctx, uint64_t done, uint64_t total)
{
	(void)total;
	*(uint64_t *)ctx = done;
	return 0;
}

static int64_t
file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgz_job *job = NULL, *other = NULL, *jobs[RANGES] = { NULL };
	enum sgz_job_state state = SGZ_JOB_QUEUED;
	struct sgz_pool *pool = NULL;
	struct task *task, *held;
	int64_t before;
	enum sgz_status rc;
	FILE *file;
	size_t i;

	released = 0;
	file = fopen("in", "wb");
	fwrite(in->data, 1, in->len < SAMPLE ? in->len : SAMPLE, file);
	fclose(file);

	rec_step(rec, "a job");
	sgz_pool_new(1, 1, NULL, &pool, NULL);
	rc = sgz_job_submit_compress(pool, "in", "out.gz", NULL, NULL, &job,
				     NULL);
	rec_status(rec, "submit", rc);
	/* here we could do something else; we sleep, for as long as it takes */
	sgz_job_wait(job, -1, &state, NULL);
	rec_status(rec, "result", sgz_job_get_result(job, NULL));
	rec_int(rec, "bytes", file_size("out.gz"));
	sgz_job_unref(job);

	rec_step(rec, "an event loop");
	for (i = 0; i < RANGES; i++)
		sgz_job_submit_range(pool, "out.gz", NULL, i * RANGE, RANGE,
				     NULL, NULL, &jobs[i], NULL);
	run_loop(jobs, RANGES);
	for (i = 0; i < RANGES; i++) {
		record_range(rec, jobs[i]);
		sgz_job_unref(jobs[i]);
	}

	rec_step(rec, "woken by C's thread");
	task = submit(pool, "woken.gz", &job);
	open_and_sleep(task);
	rec_status(rec, "result", sgz_job_get_result(job, NULL));
	rec_int(rec, "bytes", file_size("woken.gz"));
	let_go(job);

	rec_step(rec, "asked too early");
	task = submit(pool, "asked.gz", &job);
	rc = sgz_job_get_result(job, NULL);
	rec_int(rec, "ready at first", rc != SGZ_E_STATE);
	rc = sgz_job_get_result(job, NULL);
	rec_int(rec, "ready again", rc != SGZ_E_STATE);
	open_and_sleep(task);
	rec_status(rec, "result", sgz_job_get_result(job, NULL));
	rec_int(rec, "wakes", task->wakes);
	let_go(job);

	rec_step(rec, "cancelled before it begins");
	held = submit(pool, "held.gz", &other);
	task = submit(pool, "none.gz", &job); /* of one thread: it waits */
	sgz_job_cancel(job); /* calls complete() itself */
	pthread_mutex_lock(&lock);
	sleep_until_done(task); /* so there is nothing to sleep for */
	pthread_mutex_unlock(&lock);
	rec_status(rec, "result", sgz_job_get_result(job, NULL));
	let_go(job);
	open_and_sleep(held);
	rec_status(rec, "the other", sgz_job_get_result(other, NULL));
	let_go(other);

	rec_step(rec, "cancelled while it runs");
	task = submit(pool, "none.gz", &job);
	wait_at_gate();
	sgz_job_cancel(job); /* does not wait */
	rec_int(rec, "done", sgz_job_get_state(job) == SGZ_JOB_DONE);
	open_and_sleep(task);
	rec_status(rec, "result", sgz_job_get_result(job, NULL));
	rec_int(rec, "bytes", file_size("none.gz"));
	let_go(job);

	rec_step(rec, "cancelled when it is done");
	task = submit(pool, "done.gz", &job);
	open_and_sleep(task);
	sgz_job_cancel(job); /* too late, and harmless */
	rec_status(rec, "result", sgz_job_get_result(job, NULL));
	let_go(job);

	rec_step(rec, "dropped while it runs");
	before = released;
	task = submit(pool, "dropped.gz", &job);
	wait_at_gate();
	sgz_job_cancel(job);
	sgz_job_unref(job); /* task is still its thread's */
	rec_int(rec, "released at once", released - before);
	open_and_wait_for_release(before);
	rec_int(rec, "released in the end", released - before);
	rec_int(rec, "bytes", file_size("dropped.gz"));

	rec_step(rec, "never asked");
	before = released;
	submit(pool, "never.gz", &job);
	sgz_job_unref(job); /* nobody keeps it, and it runs all the same */
	open_and_wait_for_release(before);
	rec_int(rec, "bytes", file_size("never.gz"));

	rec_step(rec, "a context on the stack");
	uint64_t done = 0;
	struct sgz_job_callbacks counting = { count_progress, NULL, NULL,
					      &done };
	sgz_job_submit_check(pool, "out.gz", NULL, &counting, &job, NULL);
	let_go(job); /* before this function returns */
	rec_int(rec, "bytes", (int64_t)done);

	rec_step(rec, "the pool ends");
	sgz_pool_unref(pool);
	rec_int(rec, "released", released);
}
