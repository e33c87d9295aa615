/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The caller's own input and output, as structs of function pointers. */
#ifndef SGZ_IO_H
#define SGZ_IO_H

#include <sgz/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where a reader takes compressed bytes from.
 *
 * The library copies the struct when a reader is opened on it. If a function
 * breaks its contract, the call ends with SGZ_E_CALLBACK.
 */
struct sgz_source {
	/**
	 * Store up to @len bytes (never 0) at @data.
	 *
	 * @data is not initialised: write it, do not read it. A reader with a
	 * pool calls this for more bytes than it needs yet.
	 *
	 * Ownership: borrows @data for the call
	 * Lifetime: @data must not be used after the call
	 * Threads: called by the thread that called the library
	 * Errors: returns the number of bytes stored, 0 at the end of the
	 *   input, or a negated errno value: then the library's function fails
	 *   with SGZ_E_CALLBACK, and sys_errno is that errno; -EAGAIN means
	 *   that no data is ready yet: the library's function can be called
	 *   again, and calls `read` again
	 * Re-entry: must not use the reader that calls it: every such call
	 *   returns SGZ_E_STATE
	 */
	int64_t (*read)(void *ctx, void *data, size_t len);
	/**
	 * Move to @offset from @whence (SEEK_SET, SEEK_CUR or SEEK_END of
	 * stdio.h). The pointer is NULL if the input cannot seek.
	 *
	 * Ownership: none
	 * Lifetime: none
	 * Threads: called by the thread that called the library
	 * Errors: returns the new offset from the start, or a negated errno
	 *   value
	 * Re-entry: must not use the reader that calls it
	 */
	int64_t (*seek)(void *ctx, int64_t offset, int whence);
	/**
	 * Release @ctx. The pointer is NULL if there is nothing to release.
	 *
	 * Ownership: transfers @ctx back to the caller's side
	 * Lifetime: this is the last call that gets @ctx
	 * Threads: called by the thread that closes the reader
	 * Errors: none; it must not fail
	 * Re-entry: must not use the reader that calls it
	 */
	void (*close)(void *ctx);
	/* passed to all three functions */
	void *ctx;
};

/*
 * Where a writer puts compressed bytes.
 *
 * The library copies the struct when a writer is opened on it.
 */
struct sgz_sink {
	/**
	 * Take up to @len bytes (never 0) from @data.
	 *
	 * Ownership: borrows @data for the call
	 * Lifetime: @data must not be used after the call
	 * Threads: called by the thread that called the library
	 * Errors: returns the number of bytes taken (1 to @len; the library
	 *   calls again for the rest), or a negated errno value: then the
	 *   library's function fails with SGZ_E_CALLBACK, and sys_errno is that
	 *   errno; 0 counts as a failure; the writer cannot continue after
	 *   -EAGAIN, so a sink has to wait until it can take bytes
	 * Re-entry: must not use the writer that calls it: every such call
	 *   returns SGZ_E_STATE
	 */
	int64_t (*write)(void *ctx, const void *data, size_t len);
	/**
	 * Pass on buffered bytes. The pointer is NULL if nothing is buffered.
	 *
	 * Ownership: none
	 * Lifetime: none
	 * Threads: called by the thread that called the library
	 * Errors: returns 0, or a negated errno value
	 * Re-entry: must not use the writer that calls it
	 */
	int (*flush)(void *ctx);
	/**
	 * Release @ctx. The pointer is NULL if there is nothing to release.
	 *
	 * Ownership: transfers @ctx back to the caller's side
	 * Lifetime: this is the last call that gets @ctx
	 * Threads: called by the thread that frees the writer
	 * Errors: none; it must not fail
	 * Re-entry: must not use the writer that calls it
	 */
	void (*close)(void *ctx);
	/* passed to all three functions */
	void *ctx;
};

#ifdef __cplusplus
}
#endif

#endif
