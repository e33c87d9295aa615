/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every allocation fails once: each scenario runs again and again, with the
 * first allocation refused, then the second, until one run gets through. Each
 * run must end in SGZ_E_NOMEM or in success, and leave nothing behind.
 */
#include "support.h"
#include <fcntl.h>
#include <unistd.h>

#define TEXT_LEN 50000

static unsigned char *text;
static struct bytes bgzf;
static struct bytes gzip;
static struct bytes saved;

static int
setup(void **state)
{
	(void)state;
	enter_dir();
	text = make_text(TEXT_LEN);
	add_bgzf(&bgzf, text, TEXT_LEN, 7000);
	add_member_with(&gzip, text, TEXT_LEN, "ab\1\0c", 5, "a name",
			"a comment");
	add_member_with(&gzip, "x", 1, "ab\1\0c", 5, "another", NULL);
	put_file("in.bgz", bgzf.data, bgzf.len);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	leave_dir();
	free(text);
	bytes_free(&bgzf);
	bytes_free(&gzip);
	bytes_free(&saved);
	return 0;
}

/* What a scenario works with: either allocator is the counting one. */
struct world {
	struct counter *counter;
	struct sgz_options options;
	struct sgz_error error;
};

typedef enum sgz_status (*scenario)(struct world *world);

/* Go on, or leave the scenario with what went wrong. */
#define TRY(call)                     \
	do {                          \
		status = (call);      \
		if (status != SGZ_OK) \
			goto out;     \
	} while (0)

static enum sgz_status
read_whole(struct sgz_reader *reader, struct world *world)
{
	unsigned char part[3000];
	enum sgz_status status = SGZ_OK;
	size_t n;

	do {
		TRY(sgz_reader_read(reader, part, sizeof(part), &n,
				    &world->error));
	} while (n > 0);
out:
	return status;
}

static enum sgz_status
read_bgzf(struct world *world)
{
	struct sgz_reader *reader = NULL;
	enum sgz_status status;
	uint64_t size;

	TRY(sgz_reader_open_memory(bgzf.data, bgzf.len, &world->options,
				   &reader, &world->error));
	TRY(read_whole(reader, world));
	TRY(sgz_reader_seek(reader, 30000, &world->error));
	TRY(sgz_reader_get_size(reader, &size, &world->error));
	TRY(read_whole(reader, world));
out:
	sgz_reader_close(reader);
	return status;
}

static enum sgz_status
read_gzip(struct world *world)
{
	struct sgz_reader *reader = NULL;
	enum sgz_status status;
	uint64_t size;

	TRY(sgz_reader_open_memory(gzip.data, gzip.len, &world->options,
				   &reader, &world->error));
	TRY(read_whole(reader, world));
	TRY(sgz_reader_seek(reader, 10, &world->error));
	TRY(sgz_reader_get_size(reader, &size, &world->error));
out:
	sgz_reader_close(reader);
	return status;
}

static enum sgz_status
read_path_and_fd(struct world *world)
{
	struct sgz_reader *first = NULL;
	struct sgz_reader *second = NULL;
	enum sgz_status status;
	int fd = open("in.bgz", O_RDONLY);

	TRY(sgz_reader_open("in.bgz", &world->options, &first, &world->error));
	TRY(sgz_reader_open_fd(fd, &world->options, &second, &world->error));
out:
	sgz_reader_close(second);
	sgz_reader_close(first);
	close(fd);
	return status;
}

static int64_t
source_read(void *ctx, void *data, size_t len)
{
	size_t *at = ctx;

	if (len > bgzf.len - *at)
		len = bgzf.len - *at;
	memcpy(data, bgzf.data + *at, len);
	*at += len;
	return (int64_t)len;
}

static int
on_event(void *ctx, const struct sgz_event *event)
{
	(void)ctx;
	(void)event;
	return 0;
}

static enum sgz_status
read_source_observed(struct world *world)
{
	size_t at = 0;
	struct sgz_source source = { source_read, NULL, NULL, &at };
	struct sgz_observer observer = { on_event, NULL, NULL, SGZ_EVENT_ALL };
	struct sgz_reader *reader = NULL;
	enum sgz_status status;

	TRY(sgz_reader_open_source(&source, &world->options, &reader,
				   &world->error));
	TRY(sgz_reader_set_observer(reader, &observer, &world->error));
	TRY(read_whole(reader, world));
out:
	sgz_reader_close(reader);
	return status;
}

static enum sgz_status
read_lines(struct world *world)
{
	struct sgz_reader *reader = NULL;
	struct sgz_buffer line;
	enum sgz_status status;
	const char *borrowed;
	size_t n;

	sgz_buffer_init(&line, world->options.allocator);
	TRY(sgz_reader_open_memory(bgzf.data, bgzf.len, &world->options,
				   &reader, &world->error));
	TRY(sgz_reader_read_line(reader, '\n', &line, &world->error));
	/* no such byte: all of the rest is one line */
	TRY(sgz_reader_read_line(reader, 1, &line, &world->error));
	TRY(sgz_reader_seek(reader, 0, &world->error));
	TRY(sgz_reader_next_line(reader, '\n', &borrowed, &n, &world->error));
	TRY(sgz_reader_next_line(reader, 1, &borrowed, &n, &world->error));
out:
	sgz_reader_close(reader);
	sgz_buffer_release(&line);
	return status;
}

static enum sgz_status
use_index(struct world *world)
{
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	struct sgz_index *loaded = NULL;
	struct sgz_index *again = NULL;
	int fd = -1;
	enum sgz_status status;

	TRY(sgz_reader_open_memory(bgzf.data, bgzf.len, &world->options,
				   &reader, &world->error));
	TRY(sgz_index_build(reader, true, &index, &world->error));
	TRY(sgz_index_save(index, "saved.gzi", &world->error));
	TRY(sgz_index_load("saved.gzi", &world->options, &loaded,
			   &world->error));
	TRY(sgz_reader_set_index(reader, loaded, &world->error));
	TRY(sgz_reader_seek(reader, 30000, &world->error));
	fd = open("saved.gzi", O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	TRY(sgz_index_load_fd(fd, &world->options, &again, &world->error));
	TRY(sgz_index_save_fd(again, fd, &world->error));
out:
	if (fd >= 0)
		close(fd);
	sgz_index_unref(again);
	sgz_index_unref(loaded);
	sgz_index_unref(index);
	sgz_reader_close(reader);
	unlink("saved.gzi");
	/* no temporary file is left, whatever happened */
	assert_int_equal(count_files(), 1);
	return status;
}

static enum sgz_status
make_index(struct world *world)
{
	static const struct sgz_index_entry entries[] = { { 0, 0 }, { 1, 2 } };
	struct sgz_index *index = NULL;
	enum sgz_status status;

	status = sgz_index_from_entries(entries, 2, &world->options, &index,
					&world->error);
	sgz_index_unref(index);
	return status;
}

static enum sgz_status
write_memory(struct world *world)
{
	struct sgz_writer *writer = NULL;
	struct sgz_buffer buffer;
	enum sgz_status status;

	sgz_buffer_init(&buffer, world->options.allocator);
	world->options.build_index = 1;
	world->options.block_size = 5000;
	TRY(sgz_writer_open_memory(&buffer, &world->options, &writer,
				   &world->error));
	TRY(sgz_writer_write(writer, text, TEXT_LEN, &world->error));
	TRY(sgz_writer_printf(writer, &world->error, "%20000d", 1));
	TRY(sgz_writer_flush(writer, &world->error));
	TRY(sgz_writer_finish(writer, &world->error));
	sgz_index_unref(sgz_writer_ref_index(writer));
out:
	sgz_writer_free(writer);
	sgz_buffer_release(&buffer);
	return status;
}

static enum sgz_status
write_pool(struct world *world)
{
	enum sgz_status status;

	TRY(sgz_pool_new(3, 1, world->options.allocator, &world->options.pool,
			 &world->error));
	status = write_memory(world);
out:
	sgz_pool_unref(world->options.pool);
	return status;
}

static void
count_release(void *ctx)
{
	++*(int *)ctx;
}

static enum sgz_status
write_owned(struct world *world)
{
	struct sgz_writer *writer = NULL;
	struct sgz_buffer buffer;
	int released = 0, given = 0;
	const struct sgz_owned owned = { text, TEXT_LEN, count_release,
					 &released };
	enum sgz_status status;

	sgz_buffer_init(&buffer, world->options.allocator);
	world->options.block_size = 5000;
	TRY(sgz_pool_new(2, 1, world->options.allocator, &world->options.pool,
			 &world->error));
	TRY(sgz_writer_open_memory(&buffer, &world->options, &writer,
				   &world->error));
	given = 1;
	TRY(sgz_writer_write_owned(writer, &owned, &world->error));
	TRY(sgz_writer_finish(writer, &world->error));
out:
	sgz_writer_free(writer);
	assert_int_equal(released, given);
	sgz_buffer_release(&buffer);
	sgz_pool_unref(world->options.pool);
	return status;
}

static enum sgz_status
read_pool(struct world *world)
{
	struct sgz_reader *reader = NULL;
	enum sgz_status status;

	TRY(sgz_pool_new(2, 1, world->options.allocator, &world->options.pool,
			 &world->error));
	TRY(sgz_reader_open("in.bgz", &world->options, &reader, &world->error));
	TRY(read_whole(reader, world));
out:
	sgz_reader_close(reader);
	sgz_pool_unref(world->options.pool);
	return status;
}

/* A reader with a pool, in all that it does: it reads ahead, seeks, is shared. */
static enum sgz_status
use_pooled_reader(struct world *world)
{
	struct sgz_reader *reader = NULL;
	struct sgz_block *block = NULL;
	struct sgz_index *index = NULL;
	unsigned char data[9000];
	enum sgz_status status;
	size_t n;

	world->options.cache_size = 4 * SGZ_BLOCK_MAX;
	TRY(sgz_pool_new(5, 1, world->options.allocator, &world->options.pool,
			 &world->error));
	TRY(sgz_reader_open_memory(bgzf.data, bgzf.len, &world->options,
				   &reader, &world->error));
	for (int i = 0; i < 4; i++)
		TRY(sgz_reader_read(reader, data, sizeof(data), &n,
				    &world->error));
	TRY(sgz_index_build(reader, false, &index, &world->error));
	TRY(sgz_reader_set_index(reader, index, &world->error));
	TRY(sgz_reader_seek(reader, 15000, &world->error));
	TRY(sgz_reader_read(reader, data, sizeof(data), &n, &world->error));
	assert_memory_equal(data, text + 15000, n);
	TRY(sgz_reader_read_at(reader, 6950, data, sizeof(data), &n,
			       &world->error));
	assert_memory_equal(data, text + 6950, n);
	TRY(sgz_reader_ref_block(reader, 20000, &block, &world->error));
	TRY(read_whole(reader, world));
out:
	sgz_block_unref(block);
	sgz_index_unref(index);
	sgz_reader_close(reader);
	sgz_pool_unref(world->options.pool);
	return status;
}

/* A writer with a pool, in all that it does, and its file by path. */
static enum sgz_status
use_pooled_writer(struct world *world)
{
	struct sgz_writer *writer = NULL;
	int released = 0, given = 0;
	const struct sgz_owned owned = { text, TEXT_LEN, count_release,
					 &released };
	enum sgz_status status;

	world->options.block_size = 3000;
	world->options.build_index = 1;
	TRY(sgz_pool_new(2, 1, world->options.allocator, &world->options.pool,
			 &world->error));
	TRY(sgz_writer_open("out.gz", &world->options, &writer, &world->error));
	TRY(sgz_writer_write(writer, text, TEXT_LEN, &world->error));
	given = 1;
	TRY(sgz_writer_write_owned(writer, &owned, &world->error));
	TRY(sgz_writer_flush(writer, &world->error));
	TRY(sgz_writer_write(writer, text, 10000, &world->error));
	TRY(sgz_writer_finish(writer, &world->error));
	sgz_index_unref(sgz_writer_ref_index(writer));
out:
	sgz_writer_free(writer);
	assert_int_equal(released, given);
	sgz_pool_unref(world->options.pool);
	/* it is there as a whole, or not at all */
	assert_int_equal(unlink("out.gz") == 0, status == SGZ_OK);
	assert_int_equal(count_files(), 1);
	return status;
}

static enum sgz_status
read_at(struct world *world)
{
	struct sgz_reader *reader = NULL;
	struct sgz_block *block = NULL;
	struct sgz_index *index = NULL;
	unsigned char data[100];
	enum sgz_status status;
	size_t n;

	world->options.cache_size = 4 * SGZ_BLOCK_MAX;
	TRY(sgz_reader_open("in.bgz", &world->options, &reader, &world->error));
	TRY(sgz_index_build(reader, false, &index, &world->error));
	TRY(sgz_reader_set_index(reader, index, &world->error));
	TRY(sgz_reader_read_at(reader, 6950, data, sizeof(data), &n,
			       &world->error));
	TRY(sgz_reader_ref_block(reader, 20000, &block, &world->error));
out:
	sgz_block_unref(block);
	sgz_index_unref(index);
	sgz_reader_close(reader);
	return status;
}

/* A block that is refused, which zlib then has to explain. */
static enum sgz_status
read_at_corrupt(struct world *world)
{
	struct bytes corrupt = { NULL, 0, 0 };
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	unsigned char data[100];
	enum sgz_status status;
	size_t n;

	bytes_add(&corrupt, bgzf.data, bgzf.len);
	/* the CRC-32 of the last block, before the end marker */
	corrupt.data[corrupt.len - 28 - 8] ^= 1;
	TRY(sgz_reader_open_memory(corrupt.data, corrupt.len, &world->options,
				   &reader, &world->error));
	TRY(sgz_index_build(reader, false, &index, &world->error));
	TRY(sgz_reader_set_index(reader, index, &world->error));
	status = sgz_reader_read_at(reader, TEXT_LEN - 50, data, sizeof(data),
				    &n, &world->error);
	if (status != SGZ_E_NOMEM) {
		assert_failure(SGZ_E_CRC, status, &world->error);
		status = SGZ_OK;
	}
out:
	sgz_index_unref(index);
	sgz_reader_close(reader);
	bytes_free(&corrupt);
	return status;
}

static enum sgz_status
write_gzip(struct world *world)
{
	struct sgz_header header = { 0 };
	struct sgz_writer *writer = NULL;
	struct sgz_buffer buffer;
	enum sgz_status status;
	char comment[5000];

	sgz_buffer_init(&buffer, world->options.allocator);
	header.name = "name";
	/* the buffer for it grows, so there is something to free */
	memset(comment, 'c', sizeof(comment) - 1);
	comment[sizeof(comment) - 1] = '\0';
	header.comment = comment;
	header.extra = (const unsigned char *)"ab\1\0c";
	header.extra_len = 5;
	world->options.format = SGZ_FORMAT_GZIP;
	TRY(sgz_writer_open_memory(&buffer, &world->options, &writer,
				   &world->error));
	TRY(sgz_writer_set_header(writer, &header, &world->error));
	TRY(sgz_writer_write(writer, text, TEXT_LEN, &world->error));
	TRY(sgz_writer_finish(writer, &world->error));
out:
	sgz_writer_free(writer);
	sgz_buffer_release(&buffer);
	return status;
}

static int64_t
sink_write(void *ctx, const void *data, size_t len)
{
	(void)ctx;
	(void)data;
	return (int64_t)len;
}

static enum sgz_status
write_elsewhere(struct world *world)
{
	struct sgz_sink sink = { sink_write, NULL, NULL, NULL };
	struct sgz_observer observer = { on_event, NULL, NULL, SGZ_EVENT_ALL };
	struct sgz_writer *path = NULL;
	struct sgz_writer *fd = NULL;
	struct sgz_writer *other = NULL;
	enum sgz_status status;

	TRY(sgz_writer_open("out.gz", &world->options, &path, &world->error));
	TRY(sgz_writer_open_fd(2, &world->options, &fd, &world->error));
	TRY(sgz_writer_open_sink(&sink, &world->options, &other,
				 &world->error));
	TRY(sgz_writer_set_observer(other, &observer, &world->error));
	TRY(sgz_writer_write(other, text, TEXT_LEN, &world->error));
	TRY(sgz_writer_finish(other, &world->error));
	TRY(sgz_writer_finish(path, &world->error));
out:
	sgz_writer_free(other);
	sgz_writer_free(fd);
	sgz_writer_free(path);
	unlink("out.gz");
	assert_int_equal(count_files(), 1);
	return status;
}

static enum sgz_status
describe(struct world *world)
{
	struct sgz_header header = { 0 };
	enum sgz_status status;
	char *described = NULL;

	header.name = "a name\n";
	header.comment = "a comment";
	header.extra = (const unsigned char *)"ab\1\0c";
	header.extra_len = 5;
	status = sgz_header_describe(&header, &described, &world->error);
	if (status != SGZ_OK)
		assert_null(described);
	sgz_free(described);
	return status;
}

/*
 * Run @run until no allocation is refused any more. @persistent: after the
 * first refusal all others follow, as when memory is really used up.
 */
static void
fail_each(scenario run, bool by_default, bool persistent, bool resizes_only)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t failures = 0;

	for (size_t at = 1; at < 100000; at++) {
		struct counter counter;
		struct world world = { &counter, SGZ_OPTIONS_INIT,
				       SGZ_ERROR_INIT };
		enum sgz_status status;
		bool done;

		counter_init(&counter);
		counter.fail_at = at;
		counter.fail_count = persistent ? SIZE_MAX / 2 : 1;
		counter.resizes_only = resizes_only;
		if (by_default)
			assert_ok(sgz_allocator_set_default(&counter.allocator,
							    &error),
				  &error);
		else
			world.options.allocator = &counter.allocator;
		status = run(&world);
		assert_none_live(&counter);
		assert_int_equal(counter.bytes, 0);
		if (by_default)
			assert_ok(sgz_allocator_set_default(NULL, &error),
				  &error);
		done = counter.calls < at;
		if (status != SGZ_OK) {
			assert_failure(SGZ_E_NOMEM, status, &world.error);
			failures++;
		}
		if (done) {
			assert_int_equal(status, SGZ_OK);
			/* the scenario allocates, or tests nothing */
			assert_true(resizes_only || failures > 0);
			return;
		}
	}
	fail_msg("the scenario does not come to an end");
}

static void
fail_in_all_ways(scenario run)
{
	fail_each(run, false, false, false);
	fail_each(run, false, true, false);
	fail_each(run, true, false, false);
	fail_each(run, true, true, false);
	fail_each(run, false, false, true);
}

#define OOM_TEST(name)                             \
	static void test_oom__##name(void **state) \
	{                                          \
		(void)state;                       \
		fail_in_all_ways(name);            \
	}

OOM_TEST(read_bgzf)
OOM_TEST(read_gzip)
OOM_TEST(read_path_and_fd)
OOM_TEST(read_source_observed)
OOM_TEST(read_lines)
OOM_TEST(use_index)
OOM_TEST(make_index)
OOM_TEST(write_memory)
OOM_TEST(write_pool)
OOM_TEST(write_owned)
OOM_TEST(read_pool)
OOM_TEST(use_pooled_reader)
OOM_TEST(use_pooled_writer)
OOM_TEST(read_at)
OOM_TEST(read_at_corrupt)
OOM_TEST(write_gzip)
OOM_TEST(write_elsewhere)

/* What takes no options has the default allocator alone. */
static void
test_oom__describe(void **state)
{
	(void)state;
	fail_each(describe, true, false, false);
	fail_each(describe, true, true, false);
}

static void
test_oom__alloc(void **state)
{
	struct counter counter;

	(void)state;
	counter_init(&counter);
	counter.fail_at = 1;
	assert_int_equal(sgz_allocator_set_default(&counter.allocator, NULL),
			 SGZ_OK);
	assert_null(sgz_alloc(10));
	assert_int_equal(sgz_allocator_set_default(NULL, NULL), SGZ_OK);
}

static void
test_oom__a_line_keeps_what_it_held_valid(void **state)
{
	struct counter counter;
	struct sgz_buffer line;
	struct sgz_reader *reader = open_bytes(&bgzf);
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	counter_init(&counter);
	sgz_buffer_init(&line, &counter.allocator);
	assert_ok(sgz_reader_read_line(reader, '\n', &line, &error), &error);
	counter.fail_at = 1;
	counter.fail_count = SIZE_MAX / 2;
	assert_failure(SGZ_E_NOMEM,
		       sgz_reader_read_line(reader, 1, &line, &error), &error);
	/* still the caller's to release, and whole */
	assert_int_equal(counter.live, 1);
	assert_true(line.len < line.capacity);
	sgz_buffer_release(&line);
	assert_none_live(&counter);
	sgz_reader_close(reader);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct CMUnitTest tests[] = {
	IN_DIR(test_oom__read_bgzf),
	IN_DIR(test_oom__read_gzip),
	IN_DIR(test_oom__read_path_and_fd),
	IN_DIR(test_oom__read_source_observed),
	IN_DIR(test_oom__read_lines),
	IN_DIR(test_oom__use_index),
	IN_DIR(test_oom__make_index),
	IN_DIR(test_oom__write_memory),
	IN_DIR(test_oom__write_pool),
	IN_DIR(test_oom__write_owned),
	IN_DIR(test_oom__read_pool),
	IN_DIR(test_oom__use_pooled_reader),
	IN_DIR(test_oom__use_pooled_writer),
	IN_DIR(test_oom__read_at),
	IN_DIR(test_oom__read_at_corrupt),
	IN_DIR(test_oom__write_gzip),
	IN_DIR(test_oom__write_elsewhere),
	IN_DIR(test_oom__describe),
	IN_DIR(test_oom__alloc),
	IN_DIR(test_oom__a_line_keeps_what_it_held_valid),
};

RUN("oom", tests)
