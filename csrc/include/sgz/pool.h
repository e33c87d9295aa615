/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Threads that readers and writers share. */
#ifndef SGZ_POOL_H
#define SGZ_POOL_H

#include <sgz/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A pool of threads, its workers. It is counted: a caller that has a reference
 * may use it from any thread. A reader or writer that has a pool
 * (sgz_options.pool) works on several BGZF blocks at a time. The thread that
 * uses the handle compresses and decompresses blocks too, so a pool for N
 * threads starts N - 1.
 *
 *   thread that uses a handle                workers
 *   | reads input, calls sources,  |  ────►  | inflate, deflate and CRC-32 |
 *   | sinks and observers, waits,  |         | of blocks in memory that    |
 *   | works on blocks too          |  ◄────  | the library owns            |
 *
 * Threads of another kind, which it starts when they are needed, run jobs
 * (sgz/job.h).
 *
 * A worker touches nothing that a caller lent. It calls no callback except the
 * functions of an allocator. It blocks all signals but those of its own faults,
 * such as SIGSEGV.
 *
 * A child process does not have the threads of its parent. There, a call that
 * needs the pool returns SGZ_E_STATE; closing and freeing work.
 */
struct sgz_pool;

/* As many threads as there are processors for this process. */
#define SGZ_POOL_DEFAULT 0u
/* More than this many threads are not started. */
#define SGZ_POOL_MOST 256u

/**
 * Make a pool for @threads threads. The thread that uses a handle is one of
 * them.
 *
 * SGZ_POOL_DEFAULT means as many threads as there are processors for this
 * process. Its affinity and its control groups may limit that number. If the
 * system refuses to start so many threads, the call succeeds with fewer, but
 * not with fewer than @least; 1 is always possible. If @allocator is NULL, the
 * default is used.
 *
 * Ownership: copies @allocator; transfers one reference to the caller
 * Lifetime: until the last sgz_pool_unref(); the allocator's ctx as long
 * Threads: any thread, at any time
 * Errors: SGZ_E_NOMEM, SGZ_E_IO if fewer than @least threads can be started,
 *   SGZ_E_INVALID if @threads is above SGZ_POOL_MOST or the allocator lacks a
 *   function
 */
SGZ_API enum sgz_status
sgz_pool_new(uint32_t threads, uint32_t least,
	     const struct sgz_allocator *allocator, struct sgz_pool **pool_out,
	     struct sgz_error *error);

/**
 * How many threads work for a handle that has @pool. The thread that uses the
 * handle is one of them.
 *
 * Ownership: borrows @pool for the call
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: none; at least 1
 */
SGZ_API uint32_t
sgz_pool_get_threads(const struct sgz_pool *pool);

/**
 * Take one more reference to @pool.
 *
 * Ownership: transfers one reference to the caller; returns @pool
 * Lifetime: until the last sgz_pool_unref()
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API struct sgz_pool *
sgz_pool_ref(struct sgz_pool *pool);

/**
 * Drop one reference to @pool; the last one ends its threads, and waits for
 * them.
 *
 * Readers, writers and jobs hold references of their own, so the pool outlives
 * them. If a job drops the last one, its own thread ends a little later. The
 * caller must not hold a lock that a job's release() takes.
 *
 * Ownership: transfers one reference to the library; NULL is allowed
 * Lifetime: the caller must not use @pool afterwards, unless it holds another
 *   reference; after the last one the threads have ended
 * Threads: any thread, at any time, but not a callback of an allocator
 * Errors: none
 */
SGZ_API void
sgz_pool_unref(struct sgz_pool *pool);

#ifdef __cplusplus
}
#endif

#endif
