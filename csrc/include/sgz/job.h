/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Work that a pool does while its caller does something else. */
#ifndef SGZ_JOB_H
#define SGZ_JOB_H

#include <sgz/block.h>
#include <sgz/index.h>
#include <sgz/pool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A job: one of the five kinds of work below, submitted to a pool.
 *
 *   submit            a thread takes it        it ended, complete() returned
 *     │ SGZ_JOB_QUEUED     │ SGZ_JOB_RUNNING      │ SGZ_JOB_DONE
 *     └────────────────────┴──────────────────────┴──────────────────────►
 *                           progress() ... complete()
 *
 * It runs on a thread of its own kind: a pool for N threads starts up to N
 * threads for jobs, when they are needed, beside its workers. So a job never
 * takes the place of a worker, and a job whose options have a pool, also the
 * one that runs it, does not wait for itself. Jobs begin in the order in which
 * they were submitted. These threads block all signals but those of their own
 * faults, and the last sgz_pool_unref() ends them.
 *
 * A job owns copies of all that it works on, bytes in memory included, and
 * references to the pools and to the index. Its handle may be dropped: a job
 * without handles runs to its end. Until then it also keeps its pool.
 *
 * A job is counted: the holder of a reference may use it from any thread.
 *
 * A child process does not have the threads of its parent. There, a call that
 * returns a status returns SGZ_E_STATE, and sgz_job_cancel() does nothing. The
 * last sgz_job_unref() frees the job. If it was running when the process was
 * made, what its thread had allocated by then stays allocated.
 */
struct sgz_job;

enum sgz_job_state {
	SGZ_JOB_QUEUED = 0, /* no thread has begun it */
	SGZ_JOB_RUNNING = 1, /* a thread is at it, or at its callbacks */
	SGZ_JOB_DONE = 2, /* it ended: no thread is at it any more */
};

/* What a job calls. Each function may be NULL. A job copies the struct. */
struct sgz_job_callbacks {
	/**
	 * Learn that @done of @total is done; both are bytes.
	 *
	 * They are bytes of the file or of the memory that is read, but
	 * uncompressed bytes of the range if the job decompresses one. @total
	 * is SGZ_UNKNOWN if the size of the file is not known. It is called at
	 * least once in a job that succeeds, and about every
	 * options->progress_interval bytes.
	 *
	 * Ownership: borrows @ctx for the call
	 * Lifetime: none
	 * Threads: called by a thread of the pool for jobs; never by two at a
	 *   time
	 * Errors: returns 0 to continue; any other value ends the job with
	 *   SGZ_E_CANCELLED, and sys_errno is that value
	 * Re-entry: may call every function, with this job sgz_job_ref(),
	 *   sgz_job_unref(), sgz_job_cancel() and sgz_job_get_state();
	 *   sgz_job_wait() and sgz_job_get_fd() return SGZ_E_STATE with it. It
	 *   must not wait for other jobs of the same pool, which may need this
	 *   thread
	 */
	int (*progress)(void *ctx, uint64_t done, uint64_t total);
	/**
	 * Learn that the job ended with @status. It is called exactly once, and
	 * may be called before the function that submits the job returns.
	 *
	 * Ownership: borrows @ctx for the call
	 * Lifetime: progress() is not called afterwards
	 * Threads: called by a thread of the pool for jobs, or, if the job was
	 *   cancelled before it began, by the thread that calls
	 *   sgz_job_cancel(), before that returns
	 * Errors: none; it must not fail
	 * Re-entry: as progress(); the functions that get or take the result
	 *   can be called already
	 */
	void (*complete)(void *ctx, enum sgz_status status);
	/**
	 * Release @ctx. It is called exactly once, after complete().
	 *
	 * The job is free by then, so @ctx may own what the job's allocator
	 * needs.
	 *
	 * Ownership: transfers @ctx back to the caller's side
	 * Lifetime: this is the last call that gets @ctx
	 * Threads: called by the thread that drops the last reference: one
	 *   that calls sgz_job_unref(), or, if no handle is left when the
	 *   job ends, the one that called complete()
	 * Errors: none; it must not fail
	 * Re-entry: may call every function; the job is gone
	 */
	void (*release)(void *ctx);
	/* passed to all three functions */
	void *ctx;
};

/**
 * Submit a job that compresses the file @from to the file @to.
 *
 * It writes what a writer with @options writes, and @to appears as it does
 * with sgz_writer_finish(): whole, or, if the job fails or is cancelled, not at
 * all. If options->pool is NULL, the job's thread compresses all blocks.
 *
 * If the system refuses to start another thread for jobs, the job waits for the
 * threads that exist; if there is none, that is a failure.
 *
 * Ownership: copies @from, @to, @options, its allocator and @callbacks (NULL:
 *   none); takes references to @pool, options->pool and options->codec;
 *   transfers callbacks->ctx to the job, which releases it with
 *   callbacks->release(), and one reference to the caller; on failure nothing
 *   is transferred
 * Lifetime: until the last sgz_job_unref(), and until the job is done; the ctx
 *   of callbacks and of the allocator until callbacks->release()
 * Threads: any thread, at any time
 * Errors: SGZ_E_INVALID, SGZ_E_NOMEM, SGZ_E_IO if no thread can be started,
 *   SGZ_E_STATE in a child process; sgz_job_get_result() tells how the job
 *   ends
 */
SGZ_API enum sgz_status
sgz_job_submit_compress(struct sgz_pool *pool, const char *from, const char *to,
			const struct sgz_options *options,
			const struct sgz_job_callbacks *callbacks,
			struct sgz_job **job_out, struct sgz_error *error);

/**
 * Submit a job that decompresses @len bytes at the uncompressed @offset of the
 * file at @path.
 *
 * Fewer bytes come only at the end of the file, and none beyond it.
 * sgz_job_take_block() gives them. Without @index (NULL) it finds the place as
 * sgz_reader_seek() does.
 *
 * Ownership: takes a reference to @index; the rest as sgz_job_submit_compress()
 * Lifetime: as sgz_job_submit_compress(); the ctx of the index's allocator
 *   until the job is done
 * Threads: any thread, at any time
 * Errors: as sgz_job_submit_compress()
 */
SGZ_API enum sgz_status
sgz_job_submit_range(struct sgz_pool *pool, const char *path,
		     struct sgz_index *index, uint64_t offset, size_t len,
		     const struct sgz_options *options,
		     const struct sgz_job_callbacks *callbacks,
		     struct sgz_job **job_out, struct sgz_error *error);

/**
 * Submit a job that builds the index of the file at @path, as
 * sgz_index_build() does.
 *
 * sgz_job_take_index() gives it.
 *
 * Ownership: as sgz_job_submit_compress()
 * Lifetime: as sgz_job_submit_compress()
 * Threads: any thread, at any time
 * Errors: as sgz_job_submit_compress()
 */
SGZ_API enum sgz_status
sgz_job_submit_index(struct sgz_pool *pool, const char *path, bool verify,
		     const struct sgz_options *options,
		     const struct sgz_job_callbacks *callbacks,
		     struct sgz_job **job_out, struct sgz_error *error);

/**
 * Submit a job that reads the file at @path to its end, and checks all of it.
 *
 * CRC-32s are compared whatever options->skip_crc says.
 *
 * Ownership: as sgz_job_submit_compress()
 * Lifetime: as sgz_job_submit_compress()
 * Threads: any thread, at any time
 * Errors: as sgz_job_submit_compress()
 */
SGZ_API enum sgz_status
sgz_job_submit_check(struct sgz_pool *pool, const char *path,
		     const struct sgz_options *options,
		     const struct sgz_job_callbacks *callbacks,
		     struct sgz_job **job_out, struct sgz_error *error);

/**
 * Submit a job that compresses the @len bytes at @data to blocks of BGZF.
 *
 * They are the blocks that a writer with @options writes if it gets the bytes
 * and is flushed, or, with @finish, finished: then the end marker comes after
 * them. So the results of several jobs, one after the other, are a file, if
 * only the last one finishes it. If all parts but the last are multiples of
 * options->block_size, it is the file that one writer writes.
 *
 * sgz_job_take_block() gives the compressed bytes. Without bytes and @finish
 * there are none. options->build_index has no effect.
 *
 * Ownership: copies the bytes; NULL is allowed if @len is 0; the rest as
 *   sgz_job_submit_compress()
 * Lifetime: as sgz_job_submit_compress()
 * Threads: any thread, at any time
 * Errors: as sgz_job_submit_compress(), and SGZ_E_UNSUPPORTED if
 *   options->format is not SGZ_FORMAT_BGZF
 */
SGZ_API enum sgz_status
sgz_job_submit_compress_memory(struct sgz_pool *pool, const void *data,
			       size_t len, bool finish,
			       const struct sgz_options *options,
			       const struct sgz_job_callbacks *callbacks,
			       struct sgz_job **job_out,
			       struct sgz_error *error);

/**
 * Have @job end with SGZ_E_CANCELLED, unless its result is complete already.
 *
 * The call does not wait. A job that has not begun ends within the call. One
 * that is running ends at the next block or the next read: a job that waits for
 * a pipe ends when that gives something.
 *
 * Ownership: borrows @job for the call
 * Lifetime: none
 * Threads: any thread, at any time, callbacks included; it may call complete()
 *   and release(), so the caller must not hold a lock that they take
 * Errors: none
 */
SGZ_API void
sgz_job_cancel(struct sgz_job *job);

/**
 * Wait until @job is done, for @timeout_ms milliseconds at most.
 *
 * With 0 it does not wait, and with a negative number it waits for ever. When
 * the time is over, the call succeeds, and *state_out is not SGZ_JOB_DONE.
 *
 * Ownership: borrows @job for the call
 * Lifetime: the reference must last until the call returns
 * Threads: any thread, at any time, and several at a time
 * Errors: SGZ_E_STATE in a callback of @job, and in a child process;
 *   sgz_job_get_result() tells how the job ended
 */
SGZ_API enum sgz_status
sgz_job_wait(struct sgz_job *job, int timeout_ms, enum sgz_job_state *state_out,
	     struct sgz_error *error);

/**
 * What @job does now.
 *
 * Ownership: borrows @job for the call
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: none; in a child process, what it did when that was made
 */
SGZ_API enum sgz_job_state
sgz_job_get_state(const struct sgz_job *job);

/**
 * A file descriptor that becomes readable when @job is done, and stays so.
 *
 * It is made when it is first asked for.
 *
 * Ownership: borrows; the descriptor belongs to the job: it must not be closed,
 *   nor read from
 * Lifetime: until the last sgz_job_unref()
 * Threads: any thread, at any time
 * Errors: SGZ_E_IO if there is none to be had, SGZ_E_STATE in a callback of
 *   @job, and in a child process
 */
SGZ_API enum sgz_status
sgz_job_get_fd(struct sgz_job *job, int *fd_out, struct sgz_error *error);

/**
 * How @job ended: SGZ_OK, or its failure, with what is in @error.
 *
 * Ownership: borrows @job for the call
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: those of a reader, a writer or sgz_index_build(), SGZ_E_CANCELLED;
 *   SGZ_E_STATE before complete(), and in a child process
 */
SGZ_API enum sgz_status
sgz_job_get_result(struct sgz_job *job, struct sgz_error *error);

/**
 * Take the bytes that a job of sgz_job_submit_range() decompressed, or that one
 * of sgz_job_submit_compress_memory() compressed.
 *
 * If there are none, *block_out is NULL.
 *
 * Ownership: transfers one reference to the caller
 * Lifetime: independent of @job, but allocated by its allocator, whose ctx must
 *   last until the last sgz_block_unref()
 * Threads: any thread, at any time
 * Errors: as sgz_job_get_result(); SGZ_E_STATE if they were taken already, or
 *   the job is of another kind
 */
SGZ_API enum sgz_status
sgz_job_take_block(struct sgz_job *job, struct sgz_block **block_out,
		   struct sgz_error *error);

/**
 * Take the index that a job of sgz_job_submit_index() built.
 *
 * Ownership: transfers one reference to the caller
 * Lifetime: independent of @job, but allocated by its allocator, whose ctx must
 *   last until the last sgz_index_unref()
 * Threads: any thread, at any time
 * Errors: as sgz_job_take_block()
 */
SGZ_API enum sgz_status
sgz_job_take_index(struct sgz_job *job, struct sgz_index **index_out,
		   struct sgz_error *error);

/**
 * Take one more reference to @job.
 *
 * Ownership: transfers one reference to the caller; returns @job
 * Lifetime: until the last sgz_job_unref()
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API struct sgz_job *
sgz_job_ref(struct sgz_job *job);

/**
 * Drop one reference to @job. A job that is not done runs on.
 *
 * Ownership: transfers one reference to the library; NULL is allowed
 * Lifetime: the caller must not use @job afterwards, unless it holds another
 *   reference
 * Threads: any thread, at any time, callbacks included; the last one may call
 *   release()
 * Errors: none
 */
SGZ_API void
sgz_job_unref(struct sgz_job *job);

#ifdef __cplusplus
}
#endif

#endif
