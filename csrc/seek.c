/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Moving a reader: by index, over block headers, or by inflating. */
#include "reader.h"

/* Moving. All failures except SGZ_E_RANGE are stored in reader->error. */

static enum sgz_status
raise_index(struct sgz_reader *reader, uint64_t compressed_offset,
	    const char *reason)
{
	return sgz_reader_raise(reader, &reader->error, SGZ_E_INDEX,
				(int64_t)compressed_offset,
				"the index is not of this file: %s", reason);
}

/* Move behind the header of the block that @entry describes. */
static enum sgz_status
enter_block(struct sgz_reader *reader, const struct sgz_index_entry *entry)
{
	enum sgz_status status = sgz_input_fill(
		&reader->input, BGZF_HEADER_SIZE, &reader->error);

	if (status != SGZ_OK)
		return status;
	if (!sgz_input_at_member(&reader->input))
		return raise_index(reader, entry->compressed_offset,
				   "no block starts here");
	status = sgz_reader_next_member(reader);
	if (status == SGZ_E_FORMAT || status == SGZ_E_LENGTH ||
	    status == SGZ_E_CRC || status == SGZ_E_LIMIT ||
	    (status == SGZ_OK && reader->place != AT_BLOCK))
		return raise_index(reader, entry->compressed_offset,
				   "no block starts here");
	return status;
}

/* Go to block number @i of the index, and check everything. */
static enum sgz_status
enter_entry(struct sgz_reader *reader, const struct sgz_index_entry *entries,
	    size_t count, size_t i)
{
	uint32_t crc, len = 0;
	enum sgz_status status =
		sgz_reader_restart(reader, entries[i].compressed_offset,
				   entries[i].offset, &reader->error);

	reader->by_index = i > 0;
	while (status == SGZ_OK) {
		status = enter_block(reader, &entries[i]);
		if (status == SGZ_OK)
			status = sgz_reader_load_block(reader, &crc, &len);
		if (status != SGZ_OK || i + 1 == count ||
		    len == entries[i + 1].offset - entries[i].offset)
			break;
		if (len > 0)
			return raise_index(reader, entries[i].compressed_offset,
					   "the block has another length than "
					   "in the index");
		/* an empty block, which the index does not list */
		reader->input.at += reader->block_left;
		reader->place = AT_MEMBER;
	}
	return status;
}

/* Make chunks until a chunk holds @offset. */
static enum sgz_status
advance_to(struct sgz_reader *reader, uint64_t offset)
{
	size_t direct;

	while (reader->offset <= offset && sgz_reader_can_advance(reader))
		sgz_reader_advance(reader, NULL, 0, &direct);
	if (reader->failed && reader->error.status == SGZ_E_CANCELLED)
		return SGZ_E_CANCELLED;
	if (reader->offset > offset ||
	    (reader->offset == offset &&
	     (reader->place == AT_END || reader->failed_at_end))) {
		reader->at = reader->end - (reader->offset - offset);
		reader->member_read = true;
		return SGZ_OK;
	}
	return reader->failed ? reader->error.status : SGZ_E_RANGE;
}

/* In a file without an index: go by blocks; after the last block, inflate. */
static enum sgz_status
enter_scanned(struct sgz_reader *reader, uint64_t offset)
{
	const struct sgz_entries *blocks = &reader->blocks;
	const struct sgz_index_entry *block;
	enum sgz_status status =
		sgz_reader_scan(reader, offset, &reader->error);

	if (status != SGZ_OK)
		return status;
	if (reader->blocks_complete && offset > reader->blocks_offset)
		return SGZ_E_RANGE;
	if (reader->blocks_complete || offset < reader->blocks_offset) {
		block = &blocks->data[sgz_entries_locate(
			blocks->data, blocks->count, offset)];
		return sgz_reader_restart(reader, block->compressed_offset,
					  block->offset, &reader->error);
	}
	/* start from the current position if it is before @offset */
	if (!reader->failed && sgz_reader_position(reader) <= offset &&
	    sgz_reader_position(reader) >= reader->blocks_offset)
		return SGZ_OK;
	return sgz_reader_restart(reader, reader->blocks_compressed,
				  reader->blocks_offset, &reader->error);
}

static enum sgz_status
move_to(struct sgz_reader *reader, uint64_t offset)
{
	const struct sgz_index_entry *entries;
	size_t count;
	enum sgz_status status;

	if (!reader->input.can_seek) {
		status = reader->stuck ? reader->error.status : SGZ_OK;
	} else if (reader->index != NULL) {
		entries = sgz_index_get_entries(reader->index, &count);
		status = enter_entry(reader, entries, count,
				     sgz_index_locate(reader->index, offset));
	} else {
		status = enter_scanned(reader, offset);
	}
	if (status == SGZ_OK)
		status = advance_to(reader, offset);
	return status;
}

/* Go back to the reader's position, without events. */
static void
move_back(struct sgz_reader *reader, uint64_t offset)
{
	uint32_t mask = reader->events.observer.mask;
	enum sgz_status status;

	reader->events.observer.mask = 0;
	status = move_to(reader, offset);
	/* the position was valid, so the index is wrong or the input has
	 * changed */
	if (status == SGZ_E_RANGE)
		sgz_reader_raise(reader, &reader->error,
				 reader->index != NULL ? SGZ_E_INDEX :
							 SGZ_E_TRUNCATED,
				 -1, "cannot go back to offset %llu",
				 (unsigned long long)offset);
	if (status != SGZ_OK)
		sgz_reader_stick(reader, offset, NULL);
	reader->events.observer.mask = mask;
}

static enum sgz_status
raise_range(struct sgz_reader *reader, uint64_t offset, struct sgz_error *error)
{
	return sgz_reader_raise(reader, error, SGZ_E_RANGE, -1,
				"offset %llu lies beyond the end",
				(unsigned long long)offset);
}

/* Move. If the offset is beyond the end, restore the state. */
static enum sgz_status
move_or_stay(struct sgz_reader *reader, uint64_t offset,
	     struct sgz_error *error)
{
	uint64_t position = sgz_reader_position(reader);
	struct sgz_error former = reader->error;
	bool stuck = reader->stuck;
	enum sgz_status status = move_to(reader, offset);

	if (status == SGZ_OK)
		return SGZ_OK;
	if (status != SGZ_E_RANGE && sgz_reader_is_waiting(reader) &&
	    !reader->input.can_seek) {
		/* no data yet: the same call continues from here */
		if (error != NULL)
			*error = reader->error;
		return status;
	}
	if (status != SGZ_E_RANGE)
		return sgz_reader_stick(reader, position, error);
	if (stuck) {
		reader->error = former;
		sgz_reader_stick(reader, position, NULL);
	} else if (reader->input.can_seek) {
		move_back(reader, position);
	}
	return raise_range(reader, offset, error);
}

enum sgz_status
sgz_reader_seek(struct sgz_reader *reader, uint64_t offset,
		struct sgz_error *error)
{
	if (reader->busy)
		return sgz_error_set_busy(error);
	reader->borrowed = NULL;
	sgz_reader_resume(reader);
	if (!reader->stuck && offset == sgz_reader_position(reader))
		return SGZ_OK;
	if (!reader->stuck && offset <= reader->offset &&
	    reader->offset - offset <=
		    (uint64_t)(reader->end - reader->begin)) {
		reader->at = reader->end - (reader->offset - offset);
		return SGZ_OK;
	}
	if (reader->size != SGZ_UNKNOWN && offset > reader->size)
		return raise_range(reader, offset, error);
	if (!reader->input.can_seek && offset < sgz_reader_position(reader))
		return sgz_reader_raise(reader, error, SGZ_E_UNSUPPORTED, -1,
					"the input cannot seek backwards");
	return move_or_stay(reader, offset, error);
}

/* Work on the whole file that keeps the position */

/* Can the reader read all of its input now? */
static enum sgz_status
check_aside(struct sgz_reader *reader, struct sgz_error *error)
{
	if (reader->busy)
		return sgz_error_set_busy(error);
	reader->borrowed = NULL;
	if (!reader->input.can_seek)
		return sgz_reader_raise(reader, error, SGZ_E_UNSUPPORTED, -1,
					"the input cannot seek");
	if (reader->stuck)
		return sgz_reader_stick(reader, reader->stuck_at, error);
	return SGZ_OK;
}

/* Decode from the member at @from to the end, and come back. */
static enum sgz_status
decode_aside(struct sgz_reader *reader, struct sgz_index_entry from,
	     bool verify, struct sgz_error *error)
{
	uint64_t position = sgz_reader_position(reader);
	bool checks_crc = reader->checks_crc;
	size_t direct;
	enum sgz_status status;

	status = sgz_reader_restart(reader, from.compressed_offset, from.offset,
				    &reader->error);
	reader->checks_crc = checks_crc || verify;
	while (status == SGZ_OK && sgz_reader_can_advance(reader))
		sgz_reader_advance(reader, NULL, 0, &direct);
	reader->checks_crc = checks_crc;
	if (status == SGZ_OK && reader->failed)
		status = reader->error.status;
	if (status != SGZ_OK && error != NULL)
		*error = reader->error;
	move_back(reader, position);
	return status;
}

enum sgz_status
sgz_reader_get_size(struct sgz_reader *reader, uint64_t *size_out,
		    struct sgz_error *error)
{
	struct sgz_index_entry rest;
	enum sgz_status status = SGZ_OK;

	if (reader->size == SGZ_UNKNOWN || reader->busy)
		status = check_aside(reader, error);
	if (status == SGZ_OK && reader->size == SGZ_UNKNOWN)
		status = sgz_reader_scan(reader, SGZ_UNKNOWN, error);
	rest.compressed_offset = reader->blocks_compressed;
	rest.offset = reader->blocks_offset;
	if (status == SGZ_OK && reader->size == SGZ_UNKNOWN)
		status = decode_aside(reader, rest, false, error);
	if (status == SGZ_OK)
		*size_out = reader->size;
	return status;
}

enum sgz_status
sgz_reader_list_blocks(struct sgz_reader *reader, bool verify,
		       struct sgz_error *error)
{
	uint32_t mask = reader->events.observer.mask;
	size_t first;
	enum sgz_status status = check_aside(reader, error);

	if (status == SGZ_OK)
		status = sgz_reader_scan(reader, SGZ_UNKNOWN, error);
	if (status != SGZ_OK)
		return status;
	if (reader->blocks_stopped)
		return sgz_reader_raise(reader, error, SGZ_E_UNSUPPORTED,
					(int64_t)reader->blocks_compressed,
					"this member is not a BGZF block");
	/* always check the end of the file after the last block; report its
	 * warnings, but no block or progress events */
	first = verify ? 0 : reader->blocks.count - 1;
	if (!verify)
		reader->events.observer.mask &= SGZ_EVENT_BIT(SGZ_EVENT_LOG);
	status =
		decode_aside(reader, reader->blocks.data[first], verify, error);
	reader->events.observer.mask = mask;
	return status;
}
