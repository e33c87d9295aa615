/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * libdeflate: whole streams, more than twice as fast as zlib. A level from 1 to
 * 12 is libdeflate's level of that number, and -1 its 6, which it calls its
 * default. (bgzip's levels are others: its 6 is libdeflate's 7.)
 */
#include "../codec.h"
#include "../internal.h"

#include <libdeflate.h>

enum {
	DEFAULT_LEVEL = 6
};

struct decoder {
	const struct sgz_memory *memory;
	struct libdeflate_decompressor *of;
};

struct encoder {
	const struct sgz_memory *memory;
	struct libdeflate_compressor *of;
};

/*
 * libdeflate's allocator has no context: where its memory comes from is known
 * by who asks for it. It asks only while it makes or frees an object.
 */
static _Thread_local const struct sgz_memory *asking
	__attribute__((tls_model("initial-exec")));

static void *
take_memory(size_t size)
{
	return sgz_memory_alloc(asking, size);
}

static void
give_memory(void *ptr)
{
	sgz_memory_free(asking, ptr);
}

static const struct libdeflate_options hooks = {
	.sizeof_options = sizeof(struct libdeflate_options),
	.malloc_func = take_memory,
	.free_func = give_memory,
};

static uint32_t
crc32_of(uint32_t crc, const void *data, size_t len)
{
	/* of a NULL it would return the first value and not @crc */
	return len > 0 ? libdeflate_crc32(crc, data, len) : crc;
}

static void *
new_decoder(const struct sgz_memory *memory)
{
	struct decoder *decoder = sgz_memory_alloc(memory, sizeof(*decoder));

	if (decoder == NULL)
		return NULL;
	asking = decoder->memory = memory;
	decoder->of = libdeflate_alloc_decompressor_ex(&hooks);
	if (decoder->of != NULL)
		return decoder;
	sgz_memory_free(memory, decoder);
	return NULL;
}

static void
reset(void *object)
{
	/* nothing is kept from one stream to the next */
	(void)object;
}

static enum sgz_codec_answer
decode(void *object, struct sgz_codec_work *work, bool whole)
{
	struct decoder *decoder = object;
	size_t taken, made;
	enum libdeflate_result result = libdeflate_deflate_decompress_ex(
		decoder->of, work->in, work->in_len, work->out, work->out_len,
		&taken, &made);

	(void)whole;
	switch (result) {
	case LIBDEFLATE_SUCCESS:
		work->in += taken;
		work->in_len -= taken;
		work->out += made;
		work->out_len -= made;
		return SGZ_CODEC_END;
	case LIBDEFLATE_INSUFFICIENT_SPACE:
		work->out += work->out_len;
		work->out_len = 0;
		return SGZ_CODEC_MORE;
	default:
		work->reason = NULL;
		return SGZ_CODEC_CORRUPT;
	}
}

/*
 * libdeflate does not tell how much it made when the room is too little, but it
 * makes bytes in their order, and stops where the next literal, match or stored
 * block does not fit. Up to FASTLOOP_MAX (decompress_template.h) bytes behind
 * that are rubbish. So a mark further behind @need than that is gone only if
 * all that was needed is there:
 *
 *   | need ... | MARK_AT: more than FASTLOOP_MAX | mark | one match more |
 */
static bool
decode_part(void *object, const unsigned char *in, size_t in_len,
	    unsigned char *out, size_t need)
{
	enum {
		FASTLOOP_MAX = 2 + 258 + 5 * 8 - 1,
		MARK_AT = FASTLOOP_MAX + 21,
		MATCH_MOST = 258,
	};
	static const unsigned char mark[] = { 0xa7, 0x5c, 0x3b, 0xe1,
					      0x99, 0x02, 0xd4, 0x6e };
	struct decoder *decoder = object;
	size_t room = need + MARK_AT + sizeof(mark) + MATCH_MOST, made;
	enum libdeflate_result result;

	memcpy(out + need + MARK_AT, mark, sizeof(mark));
	result = libdeflate_deflate_decompress_ex(decoder->of, in, in_len, out,
						  room, NULL, &made);
	if (result == LIBDEFLATE_SUCCESS)
		return made >= need;
	return result == LIBDEFLATE_INSUFFICIENT_SPACE &&
		memcmp(out + need + MARK_AT, mark, sizeof(mark)) != 0;
}

static void
free_decoder(void *object)
{
	struct decoder *decoder = object;

	asking = decoder->memory;
	libdeflate_free_decompressor(decoder->of);
	sgz_memory_free(asking, decoder);
}

static void *
new_encoder(const struct sgz_memory *memory, int level)
{
	struct encoder *encoder = sgz_memory_alloc(memory, sizeof(*encoder));

	if (encoder == NULL)
		return NULL;
	asking = encoder->memory = memory;
	encoder->of = libdeflate_alloc_compressor_ex(
		level < 0 ? DEFAULT_LEVEL : level, &hooks);
	if (encoder->of != NULL)
		return encoder;
	sgz_memory_free(memory, encoder);
	return NULL;
}

static enum sgz_codec_answer
encode(void *object, struct sgz_codec_work *work, enum sgz_codec_flush flush)
{
	struct encoder *encoder = object;
	size_t made = libdeflate_deflate_compress(
		encoder->of, work->in, work->in_len, work->out, work->out_len);

	(void)flush;
	if (made == 0)
		return SGZ_CODEC_MORE;
	work->in += work->in_len;
	work->in_len = 0;
	work->out += made;
	work->out_len -= made;
	return SGZ_CODEC_END;
}

static void
free_encoder(void *object)
{
	struct encoder *encoder = object;

	asking = encoder->memory;
	libdeflate_free_compressor(encoder->of);
	sgz_memory_free(asking, encoder);
}

const struct sgz_codec sgz_codec_libdeflate = {
	.name = "libdeflate",
	.crc32 = crc32_of,
	.whole_only = true,
	.new_decoder = new_decoder,
	.reset_decoder = reset,
	.decode = decode,
	.decode_part = decode_part,
	.free_decoder = free_decoder,
	.new_encoder = new_encoder,
	.reset_encoder = reset,
	.encode = encode,
	.free_encoder = free_encoder,
};
