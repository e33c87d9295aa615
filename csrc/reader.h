/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The inside of a reader. Each file calls only files before it in this list:
 * decode.c decodes, scan.c finds blocks, seek.c moves the position, and
 * reader.c opens a reader and reads from it.
 */
#ifndef SGZ_READER_INTERNAL_H
#define SGZ_READER_INTERNAL_H

#include "ahead.h"
#include "at.h"
#include "block.h"
#include "event.h"

enum {
	/* bytes of a stream that are decoded at a time: at least a block */
	CHUNK_SIZE = 1 << 17,
	/* so many blocks are read in a row before others are read ahead: a
	 * small read somewhere in the file wants no more */
	BLOCKS_BEFORE_AHEAD = 2,
};

/* A header, and the bytes that its pointers point into. */
struct sgz_member {
	struct sgz_header header;
	unsigned char *bytes;
	size_t len;
	size_t capacity;
	/* bytes that an earlier try read, to be parsed again */
	size_t kept;
};

/* The position of the input. */
enum sgz_place {
	AT_MEMBER, /* before a header, or at the end */
	AT_HEADER, /* in a header that is not complete yet */
	AT_BLOCK, /* after a BGZF block's header */
	AT_STREAM, /* after another member's header, or inside its stream */
	AT_TRAILER, /* after that stream */
	AT_PADDING, /* in zeros after the last member */
	AT_END, /* at the end */
};

/*
 * Uncompressed bytes come in chunks: a BGZF block, or up to CHUNK_SIZE bytes
 * of another member. A chunk lies in `chunk`, or went straight to the caller.
 *
 *   chunk = begin     at            end
 *   | read already ... | ready ...   |
 *                                    ^ offset in the uncompressed data
 */
struct sgz_reader {
	const unsigned char *begin;
	const unsigned char *at;
	const unsigned char *end;
	uint64_t offset;
	/* 1 while a callback runs: the owner's calls are refused */
	unsigned char busy;
	/* `error` is the failure that ended the decoding; it is reported after
	 * the bytes before it were read ... */
	bool failed;
	/* ... or it was reported, and the position is stuck_at */
	bool stuck;
	/* the failure is after the last byte: a seek to the end works */
	bool failed_at_end;
	/* `offset` comes from an index, and may be wrong */
	bool by_index;
	/* what the options say, but for a call that verifies; the options
	 * themselves never change, since other threads may read them */
	bool checks_crc;
	enum sgz_place place;
	enum sgz_format format;
	/* where the bytes of the last peek start; NULL: no borrowed bytes */
	const unsigned char *borrowed;
	uint64_t stuck_at;
	/* where the zeros start, AT_PADDING */
	uint64_t padding_at;
	/* the total uncompressed size, or SGZ_UNKNOWN */
	uint64_t size;
	struct sgz_input input;
	unsigned char *chunk;
	/* with a pool: what reads ahead, once blocks are read in a row */
	struct sgz_pool *pool;
	struct sgz_ahead *ahead;
	unsigned int blocks_in_a_row;
	/* created when they are first needed: the decoder of blocks, and zlib's
	 * for streams and for blocks that the first one refused */
	struct sgz_codec *codec;
	struct sgz_coder *decoder;
	struct sgz_allocator lent;
	struct sgz_zlib *zlib;

	/* the current member, and the one before it */
	struct sgz_member *member;
	struct sgz_member *former;
	/* a byte of `member` was read before the current chunk */
	bool member_read;
	/* AT_BLOCK: its remaining bytes. AT_STREAM: decoding has begun */
	uint32_t block_left;
	bool stream_begun;
	uint32_t stream_crc;
	uint32_t stream_len;
	/* the last member was a BGZF block, but not the end marker */
	bool wants_marker;

	/* the blocks that were found, up to these two offsets */
	struct sgz_entries blocks;
	uint64_t blocks_compressed;
	uint64_t blocks_offset;
	/* told of each block that is found; false: cancel. NULL: nobody */
	bool (*watch)(void *ctx, uint64_t done, uint64_t total);
	void *watch_ctx;
	/* all blocks are found; or the next member is not a block */
	bool blocks_complete;
	bool blocks_stopped;

	struct sgz_index *index;
	/* with an index: what threads share that read at offsets */
	struct sgz_at *shared;
	struct sgz_events events;
	struct sgz_memory memory;
	struct sgz_options options;
	struct sgz_buffer line;
	/* a part of a line: it is the chunk until the rest arrives */
	struct sgz_buffer part;
	struct sgz_member members[2];
	struct sgz_error error;
};

/* Note a failure at the compressed @offset (or -1) in @error. */
enum sgz_status
sgz_reader_raise(const struct sgz_reader *reader, struct sgz_error *error,
		 enum sgz_status status, int64_t offset, const char *format,
		 ...) SGZ_PRINTF(5, 6);

/* Report reader->error now, and until a seek. The position is @offset. */
enum sgz_status
sgz_reader_stick(struct sgz_reader *reader, uint64_t offset,
		 struct sgz_error *error);

/* decode.c */

/* Failures go to @error if there is one, else to reader->error. */

/* Is there another member, or the first bytes of one? */
bool
sgz_input_at_member(const struct sgz_input *input);

/* Read the header of the next member, or find the end. */
enum sgz_status
sgz_reader_next_member(struct sgz_reader *reader);

/* Load a whole block into the window, and read its trailer. */
enum sgz_status
sgz_reader_load_block(struct sgz_reader *reader, uint32_t *crc_out,
		      uint32_t *len_out);

/* A block that a codec refused, from its deflate stream to its trailer. */
struct sgz_refused {
	/* compressed offset of its header */
	int64_t start;
	const unsigned char *in;
	size_t in_len;
	bool check_crc;
	/* the decoder that refused it */
	const struct sgz_coder *by;
};

/*
 * What zlib, in its decoder @zlib, says of @block: why it is refused, or SGZ_OK
 * with its bytes at @to, where CHUNK_SIZE bytes are free. If zlib accepts a
 * block that a codec of somebody else refused, that codec is at fault. The
 * failure is the same whichever codec refused the block, and however the reader
 * came to it.
 */
enum sgz_status
sgz_reader_judge_block(const struct sgz_reader *reader,
		       const struct sgz_refused *block, struct sgz_zlib *zlib,
		       unsigned char *to, struct sgz_error *error);

/* An ISIZE of @len, which no block can hold. */
enum sgz_status
sgz_reader_raise_isize(const struct sgz_reader *reader, int64_t start,
		       uint32_t len, struct sgz_error *error);

/* Read the header at the input's position into @member, and get its BSIZE or
 * -1. */
enum sgz_status
sgz_reader_read_header(struct sgz_reader *reader, struct sgz_member *member,
		       int32_t *bsize_out, struct sgz_error *error);

/*
 * Make the next chunk that is not empty. It is made at @to if @room is enough:
 * then *direct_out is its length, else 0. If there is no chunk, the place is
 * AT_END or the reader has failed.
 */
void
sgz_reader_advance(struct sgz_reader *reader, unsigned char *to, size_t room,
		   size_t *direct_out);

static inline bool
sgz_reader_can_advance(const struct sgz_reader *reader)
{
	return reader->place != AT_END && !reader->failed;
}

/* Drop the chunk, and continue at the start of a member. */
enum sgz_status
sgz_reader_restart(struct sgz_reader *reader, uint64_t compressed_offset,
		   uint64_t offset, struct sgz_error *error);

/* The reader's state */

static inline uint64_t
sgz_reader_position(const struct sgz_reader *reader)
{
	if (reader->stuck)
		return reader->stuck_at;
	return reader->offset - (uint64_t)(reader->end - reader->at);
}

/* Had the source no data yet? Then the same call can be made again. */
static inline bool
sgz_reader_is_waiting(const struct sgz_reader *reader)
{
	return reader->failed && reader->input.blocked;
}

/* Continue after such a failure. */
static inline void
sgz_reader_resume(struct sgz_reader *reader)
{
	if (UNLIKELY(reader->failed) && reader->input.blocked && !reader->stuck)
		reader->failed = false;
}

/* scan.c */

/*
 * Fill reader->blocks up to the block that holds @until, or to the last block.
 * The input does not move.
 */
enum sgz_status
sgz_reader_scan(struct sgz_reader *reader, uint64_t until,
		struct sgz_error *error);

/* seek.c */

/* Fill reader->blocks with all blocks of the file, and check its end. */
enum sgz_status
sgz_reader_list_blocks(struct sgz_reader *reader, bool verify,
		       struct sgz_error *error);

#endif
