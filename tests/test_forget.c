/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Handles that are never closed: a table of handles and states, one test for
 * each cell. The rule: no thread of the library touches what a caller lent
 * outside the call in which it was lent.
 *
 * Each test brings a handle into a state and forgets it. What the handle was
 * lent is overwritten and freed at once, while workers still run. A thread that
 * still uses it is found by ThreadSanitizer, AddressSanitizer or valgrind. At
 * the end the test closes the handle after all, because checkers of leaks would
 * report it; closing does not use what was lent either.
 *
 * safe-wrapper/tests/forget.rs has the same table.
 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum {
	BLOCK = 3000,
	/* enough for a ring of 4 threads: 10 segments of 8 blocks, and more */
	BLOCKS = 120,
	TEXT_LEN = BLOCK * BLOCKS,
	/* so many are read before the state is reached */
	FEW = 12 * BLOCK,
};

enum handle {
	reader_on_path,
	reader_on_fd,
	reader_on_memory,
	reader_on_source,
	writer_to_path,
	writer_to_fd,
	writer_to_memory,
	writer_to_sink,
	shared_reader,
	block,
	pool,
};

enum state {
	just_opened,
	busy, /* in the middle, workers have tasks of it */
	failed,
	cancelled,
	seeking,
	giving, /* bytes that were given away are on their way */
	indexed, /* its index is shared with another thread */
	moved, /* forgotten by another thread, which has ended */
};

/* A caller's input or output. */
struct stream {
	unsigned char *data;
	size_t len;
	size_t at;
	/* from here on it answers with this error */
	size_t stops_at;
	int reason;
};

/* What a handle is lent, each part a block of its own, and the handle. */
struct world {
	enum handle handle;
	enum state state;
	unsigned char *file;
	size_t file_len;
	unsigned char *bytes;
	struct stream *stream;
	struct sgz_buffer *buffer;
	struct counter *counter;
	int *events_left;
	int fd;
	struct sgz_pool *pool;
	struct sgz_reader *reader;
	struct sgz_writer *writer;
	struct sgz_index *index;
	struct sgz_block *block;
};

static unsigned char *text;
static struct bytes whole;
static struct sgz_index *entries;

static void *
allocate(size_t size)
{
	void *memory = calloc(1, size);

	assert_non_null(memory);
	return memory;
}

/* What is not the caller's any more: overwritten first, then freed. */
static void
scrub(void *memory, size_t size)
{
	if (memory != NULL)
		memset(memory, 0xdb, size);
	free(memory);
}

static int
setup(void **state)
{
	struct sgz_reader *reader;
	struct sgz_error error;

	(void)state;
	enter_dir();
	text = make_text(TEXT_LEN);
	add_bgzf(&whole, text, TEXT_LEN, BLOCK);
	reader = open_bytes(&whole);
	assert_ok(sgz_index_build(reader, false, &entries, &error), &error);
	sgz_reader_close(reader);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sgz_index_unref(entries);
	bytes_free(&whole);
	free(text);
	leave_dir();
	return 0;
}

/* What a caller lends */

static int64_t
stream_read(void *ctx, void *data, size_t len)
{
	struct stream *stream = ctx;

	if (len > stream->len - stream->at)
		len = stream->len - stream->at;
	if (len > 0 && stream->at >= stream->stops_at)
		return -stream->reason;
	if (len > 20000)
		len = 20000;
	memcpy(data, stream->data + stream->at, len);
	stream->at += len;
	return (int64_t)len;
}

static int64_t
stream_seek(void *ctx, int64_t offset, int whence)
{
	struct stream *stream = ctx;

	if (whence == SEEK_CUR)
		offset += (int64_t)stream->at;
	if (whence == SEEK_END)
		offset += (int64_t)stream->len;
	stream->at = (size_t)offset;
	return offset;
}

static int64_t
stream_write(void *ctx, const void *data, size_t len)
{
	struct stream *stream = ctx;

	(void)data;
	if (stream->at >= stream->stops_at)
		return -stream->reason;
	stream->at += len;
	return (int64_t)len;
}

static int
count_down(void *ctx, const struct sgz_event *event)
{
	int *left = ctx;

	(void)event;
	return --*left == 0 ? 1 : 0;
}

static struct world
lend(enum handle handle, enum state state, struct sgz_pool *threads)
{
	bool writes = handle >= writer_to_path && handle <= writer_to_sink;
	struct world world = {
		.handle = handle,
		.state = state,
		.fd = -1,
		.pool = threads,
		.file_len = whole.len,
		.file = allocate(whole.len),
		.bytes = allocate(TEXT_LEN),
		.stream = allocate(sizeof(struct stream)),
		.buffer = allocate(sizeof(struct sgz_buffer)),
		.counter = allocate(sizeof(struct counter)),
		.events_left = allocate(sizeof(int)),
	};
	size_t count;

	memcpy(world.file, whole.data, whole.len);
	memcpy(world.bytes, text, TEXT_LEN);
	/* the CRC-32 of the block that is read next */
	if (state == failed)
		world.file[sgz_index_get_entries(entries, &count)[13]
				   .compressed_offset -
			   8] ^= 1;
	put_file("in.gz", world.file, world.file_len);
	if (handle == reader_on_fd)
		world.fd = open("in.gz", O_RDONLY);
	if (handle == writer_to_fd)
		world.fd = state == failed ?
			open("/dev/full", O_WRONLY) :
			open("out.gz", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	world.stream->data = world.file;
	world.stream->len = world.file_len;
	world.stream->stops_at = SIZE_MAX;
	if (writes && state == failed)
		world.stream->stops_at = FEW;
	world.stream->reason = EIO;
	counter_init(world.counter);
	if (writes && state == failed)
		world.counter->fail_at = world.counter->fail_count = 2;
	sgz_buffer_init(world.buffer, &world.counter->allocator);
	/* some events are of headers */
	*world.events_left = state == cancelled ? 15 : 0;
	return world;
}

/* The caller takes back what it lent, and uses the memory for other things. */
static void
take_back(struct world *world)
{
	sgz_buffer_release(world->buffer);
	scrub(world->file, world->file_len);
	scrub(world->bytes, TEXT_LEN);
	scrub(world->stream, sizeof(*world->stream));
	scrub(world->buffer, sizeof(*world->buffer));
	scrub(world->counter, sizeof(*world->counter));
	scrub(world->events_left, sizeof(*world->events_left));
	if (world->fd >= 0)
		close(world->fd);
}

/* Readers */

static void
open_reader(struct world *world)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_source source = {
		.read = stream_read,
		.seek = stream_seek,
		.ctx = world->stream,
	};
	struct sgz_error error;
	enum sgz_status status;

	options.pool = world->pool;
	options.cache_size = 8 * SGZ_BLOCK_MAX;
	switch (world->handle) {
	case reader_on_path:
		status = sgz_reader_open("in.gz", &options, &world->reader,
					 &error);
		break;
	case reader_on_fd:
		status = sgz_reader_open_fd(world->fd, &options, &world->reader,
					    &error);
		break;
	case reader_on_source:
		status = sgz_reader_open_source(&source, &options,
						&world->reader, &error);
		break;
	default:
		status = sgz_reader_open_memory(world->file, world->file_len,
						&options, &world->reader,
						&error);
		break;
	}
	assert_ok(status, &error);
}

/* Read @len bytes, or fail with @wanted before. */
static void
read_some(struct world *world, size_t len, enum sgz_status wanted)
{
	enum sgz_status status = SGZ_OK;
	struct sgz_error error;
	size_t n = 1;

	for (size_t at = 0; status == SGZ_OK && n > 0 && at < len; at += n)
		status = sgz_reader_read(world->reader, world->bytes, 1000, &n,
					 &error);
	assert_failure(wanted, status, &error);
}

/* A seek that a source stops in the middle; no other input can do that. */
static void
begin_seek(struct world *world)
{
	uint64_t offset = TEXT_LEN - 10 * BLOCK;
	struct sgz_error error;

	if (world->handle != reader_on_source) {
		assert_ok(sgz_reader_seek(world->reader, offset, &error),
			  &error);
		return;
	}
	world->stream->reason = EAGAIN;
	world->stream->stops_at = world->file_len * 3 / 4;
	assert_failure(SGZ_E_CALLBACK,
		       sgz_reader_seek(world->reader, offset, &error), &error);
	assert_int_equal(error.sys_errno, EAGAIN);
}

static void
set_entries(struct world *world)
{
	struct sgz_error error;

	world->index = sgz_index_ref(entries);
	assert_ok(sgz_reader_set_index(world->reader, world->index, &error),
		  &error);
}

static void
bring_reader(struct world *world)
{
	const struct sgz_observer observer = {
		.event = count_down,
		.ctx = world->events_left,
		.mask = SGZ_EVENT_ALL,
	};
	struct sgz_error error;

	open_reader(world);
	assert_ok(sgz_reader_set_observer(world->reader, &observer, &error),
		  &error);
	if (world->state == indexed)
		set_entries(world);
	if (world->state == failed)
		read_some(world, TEXT_LEN, SGZ_E_CRC);
	else if (world->state == cancelled)
		read_some(world, TEXT_LEN, SGZ_E_CANCELLED);
	else if (world->state != just_opened)
		read_some(world, FEW, SGZ_OK);
	if (world->state == seeking)
		begin_seek(world);
	if (world->state == indexed) {
		assert_ok(sgz_reader_seek(world->reader, 50 * BLOCK, &error),
			  &error);
		read_some(world, FEW, SGZ_OK);
	}
}

static void *
read_at_offsets(void *ctx)
{
	const struct world *world = ctx;
	unsigned char part[BLOCK + 1];
	struct sgz_error error;
	size_t n;

	/* the block with the wrong CRC is in front of these */
	for (size_t at = 20 * BLOCK; at < TEXT_LEN; at += 7 * BLOCK + 1) {
		assert_ok(sgz_reader_read_at(world->reader, at, part,
					     sizeof(part), &n, &error),
			  &error);
		assert_memory_equal(part, text + at, n);
	}
	return NULL;
}

/* As a reader in that state, which is then shared. */
static void
bring_shared_reader(struct world *world)
{
	pthread_t threads[2];
	struct sgz_error error;

	bring_reader(world);
	if (world->index == NULL)
		set_entries(world);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
						read_at_offsets, world),
				 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_ok(sgz_reader_ref_block(world->reader, 30 * BLOCK, &world->block,
				       &error),
		  &error);
}

/* Writers */

static void
open_writer(struct world *world)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_sink sink = {
		.write = stream_write,
		.ctx = world->stream,
	};
	struct sgz_error error;
	enum sgz_status status;

	options.pool = world->pool;
	options.block_size = BLOCK;
	options.build_index = 1;
	switch (world->handle) {
	case writer_to_path:
		status = sgz_writer_open(world->state == failed ? "/dev/full" :
								  "out.gz",
					 &options, &world->writer, &error);
		break;
	case writer_to_fd:
		status = sgz_writer_open_fd(world->fd, &options, &world->writer,
					    &error);
		break;
	case writer_to_sink:
		status = sgz_writer_open_sink(&sink, &options, &world->writer,
					      &error);
		break;
	default:
		status = sgz_writer_open_memory(world->buffer, &options,
						&world->writer, &error);
		break;
	}
	assert_ok(status, &error);
}

static enum sgz_status
failure_of(enum handle handle)
{
	return handle == writer_to_sink ? SGZ_E_CALLBACK :
		handle == writer_to_path || handle == writer_to_fd ?
					  SGZ_E_IO :
					  SGZ_E_NOMEM;
}

static void
write_some(struct world *world, enum sgz_status wanted)
{
	enum sgz_status status = SGZ_OK;
	struct sgz_error error;

	/* an output that fails is asked only when a buffer is full */
	for (int i = 0; status == SGZ_OK && i < (wanted == SGZ_OK ? 1 : 20);
	     i++)
		status = sgz_writer_write(world->writer, world->bytes,
					  TEXT_LEN - BLOCK / 2, &error);
	assert_failure(wanted, status, &error);
}

static void
bring_writer(struct world *world)
{
	const struct sgz_observer observer = {
		.event = count_down,
		.ctx = world->events_left,
		.mask = SGZ_EVENT_ALL,
	};
	struct sgz_owned owned = { .len = TEXT_LEN, .release = free };
	struct sgz_error error;

	open_writer(world);
	assert_ok(sgz_writer_set_observer(world->writer, &observer, &error),
		  &error);
	if (world->state == just_opened)
		return;
	if (world->state == giving) {
		owned.data = owned.ctx = allocate(TEXT_LEN);
		assert_ok(sgz_writer_write_owned(world->writer, &owned, &error),
			  &error);
		return;
	}
	write_some(world,
		   world->state == failed ? failure_of(world->handle) :
			   world->state == cancelled ? SGZ_E_CANCELLED :
						       SGZ_OK);
	if (world->state == indexed) {
		assert_ok(sgz_writer_finish(world->writer, &error), &error);
		world->index = sgz_writer_ref_index(world->writer);
		assert_non_null(world->index);
	}
}

/* Cells */

static void *
bring(void *ctx)
{
	struct world *world = ctx;

	switch (world->handle) {
	case writer_to_path:
	case writer_to_fd:
	case writer_to_memory:
	case writer_to_sink:
		bring_writer(world);
		break;
	case shared_reader:
	case block:
		bring_shared_reader(world);
		break;
	case pool:
		if (world->state == giving)
			bring_writer(world);
		else
			bring_reader(world);
		break;
	default:
		bring_reader(world);
		break;
	}
	return NULL;
}

static void *
use_index(void *ctx)
{
	struct sgz_index *index = ctx;
	size_t count;

	(void)sgz_index_get_entries(index, &count);
	assert_true(count > 1);
	sgz_index_unref(index);
	return NULL;
}

static void
run_elsewhere(void *(*body)(void *ctx), void *ctx)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, body, ctx), 0);
	pthread_join(thread, NULL);
}

/* Other work of the pool: tasks of the forgotten handle come before it. */
static void
work_on(struct sgz_pool *threads)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct bytes back = { NULL, 0, 0 };

	options.pool = threads;
	assert_int_equal(inflate_all(&whole, &options, &back, NULL), SGZ_OK);
	assert_memory_equal(back.data, text, TEXT_LEN);
	bytes_free(&back);
}

static void
close_handles(struct world *world)
{
	sgz_reader_close(world->reader);
	sgz_writer_free(world->writer);
	world->reader = NULL;
	world->writer = NULL;
}

static void
forget(enum handle handle, enum state state)
{
	struct sgz_pool *threads = NULL;
	struct sgz_error error;
	struct world world;
	size_t len;

	assert_ok(sgz_pool_new(4, 1, NULL, &threads, &error), &error);
	world = lend(handle, state, threads);
	if (state == moved)
		run_elsewhere(bring, &world);
	else
		bring(&world);
	/* of a block or a pool, the last other user goes as it should */
	if (handle == block || handle == pool)
		close_handles(&world);
	take_back(&world);
	if (world.index != NULL)
		run_elsewhere(use_index, world.index);
	work_on(threads);
	if (world.block != NULL)
		assert_memory_equal(sgz_block_get_data(world.block, &len),
				    text + 30 * BLOCK, BLOCK);
	close_handles(&world);
	sgz_block_unref(world.block);
	sgz_pool_unref(threads);
}

/* The table. A block, an index and a writer have no position to seek. */

#define READER(CELL, handle)      \
	CELL(handle, just_opened) \
	CELL(handle, busy)        \
	CELL(handle, failed)      \
	CELL(handle, cancelled)   \
	CELL(handle, seeking)     \
	CELL(handle, indexed)     \
	CELL(handle, moved)

#define WRITER(CELL, handle)      \
	CELL(handle, just_opened) \
	CELL(handle, busy)        \
	CELL(handle, failed)      \
	CELL(handle, cancelled)   \
	CELL(handle, giving)      \
	CELL(handle, indexed)     \
	CELL(handle, moved)

#define POOL(CELL, handle)        \
	CELL(handle, just_opened) \
	CELL(handle, busy)        \
	CELL(handle, failed)      \
	CELL(handle, cancelled)   \
	CELL(handle, seeking)     \
	CELL(handle, giving)      \
	CELL(handle, indexed)     \
	CELL(handle, moved)

#define TABLE(CELL)                    \
	READER(CELL, reader_on_path)   \
	READER(CELL, reader_on_fd)     \
	READER(CELL, reader_on_memory) \
	READER(CELL, reader_on_source) \
	WRITER(CELL, writer_to_path)   \
	WRITER(CELL, writer_to_fd)     \
	WRITER(CELL, writer_to_memory) \
	WRITER(CELL, writer_to_sink)   \
	READER(CELL, shared_reader)    \
	READER(CELL, block)            \
	POOL(CELL, pool)

#define DEFINE(handle, state)                                       \
	static void test_forget__##handle##__##state(void **cmocka) \
	{                                                           \
		(void)cmocka;                                       \
		forget(handle, state);                              \
	}

#define LIST(handle, state) cmocka_unit_test(test_forget__##handle##__##state),

TABLE(DEFINE)

static const struct CMUnitTest tests[] = { TABLE(LIST) };

int
main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("forget", tests, setup, teardown);
}
