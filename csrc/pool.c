/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Queues of tasks and of jobs, and the threads that work on them. */
#include "pool.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

struct queue {
	struct sgz_task *first;
	struct sgz_task *last;
};

/* A thread for jobs. */
struct clerk {
	struct sgz_pool *pool;
	pthread_t thread;
	/* set if it frees the pool itself, within a job */
	bool *pool_is_gone;
};

/*
 * One lock for everything. It is held for a few instructions, twice for each
 * task, and a task takes hundreds of microseconds.
 */
struct sgz_pool {
	struct sgz_memory memory;
	atomic_size_t references;
	/* the process whose threads these are */
	pid_t process;
	pthread_mutex_t lock;
	/* a task was queued, or the pool ends */
	pthread_cond_t work;
	/* a task that somebody waits for is done */
	pthread_cond_t done;
	size_t waiting;
	struct queue tasks;
	bool ending;
	/* those that were started */
	uint32_t workers;
	pthread_t *threads;
	/* a job was queued, or the pool ends */
	pthread_cond_t job;
	struct queue jobs;
	/* how many jobs are in the queue, and how many clerks have none */
	size_t queued;
	size_t idle;
	uint32_t clerks_most;
	uint32_t clerks_count;
	struct clerk clerks[];
};

static void
set_state(struct sgz_task *task, enum sgz_task_state state)
{
	atomic_store_explicit(&task->state, (int)state, memory_order_release);
}

/* With the lock held: put @task at the end of @queue. */
static void
append(struct queue *queue, struct sgz_task *task)
{
	set_state(task, SGZ_TASK_QUEUED);
	task->next = NULL;
	task->previous = queue->last;
	if (queue->last != NULL)
		queue->last->next = task;
	else
		queue->first = task;
	queue->last = task;
}

/* With the lock held: take @task out of @queue. */
static void
remove_task(struct queue *queue, struct sgz_task *task)
{
	if (task->previous != NULL)
		task->previous->next = task->next;
	else
		queue->first = task->next;
	if (task->next != NULL)
		task->next->previous = task->previous;
	else
		queue->last = task->previous;
	task->next = task->previous = NULL;
}

/* With the lock held: the same if it is there; then it is idle. */
static bool
take_from(struct queue *queue, struct sgz_task *task)
{
	if (atomic_load_explicit(&task->state, memory_order_relaxed) !=
	    SGZ_TASK_QUEUED)
		return false;
	remove_task(queue, task);
	set_state(task, SGZ_TASK_IDLE);
	return true;
}

static void *
work(void *ctx)
{
	struct sgz_pool *pool = ctx;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct sgz_task *task = pool->tasks.first;

		if (task == NULL && pool->ending)
			break;
		if (task == NULL) {
			pthread_cond_wait(&pool->work, &pool->lock);
			continue;
		}
		remove_task(&pool->tasks, task);
		set_state(task, SGZ_TASK_RUNNING);
		pthread_mutex_unlock(&pool->lock);
		task->run(task);
		pthread_mutex_lock(&pool->lock);
		/* now the task belongs to its owner again */
		set_state(task, SGZ_TASK_DONE);
		if (pool->waiting > 0)
			pthread_cond_broadcast(&pool->done);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

bool
sgz_pool_is_here(const struct sgz_pool *pool)
{
	return pool->process == getpid();
}

void
sgz_pool_submit(struct sgz_pool *pool, struct sgz_task *task)
{
	pthread_mutex_lock(&pool->lock);
	append(&pool->tasks, task);
	pthread_cond_signal(&pool->work);
	pthread_mutex_unlock(&pool->lock);
}

bool
sgz_pool_take(struct sgz_pool *pool, struct sgz_task *task)
{
	bool queued;

	pthread_mutex_lock(&pool->lock);
	queued = take_from(&pool->tasks, task);
	pthread_mutex_unlock(&pool->lock);
	return queued;
}

/* Wait until @task, which was submitted, is done. */
static void
wait_for(struct sgz_pool *pool, struct sgz_task *task)
{
	if (sgz_task_is_done(task))
		return;
	pthread_mutex_lock(&pool->lock);
	pool->waiting++;
	while (!sgz_task_is_done(task))
		pthread_cond_wait(&pool->done, &pool->lock);
	pool->waiting--;
	pthread_mutex_unlock(&pool->lock);
}

/* Run @task in this thread, if no worker has begun it. */
static bool
help_with(struct sgz_pool *pool, struct sgz_task *task)
{
	if (sgz_task_is_done(task) || !sgz_pool_take(pool, task))
		return false;
	task->run(task);
	set_state(task, SGZ_TASK_DONE);
	return true;
}

void
sgz_pool_finish(struct sgz_pool *pool, const struct sgz_task_ring *ring)
{
	struct sgz_task *wanted = sgz_task_at(ring, 0);

	for (size_t i = 0; i < ring->count && !sgz_task_is_done(wanted); i++)
		help_with(pool, sgz_task_at(ring, i));
	wait_for(pool, wanted);
}

void
sgz_pool_settle(struct sgz_pool *pool, struct sgz_task *task)
{
	/* a child process has no workers, and the lock may be held for ever */
	if (!sgz_pool_is_here(pool) || sgz_pool_take(pool, task))
		return;
	if (atomic_load_explicit(&task->state, memory_order_acquire) ==
	    SGZ_TASK_RUNNING)
		wait_for(pool, task);
}

/* Jobs */

static void *
work_on_jobs(void *ctx)
{
	struct clerk *self = ctx;
	struct sgz_pool *pool = self->pool;
	bool pool_is_gone = false;

	pthread_mutex_lock(&pool->lock);
	self->pool_is_gone = &pool_is_gone;
	for (;;) {
		struct sgz_task *task = pool->jobs.first;

		if (task == NULL && pool->ending)
			break;
		if (task == NULL) {
			pthread_cond_wait(&pool->job, &pool->lock);
			continue;
		}
		remove_task(&pool->jobs, task);
		set_state(task, SGZ_TASK_RUNNING);
		pool->queued--;
		pool->idle--;
		pthread_mutex_unlock(&pool->lock);
		task->run(task);
		if (pool_is_gone)
			return NULL;
		pthread_mutex_lock(&pool->lock);
		pool->idle++;
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* Start a thread of the pool, which gets no signals but for its own faults: a
 * program may handle those, and a callback may make one. */
static int
start_thread(pthread_t *thread, void *(*run)(void *ctx), void *ctx)
{
	static const int faults[] = {
		SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS,
	};
	sigset_t all, former;
	int answer;
	size_t i;

	/* a thread starts with the mask of the one that starts it */
	sigfillset(&all);
	for (i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, &former);
	answer = pthread_create(thread, NULL, run, ctx);
	pthread_sigmask(SIG_SETMASK, &former, NULL);
	return answer;
}

enum sgz_status
sgz_pool_prepare_job(struct sgz_pool *pool, struct sgz_error *error)
{
	int reason = 0;
	uint32_t count;

	pthread_mutex_lock(&pool->lock);
	if (pool->idle <= pool->queued &&
	    pool->clerks_count < pool->clerks_most) {
		struct clerk *clerk = &pool->clerks[pool->clerks_count];

		clerk->pool = pool;
		reason = start_thread(&clerk->thread, work_on_jobs, clerk);
		if (reason == 0) {
			pool->clerks_count++;
			pool->idle++;
		}
	}
	count = pool->clerks_count;
	pthread_mutex_unlock(&pool->lock);
	if (count > 0)
		return SGZ_OK;
	return sgz_error_set_errno(error, reason, NULL, -1, "start a thread");
}

void
sgz_pool_submit_job(struct sgz_pool *pool, struct sgz_task *task)
{
	pthread_mutex_lock(&pool->lock);
	append(&pool->jobs, task);
	pool->queued++;
	pthread_cond_signal(&pool->job);
	pthread_mutex_unlock(&pool->lock);
}

bool
sgz_pool_take_job(struct sgz_pool *pool, struct sgz_task *task)
{
	bool taken;

	pthread_mutex_lock(&pool->lock);
	taken = take_from(&pool->jobs, task);
	if (taken)
		pool->queued--;
	pthread_mutex_unlock(&pool->lock);
	return taken;
}

/* Making and freeing */

/* No thread but this one has the pool, and the other threads are to end. */
static void
end_threads(struct sgz_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	pthread_cond_broadcast(&pool->work);
	pthread_cond_broadcast(&pool->job);
	pthread_mutex_unlock(&pool->lock);
	for (uint32_t i = 0; i < pool->workers; i++)
		pthread_join(pool->threads[i], NULL);
	for (uint32_t i = 0; i < pool->clerks_count; i++) {
		struct clerk *clerk = &pool->clerks[i];

		if (pthread_equal(clerk->thread, pthread_self())) {
			/* a job had the last reference */
			*clerk->pool_is_gone = true;
			pthread_detach(clerk->thread);
		} else {
			pthread_join(clerk->thread, NULL);
		}
	}
}

/* End the threads that were started, and free all. */
static void
free_pool(struct sgz_pool *pool)
{
	struct sgz_memory memory = pool->memory;

	/* after fork() there are none, and the lock may be held for ever */
	if (sgz_pool_is_here(pool)) {
		end_threads(pool);
		pthread_cond_destroy(&pool->job);
		pthread_cond_destroy(&pool->done);
		pthread_cond_destroy(&pool->work);
		pthread_mutex_destroy(&pool->lock);
	}
	sgz_memory_free(&memory, pool);
}

/* Start @count threads, or as many as possible; return why no more, or 0. */
static int
start_workers(struct sgz_pool *pool, uint32_t count)
{
	int answer = 0;

	while (pool->workers < count) {
		answer =
			start_thread(&pool->threads[pool->workers], work, pool);
		if (answer != 0)
			break;
		pool->workers++;
	}
	return answer;
}

static struct sgz_pool *
alloc_pool(const struct sgz_memory *memory, uint32_t threads)
{
	/* | pool | clerks: as many | workers: one fewer | */
	size_t size = sizeof(struct sgz_pool) + threads * sizeof(struct clerk) +
		(threads - 1) * sizeof(pthread_t);
	struct sgz_pool *pool = sgz_memory_alloc(memory, size);

	if (pool == NULL)
		return NULL;
	memset(pool, 0, size);
	pool->memory = *memory;
	pool->clerks_most = threads;
	pool->threads = (pthread_t *)(void *)&pool->clerks[threads];
	pool->process = getpid();
	atomic_init(&pool->references, 1);
	/* on Linux these ask for nothing that could be refused */
	(void)pthread_mutex_init(&pool->lock, NULL);
	(void)pthread_cond_init(&pool->work, NULL);
	(void)pthread_cond_init(&pool->done, NULL);
	(void)pthread_cond_init(&pool->job, NULL);
	return pool;
}

enum sgz_status
sgz_pool_new(uint32_t threads, uint32_t least,
	     const struct sgz_allocator *allocator, struct sgz_pool **pool_out,
	     struct sgz_error *error)
{
	struct sgz_memory memory;
	struct sgz_pool *pool;
	int reason;
	enum sgz_status status;

	if (threads > SGZ_POOL_MOST)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "%lu threads are more than %u",
				     (unsigned long)threads, SGZ_POOL_MOST);
	status = sgz_allocator_check(allocator, error);
	if (status != SGZ_OK)
		return status;
	if (threads == SGZ_POOL_DEFAULT)
		threads = sgz_count_processors();
	sgz_memory_init(&memory, allocator);
	pool = alloc_pool(&memory, threads);
	if (pool == NULL)
		return sgz_error_set_nomem(error, NULL);
	reason = start_workers(pool, threads - 1);
	if (pool->workers + 1 < threads && pool->workers + 1 < least) {
		free_pool(pool);
		return sgz_error_set_errno(error, reason, NULL, -1,
					   "start a thread");
	}
	*pool_out = pool;
	return SGZ_OK;
}

uint32_t
sgz_pool_get_threads(const struct sgz_pool *pool)
{
	return pool->workers + 1;
}

struct sgz_pool *
sgz_pool_ref(struct sgz_pool *pool)
{
	atomic_fetch_add_explicit(&pool->references, 1, memory_order_relaxed);
	return pool;
}

void
sgz_pool_unref(struct sgz_pool *pool)
{
	if (pool != NULL &&
	    atomic_fetch_sub_explicit(&pool->references, 1,
				      memory_order_acq_rel) == 1)
		free_pool(pool);
}
