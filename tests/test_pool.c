/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Pools: counted threads, shared by readers and writers. */
#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Many more blocks than a pool has on its way. */
#define BLOCK 10000
#define TEXT_LEN text_len

static size_t text_len;
static unsigned char *text;

/* A thread that is refused: the number of this one, counted from 1; 0: none. */
static int refuse_from;
static int asked;
/* what the last thread that was started has blocked */
static sigset_t blocked;

int
__real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
		      void *(*start)(void *), void *ctx);
int
__wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
		      void *(*start)(void *), void *ctx);

int
__wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
		      void *(*start)(void *), void *ctx)
{
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	if (refuse_from != 0 && ++asked >= refuse_from)
		return EAGAIN;
	return __real_pthread_create(thread, attr, start, ctx);
}

static int
setup(void **state)
{
	(void)state;
	text_len = (size_t)BLOCK * (is_slow() ? 40 : 200) + 1;
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

static struct sgz_pool *
new_pool(uint32_t threads)
{
	struct sgz_pool *pool = NULL;
	struct sgz_error error;

	assert_ok(sgz_pool_new(threads, threads, NULL, &pool, &error), &error);
	assert_int_equal(sgz_pool_get_threads(pool), threads);
	return pool;
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
	asked = 0;
	refuse_from = 3;
	assert_failure(SGZ_E_IO, sgz_pool_new(5, 4, NULL, &pool, &error),
		       &error);
	assert_int_equal(error.sys_errno, EAGAIN);
	assert_null(pool);
	asked = 0;
	assert_ok(sgz_pool_new(5, 3, NULL, &pool, &error), &error);
	assert_int_equal(sgz_pool_get_threads(pool), 3);
	sgz_pool_unref(pool);
	asked = 0;
	refuse_from = 1;
	assert_ok(sgz_pool_new(5, 1, NULL, &pool, &error), &error);
	assert_int_equal(sgz_pool_get_threads(pool), 1);
	sgz_pool_unref(pool);
	refuse_from = 0;
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
test_pool__workers_block_all_signals(void **state)
{
	sigset_t before, after;

	(void)state;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	sgz_pool_unref(new_pool(2));
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_true(sigismember(&blocked, SIGTERM));
	assert_true(sigismember(&blocked, SIGUSR1));
	assert_int_equal(sigismember(&before, SIGTERM),
			 sigismember(&after, SIGTERM));
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

/* What an observer sees, and when it has enough. */
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
	struct narrow narrow = { .left = 300000, .thread = pthread_self() };
	const struct sgz_sink sink = { .write = narrow_write, .ctx = &narrow };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error;
	enum sgz_status status = SGZ_OK;

	(void)state;
	options.level = 0;
	options.pool = new_pool(3);
	assert_ok(sgz_writer_open_sink(&sink, &options, &writer, &error),
		  &error);
	for (size_t at = 0; at < TEXT_LEN && status == SGZ_OK; at += 4096)
		status = sgz_writer_write(writer, text + at, 4096, &error);
	assert_failure(SGZ_E_CALLBACK, status, &error);
	assert_int_equal(error.sys_errno, ENOSPC);
	sgz_writer_free(writer);
	sgz_pool_unref(options.pool);
}

/* Run @body in a child; it returns 0 if all is well there. */
static void
in_child(int (*body)(void *ctx), void *ctx)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		/* a call that waits for threads that are not there */
		alarm(20);
		_exit(body(ctx));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
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
	/* what was lent is gone, and workers are still at blocks of it */
	free(lent);
	sgz_buffer_release(buffer);
	free(buffer);
	sgz_pool_unref(options.pool);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct CMUnitTest tests[] = {
	TEST(test_pool__is_counted),
	TEST(test_pool__default_is_what_the_process_may_use),
	TEST(test_pool__a_refused_thread_is_a_failure_or_fewer),
	TEST(test_pool__refuses_nonsense),
	TEST(test_pool__memory_is_its_allocators),
	TEST(test_pool__workers_block_all_signals),
	TEST(test_pool__writes_the_same_bytes),
	TEST(test_pool__cuts_blocks_that_do_not_fit),
	TEST(test_pool__writer_tells_in_order_and_can_be_cancelled),
	TEST(test_pool__a_sink_that_fails_ends_it),
	TEST(test_pool__a_writer_in_a_forked_child_says_so),
	TEST(test_pool__a_forgotten_writer_touches_nothing_lent),
};

RUN("pool", tests)
