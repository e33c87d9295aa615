/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A plugin: ISA-L, made for speed. Level 1 is what it is for; its levels 2 and
 * 3 are slower and a little smaller, and there are no others.
 */
#include <isa-l/igzip_lib.h>
#include <sgz/codec.h>

enum {
	LEVEL_MOST = 3,
	/* its structs want more than what an allocator gives */
	ALIGNMENT = 64,
};

SGZ_API const struct sgz_codec_vtable *
sgz_codec_plugin(uint32_t abi);

/* What is in front of an object: how to free it. */
struct front {
	const struct sgz_allocator *allocator;
	void *block;
};

struct encoder {
	uint32_t level;
	uint32_t extra_size;
	struct isal_zstream stream;
};

static const uint32_t extra_sizes[] = {
	0,
	ISAL_DEF_LVL1_DEFAULT,
	ISAL_DEF_LVL2_DEFAULT,
	ISAL_DEF_LVL3_DEFAULT,
};

/*
 *   block                        ALIGNMENT
 *   | ... | front of its object | object ... |
 */
static void *
take_memory(const struct sgz_allocator *allocator, size_t size)
{
	size_t before = sizeof(struct front) + ALIGNMENT;
	unsigned char *block = allocator->alloc(allocator->ctx, before + size);
	unsigned char *at;

	if (block == NULL)
		return NULL;
	at = block + before;
	at -= (uintptr_t)at % ALIGNMENT;
	*((struct front *)(void *)at - 1) = (struct front){ allocator, block };
	return at;
}

static void
give_memory(void *object)
{
	const struct front front = *((const struct front *)object - 1);

	front.allocator->free(front.allocator->ctx, front.block);
}

/* The object, and behind it what it needs for its level. */
static size_t
place_of_extra(void)
{
	return (sizeof(struct encoder) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void *
new_encoder(int32_t level, const struct sgz_allocator *allocator)
{
	uint32_t extra = extra_sizes[level];
	struct encoder *encoder =
		take_memory(allocator, place_of_extra() + extra);

	if (encoder == NULL)
		return NULL;
	encoder->level = (uint32_t)level;
	encoder->extra_size = extra;
	isal_deflate_init(&encoder->stream);
	return encoder;
}

static enum sgz_codec_answer
compress_block(void *object, const void *in, size_t in_len, void *out,
	       size_t room, size_t *made_out)
{
	struct encoder *encoder = object;
	struct isal_zstream *stream = &encoder->stream;
	int answer;

	isal_deflate_reset(stream);
	stream->level = encoder->level;
	stream->level_buf = (uint8_t *)object + place_of_extra();
	stream->level_buf_size = encoder->extra_size;
	stream->next_in = (uint8_t *)(uintptr_t)in;
	stream->avail_in = (uint32_t)in_len;
	stream->next_out = out;
	stream->avail_out = (uint32_t)room;
	stream->end_of_stream = 1;
	stream->flush = NO_FLUSH;
	stream->gzip_flag = IGZIP_DEFLATE;
	answer = isal_deflate(stream);
	if (answer != COMP_OK)
		return SGZ_CODEC_BROKEN;
	if (stream->internal_state.state != ZSTATE_END)
		return SGZ_CODEC_NO_ROOM;
	*made_out = stream->total_out;
	return SGZ_CODEC_DONE;
}

static void *
new_decoder(const struct sgz_allocator *allocator)
{
	return take_memory(allocator, sizeof(struct inflate_state));
}

static enum sgz_codec_answer
decompress_block(void *object, const void *in, size_t in_len, void *out,
		 size_t out_len, size_t room, size_t *used_out)
{
	struct inflate_state *state = object;

	isal_inflate_init(state);
	state->crc_flag = ISAL_DEFLATE;
	state->next_in = (uint8_t *)(uintptr_t)in;
	state->avail_in = (uint32_t)in_len;
	state->next_out = out;
	state->avail_out = (uint32_t)room;
	if (isal_inflate_stateless(state) != ISAL_DECOMP_OK ||
	    state->total_out != out_len)
		return SGZ_CODEC_CORRUPT;
	*used_out = in_len - state->avail_in;
	return SGZ_CODEC_DONE;
}

const struct sgz_codec_vtable *
sgz_codec_plugin(uint32_t abi)
{
	static const struct sgz_codec_vtable functions = {
		.size = sizeof(functions),
		.abi = SGZ_CODEC_ABI,
		.level_least = 1,
		.level_most = LEVEL_MOST,
		.level_default = 1,
		.name = "isal",
		.version = ISAL_VERSION,
		.new_encoder = new_encoder,
		.compress_block = compress_block,
		.free_encoder = give_memory,
		.new_decoder = new_decoder,
		.decompress_block = decompress_block,
		.free_decoder = give_memory,
	};

	return abi == SGZ_CODEC_ABI ? &functions : NULL;
}
