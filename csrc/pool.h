/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What readers and writers use a pool for: tasks. */
#ifndef SGZ_POOL_INTERNAL_H
#define SGZ_POOL_INTERNAL_H

#include "internal.h"

#include <stdatomic.h>

/* What a task is; only the pool changes it, under its lock. */
enum sgz_task_state {
	SGZ_TASK_IDLE, /* not given to the pool */
	SGZ_TASK_QUEUED, /* in its queue */
	SGZ_TASK_RUNNING, /* a worker runs it */
	SGZ_TASK_DONE,
};

/*
 * Work that a pool may do. It is a part of a larger struct. Its owner gives it
 * to the pool, and has to take it back before it touches what run() touches.
 */
struct sgz_task {
	/* called by a worker, or by the owner that took it back */
	void (*run)(struct sgz_task *task);
	struct sgz_task *next;
	struct sgz_task *previous;
	_Atomic(int) state;
};

/* processors.c: how many this process may use, at most SGZ_POOL_MOST. */
uint32_t
sgz_count_processors(void);

/*
 * processors.c: the least quota of this process's control groups, in whole
 * processors, or 0: there is no limit. @groups is its list of groups, and @root
 * the folder of their trees.
 */
uint32_t
sgz_find_quota(const char *groups, const char *root);

/* Is this the process that made @pool? Only that process has its workers. */
bool
sgz_pool_is_here(const struct sgz_pool *pool);

/* Put @task, which is idle, at the end of the queue. */
void
sgz_pool_submit(struct sgz_pool *pool, struct sgz_task *task);

/* Take @task out of the queue, if it is still there: then it is idle. */
bool
sgz_pool_take(struct sgz_pool *pool, struct sgz_task *task);

/*
 * Tasks in the order in which their results are wanted:
 *
 *   ring[0] ... ring[first] | count submitted tasks ... | ... ring[size - 1]
 */
struct sgz_task_ring {
	struct sgz_task **tasks;
	size_t size;
	size_t first;
	size_t count;
};

static inline struct sgz_task *
sgz_task_at(const struct sgz_task_ring *ring, size_t i)
{
	return ring->tasks[(ring->first + i) % ring->size];
}

/* Get the first task of @ring done. Run tasks here rather than wait. */
void
sgz_pool_finish(struct sgz_pool *pool, const struct sgz_task_ring *ring);

/* Make sure that no worker runs @task. Its result is not wanted. */
void
sgz_pool_settle(struct sgz_pool *pool, struct sgz_task *task);

/*
 * Jobs are tasks of another queue, for threads that do nothing else. Their
 * run() may free them, and drop the last reference to the pool.
 */

/*
 * Have a thread for one more job. If none can be started, those that there are
 * will do; that there is none is SGZ_E_IO.
 */
enum sgz_status
sgz_pool_prepare_job(struct sgz_pool *pool, struct sgz_error *error);

/* Put @task, which is idle, at the end of the queue of jobs. */
void
sgz_pool_submit_job(struct sgz_pool *pool, struct sgz_task *task);

/* Take @task out of the queue of jobs, if no thread has begun it. */
bool
sgz_pool_take_job(struct sgz_pool *pool, struct sgz_task *task);

static inline bool
sgz_task_is_done(struct sgz_task *task)
{
	return atomic_load_explicit(&task->state, memory_order_acquire) ==
		SGZ_TASK_DONE;
}

#endif
