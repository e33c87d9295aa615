/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Options of readers and writers: one size-stamped struct for both. */
#ifndef SGZ_OPTIONS_H
#define SGZ_OPTIONS_H

#include <sgz/codec.h>
#include <sgz/pool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The format of a file that is read or written. */
enum sgz_format {
	SGZ_FORMAT_BGZF = 0, /* blocks with a BC extra field: seekable */
	SGZ_FORMAT_GZIP = 1, /* one member, one deflate stream */
	SGZ_FORMAT_NONE = 2, /* not gzip: only sgz_detect() returns it */
};

/*
 * Options. Start with SGZ_OPTIONS_INIT or sgz_options_init(): both set `size`,
 * which tells the library how much of the struct the caller knows. Later
 * versions add fields at the end; a field that an older caller does not know
 * has its default.
 *
 *   0      8       12           16      20         24       ...       56
 *   | size | level | block_size | flags | progress | limits | allocator | pool
 */
struct sgz_options {
	/* sizeof(struct sgz_options), as the caller was compiled */
	size_t size;
	/* writer: 0 (stored) to SGZ_LEVEL_MAX (smallest), or
	 * SGZ_LEVEL_DEFAULT, which is 6: the codec's own level of that
	 * number; zlib's highest is 9 */
	int32_t level;
	/* writer, BGZF: uncompressed bytes per block,
	 * 1 to SGZ_BLOCK_MAX */
	uint32_t block_size;
	/* writer: an enum sgz_format */
	unsigned int format : 2;
	/* writer, BGZF: keep an index of what is written */
	unsigned int build_index : 1;
	/* writer by path: fail with SGZ_E_EXISTS instead of replacing a file */
	unsigned int exclusive : 1;
	/* writer by path: fsync before the file gets its name */
	unsigned int sync : 1;
	/* reader: do not compare CRC-32s */
	unsigned int skip_crc : 1;
	/* reader: a file that ends with a BGZF block is complete, even without
	 * the end marker */
	unsigned int allow_no_eof : 1;
	/* reader, sgz_reader_read_at(): decompress blocks only as far as
	 * needed */
	unsigned int stop_early : 1;
	/* must be zero */
	unsigned int reserved : 24;
	/* minimum of uncompressed bytes between two progress events */
	uint32_t progress_interval;
	/* reader: maximum of bytes in a member's header, including names */
	size_t header_limit;
	/* reader: maximum of bytes in a line */
	size_t line_limit;
	/* reader: bytes to read from the input at a time */
	size_t read_size;
	/* NULL: the default */
	const struct sgz_allocator *allocator;
	/* threads for BGZF blocks: the reader or writer takes a reference of
	 * its own; NULL: only the thread that uses it works */
	struct sgz_pool *pool;
	/* reader: sgz_reader_read_at() and sgz_reader_ref_block() keep the
	 * blocks that were used last, up to so many decompressed bytes */
	size_t cache_size;
	/* the codec of BGZF blocks, of which the reader or writer takes a
	 * reference of its own; NULL: the default */
	struct sgz_codec *codec;
};

#define SGZ_OPTIONS_INIT                                                       \
	{                                                                      \
		sizeof(struct sgz_options), SGZ_LEVEL_DEFAULT,                 \
			SGZ_BLOCK_DEFAULT, SGZ_FORMAT_BGZF, 0, 0, 0, 0, 0, 0,  \
			0, 1u << 20, 1u << 20, 1u << 30, 1u << 18, NULL, NULL, \
			0, NULL                                                \
	}

/**
 * Set @options to the defaults, as SGZ_OPTIONS_INIT does.
 *
 * @size is the caller's sizeof(struct sgz_options): at most @size bytes are
 * written.
 *
 * Ownership: borrows @options for the call
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: SGZ_E_INVALID if @size is smaller than this version's first struct;
 *   then @options is not changed
 */
SGZ_API enum sgz_status
sgz_options_init(struct sgz_options *options, size_t size);

/**
 * Detect the format of @len bytes at @data.
 *
 * 18 bytes are enough. With fewer, BGZF can be reported as GZIP.
 *
 * Ownership: borrows @data for the call; NULL is allowed if @len is 0
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: SGZ_FORMAT_NONE if the bytes are not a gzip header
 */
SGZ_API enum sgz_format
sgz_detect(const void *data, size_t len);

#ifdef __cplusplus
}
#endif

#endif
