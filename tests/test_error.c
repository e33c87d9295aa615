/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Status codes, their texts, and the struct that carries the details. */
#include "support.h"

static const struct {
	enum sgz_status status;
	int value;
	const char *name;
} codes[] = {
	{ SGZ_OK, 0, "SGZ_OK" },
	{ SGZ_E_INVALID, -1, "SGZ_E_INVALID" },
	{ SGZ_E_NOMEM, -2, "SGZ_E_NOMEM" },
	{ SGZ_E_IO, -3, "SGZ_E_IO" },
	{ SGZ_E_FORMAT, -4, "SGZ_E_FORMAT" },
	{ SGZ_E_DATA, -5, "SGZ_E_DATA" },
	{ SGZ_E_CRC, -6, "SGZ_E_CRC" },
	{ SGZ_E_LENGTH, -7, "SGZ_E_LENGTH" },
	{ SGZ_E_TRUNCATED, -8, "SGZ_E_TRUNCATED" },
	{ SGZ_E_TRAILING, -9, "SGZ_E_TRAILING" },
	{ SGZ_E_CALLBACK, -10, "SGZ_E_CALLBACK" },
	{ SGZ_E_CANCELLED, -11, "SGZ_E_CANCELLED" },
	{ SGZ_E_INDEX, -12, "SGZ_E_INDEX" },
	{ SGZ_E_RANGE, -13, "SGZ_E_RANGE" },
	{ SGZ_E_UNSUPPORTED, -14, "SGZ_E_UNSUPPORTED" },
	{ SGZ_E_STATE, -15, "SGZ_E_STATE" },
	{ SGZ_E_LIMIT, -16, "SGZ_E_LIMIT" },
	{ SGZ_E_EXISTS, -17, "SGZ_E_EXISTS" },
};

#define CODE_COUNT (sizeof(codes) / sizeof(codes[0]))

static void
test_error__codes_are_never_renumbered(void **state)
{
	(void)state;
	for (size_t i = 0; i < CODE_COUNT; i++) {
		assert_int_equal(codes[i].status, codes[i].value);
		assert_int_equal(SGZ_IS_ERROR(codes[i].status),
				 codes[i].value != 0);
	}
}

static void
test_error__each_code_has_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < CODE_COUNT; i++)
		assert_string_equal(sgz_status_name(codes[i].status),
				    codes[i].name);
}

static void
test_error__each_code_has_a_text_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < CODE_COUNT; i++) {
		assert_true(strlen(sgz_status_text(codes[i].status)) > 1);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(
				sgz_status_text(codes[i].status),
				sgz_status_text(codes[j].status));
	}
}

static void
test_error__an_unknown_code_is_said_to_be_unknown(void **state)
{
	static const int unknown[] = { 1, -18, -1000, INT32_MAX, INT32_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		enum sgz_status status;

		/* as it would come from a later version of the library */
		memcpy(&status, &unknown[i], sizeof(status));
		assert_null(sgz_status_name(status));
		assert_non_null(
			strstr(sgz_status_text(status), "unknown status"));
	}
}

static void
test_error__the_layout_is_fixed(void **state)
{
	(void)state;
	assert_int_equal(sizeof(enum sgz_status), 4);
	assert_int_equal(offsetof(struct sgz_error, sys_errno), 4);
	assert_int_equal(offsetof(struct sgz_error, offset), 8);
	assert_int_equal(offsetof(struct sgz_error, text), 16);
	assert_int_equal(sizeof(struct sgz_error), 256);
}

static void
test_error__is_written_only_on_failure(void **state)
{
	struct sgz_error error;
	struct sgz_error before;
	struct sgz_reader *reader = NULL;
	struct bytes file = { NULL, 0, 0 };

	(void)state;
	memset(&error, 0x77, sizeof(error));
	before = error;
	add_bgzf(&file, "text", 4, 100);
	assert_int_equal(sgz_reader_open_memory(file.data, file.len, NULL,
						&reader, &error),
			 SGZ_OK);
	assert_memory_equal(&error, &before, sizeof(error));
	sgz_reader_close(reader);
	bytes_free(&file);
}

static void
test_error__any_value_will_do_before_the_call(void **state)
{
	struct sgz_error error;
	struct sgz_reader *reader = NULL;

	(void)state;
	memset(&error, 0x77, sizeof(error));
	assert_failure(SGZ_E_FORMAT,
		       sgz_reader_open_memory("this is no gzip file", 20, NULL,
					      &reader, &error),
		       &error);
	assert_int_equal(error.sys_errno, 0);
	assert_true(error.offset == 0);
	assert_null(reader);
}

static void
test_error__null_for_the_details_is_allowed(void **state)
{
	struct sgz_reader *reader = NULL;

	(void)state;
	assert_int_equal(sgz_reader_open_memory("this is no gzip file", 20,
						NULL, &reader, NULL),
			 SGZ_E_FORMAT);
	assert_int_equal(sgz_reader_open("no/such/file", NULL, &reader, NULL),
			 SGZ_E_IO);
}

static void
test_error__is_one_line_whatever_the_name(void **state)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;

	(void)state;
	assert_failure(SGZ_E_IO,
		       sgz_reader_open("two\nlines\xff", NULL, &reader, &error),
		       &error);
	/* other bytes are kept as they are */
	assert_non_null(strstr(error.text, "two lines\xff"));
}

static void
test_error__a_long_name_is_cut_to_fit(void **state)
{
	char path[1000];
	struct sgz_error error;
	struct sgz_reader *reader = NULL;

	(void)state;
	memset(path, 'n', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	memset(&error, 0x77, sizeof(error));
	assert_failure(SGZ_E_IO, sgz_reader_open(path, NULL, &reader, &error),
		       &error);
	assert_true(strlen(error.text) < SGZ_ERROR_TEXT_SIZE);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_error__codes_are_never_renumbered),
	cmocka_unit_test(test_error__each_code_has_its_name),
	cmocka_unit_test(test_error__each_code_has_a_text_of_its_own),
	cmocka_unit_test(test_error__an_unknown_code_is_said_to_be_unknown),
	cmocka_unit_test(test_error__the_layout_is_fixed),
	cmocka_unit_test(test_error__is_written_only_on_failure),
	cmocka_unit_test(test_error__any_value_will_do_before_the_call),
	cmocka_unit_test(test_error__null_for_the_details_is_allowed),
	cmocka_unit_test(test_error__is_one_line_whatever_the_name),
	cmocka_unit_test(test_error__a_long_name_is_cut_to_fit),
};

RUN("error", tests)
