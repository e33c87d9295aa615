/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program that was compiled with an older header, on the library of today: it
 * writes, reads, seeks, observes, and gets the defaults that it knew. And one
 * that was compiled with a header that is newer than the library.
 */
#include "sgz.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	LEN = 300000
};

static_assert(sizeof(struct sgz_options) == 56, "as it was");
static_assert(sizeof(struct sgz_error) == 256, "as it was");

static char text[LEN], back[LEN];
static int failures;

#define CHECK(condition)                                               \
	do {                                                           \
		if (!(condition)) {                                    \
			printf("line %d: %s\n", __LINE__, #condition); \
			failures++;                                    \
		}                                                      \
	} while (0)

/* A struct in memory where the library must not go past its end. */
struct guarded {
	struct sgz_options options;
	unsigned char behind[64];
};

static void
check_defaults(void)
{
	static const struct sgz_options known = SGZ_OPTIONS_INIT;
	struct guarded guarded;

	memset(&guarded, 0xee, sizeof(guarded));
	CHECK(sgz_options_init(&guarded.options, sizeof(guarded.options)) ==
	      SGZ_OK);
	CHECK(memcmp(&guarded.options, &known, sizeof(known)) == 0);
	for (size_t i = 0; i < sizeof(guarded.behind); i++)
		CHECK(guarded.behind[i] == 0xee);
	CHECK(sgz_options_init(&guarded.options, 48) == SGZ_E_INVALID);
}

static int
count_blocks(void *ctx, const struct sgz_event *event)
{
	int *blocks = ctx;

	CHECK(event->data.block.offset == (uint64_t)*blocks * 50000);
	return ++*blocks == 7 ? 1 : 0;
}

/* What lies behind the struct must not count as fields of it. */
static struct sgz_index *
write_file(struct guarded *guarded, struct sgz_buffer *buffer)
{
	struct sgz_writer *writer = NULL;
	struct sgz_error error;
	struct sgz_index *index;

	guarded->options.block_size = 50000;
	guarded->options.build_index = 1;
	CHECK(sgz_writer_open_memory(buffer, &guarded->options, &writer,
				     &error) == SGZ_OK);
	CHECK(sgz_writer_write(writer, text, LEN, &error) == SGZ_OK);
	CHECK(sgz_writer_finish(writer, &error) == SGZ_OK);
	index = sgz_writer_ref_index(writer);
	CHECK(index != NULL);
	sgz_writer_free(writer);
	return index;
}

static void
read_file(const struct guarded *guarded, const struct sgz_buffer *buffer,
	  struct sgz_index *index)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error;
	int blocks = 0;
	const struct sgz_observer observer = { count_blocks, NULL, &blocks,
					       1u << 1 };
	size_t count = 0, len = 0;

	CHECK(sgz_index_get_entries(index, &count)[1].offset == 50000);
	CHECK(count == LEN / 50000);
	CHECK(sgz_reader_open_memory(buffer->data, buffer->len,
				     &guarded->options, &reader,
				     &error) == SGZ_OK);
	CHECK(sgz_reader_set_observer(reader, &observer, &error) == SGZ_OK);
	CHECK(sgz_reader_read(reader, back, LEN, &len, &error) == SGZ_OK);
	CHECK(len == LEN && memcmp(text, back, LEN) == 0);
	CHECK(blocks == LEN / 50000);
	CHECK(sgz_reader_set_observer(reader, NULL, &error) == SGZ_OK);
	CHECK(sgz_reader_set_index(reader, index, &error) == SGZ_OK);
	CHECK(sgz_reader_seek(reader, 123456, &error) == SGZ_OK);
	CHECK(sgz_reader_read(reader, back, 99, &len, &error) == SGZ_OK);
	CHECK(len == 99 && memcmp(text + 123456, back, 99) == 0);
	sgz_reader_close(reader);
	/* a checksum is compared by default, and the failure is the old one */
	buffer->data[buffer->len - 28 - 8] ^= 1;
	CHECK(sgz_reader_open_memory(buffer->data, buffer->len,
				     &guarded->options, &reader,
				     &error) == SGZ_OK);
	CHECK(sgz_reader_seek(reader, LEN - 10, &error) == SGZ_OK ||
	      error.status == SGZ_E_CRC);
	CHECK(sgz_reader_read(reader, back, LEN, &len, &error) == SGZ_E_CRC);
	sgz_reader_close(reader);
}

static void
use_path(const char *path)
{
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader = NULL;
	struct sgz_error error;
	size_t len = 0;

	CHECK(sgz_writer_open(path, NULL, &writer, &error) == SGZ_OK);
	CHECK(sgz_writer_write(writer, text, 1000, &error) == SGZ_OK);
	CHECK(sgz_writer_finish(writer, &error) == SGZ_OK);
	sgz_writer_free(writer);
	CHECK(sgz_reader_open(path, NULL, &reader, &error) == SGZ_OK);
	CHECK(sgz_reader_read(reader, back, LEN, &len, &error) == SGZ_OK);
	CHECK(len == 1000 && memcmp(text, back, 1000) == 0);
	sgz_reader_close(reader);
	unlink(path);
}

/* A header that has more fields than the library: unset, and set. */
static void
be_newer(void)
{
	struct {
		struct sgz_options options;
		unsigned char later[456];
	} newer = { SGZ_OPTIONS_INIT, { 0 } };
	struct sgz_buffer buffer = { NULL, 0, 0, NULL };
	struct sgz_writer *writer = NULL;
	struct sgz_error error;

	newer.options.size = sizeof(newer);
	CHECK(sgz_writer_open_memory(&buffer, &newer.options, &writer,
				     &error) == SGZ_OK);
	CHECK(sgz_writer_finish(writer, &error) == SGZ_OK);
	sgz_writer_free(writer);
	for (size_t i = 400; i < sizeof(newer.later); i++) {
		writer = NULL;
		newer.later[i] = 1;
		CHECK(sgz_writer_open_memory(&buffer, &newer.options, &writer,
					     &error) == SGZ_E_INVALID);
		CHECK(writer == NULL);
		newer.later[i] = 0;
	}
	sgz_buffer_release(&buffer);
}

int
main(int count, char **arguments)
{
	struct guarded guarded = { SGZ_OPTIONS_INIT, { 0 } };
	struct sgz_buffer buffer = { NULL, 0, 0, NULL };
	struct sgz_index *index;

	if (count != 2)
		return 2;
	for (size_t i = 0; i < LEN; i++)
		text[i] = (char)('a' + i * i / 7 % 23);
	memset(guarded.behind, 0xee, sizeof(guarded.behind));
	check_defaults();
	index = write_file(&guarded, &buffer);
	read_file(&guarded, &buffer, index);
	sgz_index_unref(index);
	sgz_buffer_release(&buffer);
	use_path(arguments[1]);
	be_newer();
	return failures == 0 ? 0 : 1;
}
