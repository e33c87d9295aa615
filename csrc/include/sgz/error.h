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
	SGZ_E_IO = -3, /* the system refused: see sys_errno */
	SGZ_E_FORMAT = -4, /* these bytes are not a gzip header */
	SGZ_E_DATA = -5, /* the deflate stream is corrupt */
	SGZ_E_CRC = -6, /* the data's CRC-32 is not the trailer's */
	SGZ_E_LENGTH = -7, /* ISIZE or BSIZE disagrees with the data */
	SGZ_E_TRUNCATED = -8, /* the input ends too early */
	SGZ_E_TRAILING = -9, /* bytes after the last member are not gzip */
	SGZ_E_CALLBACK = -10, /* a caller's function broke its contract */
	SGZ_E_CANCELLED = -11, /* an observer asked to stop */
	SGZ_E_INDEX = -12, /* an index is malformed, or of another file */
	SGZ_E_RANGE = -13, /* an offset lies beyond the end */
	SGZ_E_UNSUPPORTED = -14, /* right, but not for this kind of file */
	SGZ_E_STATE = -15, /* not now: finished, busy, or failed before */
	SGZ_E_LIMIT = -16, /* larger than the options allow */
	SGZ_E_EXISTS = -17, /* the output exists, and was to be new */
};

/* True of every code but SGZ_OK; the argument is evaluated once. */
#define SGZ_IS_ERROR(status) ((status) < SGZ_OK)

/* Bytes in sgz_error.text, the terminator included. */
#define SGZ_ERROR_TEXT_SIZE 236

/*
 * The details of a failure. The caller owns it; any value will do before the
 * call (SGZ_ERROR_INIT is a clean one).
 *
 *   0        4           8                16                       256
 *   | status | sys_errno | offset         | text, NUL-terminated    |
 */
struct sgz_error {
	enum sgz_status status;
	/* errno as the failing call left it, what a source or sink returned
	 * (negated), what an observer returned, or 0 */
	int sys_errno;
	/* where in the compressed input, in bytes, or -1 */
	int64_t offset;
	/* one line, without a final newline: the file's name when it has
	 * one, the place, the reason; bytes of a name are kept as they are */
	char text[SGZ_ERROR_TEXT_SIZE];
	/* for later versions: zero */
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
 * What @status means, as half a sentence ("checksum mismatch").
 *
 * Ownership: borrows; the text belongs to the library and is never freed
 * Lifetime: as long as the library is loaded
 * Threads: any thread, at any time
 * Errors: a text that says "unknown status" for a code not known
 */
SGZ_API const char *
sgz_status_text(enum sgz_status status);

#ifdef __cplusplus
}
#endif

#endif
