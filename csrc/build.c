/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Builds the index of a file from its reader's blocks. */
#include "reader.h"

/* An index lists only blocks with data, as bgzip does. */
static enum sgz_status
list_blocks(const struct sgz_reader *reader, struct sgz_entries *list,
	    struct sgz_error *error)
{
	const struct sgz_entries *blocks = &reader->blocks;
	bool first = true;

	if (!sgz_entries_add(list, &reader->memory, 0, 0))
		return sgz_error_set_nomem(error, reader->input.name);
	for (size_t i = 0; i < blocks->count; i++) {
		const struct sgz_index_entry *block = &blocks->data[i];
		uint64_t end = i + 1 < blocks->count ? block[1].offset :
						       reader->blocks_offset;

		if (block->offset == end)
			continue;
		if (!first &&
		    !sgz_entries_add(list, &reader->memory,
				     block->compressed_offset, block->offset))
			return sgz_error_set_nomem(error, reader->input.name);
		first = false;
	}
	return SGZ_OK;
}

enum sgz_status
sgz_index_build(struct sgz_reader *reader, bool verify,
		struct sgz_index **index_out, struct sgz_error *error)
{
	struct sgz_entries list = { NULL, 0, 0 };
	enum sgz_status status = sgz_reader_list_blocks(reader, verify, error);

	if (status == SGZ_OK)
		status = list_blocks(reader, &list, error);
	if (status == SGZ_OK)
		status = sgz_index_adopt(&reader->memory, list.data, list.count,
					 index_out, error);
	if (status != SGZ_OK && list.data != NULL)
		sgz_memory_free(&reader->memory, list.data);
	return status;
}
