/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Finding blocks without reading them: BSIZE leads from one to the next. */
#include "reader.h"

/*
 * The size of the block that starts with the @len bytes at @head; 0 if it is
 * not a block.
 */
static enum sgz_status
find_block_size(struct sgz_reader *reader, const unsigned char *head,
		size_t len, uint32_t *size_out, struct sgz_error *error)
{
	uint64_t start = reader->blocks_compressed;
	struct sgz_member member = { .bytes = NULL };
	size_t header_len = BGZF_HEADER_SIZE;
	int32_t bsize = -1;
	enum sgz_status status = SGZ_OK;

	/* offset 0 was checked when the reader was opened */
	if (start > 0 && (len < 2 || head[0] != 0x1f || head[1] != 0x8b)) {
		reader->blocks_complete = true;
		*size_out = 0;
		return SGZ_OK;
	}
	if (len == BGZF_HEADER_SIZE && sgz_bgzf_is_plain(head)) {
		bsize = get_le16(head + BGZF_HEADER_SIZE - 2);
	} else {
		status = sgz_input_seek(&reader->input, start, error);
		if (status == SGZ_OK)
			status = sgz_reader_read_header(reader, &member, &bsize,
							error);
		header_len = member.len;
		sgz_memory_free(&reader->memory, member.bytes);
	}
	if (status != SGZ_OK)
		return status;
	reader->blocks_stopped = bsize < 0;
	if (bsize >= 0 && (size_t)bsize + 1 < header_len + TRAILER_SIZE)
		return sgz_reader_raise(
			reader, error, SGZ_E_LENGTH, (int64_t)start,
			"BSIZE %d is too small for a block", (int)bsize);
	*size_out = (uint32_t)(bsize + 1);
	return SGZ_OK;
}

/* Append to reader->blocks until a block ends after @until. */
static enum sgz_status
scan_blocks(struct sgz_reader *reader, uint64_t until, struct sgz_error *error)
{
	/* the end of one block's trailer, and the next one's header:
	 *
	 *   | ISIZE | 1f 8b 08 04 ... BSIZE | */
	unsigned char bytes[4 + BGZF_HEADER_SIZE];
	struct sgz_input *input = &reader->input;
	uint64_t start = reader->blocks_compressed;
	uint32_t size = 0;
	size_t len;
	enum sgz_status status = sgz_input_fetch(input, start, bytes + 4,
						 BGZF_HEADER_SIZE, &len, error);

	while (status == SGZ_OK && reader->blocks_offset <= until) {
		status = find_block_size(reader, bytes + 4, len, &size, error);
		if (status != SGZ_OK || size == 0)
			break;
		status = sgz_input_fetch(input, start + size - 4, bytes,
					 sizeof(bytes), &len, error);
		if (status != SGZ_OK)
			break;
		if (len < 4)
			return sgz_reader_raise(
				reader, error, SGZ_E_TRUNCATED, (int64_t)start,
				"the input ends within a block");
		if (get_le32(bytes) > SGZ_BLOCK_MAX)
			return sgz_reader_raise(
				reader, error, SGZ_E_LENGTH, (int64_t)start,
				"ISIZE is %lu, a block cannot hold so much",
				(unsigned long)get_le32(bytes));
		if (!sgz_entries_add(&reader->blocks, &reader->memory, start,
				     reader->blocks_offset))
			return sgz_error_set_nomem(error, input->name);
		start += size;
		len -= 4;
		reader->blocks_compressed = start;
		reader->blocks_offset += get_le32(bytes);
		if (reader->watch != NULL &&
		    !reader->watch(reader->watch_ctx, start, input->size))
			return sgz_error_set(error, SGZ_E_CANCELLED, 0,
					     input->name, -1, "cancelled");
	}
	if (status == SGZ_OK && reader->blocks_complete)
		reader->size = reader->blocks_offset;
	return status;
}

enum sgz_status
sgz_reader_scan(struct sgz_reader *reader, uint64_t until,
		struct sgz_error *error)
{
	uint64_t offset = sgz_input_offset(&reader->input);
	enum sgz_status status, returned;

	if (reader->blocks_complete || reader->blocks_stopped ||
	    reader->blocks_offset > until)
		return SGZ_OK;
	status = scan_blocks(reader, until, error);
	returned = sgz_input_seek(&reader->input, offset, &reader->error);
	if (returned != SGZ_OK)
		reader->failed = true;
	return status;
}
