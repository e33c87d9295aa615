/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Decoding compressed bytes to chunks: headers, blocks, streams, the end. */
#include "reader.h"

#include "block.h"
#include "pool.h"

enum sgz_status
sgz_reader_raise(const struct sgz_reader *reader, struct sgz_error *error,
		 enum sgz_status status, int64_t offset, const char *format,
		 ...)
{
	va_list args;

	va_start(args, format);
	sgz_error_vset(error, status, 0, reader->input.name, offset, format,
		       args);
	va_end(args);
	return status;
}

enum sgz_status
sgz_reader_stick(struct sgz_reader *reader, uint64_t offset,
		 struct sgz_error *error)
{
	reader->failed = reader->stuck = true;
	reader->stuck_at = offset;
	reader->at = reader->end;
	reader->borrowed = NULL;
	if (error != NULL)
		*error = reader->error;
	return reader->error.status;
}

/* Events */

static enum sgz_status
send_progress(struct sgz_reader *reader)
{
	return sgz_events_progress(&reader->events, reader->offset,
				   sgz_input_offset(&reader->input),
				   reader->input.size);
}

static enum sgz_status
send_progress_if_due(struct sgz_reader *reader)
{
	if (!sgz_events_is_due(&reader->events, reader->offset))
		return SGZ_OK;
	return send_progress(reader);
}

static enum sgz_status
send_block(struct sgz_reader *reader, uint32_t len, uint32_t crc)
{
	uint64_t start = reader->member->header.offset;
	const struct sgz_event_block block = {
		.compressed_offset = start,
		.compressed_len =
			(uint32_t)(sgz_input_offset(&reader->input) - start),
		.offset = reader->offset - len,
		.len = len,
		.crc = crc,
	};

	return sgz_events_block(&reader->events, &block);
}

/* Headers */

/* The next bytes of a header: from an earlier try, or from the window. */
static enum sgz_status
next_bytes(struct sgz_reader *reader, const struct sgz_member *member,
	   const unsigned char **at_out, size_t *len_out,
	   struct sgz_error *error)
{
	struct sgz_input *input = &reader->input;
	enum sgz_status status = SGZ_OK;

	if (member->len < member->kept) {
		*at_out = member->bytes + member->len;
		*len_out = member->kept - member->len;
	} else {
		status = sgz_input_fill(input, 1, error);
		*at_out = input->at;
		*len_out = sgz_input_ready(input);
	}
	return status;
}

/* Append @len bytes, which are ready in the window, to @member. */
static bool
append_bytes(struct sgz_reader *reader, struct sgz_member *member, size_t len)
{
	/* memory grows only by the bytes that have arrived */
	if (member->capacity - member->len < len) {
		size_t capacity = 2 * member->len + len + 64;
		unsigned char *bytes = sgz_memory_resize(
			&reader->memory, member->bytes, capacity);

		if (bytes == NULL)
			return false;
		member->bytes = bytes;
		member->capacity = capacity;
	}
	memcpy(member->bytes + member->len, reader->input.at, len);
	reader->input.at += len;
	return true;
}

/* Append @len bytes of the input to @member, or fail. */
static enum sgz_status
take_bytes(struct sgz_reader *reader, struct sgz_member *member, size_t len,
	   struct sgz_error *error)
{
	struct sgz_input *input = &reader->input;
	enum sgz_status status;

	if (len > reader->options.header_limit ||
	    member->len > reader->options.header_limit - len)
		return sgz_reader_raise(reader, error, SGZ_E_LIMIT,
					(int64_t)member->header.offset,
					"the header is longer than %zu bytes",
					reader->options.header_limit);
	while (len > 0) {
		const unsigned char *at;
		size_t part;

		status = next_bytes(reader, member, &at, &part, error);
		if (status != SGZ_OK)
			return status;
		if (part == 0)
			return sgz_reader_raise(
				reader, error, SGZ_E_TRUNCATED,
				(int64_t)sgz_input_offset(input),
				"the input ends within a header");
		part = part < len ? part : len;
		if (member->len >= member->kept &&
		    !append_bytes(reader, member, part))
			return sgz_error_set_nomem(error, input->name);
		member->len += part;
		len -= part;
	}
	return SGZ_OK;
}

/* Append the input up to and including a NUL. */
static enum sgz_status
take_text(struct sgz_reader *reader, struct sgz_member *member,
	  struct sgz_error *error)
{
	const unsigned char *nul = NULL;
	enum sgz_status status;

	while (nul == NULL) {
		const unsigned char *at;
		size_t part;

		status = next_bytes(reader, member, &at, &part, error);
		if (status != SGZ_OK)
			return status;
		nul = part > 0 ? memchr(at, 0, part) : NULL;
		if (nul != NULL)
			part = (size_t)(nul - at) + 1;
		/* with no input left, take_bytes() reports the truncation */
		status = take_bytes(reader, member, part > 0 ? part : 1, error);
		if (status != SGZ_OK)
			return status;
	}
	return SGZ_OK;
}

/* The offsets of a header's parts in its bytes; 0: the part is absent. */
struct parts {
	size_t extra;
	size_t name;
	size_t comment;
	size_t crc;
};

/*
 *   | prefix | xlen | extra ... | name ... 00 | comment ... 00 | crc16 |
 *             FLAG_EXTRA         FLAG_NAME     FLAG_COMMENT     FLAG_HCRC
 */
static enum sgz_status
take_parts(struct sgz_reader *reader, struct sgz_member *member,
	   struct parts *parts, struct sgz_error *error)
{
	unsigned int flags = member->bytes[3];
	enum sgz_status status = SGZ_OK;

	if (flags & FLAG_EXTRA) {
		status = take_bytes(reader, member, 2, error);
		parts->extra = member->len;
		if (status == SGZ_OK)
			status = take_bytes(
				reader, member,
				get_le16(member->bytes + parts->extra - 2),
				error);
	}
	if (status == SGZ_OK && (flags & FLAG_NAME)) {
		parts->name = member->len;
		status = take_text(reader, member, error);
	}
	if (status == SGZ_OK && (flags & FLAG_COMMENT)) {
		parts->comment = member->len;
		status = take_text(reader, member, error);
	}
	if (status == SGZ_OK && (flags & FLAG_HCRC)) {
		parts->crc = member->len;
		status = take_bytes(reader, member, 2, error);
	}
	return status;
}

static enum sgz_status
check_prefix(struct sgz_reader *reader, struct sgz_member *member,
	     struct sgz_error *error)
{
	const unsigned char *at = member->bytes;
	int64_t offset = (int64_t)member->header.offset;

	if (at[0] != 0x1f || at[1] != 0x8b)
		return sgz_reader_raise(reader, error, SGZ_E_FORMAT, offset,
					"not gzip: it starts with %02x %02x",
					at[0], at[1]);
	if (at[2] != METHOD_DEFLATE)
		return sgz_reader_raise(reader, error, SGZ_E_FORMAT, offset,
					"compression method %u is not deflate",
					at[2]);
	if (at[3] & FLAG_RESERVED)
		return sgz_reader_raise(reader, error, SGZ_E_FORMAT, offset,
					"reserved flags are set: %02x", at[3]);
	return SGZ_OK;
}

static void
fill_header(struct sgz_member *member, const struct parts *parts)
{
	const unsigned char *at = member->bytes;
	struct sgz_header *header = &member->header;

	memcpy(&header->prefix, at, PREFIX_SIZE);
	header->prefix.mtime = get_le32(at + 4);
	header->extra = NULL;
	header->extra_len = 0;
	header->name = header->comment = NULL;
	if (parts->extra != 0) {
		header->extra = at + parts->extra;
		header->extra_len = get_le16(at + parts->extra - 2);
	}
	if (parts->name != 0)
		header->name = (const char *)at + parts->name;
	if (parts->comment != 0)
		header->comment = (const char *)at + parts->comment;
}

enum sgz_status
sgz_reader_read_header(struct sgz_reader *reader, struct sgz_member *member,
		       int32_t *bsize_out, struct sgz_error *error)
{
	struct sgz_input *input = &reader->input;
	struct parts parts = { 0, 0, 0, 0 };
	enum sgz_status status = SGZ_OK;

	member->len = 0;
	member->header.offset = sgz_input_offset(input) - member->kept;
	if (LIKELY(member->kept == 0))
		status = sgz_input_fill(input, BGZF_HEADER_SIZE, error);
	if (status != SGZ_OK)
		return status;
	if (LIKELY(member->kept == 0 &&
		   sgz_input_ready(input) >= BGZF_HEADER_SIZE) &&
	    sgz_bgzf_is_plain(input->at)) {
		status = take_bytes(reader, member, BGZF_HEADER_SIZE, error);
		if (status != SGZ_OK)
			return status;
		*bsize_out = get_le16(member->bytes + BGZF_HEADER_SIZE - 2);
		parts.extra = PREFIX_SIZE + 2;
		fill_header(member, &parts);
		return SGZ_OK;
	}
	status = take_bytes(reader, member, PREFIX_SIZE, error);
	if (status == SGZ_OK)
		status = check_prefix(reader, member, error);
	if (status == SGZ_OK)
		status = take_parts(reader, member, &parts, error);
	if (status != SGZ_OK)
		return status;
	fill_header(member, &parts);
	if (parts.crc != 0 &&
	    get_le16(member->bytes + parts.crc) !=
		    (sgz_crc32(0, member->bytes, parts.crc) & 0xffff))
		return sgz_reader_raise(reader, error, SGZ_E_CRC,
					(int64_t)member->header.offset,
					"the CRC-16 of the header is wrong");
	*bsize_out = -1;
	if (parts.extra != 0)
		*bsize_out = sgz_header_find_bsize(member->header.extra,
						   member->header.extra_len);
	return SGZ_OK;
}

/* The end */

/* Only zeros may follow the last member. */
static enum sgz_status
skip_padding(struct sgz_reader *reader)
{
	struct sgz_input *input = &reader->input;
	enum sgz_status status = SGZ_OK;

	if (reader->place != AT_PADDING)
		reader->padding_at = sgz_input_offset(input);
	reader->place = AT_PADDING;
	do {
		while (input->at < input->end && *input->at == 0)
			input->at++;
		if (input->at < input->end)
			return sgz_reader_raise(
				reader, &reader->error, SGZ_E_TRAILING,
				(int64_t)reader->padding_at,
				"bytes after the last member are not gzip");
		status = sgz_input_fill(input, 1, &reader->error);
		if (status != SGZ_OK)
			return status;
	} while (sgz_input_ready(input) > 0);
	return sgz_events_log(&reader->events,
			      "zeros after the last member were ignored");
}

static enum sgz_status
meet_end(struct sgz_reader *reader)
{
	enum sgz_status status = SGZ_OK;

	if (sgz_input_ready(&reader->input) > 0 || reader->place == AT_PADDING)
		status = skip_padding(reader);
	/* input and output can fail in mid-file too; these failures cannot */
	reader->failed_at_end = status == SGZ_OK || status == SGZ_E_TRAILING;
	if (status == SGZ_OK && reader->wants_marker) {
		if (!reader->options.allow_no_eof)
			return sgz_reader_raise(
				reader, &reader->error, SGZ_E_TRUNCATED,
				(int64_t)sgz_input_offset(&reader->input),
				"no end-of-file marker block");
		status = sgz_events_log(&reader->events,
					"no end-of-file marker block");
	}
	if (status != SGZ_OK)
		return status;
	reader->place = AT_END;
	if (!reader->by_index)
		reader->size = reader->offset;
	return send_progress(reader);
}

bool
sgz_input_at_member(const struct sgz_input *input)
{
	size_t ready = sgz_input_ready(input);

	return ready > 0 && input->at[0] == 0x1f &&
		(ready == 1 || input->at[1] == 0x8b);
}

static enum sgz_status
enter_member(struct sgz_reader *reader, int32_t bsize)
{
	size_t len = reader->member->len;

	if (bsize < 0) {
		reader->place = AT_STREAM;
		reader->stream_begun = false;
		return SGZ_OK;
	}
	if ((size_t)bsize + 1 < len + TRAILER_SIZE)
		return sgz_reader_raise(reader, &reader->error, SGZ_E_LENGTH,
					(int64_t)reader->member->header.offset,
					"BSIZE %d is too small for a block",
					(int)bsize);
	reader->block_left = (uint32_t)((size_t)bsize + 1 - len);
	reader->place = AT_BLOCK;
	return SGZ_OK;
}

static void
swap_members(struct sgz_reader *reader)
{
	struct sgz_member *former = reader->former;

	reader->former = reader->member;
	reader->member = former;
}

/* Read the next header, or go on reading it. */
static enum sgz_status
begin_member(struct sgz_reader *reader)
{
	struct sgz_member *member = reader->member;
	int32_t bsize = -1;
	enum sgz_status status;

	reader->place = AT_HEADER;
	status = sgz_reader_read_header(reader, member, &bsize, &reader->error);
	member->kept = 0;
	if (status != SGZ_OK && reader->input.blocked) {
		member->kept = member->len;
		return status;
	}
	if (status == SGZ_OK)
		status = enter_member(reader, bsize);
	if (status != SGZ_OK) {
		/* get_header() must not return this incomplete header */
		swap_members(reader);
		reader->member_read = true;
	}
	return status;
}

enum sgz_status
sgz_reader_next_member(struct sgz_reader *reader)
{
	enum sgz_status status = sgz_input_fill(
		&reader->input, BGZF_HEADER_SIZE, &reader->error);

	if (status != SGZ_OK)
		return status;
	if (!sgz_input_at_member(&reader->input))
		return meet_end(reader);
	/* keep the header of the last byte that was read, for get_header() */
	if (reader->member_read)
		swap_members(reader);
	reader->member_read = false;
	return begin_member(reader);
}

/* Blocks and streams */

static enum sgz_status
prepare_chunk(struct sgz_reader *reader)
{
	if (reader->chunk != NULL)
		return SGZ_OK;
	reader->chunk =
		sgz_memory_alloc(&reader->memory, CHUNK_SIZE + UNPACK_SLACK);
	if (reader->chunk == NULL)
		return sgz_error_set_nomem(&reader->error, reader->input.name);
	reader->begin = reader->at = reader->end = reader->chunk;
	return SGZ_OK;
}

/* Have zlib at the start of a stream. */
static enum sgz_status
prepare_zlib(struct sgz_reader *reader)
{
	if (reader->zlib != NULL) {
		sgz_zlib_reset_decoder(reader->zlib);
		return SGZ_OK;
	}
	reader->zlib = sgz_zlib_new_decoder(&reader->lent);
	if (reader->zlib == NULL)
		return sgz_error_set_nomem(&reader->error, reader->input.name);
	return SGZ_OK;
}

static enum sgz_status
raise_corrupt(const struct sgz_reader *reader, const char *what, int64_t offset,
	      const struct sgz_zlib_work *work, struct sgz_error *error)
{
	return sgz_reader_raise(reader, error, SGZ_E_DATA, offset,
				"the %sdeflate stream is corrupt: %s", what,
				work->reason != NULL ? work->reason :
						       "no reason");
}

/* Inflate a block to @to, by zlib, and report what is wrong with it. */
static enum sgz_status
inflate_block(const struct sgz_reader *reader, const struct sgz_refused *block,
	      struct sgz_zlib *zlib, unsigned char *to, struct sgz_error *error)
{
	size_t len = get_le32(block->in + block->in_len - 4);
	struct sgz_zlib_work work = {
		.in = block->in,
		.in_len = block->in_len,
		.out = to,
		.out_len = CHUNK_SIZE,
	};
	enum sgz_zlib_answer answer = sgz_zlib_decode(zlib, &work, true);
	size_t made = CHUNK_SIZE - work.out_len;

	if (answer == SGZ_ZLIB_NOMEM)
		return sgz_error_set_nomem(error, reader->input.name);
	if (answer == SGZ_ZLIB_CORRUPT)
		return raise_corrupt(reader, "block's ", block->start, &work,
				     error);
	if (answer != SGZ_ZLIB_END && work.out_len > 0)
		return sgz_reader_raise(
			reader, error, SGZ_E_LENGTH, block->start,
			"the deflate stream is longer than BSIZE");
	if (answer != SGZ_ZLIB_END || made != len)
		return sgz_reader_raise(
			reader, error, SGZ_E_LENGTH, block->start,
			"ISIZE is %lu, but the block holds %s%lu bytes",
			(unsigned long)len,
			answer == SGZ_ZLIB_END ? "" : "more than ",
			(unsigned long)made);
	if (work.in_len != TRAILER_SIZE)
		return sgz_reader_raise(
			reader, error, SGZ_E_LENGTH, block->start,
			"the deflate stream does not fill BSIZE");
	return SGZ_OK;
}

static enum sgz_status
raise_crc(const struct sgz_reader *reader, const char *what, uint32_t crc,
	  uint32_t expected, int64_t offset, struct sgz_error *error)
{
	return sgz_reader_raise(reader, error, SGZ_E_CRC, offset,
				"CRC-32 of the %s is %08lx, trailer has %08lx",
				what, (unsigned long)crc,
				(unsigned long)expected);
}

enum sgz_status
sgz_reader_judge_block(const struct sgz_reader *reader,
		       const struct sgz_refused *block, struct sgz_zlib *zlib,
		       unsigned char *to, struct sgz_error *error)
{
	const unsigned char *trailer = block->in + block->in_len - TRAILER_SIZE;
	enum sgz_status status = inflate_block(reader, block, zlib, to, error);
	uint32_t crc, wanted = get_le32(trailer);

	if (status != SGZ_OK)
		return status;
	crc = sgz_crc32(0, to, get_le32(trailer + 4));
	if (crc != wanted && block->check_crc)
		return raise_crc(reader, "block", crc, wanted, block->start,
				 error);
	/* with a CRC that is wrong, and is not checked, nobody knows */
	if (crc != wanted || block->by->complaint == NULL)
		return SGZ_OK;
	return sgz_coder_raise(block->by, reader->input.name, block->start,
			       error);
}

enum sgz_status
sgz_reader_raise_isize(const struct sgz_reader *reader, int64_t start,
		       uint32_t len, struct sgz_error *error)
{
	return sgz_reader_raise(reader, error, SGZ_E_LENGTH, start,
				"ISIZE is %lu, a block cannot hold so much",
				(unsigned long)len);
}

enum sgz_status
sgz_reader_load_block(struct sgz_reader *reader, uint32_t *crc_out,
		      uint32_t *len_out)
{
	struct sgz_input *input = &reader->input;
	const unsigned char *trailer;
	enum sgz_status status =
		sgz_input_fill(input, reader->block_left, &reader->error);

	if (status != SGZ_OK)
		return status;
	if (sgz_input_ready(input) < reader->block_left)
		return sgz_reader_raise(reader, &reader->error, SGZ_E_TRUNCATED,
					(int64_t)input->offset_end,
					"the input ends within a block");
	trailer = input->at + reader->block_left - TRAILER_SIZE;
	*crc_out = get_le32(trailer);
	*len_out = get_le32(trailer + 4);
	if (*len_out > SGZ_BLOCK_MAX)
		return sgz_reader_raise_isize(
			reader, (int64_t)reader->member->header.offset,
			*len_out, &reader->error);
	return SGZ_OK;
}

/* Is the block that was just loaded the end marker? */
static bool
is_marker(const struct sgz_reader *reader)
{
	return reader->member->len + reader->block_left == BGZF_EOF_SIZE &&
		memcmp(reader->member->bytes, sgz_bgzf_eof, BGZF_HEADER_SIZE) ==
		0 &&
		memcmp(reader->input.at, sgz_bgzf_eof + BGZF_HEADER_SIZE,
		       BGZF_EOF_SIZE - BGZF_HEADER_SIZE) == 0;
}

/* The chunk is @len bytes at @data; if @direct, the caller has them. */
static void
set_chunk(struct sgz_reader *reader, const unsigned char *data, size_t len,
	  bool direct, size_t *direct_out)
{
	reader->offset += len;
	reader->begin = reader->at = direct ? reader->chunk : data;
	reader->end = reader->begin + (direct ? 0 : len);
	*direct_out = direct ? len : 0;
	/* bytes in the caller's memory count as read */
	reader->member_read |= *direct_out > 0;
}

/* Decode a block that was refused, and find out why. */
static enum sgz_status
decode_refused(struct sgz_reader *reader)
{
	const struct sgz_refused block = {
		.start = (int64_t)reader->member->header.offset,
		.in = reader->input.at,
		.in_len = reader->block_left,
		.check_crc = reader->checks_crc,
		.by = reader->decoder,
	};
	enum sgz_status status = prepare_zlib(reader);

	if (status != SGZ_OK)
		return status;
	return sgz_reader_judge_block(reader, &block, reader->zlib,
				      reader->chunk, &reader->error);
}

/*
 * With a pool: the bytes of the block that was just loaded, if they have been
 * unpacked, or NULL. Has other blocks read ahead if it is time for that.
 */
static enum sgz_status
look_ahead(struct sgz_reader *reader, const unsigned char **ready_out)
{
	uint64_t start = reader->member->header.offset;
	uint64_t end = sgz_input_offset(&reader->input) + reader->block_left;

	*ready_out = NULL;
	if (reader->pool == NULL)
		return SGZ_OK;
	if (!sgz_pool_is_here(reader->pool))
		return sgz_error_set_forked(&reader->error, reader->input.name);
	if (reader->ahead != NULL && sgz_ahead_is_active(reader->ahead)) {
		*ready_out = sgz_ahead_find(reader->ahead, start);
		return SGZ_OK;
	}
	if (++reader->blocks_in_a_row < BLOCKS_BEFORE_AHEAD)
		return SGZ_OK;
	/* without memory for it nothing is read ahead: it is no failure */
	if (reader->ahead == NULL)
		reader->ahead = sgz_ahead_new(&reader->memory, reader->pool,
					      reader->codec, &reader->input);
	if (reader->ahead != NULL)
		sgz_ahead_start(reader->ahead, end, reader->checks_crc);
	return SGZ_OK;
}

/* Unpack the block that was just loaded, at @to or else into the chunk. */
static enum sgz_status
unpack_block(struct sgz_reader *reader, unsigned char **to, size_t room,
	     uint32_t len)
{
	size_t slack = room - len < UNPACK_SLACK ? room - len : UNPACK_SLACK;

	if (reader->decoder == NULL)
		reader->decoder =
			sgz_coder_new_decoder(reader->codec, &reader->memory);
	if (reader->decoder == NULL)
		return sgz_error_set_nomem(&reader->error, reader->input.name);
	if (!reader->codec->is_built_in && slack < CODER_CANARY) {
		*to = reader->chunk;
		slack = UNPACK_SLACK;
	}
	if (sgz_block_unpack(reader->decoder, reader->input.at,
			     reader->block_left, *to, slack,
			     reader->checks_crc))
		return SGZ_OK;
	*to = reader->chunk;
	return decode_refused(reader);
}

static enum sgz_status
decode_block(struct sgz_reader *reader, unsigned char *to, size_t room,
	     size_t *direct_out)
{
	const unsigned char *ready = NULL;
	uint32_t crc, len;
	bool direct;
	enum sgz_status status = sgz_reader_load_block(reader, &crc, &len);

	if (status == SGZ_OK)
		status = prepare_chunk(reader);
	if (status == SGZ_OK)
		status = look_ahead(reader, &ready);
	if (status != SGZ_OK)
		return status;
	direct = room >= len && len > 0;
	if (ready == NULL) {
		unsigned char *at = direct ? to : reader->chunk;

		status = unpack_block(reader, &at, direct ? room : CHUNK_SIZE,
				      len);
		direct = direct && at == to;
		ready = at;
	} else if (direct) {
		memcpy(to, ready, len);
	}
	if (status != SGZ_OK)
		return status;
	reader->wants_marker = len > 0 || !is_marker(reader);
	reader->input.at += reader->block_left;
	reader->place = AT_MEMBER;
	set_chunk(reader, ready, len, direct, direct_out);
	status = send_block(reader, len, crc);
	if (status == SGZ_OK)
		status = send_progress_if_due(reader);
	return status;
}

static enum sgz_status
begin_stream(struct sgz_reader *reader)
{
	enum sgz_status status = prepare_chunk(reader);

	if (status == SGZ_OK)
		status = prepare_zlib(reader);
	if (status != SGZ_OK)
		return status;
	reader->stream_begun = true;
	reader->stream_crc = 0;
	reader->stream_len = 0;
	reader->wants_marker = false;
	return sgz_events_member(&reader->events, &reader->member->header);
}

/* Inflate until @room is full or the stream ends. */
static enum sgz_status
inflate_stream(struct sgz_reader *reader, unsigned char *to, size_t room,
	       size_t *len_out, bool *ended)
{
	struct sgz_input *input = &reader->input;
	struct sgz_zlib_work work = { .out = to, .out_len = room };
	enum sgz_zlib_answer answer = SGZ_ZLIB_MORE;

	*len_out = 0;
	while (answer != SGZ_ZLIB_END && work.out_len > 0) {
		enum sgz_status status =
			sgz_input_fill(input, 1, &reader->error);

		if (status != SGZ_OK)
			return status;
		work.in = input->at;
		work.in_len = sgz_input_ready(input);
		if (work.in_len == 0)
			return sgz_reader_raise(
				reader, &reader->error, SGZ_E_TRUNCATED,
				(int64_t)input->offset_end,
				"the input ends within a member");
		answer = sgz_zlib_decode(reader->zlib, &work, false);
		input->at = work.in;
		*len_out = room - work.out_len;
		if (answer == SGZ_ZLIB_NOMEM)
			return sgz_error_set_nomem(&reader->error, input->name);
		if (answer == SGZ_ZLIB_CORRUPT)
			return raise_corrupt(reader, "",
					     (int64_t)sgz_input_offset(input),
					     &work, &reader->error);
	}
	*ended = answer == SGZ_ZLIB_END;
	return SGZ_OK;
}

/* Compare the inflated data with the trailer. */
static enum sgz_status
end_stream(struct sgz_reader *reader)
{
	struct sgz_input *input = &reader->input;
	uint32_t crc, len;
	int64_t offset;
	enum sgz_status status =
		sgz_input_fill(input, TRAILER_SIZE, &reader->error);

	if (status != SGZ_OK)
		return status;
	if (sgz_input_ready(input) < TRAILER_SIZE)
		return sgz_reader_raise(reader, &reader->error, SGZ_E_TRUNCATED,
					(int64_t)input->offset_end,
					"the input ends within a trailer");
	offset = (int64_t)sgz_input_offset(input);
	crc = get_le32(input->at);
	len = get_le32(input->at + 4);
	input->at += TRAILER_SIZE;
	reader->place = AT_MEMBER;
	if (reader->checks_crc && crc != reader->stream_crc)
		return raise_crc(reader, "member", reader->stream_crc, crc,
				 offset, &reader->error);
	if (len != reader->stream_len)
		return sgz_reader_raise(
			reader, &reader->error, SGZ_E_LENGTH, offset,
			"the member holds %lu bytes, but ISIZE is %lu",
			(unsigned long)reader->stream_len, (unsigned long)len);
	return SGZ_OK;
}

static enum sgz_status
decode_stream(struct sgz_reader *reader, unsigned char *to, size_t room,
	      size_t *direct_out)
{
	bool ended = false;
	size_t len;
	enum sgz_status status = SGZ_OK;

	if (!reader->stream_begun)
		status = begin_stream(reader);
	if (status != SGZ_OK)
		return status;
	/* always a whole chunk, so that events do not depend on the size of the
	 * caller's buffers */
	if (room < CHUNK_SIZE)
		to = reader->chunk;
	/* the bytes before a failure are kept */
	status = inflate_stream(reader, to, CHUNK_SIZE, &len, &ended);
	if (reader->checks_crc)
		reader->stream_crc = sgz_crc32(reader->stream_crc, to, len);
	reader->stream_len += (uint32_t)len;
	set_chunk(reader, to, len, to != reader->chunk, direct_out);
	if (ended)
		reader->place = AT_TRAILER;
	if (status == SGZ_OK && ended)
		status = end_stream(reader);
	if (status != SGZ_OK)
		return status;
	return send_progress_if_due(reader);
}

void
sgz_reader_advance(struct sgz_reader *reader, unsigned char *to, size_t room,
		   size_t *direct_out)
{
	enum sgz_status status = SGZ_OK;

	*direct_out = 0;
	reader->member_read |= reader->at > reader->begin;
	reader->begin = reader->at = reader->end;
	while (status == SGZ_OK && reader->place != AT_END &&
	       reader->at == reader->end && *direct_out == 0) {
		switch (reader->place) {
		case AT_MEMBER:
			status = sgz_reader_next_member(reader);
			break;
		case AT_HEADER:
			status = begin_member(reader);
			break;
		case AT_BLOCK:
			status = decode_block(reader, to, room, direct_out);
			break;
		case AT_STREAM:
			status = decode_stream(reader, to, room, direct_out);
			break;
		case AT_TRAILER:
			status = end_stream(reader);
			if (status == SGZ_OK)
				status = send_progress_if_due(reader);
			break;
		case AT_PADDING:
			status = meet_end(reader);
			break;
		case AT_END:
			break;
		}
	}
	reader->failed = status != SGZ_OK;
	/* a cancelled call returns no bytes */
	if (status == SGZ_E_CANCELLED) {
		*direct_out = 0;
		reader->at = reader->end;
	}
}

enum sgz_status
sgz_reader_restart(struct sgz_reader *reader, uint64_t compressed_offset,
		   uint64_t offset, struct sgz_error *error)
{
	enum sgz_status status;

	if (reader->ahead != NULL)
		sgz_ahead_stop(reader->ahead);
	status = sgz_input_seek(&reader->input, compressed_offset, error);
	if (status != SGZ_OK)
		return status;
	reader->blocks_in_a_row = 0;
	reader->begin = reader->at = reader->end;
	reader->offset = reader->events.told_at = offset;
	reader->place = AT_MEMBER;
	reader->members[0].kept = reader->members[1].kept = 0;
	reader->failed = reader->failed_at_end = reader->stuck = false;
	reader->wants_marker = false;
	reader->member_read = true;
	reader->by_index = false;
	reader->borrowed = NULL;
	return SGZ_OK;
}
