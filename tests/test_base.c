/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Version, limits and checksums. */
#include "support.h"
#include <pthread.h>
#include <zlib.h>

static void
test_base__versions_agree(void **state)
{
	(void)state;
	assert_int_equal(sgz_version_number(), SGZ_VERSION_NUMBER);
	assert_string_equal(sgz_version_text, SGZ_VERSION_STRING);
	assert_true(SGZ_VERSION_MAKE(1, 0, 0) > SGZ_VERSION_MAKE(0, 255, 255));
	assert_true(SGZ_VERSION_MAKE(0, 2, 0) > SGZ_VERSION_MAKE(0, 1, 255));
}

static void
test_base__block_sizes_are_bounds(void **state)
{
	(void)state;
	assert_int_equal(sgz_block_sizes[0], 1);
	assert_int_equal(sgz_block_sizes[1], SGZ_BLOCK_DEFAULT);
	assert_int_equal(sgz_block_sizes[2], SGZ_BLOCK_MAX);
}

static void
test_base__unknown_is_the_largest(void **state)
{
	(void)state;
	assert_true(SGZ_UNKNOWN == UINT64_MAX);
}

static void
test_base__crc32_of_known_text(void **state)
{
	(void)state;
	/* the check value of CRC-32 catalogues */
	assert_int_equal(sgz_crc32(0, "123456789", 9), 0xcbf43926u);
}

static void
test_base__crc32_of_nothing(void **state)
{
	(void)state;
	assert_int_equal(sgz_crc32(0, NULL, 0), 0);
	assert_int_equal(sgz_crc32(0x1234u, NULL, 0), 0x1234u);
	assert_int_equal(sgz_crc32(7, "x", 0), 7);
}

static void
test_base__crc32_continues(void **state)
{
	unsigned char *text = make_text(1000);
	uint32_t whole = sgz_crc32(0, text, 1000);

	(void)state;
	assert_int_equal(whole, crc32(0, text, 1000));
	for (size_t at = 0; at <= 1000; at += 37)
		assert_int_equal(
			sgz_crc32(sgz_crc32(0, text, at), text + at, 1000 - at),
			whole);
	free(text);
}

static void *
crc_in_thread(void *data)
{
	for (int i = 0; i < 100; i++)
		if (sgz_crc32(0, data, 10000) != crc32(0, data, 10000))
			return data;
	return NULL;
}

static void
test_base__crc32_in_threads(void **state)
{
	unsigned char *text = make_text(10000);
	pthread_t threads[3];
	void *wrong;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, crc_in_thread, text),
			0);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
	free(text);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_base__versions_agree),
	cmocka_unit_test(test_base__block_sizes_are_bounds),
	cmocka_unit_test(test_base__unknown_is_the_largest),
	cmocka_unit_test(test_base__crc32_of_known_text),
	cmocka_unit_test(test_base__crc32_of_nothing),
	cmocka_unit_test(test_base__crc32_continues),
	cmocka_unit_test(test_base__crc32_in_threads),
};

RUN("base", tests)
