/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Pools: counted threads, shared by readers and writers. */
#include "threads.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* The text has many more blocks than a ring. */
#define BLOCK 10000
#define TEXT_LEN text_len

static size_t text_len;
static unsigned char *text;

static int
setup(void **state)
{
	(void)state;
	text_len = (size_t)BLOCK * (is_slow() ? 80 : 200) + 1;
	text = make_text(TEXT_LEN);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(text);
	return 0;
}

static void
test_pool__is_counted(void **state)
{
	struct sgz_pool *pool = new_pool(3);

	(void)state;
	assert_ptr_equal(sgz_pool_ref(pool), pool);
	sgz_pool_unref(pool);
	assert_int_equal(sgz_pool_get_threads(pool), 3);
	sgz_pool_unref(pool);
	sgz_pool_unref(NULL);
}

static void
test_pool__default_is_what_the_process_may_use(void **state)
{
	struct sgz_pool *pool = NULL;
	struct sgz_error error;
	cpu_set_t former, one;
	int cpu = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(former), &former), 0);
	assert_ok(sgz_pool_new(SGZ_POOL_DEFAULT, 1, NULL, &pool, &error),
		  &error);
	assert_in_range(sgz_pool_get_threads(pool), 1, CPU_COUNT(&former));
	sgz_pool_unref(pool);
	while (!CPU_ISSET(cpu, &former))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_ok(sgz_pool_new(SGZ_POOL_DEFAULT, 1, NULL, &pool, &error),
		  &error);
	assert_int_equal(sgz_pool_get_threads(pool), 1);
	sgz_pool_unref(pool);
	assert_int_equal(sched_setaffinity(0, sizeof(former), &former), 0);
}

static void
test_pool__a_refused_thread_is_a_failure_or_fewer(void **state)
{
	struct sgz_pool *pool = NULL;
	struct sgz_error error;

	(void)state;
	refuse_threads_from(3);
	assert_failure(SGZ_E_IO, sgz_pool_new(5, 4, NULL, &pool, &error),
		       &error);
	assert_int_equal(error.sys_errno, EAGAIN);
	assert_null(pool);
	refuse_threads_from(3);
	assert_ok(sgz_pool_new(5, 3, NULL, &pool, &error), &error);
	assert_int_equal(sgz_pool_get_threads(pool), 3);
	sgz_pool_unref(pool);
	refuse_threads_from(1);
	assert_ok(sgz_pool_new(5, 1, NULL, &pool, &error), &error);
	assert_int_equal(sgz_pool_get_threads(pool), 1);
	sgz_pool_unref(pool);
	refuse_threads_from(0);
}

static void
test_pool__refuses_nonsense(void **state)
{
	struct sgz_allocator half = sgz_allocator_libc;
	struct sgz_pool *pool = NULL;
	struct sgz_error error;

	(void)state;
	half.realloc = NULL;
	assert_failure(SGZ_E_INVALID,
		       sgz_pool_new(SGZ_POOL_MOST + 1, 1, NULL, &pool, &error),
		       &error);
	assert_failure(SGZ_E_INVALID, sgz_pool_new(2, 1, &half, &pool, &error),
		       &error);
	assert_null(pool);
}

static void
test_pool__memory_is_its_allocators(void **state)
{
	struct sgz_pool *pool = NULL;
	struct sgz_error error;
	struct counter counter;

	(void)state;
	counter_init(&counter);
	counter.fail_at = counter.fail_count = 1;
	assert_failure(SGZ_E_NOMEM,
		       sgz_pool_new(2, 1, &counter.allocator, &pool, &error),
		       &error);
	assert_ok(sgz_pool_new(2, 1, &counter.allocator, &pool, &error),
		  &error);
	assert_int_equal(counter.live, 1);
	sgz_pool_unref(pool);
	assert_none_live(&counter);
}

static void
test_pool__workers_block_signals_but_of_faults(void **state)
{
	sigset_t before, after;

	(void)state;
	/* an earlier pool may have left them blocked */
	sigemptyset(&before);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	sgz_pool_unref(new_pool(2));
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_true(sigismember(get_blocked_signals(), SIGTERM));
	assert_true(sigismember(get_blocked_signals(), SIGUSR1));
	/* or a program could not handle its own fault in a callback */
	assert_false(sigismember(get_blocked_signals(), SIGSEGV));
	assert_false(sigismember(get_blocked_signals(), SIGABRT));
	assert_false(sigismember(&after, SIGTERM));
	assert_false(sigismember(&after, SIGUSR1));
}

/* Write the text by @pool, in calls of @part bytes at most. */
static struct sgz_buffer
write_text(struct sgz_pool *pool, int level, size_t part)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error;

	options.level = level;
	options.block_size = BLOCK;
	options.pool = pool;
	assert_ok(sgz_writer_open_memory(&buffer, &options, &writer, &error),
		  &error);
	for (size_t at = 0; at < TEXT_LEN; at += part)
		assert_ok(sgz_writer_write(
				  writer, text + at,
				  TEXT_LEN - at < part ? TEXT_LEN - at : part,
				  &error),
			  &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	assert_int_equal(sgz_writer_tell(writer), TEXT_LEN);
	sgz_writer_free(writer);
	return buffer;
}

static void
test_pool__writes_the_same_bytes(void **state)
{
	static const uint32_t threads[] = { 1, 2, 3, 8 };
	static const int levels[] = { 0, 1, 6 };
	const size_t parts[] = { TEXT_LEN, BLOCK, 3001 };

	(void)state;
	for (size_t l = 0; l < 3; l++) {
		struct sgz_buffer alone = write_text(NULL, levels[l], TEXT_LEN);

		for (size_t t = 0; t < 4; t++) {
			struct sgz_pool *pool = new_pool(threads[t]);
			struct sgz_buffer buffer =
				write_text(pool, levels[l], parts[t % 3]);

			assert_int_equal(buffer.len, alone.len);
			assert_memory_equal(buffer.data, alone.data, alone.len);
			sgz_buffer_release(&buffer);
			sgz_pool_unref(pool);
		}
		sgz_buffer_release(&alone);
	}
}

/* Blocks that neither shrink nor fit are cut in two, and not by a worker. */
static void
test_pool__cuts_blocks_that_do_not_fit(void **state)
{
	enum {
		LEN = 5 * 65536
	};
	struct sgz_options options = SGZ_OPTIONS_INIT;
	unsigned char *noise = malloc(LEN);
	struct bytes one = { NULL, 0, 0 };
	struct sgz_error error;
	uint32_t seed = 7;

	(void)state;
	assert_non_null(noise);
	for (size_t i = 0; i < LEN; i++) {
		seed = seed * 1664525 + 1013904223;
		noise[i] = (unsigned char)(seed >> 24);
	}
	options.block_size = SGZ_BLOCK_MAX;
	for (uint32_t threads = 1; threads <= 3; threads += 2) {
		struct sgz_buffer buffer = SGZ_BUFFER_INIT;
		struct sgz_writer *writer = NULL;

		options.pool = new_pool(threads);
		assert_ok(sgz_writer_open_memory(&buffer, &options, &writer,
						 &error),
			  &error);
		assert_ok(sgz_writer_write(writer, noise, LEN, &error), &error);
		assert_ok(sgz_writer_finish(writer, &error), &error);
		sgz_writer_free(writer);
		sgz_pool_unref(options.pool);
		if (threads > 1) {
			assert_int_equal(buffer.len, one.len);
			assert_memory_equal(buffer.data, one.data, one.len);
		}
		one.len = 0;
		bytes_add(&one, buffer.data, buffer.len);
		sgz_buffer_release(&buffer);
	}
	bytes_free(&one);
	free(noise);
}

/* What an observer sees, and at which block it cancels. */
struct watch {
	uint64_t offset;
	size_t blocks;
	size_t enough;
	pthread_t thread;
};

static int
watch_event(void *ctx, const struct sgz_event *event)
{
	struct watch *watch = ctx;

	assert_true(pthread_equal(watch->thread, pthread_self()));
	if (event->kind != SGZ_EVENT_BLOCK)
		return 0;
	assert_int_equal(event->data.block.offset, watch->offset);
	watch->offset += event->data.block.len;
	return ++watch->blocks == watch->enough ? 77 : 0;
}

static void
test_pool__writer_tells_in_order_and_can_be_cancelled(void **state)
{
	(void)state;
	for (size_t enough = 0; enough < 36; enough += 7) {
		struct watch watch = { .enough = enough,
				       .thread = pthread_self() };
		const struct sgz_observer observer = {
			.event = watch_event,
			.ctx = &watch,
			.mask = SGZ_EVENT_ALL,
		};
		struct sgz_options options = SGZ_OPTIONS_INIT;
		struct sgz_buffer buffer = SGZ_BUFFER_INIT;
		struct sgz_writer *writer = NULL;
		struct sgz_error error;
		enum sgz_status status;

		options.block_size = BLOCK;
		options.pool = new_pool(4);
		assert_ok(sgz_writer_open_memory(&buffer, &options, &writer,
						 &error),
			  &error);
		assert_ok(sgz_writer_set_observer(writer, &observer, &error),
			  &error);
		status = sgz_writer_write(writer, text, TEXT_LEN, &error);
		if (enough == 0) {
			assert_int_equal(status, SGZ_OK);
			assert_ok(sgz_writer_finish(writer, &error), &error);
			assert_int_equal(watch.offset, TEXT_LEN);
		} else {
			assert_failure(SGZ_E_CANCELLED, status, &error);
			assert_int_equal(error.sys_errno, 77);
			assert_int_equal(watch.blocks, enough);
			assert_failure(SGZ_E_CANCELLED,
				       sgz_writer_finish(writer, &error),
				       &error);
		}
		sgz_writer_free(writer);
		sgz_buffer_release(&buffer);
		sgz_pool_unref(options.pool);
	}
}

/* A sink that takes so many bytes, and then no more. */
struct narrow {
	size_t left;
	pthread_t thread;
};

static int64_t
narrow_write(void *ctx, const void *data, size_t len)
{
	struct narrow *narrow = ctx;

	(void)data;
	assert_true(pthread_equal(narrow->thread, pthread_self()));
	if (narrow->left == 0)
		return -ENOSPC;
	if (len > narrow->left)
		len = narrow->left;
	narrow->left -= len;
	return (int64_t)len;
}

static void
test_pool__a_sink_that_fails_ends_it(void **state)
{
	struct narrow narrow = { .left = 100000, .thread = pthread_self() };
	const struct sgz_sink sink = { .write = narrow_write, .ctx = &narrow };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error;
	enum sgz_status status = SGZ_OK;

	(void)state;
	options.level = 0;
	options.block_size = BLOCK;
	options.pool = new_pool(3);
	assert_ok(sgz_writer_open_sink(&sink, &options, &writer, &error),
		  &error);
	for (size_t at = 0; at + 4096 < TEXT_LEN && status == SGZ_OK;
	     at += 4096)
		status = sgz_writer_write(writer, text + at, 4096, &error);
	assert_failure(SGZ_E_CALLBACK, status, &error);
	assert_int_equal(error.sys_errno, ENOSPC);
	sgz_writer_free(writer);
	sgz_pool_unref(options.pool);
}

static int
write_in_child(void *ctx)
{
	struct sgz_writer *writer = ctx;
	struct sgz_error error;
	enum sgz_status status =
		sgz_writer_write(writer, text, TEXT_LEN, &error);

	if (status != SGZ_E_STATE || strstr(error.text, "fork") == NULL)
		return 1;
	if (sgz_writer_finish(writer, &error) != SGZ_E_STATE)
		return 2;
	sgz_writer_free(writer);
	return 0;
}

static void
test_pool__a_writer_in_a_forked_child_says_so(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error;

	(void)state;
	options.pool = new_pool(2);
	assert_ok(sgz_writer_open_memory(&buffer, &options, &writer, &error),
		  &error);
	sgz_pool_unref(options.pool);
	assert_ok(sgz_writer_write(writer, text, TEXT_LEN / 2, &error), &error);
	in_child(write_in_child, writer);
	assert_ok(sgz_writer_write(writer, text + TEXT_LEN / 2, TEXT_LEN / 2,
				   &error),
		  &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	sgz_buffer_release(&buffer);
}

/* Handles that are forgotten in the middle, and the memory they were lent. */
static void
test_pool__a_forgotten_writer_touches_nothing_lent(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer *buffer = malloc(sizeof(*buffer));
	unsigned char *lent = malloc(TEXT_LEN);
	static struct sgz_writer *forgotten[2];
	struct sgz_error error;

	(void)state;
	assert_non_null(buffer);
	assert_non_null(lent);
	options.pool = new_pool(4);
	memcpy(lent, text, TEXT_LEN);
	sgz_buffer_init(buffer, NULL);
	assert_ok(
		sgz_writer_open_memory(buffer, &options, &forgotten[0], &error),
		&error);
	assert_ok(sgz_writer_write(forgotten[0], lent, TEXT_LEN, &error),
		  &error);
	/* what was lent is gone, while workers still compress blocks of it */
	free(lent);
	sgz_buffer_release(buffer);
	free(buffer);
	sgz_pool_unref(options.pool);
	/* a checker of leaks wants this; closing uses nothing lent either */
	sgz_writer_free(forgotten[0]);
}

/* Bytes that are given away */

static size_t released;

static void
release_bytes(void *ctx)
{
	released++;
	free(ctx);
}

/* A copy of the text's first @len bytes, to be given away. */
static struct sgz_owned
own_text(size_t len)
{
	unsigned char *copy = malloc(len + 1);
	struct sgz_owned owned = {
		.data = copy,
		.len = len,
		.release = release_bytes,
		.ctx = copy,
	};

	assert_non_null(copy);
	memcpy(copy, text, len);
	return owned;
}

static void
test_pool__owned_bytes_are_released_once(void **state)
{
	static const size_t lens[] = { 0, 1, BLOCK, 3 * BLOCK + 5 };

	(void)state;
	for (uint32_t threads = 1; threads <= 4; threads += 3)
		for (unsigned int format = 0; format <= 1; format++) {
			struct sgz_options options = SGZ_OPTIONS_INIT;
			struct sgz_buffer out = SGZ_BUFFER_INIT;
			struct bytes all = { NULL, 0, 0 };
			struct bytes back = { NULL, 0, 0 };
			struct bytes file = { NULL, 0, 0 };
			struct sgz_writer *writer = NULL;
			struct sgz_owned owned;
			struct sgz_error error;

			options.block_size = BLOCK;
			options.format = format;
			options.pool = new_pool(threads);
			released = 0;
			assert_ok(sgz_writer_open_memory(&out, &options,
							 &writer, &error),
				  &error);
			for (size_t i = 0; i < 40; i++) {
				owned = own_text(lens[i % 4]);
				assert_ok(sgz_writer_write_owned(writer, &owned,
								 &error),
					  &error);
				bytes_add(&all, text, lens[i % 4]);
			}
			assert_ok(sgz_writer_finish(writer, &error), &error);
			assert_int_equal(released, 40);
			/* after the end, too, though it fails */
			owned = own_text(5);
			assert_failure(
				SGZ_E_STATE,
				sgz_writer_write_owned(writer, &owned, &error),
				&error);
			assert_int_equal(released, 41);
			/* and with nothing to release */
			owned = own_text(5);
			owned.release = NULL;
			assert_failure(
				SGZ_E_STATE,
				sgz_writer_write_owned(writer, &owned, &error),
				&error);
			free(owned.ctx);
			sgz_writer_free(writer);
			assert_int_equal(released, 41);
			bytes_add(&file, out.data, out.len);
			assert_int_equal(inflate_all(&file, NULL, &back, NULL),
					 SGZ_OK);
			assert_int_equal(back.len, all.len);
			assert_memory_equal(back.data, all.data, all.len);
			bytes_free(&all);
			bytes_free(&back);
			bytes_free(&file);
			sgz_buffer_release(&out);
			sgz_pool_unref(options.pool);
		}
}

/* The writer fails in the middle, or is freed before it is finished. */
static void
test_pool__owned_bytes_are_released_after_a_failure(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;

	(void)state;
	options.block_size = BLOCK;
	options.pool = new_pool(3);
	for (size_t enough = 0; enough < 12; enough++) {
		struct watch watch = { .enough = enough,
				       .thread = pthread_self() };
		const struct sgz_observer observer = {
			.event = watch_event,
			.ctx = &watch,
			.mask = SGZ_EVENT_ALL,
		};
		struct sgz_buffer out = SGZ_BUFFER_INIT;
		struct sgz_writer *writer = NULL;
		struct sgz_owned owned;

		released = 0;
		assert_ok(sgz_writer_open_memory(&out, &options, &writer, NULL),
			  NULL);
		assert_ok(sgz_writer_set_observer(writer, &observer, NULL),
			  NULL);
		for (size_t i = 0; i < 5; i++) {
			owned = own_text(4 * BLOCK);
			(void)sgz_writer_write_owned(writer, &owned, NULL);
		}
		assert_true(released < 5 || enough > 0);
		sgz_writer_free(writer);
		assert_int_equal(released, 5);
		sgz_buffer_release(&out);
	}
	sgz_pool_unref(options.pool);
}

/* Reading */

/* The text as a file, with a wrong CRC in the block at @bad (or -1). */
static struct bytes
make_file(long bad)
{
	struct bytes file = { NULL, 0, 0 };
	size_t start = 0;

	for (size_t at = 0; at < TEXT_LEN; at += BLOCK) {
		size_t len = TEXT_LEN - at < BLOCK ? TEXT_LEN - at : BLOCK;

		start = file.len;
		add_block(&file, text + at, len);
		if ((long)(at / BLOCK) == bad)
			file.data[file.len - 8] ^= 1;
	}
	assert_true(start > 0);
	add_eof_block(&file);
	return file;
}

/* A source that gives at most `most` bytes, and fails at `fail_at`. */
struct feed {
	const struct bytes *file;
	size_t at;
	size_t most;
	size_t fail_at;
	int reason;
	/* it answers -EAGAIN every other time */
	bool hesitates;
	bool hesitated;
	pthread_t thread;
};

static int64_t
feed_read(void *ctx, void *data, size_t len)
{
	struct feed *feed = ctx;
	size_t left = feed->file->len - feed->at;

	assert_true(pthread_equal(feed->thread, pthread_self()));
	feed->hesitated = feed->hesitates && !feed->hesitated;
	if (feed->hesitated)
		return -EAGAIN;
	if (feed->fail_at != 0 && feed->at >= feed->fail_at)
		return -feed->reason;
	len = len < feed->most ? len : feed->most;
	len = len < left ? len : left;
	memcpy(data, feed->file->data + feed->at, len);
	feed->at += len;
	return (int64_t)len;
}

/* All that @reader gives, in calls of @part bytes, and what ends it. */
static enum sgz_status
read_parts(struct sgz_reader *reader, size_t part, struct bytes *to,
	   struct sgz_error *error)
{
	unsigned char *data = malloc(part);
	enum sgz_status status;
	size_t n = 1;

	assert_non_null(data);
	do {
		status = sgz_reader_read(reader, data, part, &n, error);
		if (status == SGZ_OK)
			bytes_add(to, data, n);
	} while ((status == SGZ_OK && n > 0) ||
		 (status == SGZ_E_CALLBACK && error->sys_errno == EAGAIN));
	free(data);
	return status;
}

static void
check_text(struct sgz_reader *reader, size_t part)
{
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error;

	assert_ok(read_parts(reader, part, &back, &error), &error);
	assert_int_equal(back.len, TEXT_LEN);
	assert_memory_equal(back.data, text, TEXT_LEN);
	bytes_free(&back);
	sgz_reader_close(reader);
}

static void
test_pool__reads_each_kind_of_input(void **state)
{
	static const size_t parts[] = { 1u << 20, 10000, 777 };
	static const size_t mosts[] = { SIZE_MAX, 5000, 100 };
	struct bytes file = make_file(-1);
	struct sgz_error error;

	(void)state;
	enter_dir();
	put_file("in.gz", file.data, file.len);
	for (uint32_t threads = 1; threads <= 4; threads++) {
		struct sgz_options options = SGZ_OPTIONS_INIT;
		struct sgz_reader *reader = NULL;
		size_t part = parts[threads % 3];
		int fd = open("in.gz", O_RDONLY);

		options.pool = new_pool(threads);
		assert_ok(sgz_reader_open("in.gz", &options, &reader, &error),
			  &error);
		check_text(reader, part);
		assert_ok(sgz_reader_open_fd(fd, &options, &reader, &error),
			  &error);
		check_text(reader, part);
		close(fd);
		assert_ok(sgz_reader_open_memory(file.data, file.len, &options,
						 &reader, &error),
			  &error);
		check_text(reader, part);
		for (size_t i = 0; i < 6; i++) {
			struct feed feed = { .file = &file,
					     .most = mosts[i / 2],
					     .hesitates = i % 2 != 0,
					     .thread = pthread_self() };
			const struct sgz_source source = { .read = feed_read,
							   .ctx = &feed };

			feed.hesitated = feed.hesitates;
			assert_ok(sgz_reader_open_source(&source, &options,
							 &reader, &error),
				  &error);
			check_text(reader, part);
		}
		sgz_pool_unref(options.pool);
	}
	bytes_free(&file);
	leave_dir();
}

/* Give the file to a pipe, a bit at a time. */
static void *
fill_pipe(void *ctx)
{
	const struct feed *feed = ctx;

	for (size_t at = 0; at < feed->file->len;) {
		size_t left = feed->file->len - at;
		ssize_t put = write((int)feed->at, feed->file->data + at,
				    left < feed->most ? left : feed->most);

		assert_true(put > 0);
		at += (size_t)put;
	}
	close((int)feed->at);
	return NULL;
}

static void
test_pool__reads_a_pipe(void **state)
{
	struct bytes file = make_file(-1);
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error;

	(void)state;
	options.pool = new_pool(3);
	for (size_t most = 300; most <= 300000; most *= 30) {
		struct sgz_reader *reader = NULL;
		struct feed feed = { .file = &file, .most = most };
		pthread_t writer;
		int ends[2];

		assert_int_equal(pipe(ends), 0);
		feed.at = (size_t)ends[1];
		assert_int_equal(
			pthread_create(&writer, NULL, fill_pipe, &feed), 0);
		assert_ok(
			sgz_reader_open_fd(ends[0], &options, &reader, &error),
			&error);
		check_text(reader, 5000);
		pthread_join(writer, NULL);
		close(ends[0]);
	}
	sgz_pool_unref(options.pool);
	bytes_free(&file);
}

/* All of @file by a reader of its own: what it gives, and what ends it. */
static enum sgz_status
read_by(bool by_source, const struct bytes *file,
	const struct sgz_options *options, struct bytes *to,
	struct sgz_error *error)
{
	struct feed feed = { .file = file,
			     .most = 9000,
			     .thread = pthread_self() };
	const struct sgz_source source = { .read = feed_read, .ctx = &feed };
	struct sgz_reader *reader = NULL;
	enum sgz_status status;

	to->len = 0;
	if (!by_source)
		return inflate_all(file, options, to, error);
	assert_ok(sgz_reader_open_source(&source, options, &reader, error),
		  error);
	status = read_parts(reader, 5000, to, error);
	sgz_reader_close(reader);
	return status;
}

/* The block @bad has @status, and many behind it another failure. */
static void
check_first_failure(const struct bytes *file, long bad, enum sgz_status wanted)
{
	static const uint32_t threads[] = { 1, 2, 5 };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error alone = SGZ_ERROR_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes back = { NULL, 0, 0 };

	for (int by_source = 0; by_source < 2; by_source++) {
		assert_int_equal(read_by(by_source, file, NULL, &back, &alone),
				 wanted);
		for (size_t i = 0; i < 3; i++) {
			options.pool = new_pool(threads[i]);
			assert_failure(wanted,
				       read_by(by_source, file, &options, &back,
					       &error),
				       &error);
			assert_int_equal(back.len, (size_t)bad * BLOCK);
			assert_memory_equal(back.data, text, back.len);
			assert_int_equal(error.offset, alone.offset);
			assert_string_equal(error.text, alone.text);
			sgz_pool_unref(options.pool);
		}
	}
	bytes_free(&back);
}

/* A block that is wrong is reported as it is without threads. */
static void
test_pool__the_failure_of_the_first_block_wins(void **state)
{
	static const long bads[] = { 0, 3, 7, 8, 24, 39 };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct bytes file = make_file(bads[i]);
		size_t starts[64], count = 0;

		for (size_t at = 0; count < 64; count++) {
			starts[count] = at;
			at += 1u + file.data[at + 16] +
				256u * file.data[at + 17];
		}
		/* another failure in each block behind it, which a worker may
		 * find before: what is no deflate stream is found at once */
		for (size_t j = (size_t)bads[i] + 1; j < count; j++)
			file.data[starts[j] + 18] = 7;
		check_first_failure(&file, bads[i], SGZ_E_CRC);
		/* and the other way round */
		file.data[starts[bads[i]] + 18] = 7;
		check_first_failure(&file, bads[i], SGZ_E_DATA);
		bytes_free(&file);
	}
}

/* Bytes behind @count good blocks, of which @kind says what is wrong. */
static struct bytes
make_tail(int count, int kind)
{
	struct bytes file = { NULL, 0, 0 };
	size_t start;

	for (int i = 0; i < count; i++)
		add_block(&file, text + 100 * i, 100);
	start = file.len;
	if (kind < 4)
		add_block(&file, text, 100);
	if (kind == 0) /* ISIZE: more than a block can hold */
		file.data[file.len - 2] = 7;
	else if (kind == 1) /* BSIZE: too small for a block */
		file.data[start + 16] = file.data[start + 17] = 1;
	else if (kind == 2) /* a part of a block */
		file.len -= 9;
	else if (kind == 3) /* another subfield */
		file.data[start + 12] = 'X';
	else if (kind == 4)
		bytes_add(&file, "trailing garbage of some length", 31);
	else
		add_member(&file, text, 100);
	return file;
}

/* What follows a full segment is not lost, whatever it is. */
static void
test_pool__what_is_no_block_is_not_lost(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error, other;

	(void)state;
	options.allow_no_eof = true;
	for (int count = 1; count < (is_slow() ? 10 : 40); count++)
		for (int kind = 0; kind < 6; kind++) {
			struct bytes file = make_tail(count, kind);
			struct bytes with = { NULL, 0, 0 };
			struct bytes without = { NULL, 0, 0 };
			struct sgz_reader *reader = NULL;
			enum sgz_status status;

			put_file("tail.gz", file.data, file.len);
			options.pool = NULL;
			assert_ok(sgz_reader_open("tail.gz", &options, &reader,
						  &error),
				  &error);
			status = read_parts(reader, 5000, &without, &error);
			sgz_reader_close(reader);
			options.pool = new_pool(3);
			assert_ok(sgz_reader_open("tail.gz", &options, &reader,
						  &error),
				  &error);
			assert_int_equal(
				read_parts(reader, 5000, &with, &other),
				status);
			sgz_reader_close(reader);
			sgz_pool_unref(options.pool);
			if (status != SGZ_OK)
				assert_string_equal(other.text, error.text);
			assert_int_equal(with.len, without.len);
			assert_memory_equal(with.data, without.data, with.len);
			bytes_free(&file);
			bytes_free(&with);
			bytes_free(&without);
		}
}

/* If a source fails, the bytes before the failure can still be read. */
static void
test_pool__a_source_that_fails_loses_nothing_before(void **state)
{
	struct bytes file = make_file(-1);
	struct sgz_options options = SGZ_OPTIONS_INIT;

	(void)state;
	options.pool = new_pool(3);
	for (size_t i = 1; i < 8; i++) {
		struct bytes alone = { NULL, 0, 0 }, back = { NULL, 0, 0 };

		for (int pooled = 0; pooled < 2; pooled++) {
			struct feed feed = { .file = &file,
					     .most = 3000,
					     .fail_at = file.len / 8 * i,
					     .reason = EIO,
					     .thread = pthread_self() };
			const struct sgz_source source = { .read = feed_read,
							   .ctx = &feed };
			struct sgz_reader *reader = NULL;
			struct sgz_error error;

			assert_ok(sgz_reader_open_source(
					  &source, pooled ? &options : NULL,
					  &reader, &error),
				  &error);
			assert_failure(SGZ_E_CALLBACK,
				       read_parts(reader, 4000,
						  pooled ? &back : &alone,
						  &error),
				       &error);
			assert_int_equal(error.sys_errno, EIO);
			sgz_reader_close(reader);
		}
		assert_int_equal(back.len, alone.len);
		assert_memory_equal(back.data, text, back.len);
		bytes_free(&back);
		bytes_free(&alone);
	}
	sgz_pool_unref(options.pool);
	bytes_free(&file);
}

static void
test_pool__reader_tells_in_order_and_can_be_cancelled(void **state)
{
	struct bytes file = make_file(-1);
	struct sgz_options options = SGZ_OPTIONS_INIT;

	(void)state;
	options.pool = new_pool(4);
	for (size_t enough = 0; enough < 36; enough += 5) {
		struct watch watch = { .enough = enough,
				       .thread = pthread_self() };
		const struct sgz_observer observer = {
			.event = watch_event,
			.ctx = &watch,
			.mask = SGZ_EVENT_ALL,
		};
		struct bytes back = { NULL, 0, 0 };
		struct sgz_reader *reader = NULL;
		struct sgz_error error;
		enum sgz_status status;

		assert_ok(sgz_reader_open_memory(file.data, file.len, &options,
						 &reader, &error),
			  &error);
		assert_ok(sgz_reader_set_observer(reader, &observer, &error),
			  &error);
		status = read_parts(reader, 3333, &back, &error);
		if (enough == 0) {
			assert_ok(status, &error);
			assert_int_equal(watch.offset, TEXT_LEN);
		} else {
			assert_failure(SGZ_E_CANCELLED, status, &error);
			assert_int_equal(watch.blocks, enough);
			/* and it goes on where it was */
			watch.offset = (enough - 1) * BLOCK;
			watch.enough = 0;
			assert_ok(sgz_reader_seek(reader, watch.offset, &error),
				  &error);
			back.len = 0;
			assert_ok(read_parts(reader, 3333, &back, &error),
				  &error);
			assert_memory_equal(back.data,
					    text + TEXT_LEN - back.len,
					    back.len);
		}
		sgz_reader_close(reader);
		bytes_free(&back);
	}
	sgz_pool_unref(options.pool);
	bytes_free(&file);
}

static int
read_in_child(void *ctx)
{
	struct sgz_reader *reader = ctx;
	struct sgz_error error;
	unsigned char *data = malloc(TEXT_LEN);
	enum sgz_status status = SGZ_OK;
	size_t n = 1;

	while (status == SGZ_OK && n > 0)
		status = sgz_reader_read(reader, data, TEXT_LEN, &n, &error);
	free(data);
	if (status != SGZ_E_STATE || strstr(error.text, "fork") == NULL)
		return 1;
	sgz_reader_close(reader);
	return 0;
}

static void
test_pool__a_reader_in_a_forked_child_says_so(void **state)
{
	struct bytes file = make_file(-1), back = { NULL, 0, 0 };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	unsigned char part[100];
	struct sgz_error error;
	size_t n;

	(void)state;
	options.pool = new_pool(2);
	/* not begun, before others are read ahead, and after */
	for (size_t len = 0; len <= 5 * BLOCK; len += 2 * BLOCK + 10000) {
		struct sgz_reader *reader = NULL;

		assert_ok(sgz_reader_open_memory(file.data, file.len, &options,
						 &reader, &error),
			  &error);
		for (size_t at = 0; at < len; at += n)
			assert_ok(sgz_reader_read(reader, part, sizeof(part),
						  &n, &error),
				  &error);
		in_child(read_in_child, reader);
		back.len = 0;
		assert_ok(read_parts(reader, 4000, &back, &error), &error);
		assert_memory_equal(back.data, text + TEXT_LEN - back.len,
				    back.len);
		sgz_reader_close(reader);
	}
	sgz_pool_unref(options.pool);
	bytes_free(&back);
	bytes_free(&file);
}

/* Readers that are forgotten while workers are at their blocks. */
static void
test_pool__a_forgotten_reader_touches_nothing_lent(void **state)
{
	static struct sgz_reader *forgotten[3];
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct bytes file = make_file(-1);
	unsigned char *to = malloc(5 * BLOCK);
	struct feed *feed = calloc(1, sizeof(*feed));
	struct sgz_source source = { .read = feed_read };
	struct sgz_error error;
	size_t n;
	int fd;

	(void)state;
	assert_non_null(to);
	assert_non_null(feed);
	enter_dir();
	put_file("in.gz", file.data, file.len);
	fd = open("in.gz", O_RDONLY);
	options.pool = new_pool(4);
	feed->file = &file;
	feed->most = SIZE_MAX;
	feed->thread = pthread_self();
	source.ctx = feed;
	assert_ok(sgz_reader_open_fd(fd, &options, &forgotten[0], &error),
		  &error);
	assert_ok(sgz_reader_open_memory(file.data, file.len, &options,
					 &forgotten[1], &error),
		  &error);
	assert_ok(sgz_reader_open_source(&source, &options, &forgotten[2],
					 &error),
		  &error);
	for (size_t i = 0; i < 3; i++)
		assert_ok(sgz_reader_read(forgotten[i], to, 5 * BLOCK, &n,
					  &error),
			  &error);
	/* what was lent is gone, and workers are still at work */
	memset(file.data, 0, file.len);
	bytes_free(&file);
	free(to);
	free(feed);
	close(fd);
	sgz_pool_unref(options.pool);
	leave_dir();
	/* a checker of leaks wants this; closing uses nothing lent either */
	for (size_t i = 0; i < 3; i++)
		sgz_reader_close(forgotten[i]);
}

/* Many threads, each with handles of its own, and one pool. */
struct party {
	struct sgz_pool *pool;
	const struct bytes *file;
	int rounds;
};

static void *
take_part(void *ctx)
{
	struct party *party = ctx;
	struct sgz_options options = SGZ_OPTIONS_INIT;

	options.pool = party->pool;
	for (int i = 0; i < party->rounds; i++) {
		struct sgz_buffer buffer = write_text(party->pool, 1, 100000);
		struct bytes back = { NULL, 0, 0 };

		assert_int_equal(
			inflate_all(party->file, &options, &back, NULL),
			SGZ_OK);
		assert_int_equal(back.len, TEXT_LEN);
		assert_memory_equal(back.data, text, TEXT_LEN);
		bytes_free(&back);
		sgz_buffer_release(&buffer);
	}
	return NULL;
}

static void
test_pool__many_threads_share_it(void **state)
{
	enum {
		THREADS = 8
	};
	const char *seconds = getenv("SGZ_TEST_SECONDS");
	struct bytes file = make_file(-1);
	struct party party = { new_pool(3), &file,
			       seconds != NULL ? 5 * atoi(seconds) : 2 };
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, take_part, &party),
			0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	sgz_pool_unref(party.pool);
	bytes_free(&file);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct CMUnitTest tests[] = {
	TEST(test_pool__is_counted),
	TEST(test_pool__default_is_what_the_process_may_use),
	TEST(test_pool__a_refused_thread_is_a_failure_or_fewer),
	TEST(test_pool__refuses_nonsense),
	TEST(test_pool__memory_is_its_allocators),
	TEST(test_pool__workers_block_signals_but_of_faults),
	TEST(test_pool__writes_the_same_bytes),
	TEST(test_pool__cuts_blocks_that_do_not_fit),
	TEST(test_pool__writer_tells_in_order_and_can_be_cancelled),
	TEST(test_pool__a_sink_that_fails_ends_it),
	TEST(test_pool__a_writer_in_a_forked_child_says_so),
	TEST(test_pool__a_forgotten_writer_touches_nothing_lent),
	TEST(test_pool__owned_bytes_are_released_once),
	TEST(test_pool__owned_bytes_are_released_after_a_failure),
	TEST(test_pool__reads_each_kind_of_input),
	TEST(test_pool__reads_a_pipe),
	TEST(test_pool__what_is_no_block_is_not_lost),
	TEST(test_pool__the_failure_of_the_first_block_wins),
	TEST(test_pool__a_source_that_fails_loses_nothing_before),
	TEST(test_pool__reader_tells_in_order_and_can_be_cancelled),
	TEST(test_pool__a_reader_in_a_forked_child_says_so),
	TEST(test_pool__a_forgotten_reader_touches_nothing_lent),
	TEST(test_pool__many_threads_share_it),
};

RUN("pool", tests)
