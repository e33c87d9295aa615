/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The codecs that are built in, each by itself and each against the others. */
#include "support.h"

/* behind it, since it forbids malloc() and its like */
#include "../csrc/codec.h"

enum {
	LEN = 60000,
	TRAILER = 8,
	ROOM = 2 * LEN
};

static const struct sgz_codec_vtable *
functions_of(size_t i)
{
	struct sgz_codec *codec = i == 0 ? sgz_codec_find_built_in("zlib") :
					   sgz_codec_find_built_in(NULL);

	assert_non_null(codec);
	return &codec->functions;
}

/* Data that has repetitions, and data that has none. */
static void
fill(unsigned char *data, size_t len)
{
	uint32_t noise = 1;

	for (size_t i = 0; i < len; i++) {
		noise = noise * 1664525 + 1013904223;
		data[i] = i % 7 == 0 ? (unsigned char)(noise >> 24) :
				       (unsigned char)('a' + i % 11);
	}
}

static size_t
pack(const struct sgz_codec_vtable *codec, int level, const unsigned char *data,
     size_t len, unsigned char *to, size_t room)
{
	void *encoder = codec->new_encoder(level, &sgz_allocator_libc);
	enum sgz_codec_answer answer;
	size_t made = 0;

	assert_non_null(encoder);
	answer = codec->compress_block(encoder, data, len, to, room, &made);
	codec->free_encoder(encoder);
	assert_true(answer == SGZ_CODEC_DONE || answer == SGZ_CODEC_NO_ROOM);
	return answer == SGZ_CODEC_DONE ? made : 0;
}

static enum sgz_codec_answer
unpack(const struct sgz_codec_vtable *codec, const unsigned char *packed,
       size_t len, unsigned char *back, size_t back_len, size_t room,
       size_t *used)
{
	void *decoder = codec->new_decoder(&sgz_allocator_libc);
	enum sgz_codec_answer answer;

	assert_non_null(decoder);
	answer = codec->decompress_block(decoder, packed, len + TRAILER, back,
					 back_len, room, used);
	codec->free_decoder(decoder);
	return answer;
}

static void
test_codec__each_reads_what_each_writes(void **state)
{
	static unsigned char data[LEN], packed[ROOM], back[LEN];

	(void)state;
	fill(data, LEN);
	for (size_t from = 0; from < 2; from++)
		for (int level = 1; level <= 9; level++) {
			size_t used = 0;
			size_t len = pack(functions_of(from), level, data, LEN,
					  packed, ROOM - TRAILER);

			assert_true(len > 0);
			for (size_t to = 0; to < 2; to++) {
				assert_int_equal(unpack(functions_of(to),
							packed, len, back, LEN,
							LEN, &used),
						 SGZ_CODEC_DONE);
				assert_int_equal(used, len);
				assert_memory_equal(back, data, LEN);
			}
		}
}

static void
test_codec__default_level_is_6(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(functions_of(i)->level_default, 6);
}

static void
test_codec__crc_goes_on_and_takes_nothing(void **state)
{
	static unsigned char data[LEN];
	uint32_t whole, crc;

	(void)state;
	fill(data, LEN);
	whole = sgz_crc32_folded(0, data, LEN);
	crc = sgz_crc32(0, data, 1001);
	crc = sgz_crc32(crc, NULL, 0);
	crc = sgz_crc32(crc, data + 1001, LEN - 1001);
	assert_int_equal(crc, whole);
}

static void
test_codec__another_length_is_no_end(void **state)
{
	static unsigned char data[LEN], packed[ROOM], back[ROOM];
	size_t len, used = 0;

	(void)state;
	fill(data, LEN);
	for (size_t i = 0; i < 2; i++) {
		const struct sgz_codec_vtable *codec = functions_of(i);

		len = pack(codec, 6, data, LEN, packed, ROOM - TRAILER);
		assert_int_equal(unpack(codec, packed, len, back, LEN - 1,
					LEN - 1, &used),
				 SGZ_CODEC_CORRUPT);
		/* also where there is room for it */
		assert_int_equal(
			unpack(codec, packed, len, back, LEN - 1, ROOM, &used),
			SGZ_CODEC_CORRUPT);
		assert_int_equal(
			unpack(codec, packed, len, back, LEN + 1, ROOM, &used),
			SGZ_CODEC_CORRUPT);
		assert_int_equal(pack(codec, 6, data, LEN, packed, len / 2), 0);
	}
}

/* Memory that is refused at each point leaves nothing behind. */
static void
test_codec__memory_is_the_allocators_and_may_be_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t fail = 1;; fail++) {
			const struct sgz_codec_vtable *codec = functions_of(i);
			struct counter counter;
			void *decoder, *encoder;

			counter_init(&counter);
			counter.fail_at = fail;
			counter.fail_count = 1;
			decoder = codec->new_decoder(&counter.allocator);
			encoder = codec->new_encoder(6, &counter.allocator);
			if (decoder != NULL)
				codec->free_decoder(decoder);
			if (encoder != NULL)
				codec->free_encoder(encoder);
			assert_none_live(&counter);
			if (decoder != NULL && encoder != NULL)
				break;
		}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_codec__each_reads_what_each_writes),
	cmocka_unit_test(test_codec__default_level_is_6),
	cmocka_unit_test(test_codec__crc_goes_on_and_takes_nothing),
	cmocka_unit_test(test_codec__another_length_is_no_end),
	cmocka_unit_test(
		test_codec__memory_is_the_allocators_and_may_be_refused),
};

RUN("codec", tests)
