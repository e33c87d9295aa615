/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading gzip: in sequence, by line, and from the middle. */
#ifndef SGZ_READER_H
#define SGZ_READER_H

#include <sgz/block.h>
#include <sgz/event.h>
#include <sgz/index.h>
#include <sgz/io.h>
#include <sgz/options.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A gzip file that is being read.
 *
 * A failure sticks: every later call that reads reports it again, until a
 * sgz_reader_seek() succeeds. If a call fails after it read some bytes, it
 * returns these bytes, and the next call reports the failure.
 *
 * One failure does not stick: a source that has no data yet (-EAGAIN). Make the
 * same call again: it continues where it stopped.
 *
 * With a pool, a reader that reads BGZF blocks in a row also reads ahead: the
 * thread that uses it reads more of the input than it needs, and the threads of
 * the pool decompress it. The number of these blocks is limited. A failure is
 * reported only when its block is reached, and the pool does not change what
 * the reader returns. A reader reads ahead from a descriptor or a source only
 * while that has data: it does not wait for an empty pipe, and it does not ask
 * a source again that returned less than it was asked for.
 */
struct sgz_reader;

/**
 * Open the file at @path and read its first header.
 *
 * If @options is NULL, the defaults are used.
 *
 * Ownership: borrows @path for the call; copies @options and the allocator;
 *   transfers *reader_out to the caller, who closes it with sgz_reader_close()
 * Lifetime: until sgz_reader_close(); the allocator's ctx must last as long
 * Threads: any thread; the reader may move between threads, but only one at a
 *   time may use it
 * Errors: SGZ_E_IO, SGZ_E_FORMAT if the file is not gzip, SGZ_E_TRUNCATED if it
 *   is empty or ends within the header, SGZ_E_CRC or SGZ_E_LENGTH if the header
 *   is corrupt, SGZ_E_LIMIT, SGZ_E_NOMEM, SGZ_E_INVALID
 */
SGZ_API enum sgz_status
sgz_reader_open(const char *path, const struct sgz_options *options,
		struct sgz_reader **reader_out, struct sgz_error *error);

/**
 * Open a reader on the file descriptor @fd, from its current position.
 *
 * Offsets count from that position. If @fd is non-blocking, the reader waits
 * until it has data.
 *
 * Ownership: borrows @fd, which is not closed; the rest as sgz_reader_open()
 * Lifetime: @fd must stay open until sgz_reader_close(), and nothing else may
 *   move its position
 * Threads: as sgz_reader_open()
 * Errors: as sgz_reader_open()
 */
SGZ_API enum sgz_status
sgz_reader_open_fd(int fd, const struct sgz_options *options,
		   struct sgz_reader **reader_out, struct sgz_error *error);

/**
 * Open a reader on @len bytes of gzip at @data.
 *
 * Ownership: borrows @data; the rest as sgz_reader_open()
 * Lifetime: @data must stay valid and unchanged until sgz_reader_close()
 * Threads: as sgz_reader_open(); several readers may share @data
 * Errors: as sgz_reader_open(), but not SGZ_E_IO
 */
SGZ_API enum sgz_status
sgz_reader_open_memory(const void *data, size_t len,
		       const struct sgz_options *options,
		       struct sgz_reader **reader_out, struct sgz_error *error);

/**
 * Open a reader on the caller's own input.
 *
 * Offsets count from the source's current position. The source must have the
 * whole first header ready. If it has not, the call fails, and the bytes that
 * it read are lost.
 *
 * Ownership: copies @source; transfers source->ctx to the reader, which
 *   releases it with source->close() in sgz_reader_close(); on failure ctx
 *   stays with the caller, and close() is not called; the rest as
 *   sgz_reader_open()
 * Lifetime: ctx must stay valid until source->close(); the reader until
 *   sgz_reader_close()
 * Threads: as sgz_reader_open(); the source is called by the thread that uses
 *   the reader
 * Errors: as sgz_reader_open(), but SGZ_E_CALLBACK instead of SGZ_E_IO
 */
SGZ_API enum sgz_status
sgz_reader_open_source(const struct sgz_source *source,
		       const struct sgz_options *options,
		       struct sgz_reader **reader_out, struct sgz_error *error);

/**
 * Close @reader and free everything that it owns. It cannot fail.
 *
 * Ownership: transfers @reader to the library; NULL is allowed; a source's
 *   and an observer's ctx go back to the caller's side
 * Lifetime: everything borrowed from @reader is invalid afterwards
 * Threads: the thread that uses the reader
 * Errors: none; a call in a callback of this same reader is ignored
 */
SGZ_API void
sgz_reader_close(struct sgz_reader *reader);

/**
 * Report events to @observer; NULL removes the current observer.
 *
 * Ownership: copies @observer; transfers observer->ctx to the reader, which
 *   releases it with observer->release(); the previous observer's ctx is
 *   released before the call returns; on failure nothing is transferred
 * Lifetime: observer->ctx must stay valid until observer->release()
 * Threads: the thread that uses the reader
 * Errors: SGZ_E_STATE in a callback of this same reader, SGZ_E_INVALID if
 *   observer->event is NULL
 */
SGZ_API enum sgz_status
sgz_reader_set_observer(struct sgz_reader *reader,
			const struct sgz_observer *observer,
			struct sgz_error *error);

/**
 * Use @index for later seeks; NULL: use no index.
 *
 * Ownership: the reader takes its own reference; the caller keeps its reference
 * Lifetime: the reader releases its reference when another index is set, or in
 *   sgz_reader_close(): the ctx of the index's allocator must last until then
 * Threads: the thread that uses the reader
 * Errors: SGZ_E_INDEX if the index points beyond the end of the input,
 *   SGZ_E_UNSUPPORTED if the input cannot seek, SGZ_E_IO or SGZ_E_CALLBACK if
 *   its end cannot be found, SGZ_E_NOMEM, SGZ_E_STATE
 */
SGZ_API enum sgz_status
sgz_reader_set_index(struct sgz_reader *reader, struct sgz_index *index,
		     struct sgz_error *error);

/**
 * Read up to @len bytes of uncompressed data into @data.
 *
 * It reads fewer than @len bytes only at the end, or before a failure that the
 * next call reports. If @len is not 0, then 0 bytes mean the end.
 *
 * Ownership: borrows @data for the call; NULL is allowed if @len is 0
 * Lifetime: everything borrowed from the reader before is invalid afterwards
 * Threads: the thread that uses the reader
 * Errors: SGZ_E_FORMAT in a later member's header, SGZ_E_DATA, SGZ_E_CRC,
 *   SGZ_E_LENGTH, SGZ_E_TRUNCATED, SGZ_E_TRAILING, SGZ_E_LIMIT, SGZ_E_IO,
 *   SGZ_E_CALLBACK, SGZ_E_CANCELLED, SGZ_E_NOMEM, SGZ_E_INDEX, SGZ_E_STATE;
 *   SGZ_E_CALLBACK with a sys_errno of EAGAIN does not stick, and no data is
 *   lost: make the same call again
 */
SGZ_API enum sgz_status
sgz_reader_read(struct sgz_reader *reader, void *data, size_t len,
		size_t *len_out, struct sgz_error *error);

/**
 * Borrow the bytes that are ready. If none are ready, read some.
 *
 * The position does not change: sgz_reader_consume() moves it. At the end
 * *len_out is 0.
 *
 * Ownership: borrows; the bytes belong to the reader
 * Lifetime: until the next call on the reader that is not
 *   sgz_reader_consume() or a get function
 * Threads: the thread that uses the reader
 * Errors: as sgz_reader_read()
 */
SGZ_API enum sgz_status
sgz_reader_peek(struct sgz_reader *reader, const void **data_out,
		size_t *len_out, struct sgz_error *error);

/**
 * Move past @len of the bytes that sgz_reader_peek() returned.
 *
 * If @len is larger, it moves past all of these bytes, and no further.
 *
 * Ownership: none
 * Lifetime: the borrowed bytes stay valid
 * Threads: the thread that uses the reader
 * Errors: none
 */
SGZ_API void
sgz_reader_consume(struct sgz_reader *reader, size_t len);

/**
 * Read a line into @line, up to and including the byte @delimiter.
 *
 * @line grows as needed, and its old content is replaced. The last line may
 * lack the delimiter. At the end line->len is 0.
 *
 * Ownership: line->data belongs to the caller, who releases it with
 *   sgz_buffer_release(), also after a failure
 * Lifetime: earlier pointers into line->data are invalid afterwards
 * Threads: the thread that uses the reader
 * Errors: as sgz_reader_read(), SGZ_E_LIMIT for a line longer than
 *   options->line_limit, SGZ_E_INVALID for a delimiter outside 0 to 255
 */
SGZ_API enum sgz_status
sgz_reader_read_line(struct sgz_reader *reader, int delimiter,
		     struct sgz_buffer *line, struct sgz_error *error);

/**
 * Borrow the next line, up to and including the byte @delimiter, and move past
 * it.
 *
 * The line is copied only if it crosses from one block into the next. No NUL
 * follows it. At the end *len_out is 0.
 *
 * Ownership: borrows; the bytes belong to the reader
 * Lifetime: until the next call on the reader that is not a get function
 * Threads: the thread that uses the reader
 * Errors: as sgz_reader_read_line()
 */
SGZ_API enum sgz_status
sgz_reader_next_line(struct sgz_reader *reader, int delimiter,
		     const char **line_out, size_t *len_out,
		     struct sgz_error *error);

/**
 * Move to the uncompressed @offset.
 *
 * The reader uses the index that was set, else the block headers. In gzip that
 * is not BGZF it inflates, from the start or from the current position. @offset
 * may be the end of the data.
 *
 * Ownership: none
 * Lifetime: everything borrowed from the reader before is invalid afterwards
 * Threads: the thread that uses the reader
 * Errors: SGZ_E_RANGE beyond the end, and SGZ_E_UNSUPPORTED backwards in an
 *   input that cannot seek: the position does not change (but SGZ_E_RANGE in an
 *   input that cannot seek leaves it at the end); as sgz_reader_read(); after
 *   EAGAIN the position is any point on the way to @offset
 */
SGZ_API enum sgz_status
sgz_reader_seek(struct sgz_reader *reader, uint64_t offset,
		struct sgz_error *error);

/**
 * Read up to @len bytes at the uncompressed @offset to @data, from any thread.
 *
 * Several threads may do this with one reader at the same time, also while one
 * thread reads in sequence: the position of the reader does not change, nothing
 * that it lent becomes invalid, no observer is called, and a failure does not
 * stick. The reader needs an index, and its input must be a file or memory. It
 * reads fewer than @len bytes only at the end. If @len is not 0, then 0 bytes
 * mean that @offset is at the end or beyond it. What follows the last block of
 * the index is not looked at.
 *
 * With options->stop_early, a block is decompressed only as far as it is
 * needed. Unless that is to its end, its CRC-32, its length and the rest of its
 * deflate stream are not checked: corrupt bytes may be returned as data.
 *
 * Ownership: borrows @data for the call; NULL is allowed if @len is 0
 * Lifetime: none
 * Threads: any thread, at any time between opening and closing, but not while
 *   sgz_reader_set_index() runs
 * Errors: SGZ_E_UNSUPPORTED without an index, or if the input is a source or
 *   cannot seek; SGZ_E_INDEX, SGZ_E_DATA, SGZ_E_CRC, SGZ_E_LENGTH,
 *   SGZ_E_TRUNCATED, SGZ_E_IO, SGZ_E_NOMEM
 */
SGZ_API enum sgz_status
sgz_reader_read_at(struct sgz_reader *reader, uint64_t offset, void *data,
		   size_t len, size_t *len_out, struct sgz_error *error);

/**
 * The block that holds the uncompressed @offset, from any thread.
 *
 * It works as sgz_reader_read_at() does, but the block is always decompressed
 * and checked as a whole. At the end and beyond it *block_out is NULL. A block
 * that is in the cache (options->cache_size) is not decompressed again.
 *
 * Ownership: transfers one reference to the caller
 * Lifetime: independent of @reader, but allocated as the reader is: the ctx of
 *   its allocator must last until the last sgz_block_unref()
 * Threads: as sgz_reader_read_at()
 * Errors: as sgz_reader_read_at()
 */
SGZ_API enum sgz_status
sgz_reader_ref_block(struct sgz_reader *reader, uint64_t offset,
		     struct sgz_block **block_out, struct sgz_error *error);

/**
 * The uncompressed offset of the next byte to be read.
 *
 * Ownership: none
 * Lifetime: none
 * Threads: the thread that uses the reader
 * Errors: none
 */
SGZ_API uint64_t
sgz_reader_tell(const struct sgz_reader *reader);

/**
 * The uncompressed size of the whole input. The position does not change.
 *
 * It is found from the block headers. In gzip that is not BGZF it is found by
 * inflating to the end. The reader remembers it, and also knows it after it has
 * read to the end.
 *
 * Ownership: none
 * Lifetime: as sgz_reader_seek()
 * Threads: the thread that uses the reader
 * Errors: SGZ_E_UNSUPPORTED if the input cannot seek; as sgz_reader_read()
 */
SGZ_API enum sgz_status
sgz_reader_get_size(struct sgz_reader *reader, uint64_t *size_out,
		    struct sgz_error *error);

/**
 * The format of the file, from its first member: SGZ_FORMAT_BGZF or
 * SGZ_FORMAT_GZIP.
 *
 * Ownership: none
 * Lifetime: none
 * Threads: the thread that uses the reader
 * Errors: none
 */
SGZ_API enum sgz_format
sgz_reader_get_format(const struct sgz_reader *reader);

/**
 * The header of the member that holds the last byte that was read.
 *
 * Before the first byte, it is the header of the first member. At the end of a
 * member, it is still the header of that member.
 *
 * Ownership: borrows; the header and its strings belong to the reader
 * Lifetime: until the next call on the reader that is not a get function
 * Threads: the thread that uses the reader
 * Errors: none; never NULL
 */
SGZ_API const struct sgz_header *
sgz_reader_get_header(const struct sgz_reader *reader);

/**
 * The failure that sticks to @reader, or NULL if there is none.
 *
 * Ownership: borrows; it belongs to the reader
 * Lifetime: until the next call on the reader that is not a get function
 * Threads: the thread that uses the reader
 * Errors: none
 */
SGZ_API const struct sgz_error *
sgz_reader_get_error(const struct sgz_reader *reader);

/**
 * The file descriptor that @reader reads from.
 *
 * Ownership: borrows; it must not be closed, nor its position moved
 * Lifetime: until sgz_reader_close()
 * Threads: the thread that uses the reader
 * Errors: -1, with errno set to EBADF, if the reader has no file descriptor
 */
SGZ_API int
sgz_reader_get_fd(const struct sgz_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
