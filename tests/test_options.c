/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Size-stamped options, their defaults and their bounds. */
#include "support.h"

static void
test_options__function_and_macro_agree(void **state)
{
	struct sgz_options by_macro = SGZ_OPTIONS_INIT;
	struct sgz_options by_function;

	(void)state;
	memset(&by_function, 0xff, sizeof(by_function));
	assert_int_equal(sgz_options_init(&by_function, sizeof(by_function)),
			 SGZ_OK);
	assert_int_equal(by_function.size, sizeof(struct sgz_options));
	assert_int_equal(by_function.level, SGZ_LEVEL_DEFAULT);
	assert_int_equal(by_function.block_size, SGZ_BLOCK_DEFAULT);
	assert_int_equal(by_function.format, SGZ_FORMAT_BGZF);
	assert_memory_equal(&by_function, &by_macro, sizeof(by_macro));
}

enum {
	FIRST_SIZE = 56,
	/* with the pool and the size of the cache */
	SECOND_SIZE = 72,
};

static void
test_options__init_writes_no_more_than_size(void **state)
{
	/* a caller compiled against a later, larger struct, and what is
	 * behind an equal one */
	unsigned char room[sizeof(struct sgz_options) + 16];
	struct sgz_options *options = (void *)room;

	(void)state;
	memset(room, 0xee, sizeof(room));
	assert_int_equal(sgz_options_init(options, sizeof(*options)), SGZ_OK);
	for (size_t i = sizeof(*options); i < sizeof(room); i++)
		assert_int_equal(room[i], 0xee);
}

static void
test_options__init_knows_a_larger_struct(void **state)
{
	unsigned char room[sizeof(struct sgz_options) + 16];
	struct sgz_options *options = (void *)room;

	(void)state;
	memset(room, 0xee, sizeof(room));
	assert_int_equal(sgz_options_init(options, sizeof(room)), SGZ_OK);
	assert_int_equal(options->level, SGZ_LEVEL_DEFAULT);
}

static void
test_options__init_refuses_a_smaller_struct(void **state)
{
	struct sgz_options options;
	struct sgz_options before;

	(void)state;
	memset(&options, 0xee, sizeof(options));
	before = options;
	assert_int_equal(sgz_options_init(&options, 0), SGZ_E_INVALID);
	assert_int_equal(sgz_options_init(&options, sizeof(options) - 1),
			 SGZ_E_INVALID);
	assert_int_equal(sgz_options_init(&options, FIRST_SIZE - 1),
			 SGZ_E_INVALID);
	assert_int_equal(sgz_options_init(&options, SECOND_SIZE - 8),
			 SGZ_E_INVALID);
	assert_memory_equal(&options, &before, sizeof(options));
}

/* A program that was compiled when the struct ended sooner. */
static void
test_options__an_earlier_struct_is_understood(void **state)
{
	static const size_t sizes[] = { FIRST_SIZE, SECOND_SIZE };
	struct sgz_options options;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		memset(&options, 0xee, sizeof(options));
		assert_int_equal(sgz_options_init(&options, sizes[i]), SGZ_OK);
		assert_int_equal(options.size, sizes[i]);
		/* what is behind it is not written, and not read */
		assert_int_equal(((unsigned char *)&options)[sizes[i]], 0xee);
		assert_int_equal((uintptr_t)options.codec & 0xff, 0xee);
		assert_ok(sgz_writer_open_memory(&buffer, &options, &writer,
						 &error),
			  &error);
		assert_ok(sgz_writer_write(writer, "x", 1, &error), &error);
		assert_ok(sgz_writer_finish(writer, &error), &error);
		sgz_writer_free(writer);
		sgz_buffer_release(&buffer);
	}
}

static void
test_options__the_layout_is_fixed(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct sgz_options, level), 8);
	assert_int_equal(offsetof(struct sgz_options, block_size), 12);
	assert_int_equal(offsetof(struct sgz_options, progress_interval), 20);
	assert_int_equal(offsetof(struct sgz_options, header_limit), 24);
	assert_int_equal(offsetof(struct sgz_options, allocator), 48);
	assert_int_equal(offsetof(struct sgz_options, pool), 56);
	assert_int_equal(offsetof(struct sgz_options, cache_size), 64);
	assert_int_equal(offsetof(struct sgz_options, codec), 72);
	assert_int_equal(sizeof(struct sgz_options), 80);
}

/* Open a writer with @options, which must be refused. */
static void
refused(const struct sgz_options *options)
{
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	assert_failure(
		SGZ_E_INVALID,
		sgz_writer_open_memory(&buffer, options, &writer, &error),
		&error);
	assert_null(writer);
	assert_null(buffer.data);
}

static void
test_options__a_stamp_that_is_too_small_is_refused(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	struct sgz_index_entry entry = { 0, 0 };
	struct bytes file = { NULL, 0, 0 };

	(void)state;
	options.size = sizeof(options) - 1;
	refused(&options);
	options.size = FIRST_SIZE - 1;
	refused(&options);
	add_bgzf(&file, "x", 1, 10);
	options.size = 0;
	refused(&options);
	assert_int_equal(sgz_reader_open_memory(file.data, file.len, &options,
						&reader, NULL),
			 SGZ_E_INVALID);
	assert_int_equal(
		sgz_index_from_entries(&entry, 1, &options, &index, NULL),
		SGZ_E_INVALID);
	bytes_free(&file);
}

static void
test_options__a_later_struct_is_understood(void **state)
{
	struct {
		struct sgz_options options;
		uint64_t later_field;
	} later = { SGZ_OPTIONS_INIT, 0 };
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	later.options.size = sizeof(later);
	assert_ok(sgz_writer_open_memory(&buffer, &later.options, &writer,
					 &error),
		  &error);
	sgz_writer_free(writer);
	sgz_buffer_release(&buffer);
	/* but what it asks for cannot be passed over */
	later.later_field = 1;
	refused(&later.options);
}

static void
test_options__values_out_of_range_are_refused(void **state)
{
	static const int32_t levels[] = { -2, 13, INT32_MIN, INT32_MAX };
	static const uint32_t sizes[] = { 0, SGZ_BLOCK_MAX + 1, UINT32_MAX };
	struct sgz_options options;

	(void)state;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		sgz_options_init(&options, sizeof(options));
		options.level = levels[i];
		refused(&options);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		sgz_options_init(&options, sizeof(options));
		options.block_size = sizes[i];
		refused(&options);
	}
	for (unsigned int format = SGZ_FORMAT_NONE; format <= 3; format++) {
		sgz_options_init(&options, sizeof(options));
		options.format = format & 3;
		refused(&options);
	}
	sgz_options_init(&options, sizeof(options));
	options.reserved = 1;
	refused(&options);
}

static void
test_options__detect_tells_bgzf_from_gzip(void **state)
{
	struct bytes bgzf = { NULL, 0, 0 };
	struct bytes gzip = { NULL, 0, 0 };

	(void)state;
	add_bgzf(&bgzf, "x", 1, 10);
	add_member(&gzip, "x", 1);
	assert_int_equal(sgz_detect(bgzf.data, 18), SGZ_FORMAT_BGZF);
	assert_int_equal(sgz_detect(bgzf.data, bgzf.len), SGZ_FORMAT_BGZF);
	assert_int_equal(sgz_detect(gzip.data, gzip.len), SGZ_FORMAT_GZIP);
	assert_int_equal(sgz_detect(NULL, 0), SGZ_FORMAT_NONE);
	assert_int_equal(sgz_detect("", 0), SGZ_FORMAT_NONE);
	assert_int_equal(sgz_detect("plain text, and long", 20),
			 SGZ_FORMAT_NONE);
	/* a method that is not deflate */
	gzip.data[2] = 7;
	assert_int_equal(sgz_detect(gzip.data, gzip.len), SGZ_FORMAT_NONE);
	bytes_free(&bgzf);
	bytes_free(&gzip);
}

static void
test_options__detect_looks_no_further_than_the_extra_field(void **state)
{
	/* XLEN is 0 and 4: what looks like the subfield is something else */
	unsigned char none[] = "\x1f\x8b\10\4\0\0\0\0\0\3\0\0BC\2\0ab";
	unsigned char few[] = "\x1f\x8b\10\4\0\0\0\0\0\3\4\0BC\2\0ab";

	(void)state;
	assert_int_equal(sgz_detect(none, 18), SGZ_FORMAT_GZIP);
	assert_int_equal(sgz_detect(few, 18), SGZ_FORMAT_GZIP);
	few[10] = 6;
	assert_int_equal(sgz_detect(few, 18), SGZ_FORMAT_BGZF);
}

static void
test_options__detect_takes_any_length(void **state)
{
	struct bytes bgzf = { NULL, 0, 0 };

	(void)state;
	add_bgzf(&bgzf, "x", 1, 10);
	for (size_t len = 0; len < 18; len++) {
		/* a copy, for the tools that see reads beyond an end */
		unsigned char *part = malloc(len + (len == 0));
		enum sgz_format format;

		assert_non_null(part);
		memcpy(part, bgzf.data, len);
		format = sgz_detect(part, len);
		assert_true(format == SGZ_FORMAT_GZIP ||
			    format == SGZ_FORMAT_NONE);
		free(part);
	}
	bytes_free(&bgzf);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_options__function_and_macro_agree),
	cmocka_unit_test(test_options__init_writes_no_more_than_size),
	cmocka_unit_test(test_options__init_knows_a_larger_struct),
	cmocka_unit_test(test_options__init_refuses_a_smaller_struct),
	cmocka_unit_test(test_options__an_earlier_struct_is_understood),
	cmocka_unit_test(test_options__the_layout_is_fixed),
	cmocka_unit_test(test_options__a_stamp_that_is_too_small_is_refused),
	cmocka_unit_test(test_options__a_later_struct_is_understood),
	cmocka_unit_test(test_options__values_out_of_range_are_refused),
	cmocka_unit_test(test_options__detect_tells_bgzf_from_gzip),
	cmocka_unit_test(
		test_options__detect_looks_no_further_than_the_extra_field),
	cmocka_unit_test(test_options__detect_takes_any_length),
};

RUN("options", tests)
