/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Any bytes as an index: what is accepted is in order, is found again, and is
 * saved as it was.
 */
#include "fuzz.h"

static void
check_entries(const struct sgz_index *index)
{
	size_t count;
	const struct sgz_index_entry *entries =
		sgz_index_get_entries(index, &count);

	CHECK(count > 0);
	for (size_t i = 0; i < count; i++) {
		CHECK(i == 0 || entries[i].offset >= entries[i - 1].offset);
		CHECK(i == 0 ||
		      entries[i].compressed_offset >
			      entries[i - 1].compressed_offset);
		/* an empty block has the offset of the next one */
		if (i + 1 < count && entries[i + 1].offset == entries[i].offset)
			continue;
		CHECK(sgz_index_locate(index, entries[i].offset) == i);
		if (i + 1 < count)
			CHECK(sgz_index_locate(index,
					       entries[i + 1].offset - 1) == i);
	}
	CHECK(sgz_index_locate(index, UINT64_MAX) == count - 1);
}

/* A file that has nothing to do with the index refuses it, or is not read. */
static void
use(struct sgz_index *index, const uint8_t *data, size_t len)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error;
	char to[10];
	size_t got;

	if (sgz_reader_open_memory(data, len, NULL, &reader, &error) != SGZ_OK)
		return;
	if (sgz_reader_set_index(reader, index, &error) == SGZ_OK) {
		(void)sgz_reader_seek(reader, 70000, &error);
		(void)sgz_reader_read(reader, to, sizeof(to), &got, &error);
		(void)sgz_reader_read_at(reader, 70000, to, sizeof(to), &got,
					 &error);
	}
	sgz_reader_close(reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sgz_index *index = NULL, *again = NULL;
	struct sgz_error error;
	struct bytes from = { data, len };
	size_t size = take_size(&from), count, others;
	int fd;

	size = size < from.len ? size : from.len;
	fd = file_of(from.at, size);
	if (sgz_index_load_fd(fd, NULL, &index, &error) != SGZ_OK) {
		CHECK(index == NULL);
		close(fd);
		return 0;
	}
	close(fd);
	check_entries(index);
	use(index, from.at + size, from.len - size);
	fd = file_of("", 0);
	CHECK(sgz_index_save_fd(index, fd, &error) == SGZ_OK);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(sgz_index_load_fd(fd, NULL, &again, &error) == SGZ_OK);
	close(fd);
	CHECK(memcmp(sgz_index_get_entries(index, &count),
		     sgz_index_get_entries(again, &others),
		     count * sizeof(struct sgz_index_entry)) == 0);
	CHECK(count == others);
	sgz_index_unref(again);
	sgz_index_unref(index);
	return 0;
}
