/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Codecs, each by itself and each against the others. */
#include "support.h"

/* behind it, since it forbids malloc() and its like */
#include "../csrc/block.h"

enum {
	LEN = 60000
};

static const struct sgz_codec *const codecs[] = {
	&sgz_codec_zlib,
	SGZ_CODEC_BLOCKS,
};

static struct sgz_memory
default_memory(void)
{
	struct sgz_memory memory;

	sgz_memory_init(&memory, NULL);
	return memory;
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
pack(const struct sgz_codec *codec, int level, const unsigned char *data,
     size_t len, unsigned char *to, size_t room)
{
	struct sgz_memory memory = default_memory();
	void *encoder = codec->new_encoder(&memory, level);
	struct sgz_codec_work work = { data, len, to, room, NULL };
	enum sgz_codec_answer answer;

	assert_non_null(encoder);
	answer = codec->encode(encoder, &work, SGZ_CODEC_FINISH);
	codec->free_encoder(encoder);
	return answer == SGZ_CODEC_END ? room - work.out_len : 0;
}

static void
test_codec__each_reads_what_each_writes(void **state)
{
	static unsigned char data[LEN], packed[2 * LEN], back[LEN];
	struct sgz_memory memory = default_memory();

	(void)state;
	fill(data, LEN);
	for (size_t from = 0; from < 2; from++)
		for (int level = -1; level <= 9; level++) {
			size_t len = pack(codecs[from], level, data, LEN,
					  packed, sizeof(packed));

			assert_true(len > 0);
			for (size_t to = 0; to < 2; to++) {
				struct sgz_codec_work work = { packed, len,
							       back, LEN,
							       NULL };
				void *decoder =
					codecs[to]->new_decoder(&memory);

				assert_non_null(decoder);
				assert_int_equal(codecs[to]->decode(
							 decoder, &work, true),
						 SGZ_CODEC_END);
				assert_int_equal(work.in_len, 0);
				assert_int_equal(work.out_len, 0);
				assert_memory_equal(back, data, LEN);
				codecs[to]->free_decoder(decoder);
			}
		}
}

static void
test_codec__default_level_is_6(void **state)
{
	static unsigned char data[LEN], one[LEN], other[LEN];

	(void)state;
	fill(data, LEN);
	for (size_t i = 0; i < 2; i++) {
		size_t len = pack(codecs[i], -1, data, LEN, one, LEN);

		assert_int_equal(pack(codecs[i], 6, data, LEN, other, LEN),
				 len);
		assert_memory_equal(one, other, len);
	}
}

static void
test_codec__crc_goes_on_and_takes_nothing(void **state)
{
	static unsigned char data[LEN];

	(void)state;
	fill(data, LEN);
	for (size_t i = 0; i < 2; i++) {
		uint32_t whole = sgz_codec_zlib.crc32(0, data, LEN);
		uint32_t crc = codecs[i]->crc32(0, data, 1001);

		crc = codecs[i]->crc32(crc, NULL, 0);
		crc = codecs[i]->crc32(crc, data + 1001, LEN - 1001);
		assert_int_equal(crc, whole);
	}
}

static void
test_codec__too_little_room_is_no_end(void **state)
{
	static unsigned char data[LEN], packed[LEN];
	struct sgz_memory memory = default_memory();
	size_t len;

	(void)state;
	fill(data, LEN);
	for (size_t i = 0; i < 2; i++) {
		void *decoder = codecs[i]->new_decoder(&memory);
		struct sgz_codec_work work = { packed, 0, data, LEN - 1, NULL };

		assert_non_null(decoder);
		len = pack(codecs[i], 6, data, LEN, packed, LEN);
		assert_int_equal(pack(codecs[i], 6, data, LEN, packed, len / 2),
				 0);
		len = pack(codecs[i], 6, data, LEN, packed, LEN);
		work.in_len = len;
		assert_int_equal(codecs[i]->decode(decoder, &work, true),
				 SGZ_CODEC_MORE);
		assert_int_equal(work.out_len, 0);
		codecs[i]->free_decoder(decoder);
		fill(data, LEN);
	}
}

/* Memory that is refused at each point leaves nothing behind. */
static void
test_codec__memory_is_the_allocators_and_may_be_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t fail = 1;; fail++) {
			struct counter counter;
			struct sgz_memory memory;
			void *decoder, *encoder;

			counter_init(&counter);
			counter.fail_at = fail;
			counter.fail_count = 1;
			sgz_memory_init(&memory, &counter.allocator);
			decoder = codecs[i]->new_decoder(&memory);
			encoder = codecs[i]->new_encoder(&memory, 6);
			if (decoder != NULL)
				codecs[i]->free_decoder(decoder);
			if (encoder != NULL)
				codecs[i]->free_encoder(encoder);
			assert_none_live(&counter);
			if (decoder != NULL && encoder != NULL)
				break;
		}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_codec__each_reads_what_each_writes),
	cmocka_unit_test(test_codec__default_level_is_6),
	cmocka_unit_test(test_codec__crc_goes_on_and_takes_nothing),
	cmocka_unit_test(test_codec__too_little_room_is_no_end),
	cmocka_unit_test(
		test_codec__memory_is_the_allocators_and_may_be_refused),
};

RUN("codec", tests)
