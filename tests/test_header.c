/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Headers of members: their layout, subfields and description. */
#include "support.h"

static void
test_header__the_layout_is_packed(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct sgz_prefix), 10);
	assert_int_equal(offsetof(struct sgz_prefix, mtime), 4);
	assert_int_equal(sizeof(struct sgz_subfield), 4);
	assert_int_equal(_Alignof(struct sgz_subfield), 1);
}

static void
test_header__subfields_are_found_at_any_address(void **state)
{
	static const unsigned char extra[] = {
		'A', 'p', 3, 0, 1, 2, 3, /* the next one is at 7 */
		'B', 'C', 0, 0, /* empty */
		'z', 0,	  1, 0, 9,
	};
	struct sgz_header header = { 0 };
	const struct sgz_subfield *at;

	(void)state;
	header.extra = extra;
	header.extra_len = sizeof(extra);
	at = sgz_subfield_next(&header, NULL);
	assert_ptr_equal(at, extra);
	assert_int_equal(sgz_subfield_len(at), 3);
	assert_int_equal(at->data[2], 3);
	at = sgz_subfield_next(&header, at);
	assert_ptr_equal(at, extra + 7);
	assert_int_equal(at->si1, 'B');
	assert_int_equal(sgz_subfield_len(at), 0);
	at = sgz_subfield_next(&header, at);
	assert_ptr_equal(at, extra + 11);
	assert_int_equal(at->data[0], 9);
	assert_null(sgz_subfield_next(&header, at));
}

static void
test_header__no_extra_field_has_no_subfields(void **state)
{
	struct sgz_header header = { 0 };

	(void)state;
	assert_null(sgz_subfield_next(&header, NULL));
}

static void
test_header__a_subfield_that_overruns_is_not_given(void **state)
{
	static const unsigned char extra[] = { 'A', 'p', 3, 0, 1, 2 };
	struct sgz_header header = { 0 };

	(void)state;
	header.extra = extra;
	for (size_t len = 0; len <= sizeof(extra); len++) {
		header.extra_len = len;
		assert_null(sgz_subfield_next(&header, NULL));
	}
}

static void
test_header__describe_names_what_is_there(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;
	char *text = NULL;

	(void)state;
	add_member_with(&file, "x", 1, "Ap\1\0z", 5, "file.txt", "remark");
	reader = open_bytes(&file);
	assert_ok(sgz_header_describe(sgz_reader_get_header(reader), &text,
				      &error),
		  &error);
	/* the text is independent of the header */
	sgz_reader_close(reader);
	assert_non_null(strstr(text, "file.txt"));
	assert_non_null(strstr(text, "remark"));
	assert_non_null(strstr(text, "Ap"));
	assert_null(strchr(text, '\n'));
	sgz_free(text);
	bytes_free(&file);
}

static void
test_header__describe_escapes_what_is_not_printable(void **state)
{
	struct sgz_header header = { 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	char *text = NULL;

	(void)state;
	header.name = "a\x1b[1m\xff\n\\";
	assert_ok(sgz_header_describe(&header, &text, &error), &error);
	assert_non_null(strstr(text, "\\x1b"));
	assert_non_null(strstr(text, "\\xff"));
	assert_non_null(strstr(text, "\\x0a"));
	for (const char *at = text; *at != '\0'; at++)
		assert_true(*at >= ' ' && *at <= '~');
	sgz_free(text);
}

static void
test_header__describe_of_an_empty_header(void **state)
{
	struct sgz_header header = { 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	char *text = NULL;

	(void)state;
	assert_ok(sgz_header_describe(&header, &text, &error), &error);
	assert_non_null(text);
	sgz_free(text);
}

static void
test_header__describe_uses_the_default_allocator(void **state)
{
	struct counter counter;
	struct sgz_header header = { 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	char *text = NULL;

	(void)state;
	counter_init(&counter);
	header.name = "name";
	assert_ok(sgz_allocator_set_default(&counter.allocator, &error),
		  &error);
	assert_ok(sgz_header_describe(&header, &text, &error), &error);
	assert_int_equal(counter.live, 1);
	sgz_free(text);
	assert_none_live(&counter);
	assert_ok(sgz_allocator_set_default(NULL, &error), &error);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_header__the_layout_is_packed),
	cmocka_unit_test(test_header__subfields_are_found_at_any_address),
	cmocka_unit_test(test_header__no_extra_field_has_no_subfields),
	cmocka_unit_test(test_header__a_subfield_that_overruns_is_not_given),
	cmocka_unit_test(test_header__describe_names_what_is_there),
	cmocka_unit_test(test_header__describe_escapes_what_is_not_printable),
	cmocka_unit_test(test_header__describe_of_an_empty_header),
	cmocka_unit_test(test_header__describe_uses_the_default_allocator),
};

RUN("header", tests)
