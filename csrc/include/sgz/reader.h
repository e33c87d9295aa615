/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading gzip: in sequence, by line, and from the middle. */
#ifndef SGZ_READER_H
#define SGZ_READER_H

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
 * A failure sticks: it is reported again by every later call that reads, until
 * a sgz_reader_seek() succeeds. A failure met after some bytes were read is
 * held back, so that these bytes are not lost: the next call reports it.
 *
 * One failure does not stick: a source that has nothing yet (-EAGAIN). The same
 * call can then be made again, and goes on where it stopped.
 */
struct sgz_reader;

/**
 * Open the file at @path and read its first header.
 *
 * NULL for @options: the defaults.
 *
 * Ownership: borrows @path for the call; copies @options and the allocator;
 *   transfers *reader_out to the caller, who gives it to sgz_reader_close()
 * Lifetime: until sgz_reader_close(); the allocator's ctx must last as long
 * Threads: any thread; the reader may move between threads, and is used by one
 *   at a time
 * Errors: SGZ_E_IO, SGZ_E_FORMAT if it is not gzip, SGZ_E_TRUNCATED if it is
 *   empty or ends within the header, SGZ_E_CRC or SGZ_E_LENGTH if the header
 *   is corrupt, SGZ_E_LIMIT, SGZ_E_NOMEM, SGZ_E_INVALID
 */
SGZ_API enum sgz_status
sgz_reader_open(const char *path, const struct sgz_options *options,
		struct sgz_reader **reader_out, struct sgz_error *error);

/**
 * Open a reader over the file descriptor @fd, from its current position.
 *
 * Offsets count from that position. One that is set not to block is waited
 * for.
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
 * Open a reader over @len bytes of gzip at @data.
 *
 * Ownership: borrows @data; the rest as sgz_reader_open()
 * Lifetime: @data must stay, unchanged, until sgz_reader_close()
 * Threads: as sgz_reader_open(); @data may be shared by readers
 * Errors: as sgz_reader_open()
 */
SGZ_API enum sgz_status
sgz_reader_open_memory(const void *data, size_t len,
		       const struct sgz_options *options,
		       struct sgz_reader **reader_out, struct sgz_error *error);

/**
 * Open a reader over the caller's own input.
 *
 * Offsets count from where the source stands. It must have the first header
 * at hand: a source that has not lets the call fail, and what it gave is lost.
 *
 * Ownership: copies @source; transfers source->ctx to the reader, which gives
 *   it back by source->close() in sgz_reader_close(); on failure ctx stays
 *   with the caller, and close() is not called; the rest as sgz_reader_open()
 * Lifetime: ctx must stay valid until source->close(); the reader until
 *   sgz_reader_close()
 * Threads: as sgz_reader_open(); the source is called by the thread that uses
 *   the reader
 * Errors: as sgz_reader_open(), and SGZ_E_CALLBACK when the source failed
 */
SGZ_API enum sgz_status
sgz_reader_open_source(const struct sgz_source *source,
		       const struct sgz_options *options,
		       struct sgz_reader **reader_out, struct sgz_error *error);

/**
 * Close @reader and free all that it holds. It cannot fail.
 *
 * Ownership: transfers @reader to the library; NULL is allowed; a source's
 *   and an observer's ctx go back to the caller's side
 * Lifetime: everything borrowed from @reader is dead afterwards
 * Threads: the thread that uses the reader
 * Errors: none; in a callback of this very reader it is ignored
 */
SGZ_API void
sgz_reader_close(struct sgz_reader *reader);

/**
 * Tell @observer of what happens; NULL takes the present one off.
 *
 * Ownership: copies @observer; transfers observer->ctx to the reader, which
 *   gives it back by observer->release(); the former observer's ctx is
 *   released before the call returns; on failure nothing changes hands
 * Lifetime: observer->ctx must stay valid until observer->release()
 * Threads: the thread that uses the reader
 * Errors: SGZ_E_STATE in a callback of this very reader, SGZ_E_INVALID if
 *   observer->event is NULL
 */
SGZ_API enum sgz_status
sgz_reader_set_observer(struct sgz_reader *reader,
			const struct sgz_observer *observer,
			struct sgz_error *error);

/**
 * Seek by @index from now on; NULL: by none.
 *
 * Ownership: takes a reference of its own; the caller keeps its one
 * Lifetime: that reference is given up when another index is set, or in
 *   sgz_reader_close(): the ctx of the index's allocator must last until then
 * Threads: the thread that uses the reader
 * Errors: SGZ_E_INDEX if the index points beyond the end of the input,
 *   SGZ_E_UNSUPPORTED if the input cannot seek, SGZ_E_IO or SGZ_E_CALLBACK if
 *   its end cannot be found, SGZ_E_STATE
 */
SGZ_API enum sgz_status
sgz_reader_set_index(struct sgz_reader *reader, struct sgz_index *index,
		     struct sgz_error *error);

/**
 * Read up to @len bytes of uncompressed data to @data.
 *
 * Fewer than @len come only at the end, or before a failure that the next
 * call reports; 0 of them (with @len above 0) is the end.
 *
 * Ownership: borrows @data for the call; NULL is taken when @len is 0
 * Lifetime: what was borrowed from the reader before is dead afterwards
 * Threads: the thread that uses the reader
 * Errors: SGZ_E_FORMAT in a later member's header, SGZ_E_DATA, SGZ_E_CRC,
 *   SGZ_E_LENGTH, SGZ_E_TRUNCATED, SGZ_E_TRAILING, SGZ_E_LIMIT, SGZ_E_IO,
 *   SGZ_E_CALLBACK, SGZ_E_CANCELLED, SGZ_E_NOMEM, SGZ_E_INDEX, SGZ_E_STATE;
 *   with SGZ_E_CALLBACK and a sys_errno of EAGAIN nothing is lost and nothing
 *   sticks: the same call can be made again
 */
SGZ_API enum sgz_status
sgz_reader_read(struct sgz_reader *reader, void *data, size_t len,
		size_t *len_out, struct sgz_error *error);

/**
 * Lend the bytes that are ready, making some ready if none are.
 *
 * The position stays; sgz_reader_consume() moves it. *len_out of 0 is the end.
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
 * Move past @len bytes of those that sgz_reader_peek() lent.
 *
 * A @len beyond those bytes moves past all of them, and no further.
 *
 * Ownership: none
 * Lifetime: the bytes that were borrowed stay valid
 * Threads: the thread that uses the reader
 * Errors: none
 */
SGZ_API void
sgz_reader_consume(struct sgz_reader *reader, size_t len);

/**
 * Read a line to @line, growing it, up to and with the byte @delimiter.
 *
 * What @line held before is replaced. The last line may lack the delimiter.
 * line->len of 0 is the end.
 *
 * Ownership: line->data stays the caller's, who gives it to
 *   sgz_buffer_release(), after a failure too
 * Lifetime: pointers into line->data are dead afterwards
 * Threads: the thread that uses the reader
 * Errors: as sgz_reader_read(), SGZ_E_LIMIT for a line longer than
 *   options->line_limit, SGZ_E_INVALID for a delimiter beyond 0 to 255
 */
SGZ_API enum sgz_status
sgz_reader_read_line(struct sgz_reader *reader, int delimiter,
		     struct sgz_buffer *line, struct sgz_error *error);

/**
 * Lend the next line, up to and with the byte @delimiter, and move past it.
 *
 * It is borrowed in place, and copied only where it crosses from one block into
 * the next. There is no NUL behind it. *len_out of 0 is the end.
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
 * By the index that was set, else over the block headers, else (gzip that is
 * no BGZF) by inflating from the start or from here. The end itself can be
 * a target.
 *
 * Ownership: none
 * Lifetime: what was borrowed from the reader before is dead afterwards
 * Threads: the thread that uses the reader
 * Errors: SGZ_E_RANGE beyond the end and SGZ_E_UNSUPPORTED backwards in an
 *   input that cannot seek: the position stays (but the search for an end
 *   that an input cannot seek back from stops there); as sgz_reader_read(),
 *   and after EAGAIN the position is somewhere on the way
 */
SGZ_API enum sgz_status
sgz_reader_seek(struct sgz_reader *reader, uint64_t offset,
		struct sgz_error *error);

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
 * The uncompressed size of the whole input. The position stays.
 *
 * Found over the block headers, or (gzip that is no BGZF) by inflating to the
 * end; asked again, or once the end was read, it is known.
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
 * The kind of file, by its first member: SGZ_FORMAT_BGZF or SGZ_FORMAT_GZIP.
 *
 * Ownership: none
 * Lifetime: none
 * Threads: the thread that uses the reader
 * Errors: none
 */
SGZ_API enum sgz_format
sgz_reader_get_format(const struct sgz_reader *reader);

/**
 * The header of the member that the last byte read belongs to.
 *
 * Before the first byte: of the first member. At a member's end, of that one.
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
 * Errors: -1, with errno set to EBADF, if it reads from something else
 */
SGZ_API int
sgz_reader_get_fd(const struct sgz_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
