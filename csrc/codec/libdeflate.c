/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * libdeflate: whole streams, more than twice as fast as zlib. A level from 1 to
 * 12 is libdeflate's level of that number, and the default is 6, as it is
 * libdeflate's. (bgzip's levels are others: its 6 is libdeflate's 7.)
 *
 * The same source is the codec that is built in, and, with SGZ_CODEC_PLUGIN, a
 * plugin. So it uses nothing of libsgz but the public header.
 */
#include <libdeflate.h>
#include <sgz/codec.h>
#include <string.h>

#ifndef SGZ_CODEC_PLUGIN
#include "../codec.h"
/* its place is known when libsgz is loaded, and it is used for each object */
#define TLS_MODEL __attribute__((tls_model("initial-exec")))
#else
#define TLS_MODEL
#endif

struct decoder {
	const struct sgz_allocator *allocator;
	struct libdeflate_decompressor *of;
};

struct encoder {
	const struct sgz_allocator *allocator;
	struct libdeflate_compressor *of;
};

/*
 * libdeflate's allocator has no context: where its memory comes from is known
 * by who asks for it. It asks only while it makes or frees an object.
 */
static _Thread_local const struct sgz_allocator *asking TLS_MODEL;

static void *
take_memory(size_t size)
{
	return asking->alloc(asking->ctx, size);
}

static void
give_memory(void *ptr)
{
	/* in brackets it is not the free() that internal.h forbids */
	if (ptr != NULL)
		(asking->free)(asking->ctx, ptr);
}

static const struct libdeflate_options hooks = {
	.sizeof_options = sizeof(struct libdeflate_options),
	.malloc_func = take_memory,
	.free_func = give_memory,
};

static void *
new_encoder(int32_t level, const struct sgz_allocator *allocator)
{
	struct encoder *encoder;

	asking = allocator;
	encoder = take_memory(sizeof(*encoder));
	if (encoder == NULL)
		return NULL;
	encoder->allocator = allocator;
	encoder->of = libdeflate_alloc_compressor_ex(level, &hooks);
	if (encoder->of != NULL)
		return encoder;
	give_memory(encoder);
	return NULL;
}

static enum sgz_codec_answer
compress_block(void *object, const void *in, size_t in_len, void *out,
	       size_t room, size_t *made_out)
{
	struct encoder *encoder = object;

	*made_out =
		libdeflate_deflate_compress(encoder->of, in, in_len, out, room);
	return *made_out != 0 ? SGZ_CODEC_DONE : SGZ_CODEC_NO_ROOM;
}

static void
free_encoder(void *object)
{
	struct encoder *encoder = object;

	asking = encoder->allocator;
	libdeflate_free_compressor(encoder->of);
	give_memory(encoder);
}

static void *
new_decoder(const struct sgz_allocator *allocator)
{
	struct decoder *decoder;

	asking = allocator;
	decoder = take_memory(sizeof(*decoder));
	if (decoder == NULL)
		return NULL;
	decoder->allocator = allocator;
	decoder->of = libdeflate_alloc_decompressor_ex(&hooks);
	if (decoder->of != NULL)
		return decoder;
	give_memory(decoder);
	return NULL;
}

static enum sgz_codec_answer
decompress_block(void *object, const void *in, size_t in_len, void *out,
		 size_t out_len, size_t room, size_t *used_out)
{
	struct decoder *decoder = object;
	size_t made;

	/* it stays on its fast path if it may look into the trailer, and has
	 * more room than it needs */
	if (libdeflate_deflate_decompress_ex(decoder->of, in, in_len, out, room,
					     used_out,
					     &made) != LIBDEFLATE_SUCCESS ||
	    made != out_len)
		return SGZ_CODEC_CORRUPT;
	return SGZ_CODEC_DONE;
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
static enum sgz_codec_answer
decompress_part(void *object, const void *in, size_t in_len, void *out,
		size_t need)
{
	enum {
		FASTLOOP_MAX = 2 + 258 + 5 * 8 - 1,
		MARK_AT = FASTLOOP_MAX + 21,
		MATCH_MOST = 258,
	};
	static const unsigned char mark[] = { 0xa7, 0x5c, 0x3b, 0xe1,
					      0x99, 0x02, 0xd4, 0x6e };
	struct decoder *decoder = object;
	unsigned char *at = (unsigned char *)out + need + MARK_AT;
	size_t room = need + MARK_AT + sizeof(mark) + MATCH_MOST, made = 0;
	enum libdeflate_result result;

	memcpy(at, mark, sizeof(mark));
	result = libdeflate_deflate_decompress_ex(decoder->of, in, in_len, out,
						  room, NULL, &made);
	if (result == LIBDEFLATE_SUCCESS && made >= need)
		return SGZ_CODEC_DONE;
	if (result == LIBDEFLATE_INSUFFICIENT_SPACE &&
	    memcmp(at, mark, sizeof(mark)) != 0)
		return SGZ_CODEC_DONE;
	return SGZ_CODEC_CORRUPT;
}

static void
free_decoder(void *object)
{
	struct decoder *decoder = object;

	asking = decoder->allocator;
	libdeflate_free_decompressor(decoder->of);
	give_memory(decoder);
}

#define FUNCTIONS                                                              \
	{                                                                      \
		.size = sizeof(struct sgz_codec_vtable), .abi = SGZ_CODEC_ABI, \
		.level_least = 1, .level_most = 12, .level_default = 6,        \
		.name = "libdeflate", .version = LIBDEFLATE_VERSION_STRING,    \
		.new_encoder = new_encoder, .compress_block = compress_block,  \
		.free_encoder = free_encoder, .new_decoder = new_decoder,      \
		.decompress_block = decompress_block,                          \
		.decompress_part = decompress_part,                            \
		.free_decoder = free_decoder,                                  \
	}

#ifdef SGZ_CODEC_PLUGIN
SGZ_API const struct sgz_codec_vtable *
sgz_codec_plugin(uint32_t abi);

static const struct sgz_codec_vtable functions = FUNCTIONS;

const struct sgz_codec_vtable *
sgz_codec_plugin(uint32_t abi)
{
	return abi == SGZ_CODEC_ABI ? &functions : NULL;
}
#else
const struct sgz_codec sgz_codec_libdeflate = {
	.is_built_in = true,
	.functions = FUNCTIONS,
};

const char *
sgz_codec_get_libdeflate(void)
{
	return LIBDEFLATE_VERSION_STRING;
}
#endif
