/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Indexes: made, loaded, built, saved, shared, and used to seek. */
#include "support.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_LEN 100000
#define BLOCK_LEN 7000

static struct sgz_index *
from(const struct sgz_index_entry *entries, size_t count)
{
	struct sgz_index *index = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	assert_ok(sgz_index_from_entries(entries, count, NULL, &index, &error),
		  &error);
	return index;
}

static void
test_index__entries_are_copied_and_lent(void **state)
{
	struct sgz_index_entry entries[] = {
		{ 0, 0 },
		{ 10, 100 },
		{ 20, 100 }, /* the block before it is empty */
		{ 1ull << 40, 1ull << 50 },
	};
	struct sgz_index *index = from(entries, 4);
	const struct sgz_index_entry *borrowed;
	size_t count = 0;

	(void)state;
	entries[3].offset = 1;
	borrowed = sgz_index_get_entries(index, &count);
	assert_int_equal(count, 4);
	assert_true(borrowed[0].compressed_offset == 0 &&
		    borrowed[0].offset == 0);
	assert_true(borrowed[3].compressed_offset == 1ull << 40);
	assert_true(borrowed[3].offset == 1ull << 50);
	sgz_index_unref(index);
}

static void
test_index__entries_out_of_order_are_refused(void **state)
{
	static const struct {
		struct sgz_index_entry entries[3];
		size_t count;
	} cases[] = {
		{ { { 1, 0 } }, 1 },
		{ { { 0, 1 } }, 1 },
		{ { { 0, 0 }, { 0, 5 } }, 2 },
		{ { { 0, 0 }, { 9, 5 }, { 9, 6 } }, 3 },
		{ { { 0, 0 }, { 9, 5 }, { 8, 6 } }, 3 },
		{ { { 0, 0 }, { 9, 5 }, { 10, 4 } }, 3 },
		{ { { 0, 0 }, { UINT64_MAX, 5 }, { 10, 6 } }, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sgz_index *index = NULL;
		struct sgz_error error = SGZ_ERROR_INIT;

		assert_failure(SGZ_E_INDEX,
			       sgz_index_from_entries(cases[i].entries,
						      cases[i].count, NULL,
						      &index, &error),
			       &error);
		assert_null(index);
	}
}

static void
test_index__no_entries_at_all_are_refused(void **state)
{
	struct sgz_index_entry entry = { 0, 0 };
	struct sgz_index *index = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	enum sgz_status status;

	(void)state;
	status = sgz_index_from_entries(&entry, 0, NULL, &index, &error);
	assert_true(status == SGZ_E_INDEX || status == SGZ_E_INVALID);
	status = sgz_index_from_entries(NULL, 0, NULL, &index, &error);
	assert_true(status == SGZ_E_INDEX || status == SGZ_E_INVALID);
	assert_null(index);
}

static void
test_index__a_count_that_overflows_is_refused(void **state)
{
	struct sgz_index_entry entry = { 0, 0 };
	struct sgz_index *index = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	enum sgz_status status;

	(void)state;
	status = sgz_index_from_entries(&entry, SIZE_MAX / 8, NULL, &index,
					&error);
	assert_true(status == SGZ_E_NOMEM || status == SGZ_E_INVALID);
	assert_null(index);
}

static void
test_index__locate_finds_the_block(void **state)
{
	static const struct sgz_index_entry entries[] = {
		{ 0, 0 },
		{ 10, 100 },
		{ 20, 200 },
		{ 30, 300 },
	};
	struct sgz_index *index = from(entries, 4);

	(void)state;
	assert_int_equal(sgz_index_locate(index, 0), 0);
	assert_int_equal(sgz_index_locate(index, 99), 0);
	assert_int_equal(sgz_index_locate(index, 100), 1);
	assert_int_equal(sgz_index_locate(index, 199), 1);
	assert_int_equal(sgz_index_locate(index, 200), 2);
	assert_int_equal(sgz_index_locate(index, 300), 3);
	assert_int_equal(sgz_index_locate(index, 1000), 3);
	assert_int_equal(sgz_index_locate(index, UINT64_MAX), 3);
	sgz_index_unref(index);
}

static void
test_index__locate_past_empty_blocks(void **state)
{
	/* what holds offset 100 is the block that starts at 30 */
	static const struct sgz_index_entry entries[] = {
		{ 0, 0 }, { 10, 100 }, { 20, 100 }, { 30, 100 }, { 40, 150 },
	};
	struct sgz_index *index = from(entries, 5);

	(void)state;
	assert_int_equal(sgz_index_locate(index, 100), 3);
	assert_int_equal(sgz_index_locate(index, 99), 0);
	sgz_index_unref(index);
}

static void
test_index__references_are_counted(void **state)
{
	struct counter counter;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_index_entry entry = { 0, 0 };
	struct sgz_index *index = NULL;

	(void)state;
	counter_init(&counter);
	options.allocator = &counter.allocator;
	assert_int_equal(
		sgz_index_from_entries(&entry, 1, &options, &index, NULL),
		SGZ_OK);
	assert_ptr_equal(sgz_index_ref(index), index);
	sgz_index_unref(index);
	assert_true(counter.live > 0);
	assert_int_equal(sgz_index_locate(index, 5), 0);
	sgz_index_unref(index);
	assert_none_live(&counter);
	sgz_index_unref(NULL);
}

static void *
ref_in_thread(void *data)
{
	for (int i = 0; i < 5000; i++) {
		struct sgz_index *index = sgz_index_ref(data);

		sgz_index_locate(index, (uint64_t)i);
		sgz_index_unref(index);
	}
	return NULL;
}

static void
test_index__references_are_counted_across_threads(void **state)
{
	struct counter counter;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_index_entry entry = { 0, 0 };
	struct sgz_index *index = NULL;
	pthread_t threads[4];

	(void)state;
	counter_init(&counter);
	options.allocator = &counter.allocator;
	assert_int_equal(
		sgz_index_from_entries(&entry, 1, &options, &index, NULL),
		SGZ_OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, ref_in_thread, index),
			0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_true(counter.live > 0);
	sgz_index_unref(index);
	assert_none_live(&counter);
}

static unsigned char *text;
static struct bytes file;

static int
setup(void **state)
{
	(void)state;
	enter_dir();
	text = make_text(TEXT_LEN);
	add_bgzf(&file, text, TEXT_LEN, BLOCK_LEN);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	leave_dir();
	free(text);
	bytes_free(&file);
	return 0;
}

/* The sample's index holds a block per BLOCK_LEN bytes, and the end at most. */
static void
check_sample_index(const struct sgz_index *index)
{
	const struct sgz_index_entry *entries;
	size_t blocks = (TEXT_LEN + BLOCK_LEN - 1) / BLOCK_LEN;
	size_t count = 0;

	entries = sgz_index_get_entries(index, &count);
	assert_in_range(count, blocks, blocks + 1);
	for (size_t i = 0; i < blocks; i++) {
		size_t at = (size_t)entries[i].compressed_offset;

		assert_true(entries[i].offset == i * BLOCK_LEN);
		assert_true(at < file.len);
		/* a gzip header stands where it says */
		assert_int_equal(file.data[at], 0x1f);
		assert_int_equal(file.data[at + 1], 0x8b);
	}
}

static void
test_index__build_finds_every_block(void **state)
{
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	for (int verify = 0; verify <= 1; verify++) {
		struct sgz_reader *reader = open_bytes(&file);
		struct sgz_index *index = NULL;
		unsigned char part[10];
		size_t n;

		assert_ok(sgz_reader_seek(reader, 50001, &error), &error);
		assert_ok(sgz_index_build(reader, verify, &index, &error),
			  &error);
		check_sample_index(index);
		/* the position stays */
		assert_true(sgz_reader_tell(reader) == 50001);
		assert_ok(sgz_reader_read(reader, part, 10, &n, &error),
			  &error);
		assert_memory_equal(part, text + 50001, 10);
		/* the index outlives the reader */
		sgz_reader_close(reader);
		check_sample_index(index);
		sgz_index_unref(index);
	}
}

static void
test_index__build_needs_bgzf(void **state)
{
	struct bytes gzip = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;
	struct sgz_index *index = NULL;

	(void)state;
	add_member(&gzip, text, 1000);
	reader = open_bytes(&gzip);
	assert_failure(SGZ_E_UNSUPPORTED,
		       sgz_index_build(reader, false, &index, &error), &error);
	sgz_reader_close(reader);
	/* blocks first, and then a member that is none */
	gzip.len = 0;
	add_block(&gzip, text, 1000);
	add_member(&gzip, text, 1000);
	reader = open_bytes(&gzip);
	assert_failure(SGZ_E_UNSUPPORTED,
		       sgz_index_build(reader, false, &index, &error), &error);
	assert_null(index);
	sgz_reader_close(reader);
	bytes_free(&gzip);
}

static void
test_index__build_with_verify_finds_a_lie(void **state)
{
	struct bytes lying = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;
	struct sgz_index *index = NULL;

	(void)state;
	add_bgzf(&lying, text, 1000, 300);
	/* in the first block's deflate data */
	lying.data[40] ^= 0x10;
	reader = open_bytes(&lying);
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	sgz_index_unref(index);
	index = NULL;
	assert_true(sgz_index_build(reader, true, &index, &error) < 0);
	assert_true(error.status == SGZ_E_DATA || error.status == SGZ_E_CRC ||
		    error.status == SGZ_E_LENGTH);
	assert_null(index);
	sgz_reader_close(reader);
	bytes_free(&lying);
}

static void
test_index__saved_bytes_are_as_documented(void **state)
{
	static const struct sgz_index_entry entries[] = {
		{ 0, 0 },
		{ 0x0102, 0x0304 },
		{ 0x0105, 0x0304 },
	};
	static const unsigned char wanted[] = {
		2,    0,    0, 0, 0, 0, 0, 0, /* the count, without { 0, 0 } */
		0x02, 0x01, 0, 0, 0, 0, 0, 0, 0x04, 0x03, 0, 0, 0, 0, 0, 0,
		0x05, 0x01, 0, 0, 0, 0, 0, 0, 0x04, 0x03, 0, 0, 0, 0, 0, 0,
	};
	struct sgz_index *index = from(entries, 3);
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes saved;

	(void)state;
	assert_ok(sgz_index_save(index, "a.gzi", &error), &error);
	saved = get_file("a.gzi");
	assert_int_equal(saved.len, sizeof(wanted));
	assert_memory_equal(saved.data, wanted, sizeof(wanted));
	assert_int_equal(count_files(), 1);
	unlink("a.gzi");
	bytes_free(&saved);
	sgz_index_unref(index);
}

static void
test_index__save_and_load_round_trip(void **state)
{
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_index *index = NULL;
	struct sgz_index *loaded = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t count = 0;
	size_t loaded_count = 0;
	const struct sgz_index_entry *a;
	const struct sgz_index_entry *b;

	(void)state;
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	/* over a file that is there: it is replaced as a whole */
	put_file("a.gzi", "old", 3);
	assert_ok(sgz_index_save(index, "a.gzi", &error), &error);
	assert_ok(sgz_index_load("a.gzi", NULL, &loaded, &error), &error);
	a = sgz_index_get_entries(index, &count);
	b = sgz_index_get_entries(loaded, &loaded_count);
	assert_int_equal(count, loaded_count);
	assert_memory_equal(a, b, count * sizeof(*a));
	unlink("a.gzi");
	sgz_index_unref(loaded);
	sgz_index_unref(index);
	sgz_reader_close(reader);
}

/* From where the descriptor stands, to the end; and to where it stands. */
static void
test_index__goes_through_descriptors(void **state)
{
	static const struct sgz_index_entry entries[] = { { 0, 0 }, { 5, 9 } };
	struct sgz_index *index = from(entries, 2);
	struct sgz_index *loaded = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t count = 0;
	int fd = open("many", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	assert_int_equal(write(fd, "before", 6), 6);
	assert_ok(sgz_index_save_fd(index, fd, &error), &error);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 6 + 8 + 16);
	assert_int_equal(lseek(fd, 6, SEEK_SET), 6);
	assert_ok(sgz_index_load_fd(fd, NULL, &loaded, &error), &error);
	assert_memory_equal(sgz_index_get_entries(loaded, &count), entries,
			    sizeof(entries));
	assert_int_equal(count, 2);
	/* a count that is not what follows, held against the size */
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_failure(SGZ_E_INDEX,
		       sgz_index_load_fd(fd, NULL, &loaded, &error), &error);
	assert_non_null(strstr(error.text, "<fd "));
	close(fd);
	assert_failure(SGZ_E_IO, sgz_index_load_fd(fd, NULL, &loaded, &error),
		       &error);
	assert_failure(SGZ_E_IO, sgz_index_save_fd(index, fd, &error), &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_index_load_fd(-1, NULL, &loaded, &error), &error);
	assert_failure(SGZ_E_INVALID, sgz_index_save_fd(index, -1, &error),
		       &error);
	unlink("many");
	sgz_index_unref(loaded);
	sgz_index_unref(index);
}

static void
test_index__of_one_block_saves_as_a_count_of_zero(void **state)
{
	static const struct sgz_index_entry entry = { 0, 0 };
	static const unsigned char zero[8];
	struct sgz_index *index = from(&entry, 1);
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes saved;
	size_t count = 0;

	(void)state;
	assert_ok(sgz_index_save(index, "a.gzi", &error), &error);
	saved = get_file("a.gzi");
	assert_int_equal(saved.len, 8);
	assert_memory_equal(saved.data, zero, 8);
	sgz_index_unref(index);
	index = NULL;
	assert_ok(sgz_index_load("a.gzi", NULL, &index, &error), &error);
	sgz_index_get_entries(index, &count);
	assert_int_equal(count, 1);
	sgz_index_unref(index);
	bytes_free(&saved);
	unlink("a.gzi");
}

/* The index at "a.gzi" loads, and says what an empty file's does. */
static void
check_empty_index(struct sgz_reader *reader)
{
	struct sgz_index *index = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t count = 0;

	assert_ok(sgz_index_load("a.gzi", NULL, &index, &error), &error);
	sgz_index_get_entries(index, &count);
	assert_int_equal(count, 1);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	assert_ok(sgz_reader_seek(reader, 0, &error), &error);
	sgz_index_unref(index);
}

static void
test_index__of_an_empty_file_has_a_count_of_zero(void **state)
{
	static const unsigned char zero[8];
	/* what bgzip wrote until htslib 1.23 */
	static const unsigned char minus_one[] = { 255, 255, 255, 255,
						   255, 255, 255, 255 };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_index *built = NULL;
	struct sgz_index *kept = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_buffer empty;
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader = NULL;
	struct bytes saved;

	(void)state;
	options.build_index = 1;
	sgz_buffer_init(&empty, NULL);
	assert_ok(sgz_writer_open_memory(&empty, &options, &writer, &error),
		  &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	kept = sgz_writer_ref_index(writer);
	sgz_writer_free(writer);
	assert_ok(sgz_reader_open_memory(empty.data, empty.len, NULL, &reader,
					 &error),
		  &error);
	assert_ok(sgz_index_build(reader, true, &built, &error), &error);
	for (int i = 0; i < 2; i++) {
		assert_ok(
			sgz_index_save(i == 0 ? built : kept, "a.gzi", &error),
			&error);
		saved = get_file("a.gzi");
		assert_int_equal(saved.len, 8);
		assert_memory_equal(saved.data, zero, 8);
		bytes_free(&saved);
		check_empty_index(reader);
	}
	put_file("a.gzi", minus_one, 8);
	check_empty_index(reader);
	unlink("a.gzi");
	sgz_index_unref(built);
	sgz_index_unref(kept);
	sgz_reader_close(reader);
	sgz_buffer_release(&empty);
}

/*
 * A file of holes costs nothing to make, and its size bears out its count: it
 * must not cost the memory of what it promises.
 */
static void
test_index__with_holes_is_refused_in_bounded_memory(void **state)
{
	static const struct {
		/* where the entry stands that the hole follows, or 0 */
		uint64_t last_good;
		int64_t offset;
		const char *reason;
	} cases[] = {
		{ 0, 8, "entry 1 is out of order" },
		{ 3, 8 + 3 * 16, "entry 4 is out of order" },
		{ 1000, 8 + 1000 * 16, "entry 1001 is out of order" },
	};
	const uint64_t count = 60000000;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct counter counter;
		struct sgz_options options = SGZ_OPTIONS_INIT;
		struct sgz_index *index = NULL;
		struct sgz_error error = SGZ_ERROR_INIT;
		FILE *out = fopen("holes.gzi", "wb");

		assert_int_equal(fwrite(&count, 8, 1, out), 1);
		for (uint64_t at = 1; at <= cases[i].last_good; at++) {
			assert_int_equal(fwrite(&at, 8, 1, out), 1);
			assert_int_equal(fwrite(&at, 8, 1, out), 1);
		}
		assert_int_equal(fclose(out), 0);
		assert_int_equal(truncate("holes.gzi", (off_t)(8 + count * 16)),
				 0);
		counter_init(&counter);
		options.allocator = &counter.allocator;
		assert_failure(
			SGZ_E_INDEX,
			sgz_index_load("holes.gzi", &options, &index, &error),
			&error);
		assert_true(error.offset == cases[i].offset);
		assert_non_null(strstr(error.text, cases[i].reason));
		assert_true(counter.peak < 100000);
		assert_none_live(&counter);
		unlink("holes.gzi");
	}
}

static void
test_index__of_many_blocks_saves_and_loads(void **state)
{
	enum {
		COUNT = 5000
	};
	struct sgz_index_entry *entries = calloc(COUNT, sizeof(*entries));
	struct sgz_index *index;
	struct sgz_index *loaded = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t count = 0;

	(void)state;
	for (uint64_t i = 0; i < COUNT; i++) {
		entries[i].compressed_offset = i * 1000003;
		entries[i].offset = i * 1000033;
	}
	index = from(entries, COUNT);
	assert_ok(sgz_index_save(index, "a.gzi", &error), &error);
	assert_ok(sgz_index_load("a.gzi", NULL, &loaded, &error), &error);
	assert_memory_equal(sgz_index_get_entries(loaded, &count), entries,
			    COUNT * sizeof(*entries));
	assert_int_equal(count, COUNT);
	for (size_t i = 0; i < COUNT; i += 77)
		assert_int_equal(sgz_index_locate(loaded, i * 1000033 + 5), i);
	sgz_index_unref(index);
	sgz_index_unref(loaded);
	free(entries);
}

static void
test_index__load_failures(void **state)
{
	struct sgz_index *index = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	assert_failure(SGZ_E_IO,
		       sgz_index_load("missing.gzi", NULL, &index, &error),
		       &error);
	assert_int_equal(error.sys_errno, ENOENT);
	assert_non_null(strstr(error.text, "missing.gzi"));
	assert_failure(SGZ_E_INVALID,
		       sgz_index_load(NULL, NULL, &index, &error), &error);
	assert_failure(SGZ_E_IO, sgz_index_load(".", NULL, &index, &error),
		       &error);
	assert_null(index);
}

static void
test_index__save_failure_leaves_what_was_there(void **state)
{
	static const struct sgz_index_entry entry = { 0, 0 };
	struct sgz_index *index = from(&entry, 1);
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	assert_failure(SGZ_E_IO,
		       sgz_index_save(index, "no/such/dir.gzi", &error),
		       &error);
	assert_int_equal(error.sys_errno, ENOENT);
	assert_non_null(strstr(error.text, "no/such/dir.gzi"));
	assert_int_equal(mkdir("dir.gzi", 0700), 0);
	assert_failure(SGZ_E_IO, sgz_index_save(index, "dir.gzi", &error),
		       &error);
	assert_int_equal(count_files(), 1);
	rmdir("dir.gzi");
	assert_failure(SGZ_E_INVALID, sgz_index_save(index, NULL, &error),
		       &error);
	sgz_index_unref(index);
}

/* Read a few bytes at @offset and compare. */
static void
check_at(struct sgz_reader *reader, uint64_t offset)
{
	check_part(reader, offset, text, TEXT_LEN);
}

static void
test_index__a_reader_seeks_by_it(void **state)
{
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_index *index = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	/* the reader took a reference of its own */
	sgz_index_unref(index);
	for (uint64_t at = TEXT_LEN; at > 3001; at -= 3001)
		check_at(reader, at);
	check_at(reader, 0);
	check_at(reader, BLOCK_LEN);
	check_at(reader, BLOCK_LEN - 1);
	assert_failure(SGZ_E_RANGE,
		       sgz_reader_seek(reader, TEXT_LEN + 1, &error), &error);
	assert_ok(sgz_reader_set_index(reader, NULL, &error), &error);
	check_at(reader, 77777);
	sgz_reader_close(reader);
}

static void
test_index__seeks_past_empty_blocks(void **state)
{
	struct bytes joined = { NULL, 0, 0 };
	struct sgz_reader *reader;
	struct sgz_index *index = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	/* files that were joined: end markers in the middle */
	add_eof_block(&joined);
	add_bgzf(&joined, text, 30000, BLOCK_LEN);
	add_eof_block(&joined);
	add_bgzf(&joined, text + 30000, TEXT_LEN - 30000, BLOCK_LEN);
	reader = open_bytes(&joined);
	assert_ok(sgz_index_build(reader, true, &index, &error), &error);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	for (uint64_t at = 0; at <= TEXT_LEN; at += 997)
		check_at(reader, at);
	for (uint64_t at = 29990; at < 30010; at++)
		check_at(reader, at);
	check_at(reader, TEXT_LEN);
	check_at(reader, 0);
	sgz_index_unref(index);
	sgz_reader_close(reader);
	bytes_free(&joined);
}

static void
test_index__one_serves_many_readers(void **state)
{
	struct sgz_reader *readers[3];
	struct sgz_index *index = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	for (int i = 0; i < 3; i++)
		readers[i] = open_bytes(&file);
	assert_ok(sgz_index_build(readers[0], false, &index, &error), &error);
	for (int i = 0; i < 3; i++)
		assert_ok(sgz_reader_set_index(readers[i], index, &error),
			  &error);
	sgz_index_unref(index);
	for (int i = 0; i < 3; i++) {
		check_at(readers[i], 60000);
		sgz_reader_close(readers[i]);
	}
}

static void
test_index__beyond_the_end_of_the_file_is_refused(void **state)
{
	struct sgz_index_entry entries[] = { { 0, 0 }, { 1u << 30, 5 } };
	struct sgz_index *index = from(entries, 2);
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	assert_failure(SGZ_E_INDEX, sgz_reader_set_index(reader, index, &error),
		       &error);
	/* and is not used */
	check_at(reader, 60000);
	sgz_reader_close(reader);
	sgz_index_unref(index);
}

static void
test_index__that_leads_to_no_block_is_found_out(void **state)
{
	struct bytes mixed = { NULL, 0, 0 };
	struct sgz_index_entry entries[] = { { 0, 0 }, { 0, 1000 } };
	struct sgz_index *index;
	struct sgz_reader *reader;
	struct sgz_error error = SGZ_ERROR_INIT;
	enum sgz_status status;
	unsigned char byte;
	size_t n;

	(void)state;
	add_block(&mixed, text, 1000);
	entries[1].compressed_offset = mixed.len;
	/* a member, and no block */
	add_member(&mixed, text + 1000, 1000);
	add_eof_block(&mixed);
	index = from(entries, 2);
	reader = open_bytes(&mixed);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	status = sgz_reader_seek(reader, 1500, &error);
	if (status == SGZ_OK)
		status = sgz_reader_read(reader, &byte, 1, &n, &error);
	assert_failure(SGZ_E_INDEX, status, &error);
	sgz_reader_close(reader);
	sgz_index_unref(index);
	bytes_free(&mixed);
}

static void
test_index__of_another_file_is_found_out(void **state)
{
	/* points into the middle of blocks */
	struct sgz_index_entry entries[] = { { 0, 0 }, { 100, 200 } };
	struct sgz_index *index = from(entries, 2);
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_error error = SGZ_ERROR_INIT;
	unsigned char byte;
	size_t n;
	enum sgz_status status;

	(void)state;
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	status = sgz_reader_seek(reader, 60000, &error);
	if (status == SGZ_OK)
		status = sgz_reader_read(reader, &byte, 1, &n, &error);
	assert_failure(SGZ_E_INDEX, status, &error);
	assert_ok(sgz_reader_set_index(reader, NULL, &error), &error);
	check_at(reader, 60000);
	sgz_reader_close(reader);
	sgz_index_unref(index);
}

/* What an index says of offsets is not what the size is known by. */
static void
test_index__that_lies_of_offsets_leaves_the_size(void **state)
{
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes back = { NULL, 0, 0 };
	struct sgz_index *index = NULL;
	struct sgz_index_entry lie[2] = { { 0, 0 } };
	size_t count;
	uint64_t size = 0;

	(void)state;
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	sgz_reader_close(reader);
	lie[1] = sgz_index_get_entries(index, &count)[1];
	lie[1].offset += 3;
	sgz_index_unref(index);
	index = from(lie, 2);
	reader = open_bytes(&file);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	assert_ok(sgz_reader_seek(reader, lie[1].offset, &error), &error);
	assert_ok(read_all(reader, &back, &error), &error);
	assert_ok(sgz_reader_get_size(reader, &size, &error), &error);
	assert_true(size == TEXT_LEN);
	assert_ok(sgz_reader_set_index(reader, NULL, &error), &error);
	assert_ok(sgz_reader_seek(reader, TEXT_LEN, &error), &error);
	assert_failure(SGZ_E_RANGE,
		       sgz_reader_seek(reader, TEXT_LEN + 1, &error), &error);
	sgz_reader_close(reader);
	sgz_index_unref(index);
	bytes_free(&back);
}

/* A failed seek goes back to where it was, which a lie may not lead to. */
static void
test_index__that_leads_nowhere_back_is_an_error(void **state)
{
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_error error = SGZ_ERROR_INIT;
	const struct sgz_index_entry *entries;
	struct sgz_index *index = NULL;
	struct sgz_index_entry lie[2] = { { 0, 0 } };
	unsigned char byte;
	size_t n;

	(void)state;
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	sgz_reader_close(reader);
	entries = sgz_index_get_entries(index, &n);
	lie[1] = entries[n - 1];
	lie[1].offset -= 50;
	sgz_index_unref(index);
	index = from(lie, 2);
	reader = open_bytes(&file);
	assert_ok(sgz_reader_seek(reader, TEXT_LEN - 10, &error), &error);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	assert_failure(SGZ_E_RANGE,
		       sgz_reader_seek(reader, TEXT_LEN + 1, &error), &error);
	assert_true(sgz_reader_tell(reader) == TEXT_LEN - 10);
	assert_failure(SGZ_E_INDEX,
		       sgz_reader_read(reader, &byte, 1, &n, &error), &error);
	assert_ok(sgz_reader_set_index(reader, NULL, &error), &error);
	assert_ok(sgz_reader_seek(reader, TEXT_LEN - 10, &error), &error);
	assert_ok(sgz_reader_read(reader, &byte, 1, &n, &error), &error);
	assert_int_equal(byte, text[TEXT_LEN - 10]);
	sgz_reader_close(reader);
	sgz_index_unref(index);
}

/* The read() of this program fails where it is told to. */
static ssize_t fail_after = -1;

ssize_t
__real_read(int fd, void *data, size_t len);
ssize_t
__wrap_read(int fd, void *data, size_t len);

ssize_t
__wrap_read(int fd, void *data, size_t len)
{
	ssize_t got;

	if (fail_after == 0) {
		errno = EIO;
		return -1;
	}
	if (fail_after > 0 && len > (size_t)fail_after)
		len = (size_t)fail_after;
	got = __real_read(fd, data, len);
	if (fail_after > 0)
		fail_after -= got;
	return got;
}

static void
test_index__load_says_where_reading_failed(void **state)
{
	struct sgz_index_entry entries[600];
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_index *index;

	(void)state;
	for (size_t i = 0; i < 600; i++)
		entries[i] = (struct sgz_index_entry){ i * 100, i * 200 };
	index = from(entries, 600);
	assert_ok(sgz_index_save(index, "t.gzi", &error), &error);
	sgz_index_unref(index);
	for (ssize_t at = 0; at < 9000; at += 1234) {
		fail_after = at;
		assert_failure(SGZ_E_IO,
			       sgz_index_load("t.gzi", NULL, &index, &error),
			       &error);
		fail_after = -1;
		assert_int_equal(error.sys_errno, EIO);
		assert_true(error.offset == at);
	}
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_index__entries_are_copied_and_lent),
	cmocka_unit_test(test_index__entries_out_of_order_are_refused),
	cmocka_unit_test(test_index__no_entries_at_all_are_refused),
	cmocka_unit_test(test_index__a_count_that_overflows_is_refused),
	cmocka_unit_test(test_index__locate_finds_the_block),
	cmocka_unit_test(test_index__locate_past_empty_blocks),
	cmocka_unit_test(test_index__references_are_counted),
	cmocka_unit_test(test_index__references_are_counted_across_threads),
	IN_DIR(test_index__build_finds_every_block),
	IN_DIR(test_index__build_needs_bgzf),
	IN_DIR(test_index__build_with_verify_finds_a_lie),
	IN_DIR(test_index__saved_bytes_are_as_documented),
	IN_DIR(test_index__save_and_load_round_trip),
	IN_DIR(test_index__goes_through_descriptors),
	IN_DIR(test_index__of_one_block_saves_as_a_count_of_zero),
	IN_DIR(test_index__of_an_empty_file_has_a_count_of_zero),
	IN_DIR(test_index__with_holes_is_refused_in_bounded_memory),
	IN_DIR(test_index__of_many_blocks_saves_and_loads),
	IN_DIR(test_index__load_failures),
	IN_DIR(test_index__save_failure_leaves_what_was_there),
	IN_DIR(test_index__a_reader_seeks_by_it),
	IN_DIR(test_index__seeks_past_empty_blocks),
	IN_DIR(test_index__one_serves_many_readers),
	IN_DIR(test_index__beyond_the_end_of_the_file_is_refused),
	IN_DIR(test_index__that_leads_to_no_block_is_found_out),
	IN_DIR(test_index__of_another_file_is_found_out),
	IN_DIR(test_index__load_says_where_reading_failed),
	IN_DIR(test_index__that_lies_of_offsets_leaves_the_size),
	IN_DIR(test_index__that_leads_nowhere_back_is_an_error),
};

RUN("index", tests)
