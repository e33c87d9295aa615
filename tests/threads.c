/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Threads that are refused. */
#include "threads.h"
#include <errno.h>
#include <pthread.h>

/* threads of a test may start threads, too */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int refuse_from;
static unsigned int asked;
static sigset_t blocked;

int
__real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
		      void *(*start)(void *), void *ctx);
int
__wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
		      void *(*start)(void *), void *ctx);

int
__wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
		      void *(*start)(void *), void *ctx)
{
	bool refused;

	pthread_mutex_lock(&lock);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	asked++;
	refused = refuse_from != 0 && asked >= refuse_from;
	pthread_mutex_unlock(&lock);
	if (refused)
		return EAGAIN;
	return __real_pthread_create(thread, attr, start, ctx);
}

void
refuse_threads_from(unsigned int number)
{
	pthread_mutex_lock(&lock);
	refuse_from = number;
	asked = 0;
	pthread_mutex_unlock(&lock);
}

const sigset_t *
get_blocked_signals(void)
{
	return &blocked;
}

struct sgz_pool *
new_pool(uint32_t threads)
{
	struct sgz_pool *pool = NULL;
	struct sgz_error error;

	assert_ok(sgz_pool_new(threads, threads, NULL, &pool, &error), &error);
	assert_int_equal(sgz_pool_get_threads(pool), threads);
	return pool;
}
