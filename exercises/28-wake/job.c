/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A job adds bytes up, on a thread of its own. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 64

struct job {
	int refs;
	bool done;
	uint64_t sum;
	void (*complete)(void *ctx);
	void (*release)(void *ctx);
	void *ctx;
	size_t len;
	unsigned char data[];
};

/* The lock guards all of it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t threads[THREADS];
static size_t thread_count;
static bool gate_open, fails, races;

void
job_unref(struct job *job)
{
	int refs;

	pthread_mutex_lock(&lock);
	refs = --job->refs;
	pthread_mutex_unlock(&lock);
	if (refs == 0)
		free(job);
}

static void *
run(void *arg)
{
	struct job *job = arg;
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < job->len; i++)
		sum += job->data[i];
	pthread_mutex_lock(&lock);
	while (!gate_open)
		pthread_cond_wait(&changed, &lock);
	job->sum = sum;
	job->done = true;
	pthread_mutex_unlock(&lock);
	job->complete(job->ctx);
	job->release(job->ctx);
	job_unref(job);
	return NULL;
}

struct job *
job_start(const unsigned char *data, size_t len, void (*complete)(void *ctx),
	  void (*release)(void *ctx), void *ctx)
{
	struct job *job;

	if (fails || thread_count == THREADS)
		return NULL;
	job = malloc(sizeof(*job) + len);
	if (job == NULL)
		return NULL;
	*job = (struct job){ 2, false, 0, complete, release, ctx, len };
	memcpy(job->data, data, len);
	if (pthread_create(&threads[thread_count], NULL, run, job) != 0) {
		free(job);
		return NULL;
	}
	thread_count++;
	return job;
}

/* ---- for the grade: when a job ends, and whether one begins ---- */

/* From now on no job ends before job_end_all(). */
void
job_begin_test(bool fail, bool race)
{
	pthread_mutex_lock(&lock);
	gate_open = false;
	fails = fail;
	races = race;
	pthread_mutex_unlock(&lock);
}

/* Let all jobs end, and wait for their threads. */
void
job_end_all(void)
{
	pthread_mutex_lock(&lock);
	gate_open = true;
	races = false;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	while (thread_count > 0)
		pthread_join(threads[--thread_count], NULL);
}

int
job_result(struct job *job, uint64_t *sum_out)
{
	bool done, race;

	pthread_mutex_lock(&lock);
	done = job->done;
	race = races;
	if (done)
		*sum_out = job->sum;
	pthread_mutex_unlock(&lock);
	/* just then the job ends */
	if (!done && race)
		job_end_all();
	return done ? 0 : -1;
}
