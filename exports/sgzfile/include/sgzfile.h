/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whole files of seekable gzip: a library that is written in Rust.
 *
 * Do not change this file: cbindgen wrote it from exports/sgzfile/src/export.rs.
 */

#ifndef SGZFILE_H
#define SGZFILE_H

#include <stddef.h>
#include <stdint.h>

/**
 * The level to take if there is no reason for another.
 */
#define SGZFILE_DEFAULT_LEVEL 6

/**
 * How a call ended. Codes are never renumbered; new ones may come.
 */
enum sgzfile_status {
        /**
         * It did what it says.
         */
        SGZFILE_STATUS_OK = 0,
        /**
         * An argument is NULL, or out of its range.
         */
        SGZFILE_STATUS_INVALID = -1,
        /**
         * The system refused: see sgzfile_error_errno().
         */
        SGZFILE_STATUS_IO = -2,
        /**
         * The file is not gzip, or is damaged.
         */
        SGZFILE_STATUS_DATA = -3,
        /**
         * The file is gzip, but not BGZF.
         */
        SGZFILE_STATUS_UNSUPPORTED = -4,
        /**
         * The callback asked to stop.
         */
        SGZFILE_STATUS_CANCELLED = -5,
        /**
         * Something else: see the message.
         */
        SGZFILE_STATUS_OTHER = -6,
        /**
         * The library panicked, which is a fault of the library. What the call
         * worked on is as if the call had failed.
         */
        SGZFILE_STATUS_PANIC = -7,
};

/**
 * A failure, in full.
 */
struct sgzfile_error;

/**
 * A file of BGZF that any number of threads read at offsets.
 */
struct sgzfile;

/**
 * How large a file was before and after it was compressed, in bytes.
 */
struct sgzfile_sizes {
        /**
         * Before.
         */
        uint64_t plain;
        /**
         * After.
         */
        uint64_t packed;
};

/**
 * Bytes that the library allocated.
 */
struct sgzfile_bytes {
        /**
         * NULL if there are none.
         */
        uint8_t *data;
        /**
         * How many there are.
         */
        size_t len;
};

/**
 * Where sgzfile_stream() puts the data.
 */
struct sgzfile_sink {
        /**
         * Takes @len bytes at @data. 0: go on; any other value: stop.
         *
         * Ownership: borrows @data for the call
         * Lifetime: @data is valid until it returns
         * Threads: called by the thread that called sgzfile_stream()
         * Errors: with any value but 0 the stream ends, and returns
         *   SGZFILE_STATUS_CANCELLED
         * Re-entry: any function of this header; it has to return, without an
         *   exception or a longjmp()
         */
        int (*write)(void *ctx, const void *data, size_t len);
        /**
         * Releases @ctx. NULL: there is nothing to release.
         *
         * Ownership: @ctx goes back to the caller's side
         * Lifetime: @ctx is not used afterwards
         * Threads: called by the thread that called sgzfile_stream()
         * Errors: none
         * Re-entry: as write
         */
        void (*release)(void *ctx);
        /**
         * What both get.
         */
        void *ctx;
};

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library, as "1.2.3".
 *
 * Ownership: borrows: the text is the library's
 * Lifetime: while the library is loaded
 * Threads: any thread, at any time
 * Errors: never NULL
 */
const char *sgzfile_version(void);

/**
 * What @error is.
 *
 * Ownership: borrows @error for the call
 * Lifetime: none
 * Threads: any thread; several may use the same @error
 * Errors: SGZFILE_STATUS_OK if @error is NULL
 */
enum sgzfile_status sgzfile_error_status(const struct sgzfile_error *error);

/**
 * The errno of the system call that failed.
 *
 * Ownership: borrows @error for the call
 * Lifetime: none
 * Threads: any thread; several may use the same @error
 * Errors: 0 if @error is NULL, or if no system call failed
 */
int sgzfile_error_errno(const struct sgzfile_error *error);

/**
 * What happened, in words.
 *
 * Ownership: borrows: the text is @error's
 * Lifetime: until sgzfile_error_free()
 * Threads: any thread; several may use the same @error
 * Errors: NULL if @error is NULL
 */
const char *sgzfile_error_message(const struct sgzfile_error *error);

/**
 * Free @error.
 *
 * Ownership: transfers @error to the library; NULL is allowed
 * Lifetime: @error and its message are invalid afterwards
 * Threads: any thread, but no other may use @error
 * Errors: none
 */
void sgzfile_error_free(struct sgzfile_error *error);

/**
 * The message of the last call of this thread that failed.
 *
 * It is for programs without a place for an error. A call that succeeds does
 * not change it, so it means something only after a failure.
 *
 * Ownership: borrows: the text is the thread's
 * Lifetime: until the next call of this thread that fails, or the thread's
 *   end
 * Threads: each thread has its own
 * Errors: NULL if no call of this thread failed
 */
const char *sgzfile_last_error(void);

/**
 * Compress the file at @from into the file at @to, which becomes BGZF.
 *
 * @level is from 0 to 12; SGZFILE_DEFAULT_LEVEL is a good one.
 *
 * Ownership: borrows @from and @to for the call; writes *@sizes_out, unless
 *   it is NULL; transfers *@error_out to the caller, who frees it with
 *   sgzfile_error_free(), unless it is NULL
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: SGZFILE_STATUS_INVALID, SGZFILE_STATUS_IO, SGZFILE_STATUS_OTHER,
 *   SGZFILE_STATUS_PANIC; a file at @to is unchanged then, and *@sizes_out
 *   too
 */
enum sgzfile_status sgzfile_compress(const char *from,
                                     const char *to,
                                     int level,
                                     struct sgzfile_sizes *sizes_out,
                                     struct sgzfile_error **error_out);

/**
 * Open the file at @path, and find its blocks.
 *
 * Ownership: borrows @path for the call; transfers *@file_out to the caller,
 *   who closes it with sgzfile_close(); error_out as sgzfile_compress()
 * Lifetime: until sgzfile_close()
 * Threads: any thread; the file may be used by any number of threads at the
 *   same time
 * Errors: SGZFILE_STATUS_IO, SGZFILE_STATUS_DATA, SGZFILE_STATUS_UNSUPPORTED
 *   if the file is gzip without blocks, SGZFILE_STATUS_INVALID,
 *   SGZFILE_STATUS_OTHER, SGZFILE_STATUS_PANIC; *@file_out is unchanged then
 */
enum sgzfile_status sgzfile_open(const char *path,
                                 struct sgzfile **file_out,
                                 struct sgzfile_error **error_out);

/**
 * Close @file.
 *
 * Ownership: transfers @file to the library; NULL is allowed
 * Lifetime: @file is invalid afterwards
 * Threads: any thread, but no other may use @file
 * Errors: none
 */
void sgzfile_close(struct sgzfile *file);

/**
 * The size of the data in @file, in bytes.
 *
 * Ownership: borrows @file for the call
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: 0 if @file is NULL
 */
uint64_t sgzfile_size(const struct sgzfile *file);

/**
 * What @file is, in a few words.
 *
 * Ownership: borrows @file for the call; transfers *@text_out to the caller,
 *   who frees it with sgzfile_string_free(), and not with free();
 *   error_out as sgzfile_compress()
 * Lifetime: until sgzfile_string_free()
 * Threads: any thread, at any time
 * Errors: SGZFILE_STATUS_INVALID, SGZFILE_STATUS_PANIC; *@text_out is
 *   unchanged then
 */
enum sgzfile_status sgzfile_describe(const struct sgzfile *file,
                                     char **text_out,
                                     struct sgzfile_error **error_out);

/**
 * Free a text that the library gave away.
 *
 * Ownership: transfers @text to the library; NULL is allowed
 * Lifetime: @text is invalid afterwards
 * Threads: any thread, but no other may use @text
 * Errors: none
 */
void sgzfile_string_free(char *text);

/**
 * Read up to @len bytes at @offset into memory of the caller's.
 *
 * It reads fewer bytes only at the end of the data.
 *
 * Ownership: borrows @file and @data for the call; writes *@len_out;
 *   error_out as sgzfile_compress()
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: SGZFILE_STATUS_IO, SGZFILE_STATUS_DATA, SGZFILE_STATUS_INVALID,
 *   SGZFILE_STATUS_OTHER, SGZFILE_STATUS_PANIC; *@len_out is unchanged then,
 *   and what is at @data is not defined
 */
enum sgzfile_status sgzfile_read_at(const struct sgzfile *file,
                                    uint64_t offset,
                                    void *data,
                                    size_t len,
                                    size_t *len_out,
                                    struct sgzfile_error **error_out);

/**
 * Read up to @len bytes at @offset into memory of the library's.
 *
 * There are fewer bytes only at the end of the data.
 *
 * Ownership: borrows @file for the call; transfers *@bytes_out to the
 *   caller, who frees it with sgzfile_bytes_free(); error_out as
 *   sgzfile_compress()
 * Lifetime: until sgzfile_bytes_free(); it may outlive @file
 * Threads: any thread, at any time
 * Errors: as sgzfile_read_at(); *@bytes_out is unchanged then
 */
enum sgzfile_status sgzfile_range(const struct sgzfile *file,
                                  uint64_t offset,
                                  size_t len,
                                  struct sgzfile_bytes *bytes_out,
                                  struct sgzfile_error **error_out);

/**
 * Free the bytes at @bytes, and set it to none.
 *
 * A second call with the same @bytes does nothing.
 *
 * Ownership: transfers the bytes to the library; @bytes itself stays the
 *   caller's, and may be NULL
 * Lifetime: the bytes are invalid afterwards
 * Threads: any thread, but no other may use the bytes
 * Errors: none
 */
void sgzfile_bytes_free(struct sgzfile_bytes *bytes);

/**
 * Decompress the file at @path, any gzip, and hand it to @sink in pieces.
 *
 * Ownership: borrows @path and @sink for the call; transfers sink->ctx to
 *   the library, which releases it with sink->release() before it returns,
 *   once, also on failure; error_out as sgzfile_compress()
 * Lifetime: none
 * Threads: any thread, at any time; the callbacks run on that thread
 * Errors: SGZFILE_STATUS_CANCELLED if sink->write() says so,
 *   SGZFILE_STATUS_IO, SGZFILE_STATUS_DATA, SGZFILE_STATUS_INVALID,
 *   SGZFILE_STATUS_OTHER, SGZFILE_STATUS_PANIC
 */
enum sgzfile_status sgzfile_stream(const char *path,
                                   const struct sgzfile_sink *sink,
                                   struct sgzfile_error **error_out);

/**
 * Panic, so that a program can test what it does then.
 *
 * Ownership: error_out as sgzfile_compress()
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: SGZFILE_STATUS_PANIC, always
 */
enum sgzfile_status sgzfile_test_panic(struct sgzfile_error **error_out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SGZFILE_H */
