/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Allocators, the default one, and buffers. */
#include "support.h"

static void
test_memory__the_libc_allocator_works(void **state)
{
	const struct sgz_allocator *libc = &sgz_allocator_libc;
	char *block = libc->alloc(libc->ctx, 10);

	(void)state;
	assert_non_null(block);
	strcpy(block, "kept");
	block = libc->realloc(libc->ctx, block, 100000);
	assert_non_null(block);
	assert_string_equal(block, "kept");
	libc->free(libc->ctx, block);
}

static void
test_memory__alloc_and_free(void **state)
{
	unsigned char *block = sgz_alloc(100);

	(void)state;
	assert_non_null(block);
	memset(block, 1, 100);
	sgz_free(block);
	sgz_free(NULL);
	assert_null(sgz_alloc(0));
}

static void
test_memory__alloc_is_aligned_for_any_object(void **state)
{
	(void)state;
	for (size_t size = 1; size < 200; size += 13) {
		void *block = sgz_alloc(size);

		assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
		sgz_free(block);
	}
}

static void
test_memory__alloc_of_too_much_is_null(void **state)
{
	(void)state;
	/* valgrind takes such a size for a mistake of ours */
	if (is_slow())
		return;
	assert_null(sgz_alloc(SIZE_MAX));
	assert_null(sgz_alloc(SIZE_MAX - 8));
	assert_null(sgz_alloc(SIZE_MAX / 2));
}

static void
test_memory__default_is_used_and_put_back(void **state)
{
	struct counter counter;
	struct sgz_error error;
	void *block;

	(void)state;
	counter_init(&counter);
	assert_ok(sgz_allocator_set_default(&counter.allocator, &error),
		  &error);
	block = sgz_alloc(100);
	assert_int_equal(counter.live, 1);
	sgz_free(block);
	assert_none_live(&counter);
	assert_int_equal(counter.calls, 1);
	assert_ok(sgz_allocator_set_default(NULL, &error), &error);
	sgz_free(sgz_alloc(100));
	assert_int_equal(counter.calls, 1);
}

static void
test_memory__default_is_copied(void **state)
{
	struct counter counter;
	struct sgz_allocator passing;

	(void)state;
	counter_init(&counter);
	passing = counter.allocator;
	assert_int_equal(sgz_allocator_set_default(&passing, NULL), SGZ_OK);
	memset(&passing, 0, sizeof(passing));
	sgz_free(sgz_alloc(1));
	assert_int_equal(counter.calls, 1);
	assert_int_equal(sgz_allocator_set_default(NULL, NULL), SGZ_OK);
}

static void
test_memory__default_stays_while_a_block_is_alive(void **state)
{
	struct counter counter;
	struct counter other;
	struct sgz_error error;
	void *block;

	(void)state;
	counter_init(&counter);
	counter_init(&other);
	block = sgz_alloc(1);
	assert_failure(SGZ_E_STATE,
		       sgz_allocator_set_default(&counter.allocator, &error),
		       &error);
	sgz_free(block);
	assert_ok(sgz_allocator_set_default(&counter.allocator, &error),
		  &error);
	block = sgz_alloc(1);
	assert_failure(SGZ_E_STATE,
		       sgz_allocator_set_default(&other.allocator, &error),
		       &error);
	assert_failure(SGZ_E_STATE, sgz_allocator_set_default(NULL, &error),
		       &error);
	sgz_free(block);
	assert_ok(sgz_allocator_set_default(NULL, &error), &error);
	assert_none_live(&counter);
	assert_int_equal(other.calls, 0);
}

static void
test_memory__handles_keep_the_default_in_place(void **state)
{
	struct counter counter;
	struct sgz_error error;
	struct bytes file = { NULL, 0, 0 };
	struct sgz_reader *reader;
	struct sgz_buffer line = SGZ_BUFFER_INIT;

	(void)state;
	counter_init(&counter);
	add_bgzf(&file, "text\n", 5, 100);
	assert_ok(sgz_allocator_set_default(&counter.allocator, &error),
		  &error);
	reader = open_bytes(&file);
	assert_failure(SGZ_E_STATE, sgz_allocator_set_default(NULL, &error),
		       &error);
	assert_ok(sgz_reader_read_line(reader, '\n', &line, &error), &error);
	sgz_reader_close(reader);
	/* what is left is the caller's buffer */
	assert_int_equal(counter.live, 1);
	assert_failure(SGZ_E_STATE, sgz_allocator_set_default(NULL, &error),
		       &error);
	sgz_buffer_release(&line);
	assert_none_live(&counter);
	assert_ok(sgz_allocator_set_default(NULL, &error), &error);
	bytes_free(&file);
}

static void
test_memory__default_needs_all_three_functions(void **state)
{
	struct counter counter;
	struct sgz_allocator broken;
	struct sgz_error error;

	(void)state;
	counter_init(&counter);
	broken = counter.allocator;
	broken.alloc = NULL;
	assert_failure(SGZ_E_INVALID,
		       sgz_allocator_set_default(&broken, &error), &error);
	broken = counter.allocator;
	broken.realloc = NULL;
	assert_failure(SGZ_E_INVALID,
		       sgz_allocator_set_default(&broken, &error), &error);
	broken = counter.allocator;
	broken.free = NULL;
	assert_failure(SGZ_E_INVALID,
		       sgz_allocator_set_default(&broken, &error), &error);
	sgz_free(sgz_alloc(1));
	assert_int_equal(counter.calls, 0);
}

static void
test_memory__every_byte_of_a_handle_is_its_allocators(void **state)
{
	struct counter own;
	struct counter standard;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error;
	struct sgz_reader *reader = NULL;
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	unsigned char *text = make_text(200000);

	(void)state;
	counter_init(&own);
	counter_init(&standard);
	add_bgzf(&file, text, 200000, 60000);
	options.allocator = &own.allocator;
	assert_ok(sgz_allocator_set_default(&standard.allocator, &error),
		  &error);
	assert_ok(sgz_reader_open_memory(file.data, file.len, &options, &reader,
					 &error),
		  &error);
	/* the struct that options pointed to was copied */
	options.allocator = NULL;
	assert_ok(read_all(reader, &back, &error), &error);
	assert_int_equal(back.len, 200000);
	assert_true(own.live > 0);
	sgz_reader_close(reader);
	assert_none_live(&own);
	assert_int_equal(standard.calls, 0);
	assert_ok(sgz_allocator_set_default(NULL, &error), &error);
	bytes_free(&back);
	bytes_free(&file);
	free(text);
}

static void
test_memory__an_allocator_in_options_needs_all_three(void **state)
{
	struct counter counter;
	struct sgz_allocator broken;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;

	(void)state;
	counter_init(&counter);
	broken = counter.allocator;
	broken.realloc = NULL;
	options.allocator = &broken;
	assert_failure(
		SGZ_E_INVALID,
		sgz_writer_open_memory(&buffer, &options, &writer, &error),
		&error);
	assert_int_equal(counter.calls, 0);
}

static void
test_memory__buffer_init_takes_null_for_the_default(void **state)
{
	struct sgz_buffer buffer;
	struct sgz_buffer clean = SGZ_BUFFER_INIT;

	(void)state;
	memset(&buffer, 0x55, sizeof(buffer));
	sgz_buffer_init(&buffer, NULL);
	assert_null(buffer.data);
	assert_int_equal(buffer.len, 0);
	assert_int_equal(buffer.capacity, 0);
	assert_ptr_equal(buffer.allocator, clean.allocator);
	sgz_buffer_release(&buffer);
	sgz_buffer_release(NULL);
}

static void
test_memory__buffer_grows_from_its_own_allocator(void **state)
{
	struct counter counter;
	struct sgz_buffer line;
	struct bytes file = { NULL, 0, 0 };
	struct sgz_reader *reader;

	(void)state;
	counter_init(&counter);
	add_bgzf(&file, "one\ntwo\n", 8, 3);
	sgz_buffer_init(&line, &counter.allocator);
	reader = open_bytes(&file);
	assert_int_equal(sgz_reader_read_line(reader, '\n', &line, NULL),
			 SGZ_OK);
	assert_int_equal(line.len, 4);
	assert_string_equal((char *)line.data, "one\n");
	assert_true(line.capacity > line.len);
	assert_int_equal(counter.live, 1);
	/* its memory outlives the reader */
	sgz_reader_close(reader);
	assert_string_equal((char *)line.data, "one\n");
	sgz_buffer_release(&line);
	assert_none_live(&counter);
	assert_null(line.data);
	assert_int_equal(line.len, 0);
	assert_int_equal(line.capacity, 0);
	/* a second release has nothing to do */
	sgz_buffer_release(&line);
	bytes_free(&file);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_memory__the_libc_allocator_works),
	cmocka_unit_test(test_memory__alloc_and_free),
	cmocka_unit_test(test_memory__alloc_is_aligned_for_any_object),
	cmocka_unit_test(test_memory__alloc_of_too_much_is_null),
	cmocka_unit_test(test_memory__default_is_used_and_put_back),
	cmocka_unit_test(test_memory__default_is_copied),
	cmocka_unit_test(test_memory__default_stays_while_a_block_is_alive),
	cmocka_unit_test(test_memory__handles_keep_the_default_in_place),
	cmocka_unit_test(test_memory__default_needs_all_three_functions),
	cmocka_unit_test(test_memory__every_byte_of_a_handle_is_its_allocators),
	cmocka_unit_test(test_memory__an_allocator_in_options_needs_all_three),
	cmocka_unit_test(test_memory__buffer_init_takes_null_for_the_default),
	cmocka_unit_test(test_memory__buffer_grows_from_its_own_allocator),
};

RUN("memory", tests)
