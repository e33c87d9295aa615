/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The inside of a reader. Each file calls those before it, and none behind it:
 * decode.c fills it, scan.c finds blocks, seek.c moves it, and reader.c opens
 * it and reads from it.
 */
#ifndef SGZ_READER_INTERNAL_H
#define SGZ_READER_INTERNAL_H

#include "block.h"
#include "event.h"

enum {
	/* bytes of a stream that are made at a time: at least a block */
	CHUNK_SIZE = 1 << 17,
};

/* A header, and the bytes of it that its pointers point into. */
struct sgz_member {
	struct sgz_header header;
	unsigned char *bytes;
	size_t len;
	size_t capacity;
	/* bytes that an earlier try took, to be looked at again */
	size_t kept;
};

/* What the input stands at. */
enum sgz_place {
	AT_MEMBER, /* before a header, or at the end */
	AT_HEADER, /* in a header that has not arrived as a whole */
	AT_BLOCK, /* behind a BGZF block's header */
	AT_STREAM, /* behind another member's header, or inside its stream */
	AT_TRAILER, /* behind that stream */
	AT_PADDING, /* in zeros behind the last member */
	AT_END, /* behind all */
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
	/* 1 while a callback runs: the reader is closed to its owner */
	unsigned char busy;
	/* `error` holds what ended the decoding, to be reported when the
	 * bytes before it are used up ... */
	bool failed;
	/* ... or what was reported, since when the position is stuck_at */
	bool stuck;
	/* the failure came behind the last byte: a seek to the end works */
	bool failed_at_end;
	/* `offset` is what an index said, which may be a lie */
	bool by_index;
	enum sgz_place place;
	enum sgz_format format;
	/* where the bytes of the last peek start; NULL: none borrowed */
	const unsigned char *borrowed;
	uint64_t stuck_at;
	/* where the zeros start, AT_PADDING */
	uint64_t padding_at;
	/* the whole uncompressed size, or SGZ_UNKNOWN */
	uint64_t size;
	struct sgz_input input;
	unsigned char *chunk;
	/* made when they are first needed: the one for blocks, and zlib's for
	 * streams and for blocks that the other one refused */
	void *decoder;
	void *zlib;

	/* the member being decoded, and the one decoded before it */
	struct sgz_member *member;
	struct sgz_member *former;
	/* a byte of `member` was read before the present chunk */
	bool member_read;
	/* AT_BLOCK: what is left of it. AT_STREAM: decoding has begun */
	uint32_t block_left;
	bool stream_begun;
	uint32_t stream_crc;
	uint32_t stream_len;
	/* the last member was a BGZF block, and not the end marker */
	bool wants_marker;

	/* blocks found by scanning, up to these two offsets */
	struct sgz_entries blocks;
	uint64_t blocks_compressed;
	uint64_t blocks_offset;
	/* all are found; or what follows is no block */
	bool blocks_complete;
	bool blocks_stopped;

	struct sgz_index *index;
	struct sgz_events events;
	struct sgz_memory memory;
	struct sgz_options options;
	struct sgz_buffer line;
	/* part of a line, which is the chunk until the rest of it arrives */
	struct sgz_buffer part;
	struct sgz_member members[2];
	struct sgz_error error;
};

/* Note a failure at the compressed @offset (or -1) in @error. */
enum sgz_status
sgz_reader_raise(const struct sgz_reader *reader, struct sgz_error *error,
		 enum sgz_status status, int64_t offset, const char *format,
		 ...) SGZ_PRINTF(5, 6);

/* Report reader->error, now and until a seek; the position is @offset. */
enum sgz_status
sgz_reader_stick(struct sgz_reader *reader, uint64_t offset,
		 struct sgz_error *error);

/* decode.c */

/* A failure is noted in reader->error, unless there is an @error. */

/* Do 18 bytes start as nearly every BGZF block does, with BC alone? */
bool
sgz_bgzf_is_plain(const unsigned char *at);

/* Is there another member, or a beginning of one? */
bool
sgz_input_at_member(const struct sgz_input *input);

/* Read the header of the next member, or find the end. */
enum sgz_status
sgz_reader_next_member(struct sgz_reader *reader);

/* Have a block in the window as a whole, and read its trailer. */
enum sgz_status
sgz_reader_load_block(struct sgz_reader *reader, uint32_t *crc_out,
		      uint32_t *len_out);

/* Read a header at the input's position to @member, BSIZE or -1 with it. */
enum sgz_status
sgz_reader_read_header(struct sgz_reader *reader, struct sgz_member *member,
		       int32_t *bsize_out, struct sgz_error *error);

/*
 * Make the next chunk that is not empty: at @to if its @room is enough (then
 * *direct_out is its length, else 0). With none, the place is AT_END or the
 * reader has failed.
 */
void
sgz_reader_advance(struct sgz_reader *reader, unsigned char *to, size_t room,
		   size_t *direct_out);

static inline bool
sgz_reader_can_advance(const struct sgz_reader *reader)
{
	return reader->place != AT_END && !reader->failed;
}

/* Forget the chunk and go on at a member's start. */
enum sgz_status
sgz_reader_restart(struct sgz_reader *reader, uint64_t compressed_offset,
		   uint64_t offset, struct sgz_error *error);

/* Where it stands, and whether it can go on */

static inline uint64_t
sgz_reader_position(const struct sgz_reader *reader)
{
	if (reader->stuck)
		return reader->stuck_at;
	return reader->offset - (uint64_t)(reader->end - reader->at);
}

/* Did the source have nothing yet, so that the same call can be made again? */
static inline bool
sgz_reader_is_waiting(const struct sgz_reader *reader)
{
	return reader->failed && reader->input.blocked;
}

/* Go on after such an answer. */
static inline void
sgz_reader_resume(struct sgz_reader *reader)
{
	if (UNLIKELY(reader->failed) && reader->input.blocked && !reader->stuck)
		reader->failed = false;
}

/* scan.c */

/*
 * Fill reader->blocks up to the one that holds @until, or to where blocks stop,
 * and leave the input as it is.
 */
enum sgz_status
sgz_reader_scan(struct sgz_reader *reader, uint64_t until,
		struct sgz_error *error);

/* seek.c */

/* Fill reader->blocks with all of the file, and check its end. */
enum sgz_status
sgz_reader_list_blocks(struct sgz_reader *reader, bool verify,
		       struct sgz_error *error);

#endif
