/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Status codes, and the details of a failure. */
#ifndef SGZ_ERROR_H
#define SGZ_ERROR_H

#include <sgz/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The outcome of a call. Codes are never renumbered; later versions add more,
 * so a caller must expect values that are not listed here.
 */
enum sgz_status {
	SGZ_OK = 0,
	SGZ_E_INVALID = -1, /* an argument is out of its documented range */
	SGZ_E_NOMEM = -2, /* the allocator returned NULL */
	SGZ_E_IO = -3, /* a system call failed: see sys_errno */
	SGZ_E_FORMAT = -4, /* these bytes are not a gzip header */
	SGZ_E_DATA = -5, /* the deflate stream is corrupt */
	SGZ_E_CRC = -6, /* the CRC-32 of the data is not the trailer's */
	SGZ_E_LENGTH = -7, /* ISIZE or BSIZE disagrees with the data */
	SGZ_E_TRUNCATED = -8, /* the input ends too early */
	SGZ_E_TRAILING = -9, /* bytes after the last member are not gzip */
	SGZ_E_CALLBACK = -10, /* a caller's function broke its contract */
	SGZ_E_CANCELLED = -11, /* an observer or a canceller asked to stop */
	SGZ_E_INDEX = -12, /* an index is malformed, or of another file */
	SGZ_E_RANGE = -13, /* an offset lies beyond the end */
	SGZ_E_UNSUPPORTED = -14, /* not supported for this kind of file */
	SGZ_E_STATE = -15, /* wrong state: finished, busy, or failed before */
	SGZ_E_LIMIT = -16, /* larger than the options allow */
	SGZ_E_EXISTS = -17, /* the output exists, but had to be new */
};

/* True for every code except SGZ_OK; the argument is evaluated once. */
#define SGZ_IS_ERROR(status) ((status) < SGZ_OK)

/* Bytes in sgz_error.text, including the terminator. */
#define SGZ_ERROR_TEXT_SIZE 236

/*
 * The details of a failure. The caller owns it. It need not be initialised
 * before the call; SGZ_ERROR_INIT makes it empty.
 *
 *   0        4           8                16                       256
 *   | status | sys_errno | offset         | text, NUL-terminated    |
 */
struct sgz_error {
	enum sgz_status status;
	/* the errno of the failing system call, the (negated) value that a
	 * source or sink returned, the value that an observer returned, or 0 */
	int sys_errno;
	/* the position in the compressed input, in bytes, or -1 */
	int64_t offset;
	/* one line, without a final newline: the file's name (if it has one),
	 * the position and the reason; the bytes of a name are not changed */
	char text[SGZ_ERROR_TEXT_SIZE];
	/* for later versions: must be zero */
	uint32_t reserved;
};

#define SGZ_ERROR_INIT               \
	{                            \
		SGZ_OK, 0, -1, "", 0 \
	}

/**
 * The name of @status as the header spells it ("SGZ_E_CRC").
 *
 * Ownership: borrows; the text belongs to the library and is never freed
 * Lifetime: as long as the library is loaded
 * Threads: any thread, at any time
 * Errors: NULL for a code that this version does not know
 */
SGZ_API const char *
sgz_status_name(enum sgz_status status);

/**
 * The meaning of @status in a few words ("checksum mismatch").
 *
 * Ownership: borrows; the text belongs to the library and is never freed
 * Lifetime: as long as the library is loaded
 * Threads: any thread, at any time
 * Errors: none; an unknown code gives the text "unknown status"
 */
SGZ_API const char *
sgz_status_text(enum sgz_status status);

#ifdef __cplusplus
}
#endif

#endif
