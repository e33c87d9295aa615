/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The caller's own input and output, as structs of functions. */
#ifndef SGZ_IO_H
#define SGZ_IO_H

#include <sgz/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where a reader takes compressed bytes from.
 *
 * The library copies the struct when a reader is opened over it. A function
 * that answers outside its contract makes the call end with SGZ_E_CALLBACK.
 */
struct sgz_source {
	/**
	 * Put up to @len bytes (never 0) at @data.
	 *
	 * @data is not initialised: write it, do not read it.
	 *
	 * Ownership: borrows @data for the call
	 * Lifetime: @data must not be used after the call
	 * Threads: called by the thread that called the library
	 * Errors: returns the number of bytes put there, 0 at the end of the
	 *   input, or a negated errno value, which the failing call reports
	 *   as sys_errno with SGZ_E_CALLBACK; -EAGAIN says that there is
	 *   nothing yet: that call can be made again, and asks again
	 * Re-entry: may not use the reader that it feeds: every such call
	 *   returns SGZ_E_STATE
	 */
	int64_t (*read)(void *ctx, void *data, size_t len);
	/**
	 * Move to @offset from @whence (SEEK_SET, SEEK_CUR or SEEK_END of
	 * stdio.h), or NULL if the input cannot seek.
	 *
	 * Ownership: none
	 * Lifetime: none
	 * Threads: called by the thread that called the library
	 * Errors: returns the new offset from the start, or a negated errno
	 *   value
	 * Re-entry: may not use the reader that it feeds
	 */
	int64_t (*seek)(void *ctx, int64_t offset, int whence);
	/**
	 * Release @ctx, or NULL if there is nothing to release.
	 *
	 * Ownership: transfers @ctx back to the caller's side
	 * Lifetime: the last call that gets @ctx
	 * Threads: called by the thread that closes the reader
	 * Errors: none; it must not fail
	 * Re-entry: may not use the reader that it fed
	 */
	void (*close)(void *ctx);
	/* passed to all three */
	void *ctx;
};

/*
 * Where a writer puts compressed bytes.
 *
 * The library copies the struct when a writer is opened over it.
 */
struct sgz_sink {
	/**
	 * Take up to @len bytes (never 0) from @data.
	 *
	 * Ownership: borrows @data for the call
	 * Lifetime: @data must not be used after the call
	 * Threads: called by the thread that called the library
	 * Errors: returns the number of bytes taken (1 to @len; the library
	 *   calls again for the rest), or a negated errno value, which the
	 *   failing call reports as sys_errno with SGZ_E_CALLBACK; 0 is taken
	 *   for a broken sink; there is no way to go on after -EAGAIN, so a
	 *   sink waits until it can take something
	 * Re-entry: may not use the writer that it serves: every such call
	 *   returns SGZ_E_STATE
	 */
	int64_t (*write)(void *ctx, const void *data, size_t len);
	/**
	 * Push buffered bytes onwards, or NULL if nothing is buffered.
	 *
	 * Ownership: none
	 * Lifetime: none
	 * Threads: called by the thread that called the library
	 * Errors: returns 0, or a negated errno value
	 * Re-entry: may not use the writer that it serves
	 */
	int (*flush)(void *ctx);
	/**
	 * Release @ctx, or NULL if there is nothing to release.
	 *
	 * Ownership: transfers @ctx back to the caller's side
	 * Lifetime: the last call that gets @ctx
	 * Threads: called by the thread that frees the writer
	 * Errors: none; it must not fail
	 * Re-entry: may not use the writer that it served
	 */
	void (*close)(void *ctx);
	/* passed to all three */
	void *ctx;
};

#ifdef __cplusplus
}
#endif

#endif
