/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading at offsets by many threads, counted blocks, and the cache of them. */
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#define BLOCK 10000

static size_t text_len;
static unsigned char *text;
static struct bytes file;
static struct sgz_index *entries;

static int
setup(void **state)
{
	struct sgz_reader *reader;
	struct sgz_error error;

	(void)state;
	enter_dir();
	text_len = (size_t)BLOCK * (is_slow() ? 12 : 60) + 77;
	text = make_text(text_len);
	add_bgzf(&file, text, text_len, BLOCK);
	put_file("in.gz", file.data, file.len);
	reader = open_bytes(&file);
	assert_ok(sgz_index_build(reader, false, &entries, &error), &error);
	sgz_reader_close(reader);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sgz_index_unref(entries);
	entries = NULL;
	bytes_free(&file);
	free(text);
	leave_dir();
	return 0;
}

static struct sgz_reader *
open_at(const struct sgz_options *options)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error;

	assert_ok(sgz_reader_open_memory(file.data, file.len, options, &reader,
					 &error),
		  &error);
	assert_ok(sgz_reader_set_index(reader, entries, &error), &error);
	return reader;
}

static void
check_at(struct sgz_reader *reader, uint64_t offset, size_t len)
{
	unsigned char *data = malloc(len + 1);
	size_t wanted = offset >= text_len ? 0 : text_len - (size_t)offset;
	struct sgz_error error;
	size_t n = 99;

	assert_non_null(data);
	wanted = wanted < len ? wanted : len;
	data[len] = 0xee;
	assert_ok(sgz_reader_read_at(reader, offset, data, len, &n, &error),
		  &error);
	assert_int_equal(n, wanted);
	assert_memory_equal(data, text + offset, wanted);
	assert_int_equal(data[len], 0xee);
	free(data);
}

static void
check_everywhere(struct sgz_reader *reader)
{
	static const size_t lens[] = { 0, 1, 100, BLOCK, 3 * BLOCK + 1 };

	for (uint64_t offset = 0; offset < text_len + BLOCK; offset += 3331)
		for (size_t i = 0; i < 5; i++)
			check_at(reader, offset, lens[i]);
	check_at(reader, BLOCK, BLOCK);
	check_at(reader, BLOCK - 1, 2);
	check_at(reader, text_len - 1, 5);
	check_at(reader, text_len, 5);
	check_at(reader, UINT64_MAX - 9, 5);
}

static void
test_at__reads_anywhere(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct sgz_reader *reader;

		options.cache_size = i / 2 * 6 * SGZ_BLOCK_MAX;
		options.stop_early = i % 2;
		reader = open_at(&options);
		check_everywhere(reader);
		assert_int_equal(sgz_reader_tell(reader), 0);
		sgz_reader_close(reader);
	}
}

static void
test_at__reads_a_path_and_a_descriptor(void **state)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error;
	int fd = open("in.gz", O_RDONLY);

	(void)state;
	assert_ok(sgz_reader_open("in.gz", NULL, &reader, &error), &error);
	assert_ok(sgz_reader_set_index(reader, entries, &error), &error);
	check_everywhere(reader);
	sgz_reader_close(reader);
	assert_ok(sgz_reader_open_fd(fd, NULL, &reader, &error), &error);
	assert_ok(sgz_reader_set_index(reader, entries, &error), &error);
	check_everywhere(reader);
	sgz_reader_close(reader);
	close(fd);
}

static void
test_at__a_block_outlives_its_reader(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_reader *reader;
	struct sgz_block *block = NULL, *again = NULL;
	struct counter counter;
	struct sgz_error error;
	size_t len;

	(void)state;
	counter_init(&counter);
	options.allocator = &counter.allocator;
	options.cache_size = 8 * SGZ_BLOCK_MAX;
	reader = open_at(&options);
	assert_ok(sgz_reader_ref_block(reader, BLOCK + 5, &block, &error),
		  &error);
	assert_int_equal(sgz_block_get_offset(block), BLOCK);
	assert_memory_equal(sgz_block_get_data(block, &len), text + BLOCK,
			    BLOCK);
	assert_int_equal(len, BLOCK);
	/* it is in the cache, so it is the same one */
	assert_ok(sgz_reader_ref_block(reader, 2 * BLOCK - 1, &again, &error),
		  &error);
	assert_ptr_equal(again, block);
	assert_ok(sgz_reader_ref_block(reader, text_len, &again, &error),
		  &error);
	assert_null(again);
	sgz_block_unref(block);
	assert_ptr_equal(sgz_block_ref(block), block);
	sgz_block_unref(block);
	sgz_reader_close(reader);
	assert_int_equal(counter.live, 1);
	assert_memory_equal(sgz_block_get_data(block, &len), text + BLOCK, len);
	sgz_block_unref(block);
	sgz_block_unref(NULL);
	assert_none_live(&counter);
}

static void
test_at__a_cache_has_its_size(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_reader *reader;
	struct counter counter;
	size_t before;

	(void)state;
	counter_init(&counter);
	options.allocator = &counter.allocator;
	options.cache_size = 4 * SGZ_BLOCK_MAX;
	reader = open_at(&options);
	check_at(reader, 0, 10);
	before = counter.live;
	for (uint64_t offset = 0; offset < text_len; offset += BLOCK)
		check_at(reader, offset, 10);
	assert_int_equal(counter.live, before + 3);
	sgz_reader_close(reader);
	assert_none_live(&counter);
}

static void
test_at__says_what_it_needs(void **state)
{
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_block *block = NULL;
	struct sgz_error error;
	unsigned char data[4];
	size_t n = 99;

	(void)state;
	assert_failure(SGZ_E_UNSUPPORTED,
		       sgz_reader_read_at(reader, 0, data, 4, &n, &error),
		       &error);
	assert_failure(SGZ_E_UNSUPPORTED,
		       sgz_reader_ref_block(reader, 0, &block, &error), &error);
	assert_null(block);
	assert_int_equal(n, 99);
	/* and it does not stick */
	check_part(reader, 0, text, text_len);
	sgz_reader_close(reader);
}

static void
test_at__corrupt_blocks_are_found_unless_it_stops_early(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_reader *reader;
	unsigned char data[8];
	struct sgz_error error;
	const struct sgz_index_entry *all;
	struct sgz_block *block = NULL;
	size_t count, n;

	(void)state;
	all = sgz_index_get_entries(entries, &count);
	/* the CRC of the second block */
	file.data[all[2].compressed_offset - 8] ^= 1;
	reader = open_at(NULL);
	assert_failure(SGZ_E_CRC,
		       sgz_reader_read_at(reader, BLOCK, data, 8, &n, &error),
		       &error);
	assert_int_equal(error.offset, all[1].compressed_offset);
	check_at(reader, 0, 10);
	check_at(reader, 2 * BLOCK, 10);
	sgz_reader_close(reader);
	options.stop_early = 1;
	reader = open_at(&options);
	check_at(reader, BLOCK, 8);
	/* as a whole it is checked */
	assert_failure(SGZ_E_CRC,
		       sgz_reader_ref_block(reader, BLOCK, &block, &error),
		       &error);
	sgz_reader_close(reader);
	/* not a header */
	file.data[all[3].compressed_offset] ^= 1;
	reader = open_at(NULL);
	assert_failure(
		SGZ_E_INDEX,
		sgz_reader_read_at(reader, 3 * BLOCK, data, 8, &n, &error),
		&error);
	sgz_reader_close(reader);
}

/* What a block can have, as bytes that are changed in it. */
struct damage {
	/* which block, from the first or (below 0) the last one */
	int block;
	/* where in it: from its start or (below 0) its end */
	int at;
	unsigned char flip;
	enum sgz_status status;
};

static const struct damage damages[] = {
	{ 1, -8, 1, SGZ_E_CRC }, /* its CRC-32 */
	{ 1, -4, 1, SGZ_E_LENGTH }, /* its ISIZE */
	{ 1, -2, 1, SGZ_E_LENGTH }, /* its ISIZE, which no block can have */
	{ 1, 18, 6, SGZ_E_DATA }, /* the type of its deflate block */
	{ -1, -8, 1, SGZ_E_CRC },    { -1, -4, 1, SGZ_E_LENGTH },
	{ -1, -1, 1, SGZ_E_LENGTH }, { -1, 18, 6, SGZ_E_DATA },
};

static void
check_damage(uint64_t offset, enum sgz_status wanted,
	     const struct sgz_options *options)
{
	struct sgz_reader *reader = open_at(options);
	struct bytes back = { NULL, 0, 0 };
	struct sgz_block *block = NULL;
	unsigned char *data = malloc(BLOCK);
	struct sgz_error in_sequence, error;
	size_t n;

	assert_non_null(data);
	assert_failure(wanted, inflate_all(&file, NULL, &back, &in_sequence),
		       &in_sequence);
	/* a part of the block, all of it, and as a block */
	for (size_t len = 8; len <= BLOCK; len += BLOCK - 8) {
		assert_failure(wanted,
			       sgz_reader_read_at(reader, offset, data, len, &n,
						  &error),
			       &error);
		assert_string_equal(error.text, in_sequence.text);
		assert_int_equal(error.offset, in_sequence.offset);
	}
	assert_failure(wanted,
		       sgz_reader_ref_block(reader, offset, &block, &error),
		       &error);
	assert_string_equal(error.text, in_sequence.text);
	assert_null(block);
	sgz_reader_close(reader);
	bytes_free(&back);
	free(data);
}

static void
test_at__a_failure_is_the_one_of_reading_in_sequence(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	const struct sgz_index_entry *all;
	size_t count, whole = file.len;

	(void)state;
	all = sgz_index_get_entries(entries, &count);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		const struct damage *damage = &damages[i];
		size_t entry = damage->block < 0 ? count - 1 : 1;
		/* the end marker has 28 bytes */
		size_t end = damage->block < 0 ?
			file.len - 28 :
			(size_t)all[entry + 1].compressed_offset;
		size_t at = damage->at < 0 ?
			end - (size_t)-damage->at :
			(size_t)all[entry].compressed_offset +
				(size_t)damage->at;

		file.data[at] ^= damage->flip;
		for (int cached = 0; cached < 2; cached++) {
			options.cache_size = cached ? 8 * SGZ_BLOCK_MAX : 0;
			check_damage(all[entry].offset, damage->status,
				     &options);
		}
		file.data[at] ^= damage->flip;
	}
	/* it ends within a header, at its end, and within the block */
	for (size_t len = 1; len <= 40; len++) {
		file.len = (size_t)all[count - 1].compressed_offset + len;
		check_damage(all[count - 1].offset, SGZ_E_TRUNCATED, NULL);
	}
	file.len = whole;
}

/* The block is whole: it is the index that has another length for it. */
static void
test_at__an_index_of_another_file_is_not_the_blocks_fault(void **state)
{
	const struct sgz_index_entry *all;
	struct sgz_index_entry *other;
	struct sgz_index *index = NULL;
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_block *block = NULL;
	struct sgz_error error;
	size_t count;

	(void)state;
	all = sgz_index_get_entries(entries, &count);
	other = malloc(count * sizeof(*other));
	assert_non_null(other);
	memcpy(other, all, count * sizeof(*other));
	for (int i = 0; i < 2; i++) {
		/* another length, and a block that starts within the block */
		other[2] = all[2];
		if (i == 0)
			other[2].offset++;
		else
			other[2].compressed_offset--;
		assert_ok(sgz_index_from_entries(other, count, NULL, &index,
						 &error),
			  &error);
		assert_ok(sgz_reader_set_index(reader, index, &error), &error);
		sgz_index_unref(index);
		assert_failure(
			SGZ_E_INDEX,
			sgz_reader_ref_block(reader, BLOCK, &block, &error),
			&error);
	}
	sgz_reader_close(reader);
	free(other);
}

/*
 * A codec copies stored data at once, between compressed data. An early stop
 * must not return bytes that were not made yet.
 */
static void
test_at__stopping_early_is_right_in_stored_data(void **state)
{
	enum {
		LEN = 65000
	};
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer out = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	unsigned char *data = calloc(1, LEN), part[50];
	struct sgz_error error;
	uint32_t noise = 3;
	size_t n;

	(void)state;
	assert_non_null(data);
	for (size_t i = 0; i < LEN; i++) {
		noise = noise * 1664525 + 1013904223;
		if (i / 7000 % 2 == 1)
			data[i] = (unsigned char)(noise >> 24);
	}
	for (int level = 0; level <= SGZ_LEVEL_MAX; level += 3) {
		options.level = level;
		options.build_index = 1;
		options.block_size = LEN;
		assert_ok(
			sgz_writer_open_memory(&out, &options, &writer, &error),
			&error);
		assert_ok(sgz_writer_write(writer, data, LEN, &error), &error);
		assert_ok(sgz_writer_finish(writer, &error), &error);
		index = sgz_writer_ref_index(writer);
		sgz_writer_free(writer);
		options.stop_early = 1;
		assert_ok(sgz_reader_open_memory(out.data, out.len, &options,
						 &reader, &error),
			  &error);
		assert_ok(sgz_reader_set_index(reader, index, &error), &error);
		for (size_t at = 0; at + sizeof(part) <= LEN; at += 37) {
			assert_ok(sgz_reader_read_at(reader, at, part,
						     sizeof(part), &n, &error),
				  &error);
			assert_int_equal(n, sizeof(part));
			assert_memory_equal(part, data + at, n);
		}
		sgz_reader_close(reader);
		sgz_index_unref(index);
		sgz_buffer_release(&out);
	}
	free(data);
}

/* Empty blocks are in no index, and may lie anywhere. */
static void
test_at__empty_blocks_are_passed_over(void **state)
{
	struct bytes joined = { NULL, 0, 0 };
	struct sgz_reader *reader;
	struct sgz_index *index = NULL;
	struct sgz_error error;
	unsigned char data[30];
	size_t n;

	(void)state;
	add_eof_block(&joined);
	add_block(&joined, "0123456789", 10);
	add_eof_block(&joined);
	add_eof_block(&joined);
	add_block(&joined, "abcdefghij", 10);
	add_eof_block(&joined);
	add_eof_block(&joined);
	bytes_add(&joined, (char[30]){ 0 }, 30);
	reader = open_bytes(&joined);
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	for (size_t at = 0; at <= 21; at++) {
		assert_ok(sgz_reader_read_at(reader, at, data, 30, &n, &error),
			  &error);
		assert_int_equal(n, at < 20 ? 20 - at : 0);
		assert_memory_equal(data, &"0123456789abcdefghij"[20 - n], n);
	}
	sgz_reader_close(reader);
	/* what follows the last block is not looked at */
	joined.data[joined.len - 30] = 1;
	reader = open_bytes(&joined);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	assert_ok(sgz_reader_read_at(reader, 15, data, 30, &n, &error), &error);
	assert_int_equal(n, 5);
	assert_ok(sgz_reader_read_at(reader, 20, data, 30, &n, &error), &error);
	assert_int_equal(n, 0);
	sgz_index_unref(index);
	sgz_reader_close(reader);
	bytes_free(&joined);
}

/* A block whose header has a name, a comment and a CRC, as @flags says. */
static void
add_rich_block(struct bytes *to, const char *text10, unsigned char flags)
{
	struct bytes plain = { NULL, 0, 0 };
	size_t start = to->len, size;
	uint32_t crc;

	add_block(&plain, text10, 10);
	bytes_add(to, plain.data, 18);
	if (flags & 8)
		bytes_add(to, "name", 5);
	if (flags & 16)
		bytes_add(to, "", 1);
	to->data[start + 3] |= flags;
	size = plain.len + to->len - start - 18 + (flags & 2) - 1;
	to->data[start + 16] = (unsigned char)size;
	to->data[start + 17] = (unsigned char)(size >> 8);
	crc = sgz_crc32(0, to->data + start, to->len - start);
	if (flags & 2)
		bytes_add(to, (unsigned char[]){ crc & 255, crc >> 8 & 255 },
			  2);
	bytes_add(to, plain.data + 18, plain.len - 18);
	bytes_free(&plain);
}

static void
test_at__blocks_with_other_headers_are_blocks(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		struct bytes joined = { NULL, 0, 0 };
		struct sgz_index *index = NULL;
		struct sgz_reader *reader;
		struct sgz_error error;
		char data[30];
		size_t n;

		add_block(&joined, "0123456789", 10);
		add_rich_block(&joined, "abcdefghij",
			       (unsigned char)((i & 3) << 3 | (i & 4) >> 1));
		add_block(&joined, "0123456789", 10);
		add_eof_block(&joined);
		reader = open_bytes(&joined);
		assert_ok(sgz_index_build(reader, true, &index, &error),
			  &error);
		assert_ok(sgz_reader_set_index(reader, index, &error), &error);
		assert_ok(sgz_reader_read_at(reader, 5, data, 30, &n, &error),
			  &error);
		assert_int_equal(n, 25);
		assert_memory_equal(data, "56789abcdefghij0123456789", 25);
		assert_ok(sgz_reader_read(reader, data, 30, &n, &error),
			  &error);
		sgz_index_unref(index);
		sgz_reader_close(reader);
		bytes_free(&joined);
	}
}

/* Threads that share a reader, while one of them reads in sequence. */
struct share {
	struct sgz_reader *reader;
	uint32_t seed;
	int rounds;
};

static void *
read_around(void *ctx)
{
	struct share *share = ctx;
	struct sgz_error error;

	for (int i = 0; i < share->rounds; i++) {
		struct sgz_block *block = NULL;
		uint64_t offset;
		size_t len;

		share->seed = share->seed * 1664525 + 1013904223;
		offset = (share->seed >> 8) % text_len;
		check_at(share->reader, offset, share->seed % 30000);
		assert_ok(sgz_reader_ref_block(share->reader, offset, &block,
					       &error),
			  &error);
		assert_memory_equal(sgz_block_get_data(block, &len),
				    text + sgz_block_get_offset(block), 1);
		sgz_block_unref(block);
	}
	return NULL;
}

static void
test_at__threads_share_a_reader(void **state)
{
	enum {
		MOST = 64
	};
	const char *seconds = getenv("SGZ_TEST_SECONDS");
	int count = seconds != NULL ? MOST : 8;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_reader *reader = NULL;
	struct share shares[MOST];
	pthread_t threads[MOST];
	struct bytes back = { NULL, 0, 0 };
	struct sgz_index *index = NULL;
	struct sgz_error error;

	(void)state;
	options.cache_size = 9 * SGZ_BLOCK_MAX;
	assert_ok(sgz_pool_new(3, 1, NULL, &options.pool, &error), &error);
	assert_ok(sgz_reader_open("in.gz", &options, &reader, &error), &error);
	sgz_pool_unref(options.pool);
	assert_ok(sgz_reader_set_index(reader, entries, &error), &error);
	for (int i = 0; i < count; i++) {
		shares[i].reader = reader;
		shares[i].seed = (uint32_t)i;
		shares[i].rounds = seconds != NULL ? 100 * atoi(seconds) : 60;
		assert_int_equal(pthread_create(&threads[i], NULL, read_around,
						&shares[i]),
				 0);
	}
	for (int i = 0; i < 5; i++) {
		back.len = 0;
		assert_ok(read_all(reader, &back, &error), &error);
		assert_int_equal(back.len, text_len);
		assert_memory_equal(back.data, text, text_len);
		/* it changes how the reader works, for a while */
		assert_ok(sgz_index_build(reader, true, &index, &error),
			  &error);
		sgz_index_unref(index);
		assert_ok(sgz_reader_seek(reader, 0, &error), &error);
	}
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	sgz_reader_close(reader);
	bytes_free(&back);
}

static _Atomic(bool) ends;

static void *
hammer(void *ctx)
{
	struct sgz_reader *reader = ctx;
	struct sgz_error error;
	char byte;
	size_t n;

	for (uint32_t seed = 1; !ends; seed = seed * 1103515245 + 12345)
		assert_ok(sgz_reader_read_at(reader, seed % text_len, &byte, 1,
					     &n, &error),
			  &error);
	return NULL;
}

static int
read_in_child(void *ctx)
{
	struct sgz_reader *reader = ctx;
	struct sgz_block *block = NULL;
	struct sgz_error error;
	size_t n, len;
	char byte;

	if (sgz_reader_read_at(reader, 5 * BLOCK, &byte, 1, &n, &error) !=
		    SGZ_OK ||
	    n != 1 || byte != (char)text[5 * BLOCK])
		return 1;
	if (sgz_reader_ref_block(reader, 1, &block, &error) != SGZ_OK ||
	    memcmp(sgz_block_get_data(block, &len), text, BLOCK) != 0)
		return 2;
	sgz_block_unref(block);
	sgz_reader_close(reader);
	return 0;
}

/* A lock that another thread held during fork() stays locked in the child. */
static void
test_at__a_forked_child_can_read(void **state)
{
	/* what other threads have in hand is lost to a child, which valgrind
	 * calls a leak */
	int count = is_slow() ? 0 : 3, rounds = is_slow() ? 3 : 100;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	pthread_t threads[3];
	struct sgz_reader *reader;

	(void)state;
	options.cache_size = 100 * SGZ_BLOCK_MAX;
	reader = open_at(&options);
	ends = false;
	for (int i = 0; i < count; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, hammer, reader), 0);
	for (int i = 0; i < rounds; i++)
		in_child(read_in_child, reader);
	ends = true;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	sgz_reader_close(reader);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct CMUnitTest tests[] = {
	TEST(test_at__reads_anywhere),
	TEST(test_at__reads_a_path_and_a_descriptor),
	TEST(test_at__a_block_outlives_its_reader),
	TEST(test_at__a_cache_has_its_size),
	TEST(test_at__says_what_it_needs),
	TEST(test_at__corrupt_blocks_are_found_unless_it_stops_early),
	TEST(test_at__a_failure_is_the_one_of_reading_in_sequence),
	TEST(test_at__an_index_of_another_file_is_not_the_blocks_fault),
	TEST(test_at__stopping_early_is_right_in_stored_data),
	TEST(test_at__empty_blocks_are_passed_over),
	TEST(test_at__blocks_with_other_headers_are_blocks),
	TEST(test_at__threads_share_a_reader),
	TEST(test_at__a_forked_child_can_read),
};

RUN("at", tests)
