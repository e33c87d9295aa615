/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writing gzip, in blocks that allow random access or as one stream. */
#ifndef SGZ_WRITER_H
#define SGZ_WRITER_H

#include <sgz/event.h>
#include <sgz/index.h>
#include <sgz/io.h>
#include <sgz/options.h>
#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A gzip file that is being written.
 *
 * Two calls end it. sgz_writer_finish() writes what is left, and it can fail.
 * sgz_writer_free() drops output that was not finished, and it cannot fail.
 * After a failure every call reports it again, except sgz_writer_free() and the
 * get functions.
 *
 * The output depends on the data, on the options `level`, `block_size` and
 * `format`, on where sgz_writer_flush() was called, and on the codec:
 * libdeflate for BGZF if the library was built with it, else zlib. It does not
 * depend on how the data was divided into calls, nor on the number of threads.
 *
 * With a pool, its threads compress the blocks, and the thread that uses the
 * writer writes them in their order. sgz_writer_write() writes blocks when
 * twice as many as there are threads, and two more, are in progress;
 * sgz_writer_flush() and sgz_writer_finish() write all of them. If several
 * blocks fail, the failure of the first one in the file is reported.
 */
struct sgz_writer;

/* Bytes that a caller gives away, and how they are given back. */
struct sgz_owned {
	const void *data;
	size_t len;
	/**
	 * Release the bytes, or NULL if there is nothing to release.
	 *
	 * Ownership: transfers @ctx and the bytes back to the caller's side
	 * Lifetime: the last use of both
	 * Threads: called by the thread that uses the writer
	 * Errors: none; it must not fail
	 * Re-entry: must not use the writer that had the bytes
	 */
	void (*release)(void *ctx);
	/* passed to release() */
	void *ctx;
};

/**
 * Open a writer of the file at @path.
 *
 * The bytes go to a new file in the same folder. sgz_writer_finish() gives it
 * the name @path; until then a file at @path is unchanged. If there is a device
 * or a pipe at @path, the bytes are written to it directly. If @options is
 * NULL, the defaults are used.
 *
 * Ownership: copies @path, @options and the allocator; transfers *writer_out to
 *   the caller, who frees it with sgz_writer_free()
 * Lifetime: until sgz_writer_free(); the allocator's ctx must last as long
 * Threads: any thread; the writer may move between threads, but only one at a
 *   time may use it
 * Errors: SGZ_E_IO, SGZ_E_EXISTS, SGZ_E_NOMEM, SGZ_E_INVALID
 */
SGZ_API enum sgz_status
sgz_writer_open(const char *path, const struct sgz_options *options,
		struct sgz_writer **writer_out, struct sgz_error *error);

/**
 * Open a writer to the file descriptor @fd, from its current position.
 *
 * Ownership: borrows @fd, which is not closed; the rest as sgz_writer_open()
 * Lifetime: @fd must stay open until sgz_writer_free()
 * Threads: as sgz_writer_open()
 * Errors: SGZ_E_NOMEM, SGZ_E_INVALID
 */
SGZ_API enum sgz_status
sgz_writer_open_fd(int fd, const struct sgz_options *options,
		   struct sgz_writer **writer_out, struct sgz_error *error);

/**
 * Open a writer that appends to @buffer.
 *
 * Ownership: borrows @buffer; buffer->data belongs to the caller, who releases
 *   it with sgz_buffer_release(); the rest as sgz_writer_open()
 * Lifetime: @buffer must stay valid, and nobody else may use it, until
 *   sgz_writer_free() or a successful sgz_writer_finish()
 * Threads: as sgz_writer_open()
 * Errors: SGZ_E_NOMEM, SGZ_E_INVALID
 */
SGZ_API enum sgz_status
sgz_writer_open_memory(struct sgz_buffer *buffer,
		       const struct sgz_options *options,
		       struct sgz_writer **writer_out, struct sgz_error *error);

/**
 * Open a writer to the caller's own output.
 *
 * Ownership: copies @sink; transfers sink->ctx to the writer, which releases it
 *   with sink->close() in sgz_writer_free(); on failure ctx stays with the
 *   caller, and close() is not called; the rest as sgz_writer_open()
 * Lifetime: ctx must stay valid until sink->close(); the writer until
 *   sgz_writer_free()
 * Threads: as sgz_writer_open(); the sink is called by the thread that uses
 *   the writer
 * Errors: SGZ_E_NOMEM, SGZ_E_INVALID
 */
SGZ_API enum sgz_status
sgz_writer_open_sink(const struct sgz_sink *sink,
		     const struct sgz_options *options,
		     struct sgz_writer **writer_out, struct sgz_error *error);

/**
 * Free @writer. If it was not finished, its output is dropped, and it leaves no
 * file.
 *
 * Ownership: transfers @writer to the library; NULL is allowed; a sink's and
 *   an observer's ctx go back to the caller's side
 * Lifetime: everything borrowed from @writer is invalid afterwards
 * Threads: the thread that uses the writer
 * Errors: none; a call in a callback of this same writer is ignored
 */
SGZ_API void
sgz_writer_free(struct sgz_writer *writer);

/**
 * Report events to @observer; NULL removes the current observer.
 *
 * Ownership: copies @observer; transfers observer->ctx to the writer, which
 *   releases it with observer->release(); the previous observer's ctx is
 *   released before the call returns; on failure nothing is transferred
 * Lifetime: observer->ctx must stay valid until observer->release()
 * Threads: the thread that uses the writer
 * Errors: SGZ_E_STATE in a callback of this same writer, SGZ_E_INVALID if
 *   observer->event is NULL
 */
SGZ_API enum sgz_status
sgz_writer_set_observer(struct sgz_writer *writer,
			const struct sgz_observer *observer,
			struct sgz_error *error);

/**
 * Set the file's name, comment, mtime and extra field.
 *
 * Only name, comment, extra, extra_len and prefix.mtime of @header are read.
 * SGZ_FORMAT_GZIP only: other readers of BGZF expect blocks without them.
 *
 * Ownership: copies @header and everything that it points to
 * Lifetime: none
 * Threads: the thread that uses the writer
 * Errors: SGZ_E_UNSUPPORTED for BGZF, SGZ_E_STATE after the first write,
 *   SGZ_E_INVALID if the extra field is longer than 65,535 bytes or its
 *   subfields do not fill it, SGZ_E_NOMEM
 */
SGZ_API enum sgz_status
sgz_writer_set_header(struct sgz_writer *writer,
		      const struct sgz_header *header, struct sgz_error *error);

/**
 * Write @len bytes from @data. It writes all of them or fails.
 *
 * The writer may keep bytes until a block is full. With a pool it may keep some
 * blocks too.
 *
 * Ownership: borrows @data for the call; NULL is allowed if @len is 0
 * Lifetime: none
 * Threads: the thread that uses the writer
 * Errors: SGZ_E_IO, SGZ_E_CALLBACK, SGZ_E_CANCELLED, SGZ_E_NOMEM, SGZ_E_STATE
 */
SGZ_API enum sgz_status
sgz_writer_write(struct sgz_writer *writer, const void *data, size_t len,
		 struct sgz_error *error);

/**
 * Write the bytes of @owned, which become the writer's.
 *
 * With a pool, whole blocks are compressed where they are, without a copy. The
 * writer releases the bytes when it no longer needs them: before this call
 * returns, or in a later call that writes, flushes, finishes or frees.
 *
 * Ownership: copies @owned; transfers the bytes and ctx to the writer, after a
 *   failure too: owned->release() is called exactly once, whatever happens,
 *   unless the writer is never freed
 * Lifetime: the bytes must stay valid and unchanged until owned->release()
 * Threads: the thread that uses the writer
 * Errors: as sgz_writer_write()
 */
SGZ_API enum sgz_status
sgz_writer_write_owned(struct sgz_writer *writer, const struct sgz_owned *owned,
		       struct sgz_error *error);

/**
 * Write text as printf() formats it.
 *
 * Ownership: borrows all arguments for the call
 * Lifetime: none
 * Threads: the thread that uses the writer; the locale must not change during
 *   the call
 * Errors: as sgz_writer_write(), and SGZ_E_INVALID if the text cannot be
 *   formatted; if @format does not match its arguments, the behaviour is
 *   undefined
 */
SGZ_API enum sgz_status
sgz_writer_printf(struct sgz_writer *writer, struct sgz_error *error,
		  const char *format, ...) SGZ_PRINTF(3, 4);

/**
 * Write text as vprintf() formats it.
 *
 * Ownership: borrows all arguments for the call; @args must not be used
 *   afterwards
 * Lifetime: none
 * Threads: as sgz_writer_printf()
 * Errors: as sgz_writer_printf()
 */
SGZ_API enum sgz_status
sgz_writer_vprintf(struct sgz_writer *writer, struct sgz_error *error,
		   const char *format, va_list args) SGZ_PRINTF(3, 0);

/**
 * End the current block, so that everything written so far can be read.
 *
 * Ownership: none
 * Lifetime: none
 * Threads: the thread that uses the writer
 * Errors: as sgz_writer_write()
 */
SGZ_API enum sgz_status
sgz_writer_flush(struct sgz_writer *writer, struct sgz_error *error);

/**
 * Write what is left and the end marker, and give the file its name.
 *
 * Ownership: none; the writer still has to be freed
 * Lifetime: after success every call that writes returns SGZ_E_STATE, and so
 *   does this one
 * Threads: the thread that uses the writer
 * Errors: as sgz_writer_write(), and SGZ_E_EXISTS: then the file at the path is
 *   unchanged; SGZ_E_STATE if the writer is finished already
 */
SGZ_API enum sgz_status
sgz_writer_finish(struct sgz_writer *writer, struct sgz_error *error);

/**
 * The number of uncompressed bytes written so far.
 *
 * Ownership: none
 * Lifetime: none
 * Threads: the thread that uses the writer
 * Errors: none
 */
SGZ_API uint64_t
sgz_writer_tell(const struct sgz_writer *writer);

/**
 * The index of the data that was written. The writer must be finished.
 *
 * Ownership: transfers one reference to the caller
 * Lifetime: independent of @writer, but it uses the writer's allocator: the
 *   allocator's ctx must last until the last sgz_index_unref()
 * Threads: the thread that uses the writer
 * Errors: NULL if options->build_index was not set, or the writer is not
 *   finished
 */
SGZ_API struct sgz_index *
sgz_writer_ref_index(struct sgz_writer *writer);

/**
 * The failure that sticks to @writer, or NULL if there is none.
 *
 * Ownership: borrows; it belongs to the writer
 * Lifetime: until the next call on the writer that is not a get function
 * Threads: the thread that uses the writer
 * Errors: none
 */
SGZ_API const struct sgz_error *
sgz_writer_get_error(const struct sgz_writer *writer);

#ifdef __cplusplus
}
#endif

#endif
