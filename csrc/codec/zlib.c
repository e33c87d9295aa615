/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * zlib, the codec that is always available. A level is zlib's level of that
 * number, up to 9, and the default is 6.
 */
#include "../codec.h"

#include <zlib.h>

/* zlib counts in unsigned int: this is the limit of one call. */
#define PART_MOST ((size_t)1 << 30)

enum {
	LEVEL_DEFAULT = 6,
	LEVEL_MOST = 9,
};

struct sgz_zlib {
	const struct sgz_allocator *allocator;
	z_stream zs;
};

static voidpf
zlib_alloc(voidpf opaque, uInt items, uInt size)
{
	const struct sgz_allocator *allocator = opaque;
	size_t total;

	if (__builtin_mul_overflow((size_t)items, (size_t)size, &total) ||
	    total == 0)
		return Z_NULL;
	return allocator->alloc(allocator->ctx, total);
}

static void
zlib_free(voidpf opaque, voidpf ptr)
{
	const struct sgz_allocator *allocator = opaque;

	/* in brackets it is not the free() that internal.h forbids */
	if (ptr != Z_NULL)
		(allocator->free)(allocator->ctx, ptr);
}

static struct sgz_zlib *
new_state(const struct sgz_allocator *allocator)
{
	struct sgz_zlib *state =
		allocator->alloc(allocator->ctx, sizeof(*state));

	if (state == NULL)
		return NULL;
	memset(state, 0, sizeof(*state));
	state->allocator = allocator;
	state->zs.zalloc = zlib_alloc;
	state->zs.zfree = zlib_free;
	/* zlib only passes it to these two functions, which do not change it */
	state->zs.opaque = (voidpf)(uintptr_t)allocator;
	return state;
}

static void
free_state(struct sgz_zlib *state)
{
	zlib_free((voidpf)(uintptr_t)state->allocator, state);
}

static void
give_work(z_stream *zs, const struct sgz_zlib_work *work)
{
	zs->next_in = (z_const Bytef *)(uintptr_t)work->in;
	zs->avail_in =
		(uInt)(work->in_len < PART_MOST ? work->in_len : PART_MOST);
	zs->next_out = work->out;
	zs->avail_out =
		(uInt)(work->out_len < PART_MOST ? work->out_len : PART_MOST);
}

static void
take_work(const z_stream *zs, struct sgz_zlib_work *work)
{
	work->in_len -= (size_t)(zs->next_in - work->in);
	work->out_len -= (size_t)(zs->next_out - work->out);
	work->in = zs->next_in;
	work->out = zs->next_out;
}

/* Streams */

struct sgz_zlib *
sgz_zlib_new_decoder(const struct sgz_allocator *allocator)
{
	struct sgz_zlib *state = new_state(allocator);

	/* raw: libsgz reads and checks header and trailer itself */
	if (state == NULL || inflateInit2(&state->zs, -MAX_WBITS) == Z_OK)
		return state;
	free_state(state);
	return NULL;
}

void
sgz_zlib_reset_decoder(struct sgz_zlib *decoder)
{
	inflateReset(&decoder->zs);
}

enum sgz_zlib_answer
sgz_zlib_decode(struct sgz_zlib *decoder, struct sgz_zlib_work *work,
		bool whole)
{
	int answer;

	give_work(&decoder->zs, work);
	/* Z_FINISH: zlib keeps no window, since it needs none */
	answer = inflate(&decoder->zs, whole ? Z_FINISH : Z_NO_FLUSH);
	take_work(&decoder->zs, work);
	switch (answer) {
	case Z_STREAM_END:
		return SGZ_ZLIB_END;
	case Z_MEM_ERROR:
		return SGZ_ZLIB_NOMEM;
	case Z_DATA_ERROR:
		work->reason = decoder->zs.msg;
		return SGZ_ZLIB_CORRUPT;
	default:
		return SGZ_ZLIB_MORE;
	}
}

void
sgz_zlib_free_decoder(struct sgz_zlib *decoder)
{
	if (decoder == NULL)
		return;
	inflateEnd(&decoder->zs);
	free_state(decoder);
}

struct sgz_zlib *
sgz_zlib_new_encoder(const struct sgz_allocator *allocator, int32_t level)
{
	struct sgz_zlib *state = new_state(allocator);

	if (state == NULL ||
	    deflateInit2(&state->zs, level < LEVEL_MOST ? level : LEVEL_MOST,
			 Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK)
		return state;
	free_state(state);
	return NULL;
}

enum sgz_zlib_answer
sgz_zlib_encode(struct sgz_zlib *encoder, struct sgz_zlib_work *work,
		enum sgz_zlib_flush flush)
{
	static const int flushes[] = { Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH };
	int answer;

	give_work(&encoder->zs, work);
	answer = deflate(&encoder->zs, flushes[flush]);
	take_work(&encoder->zs, work);
	return answer == Z_STREAM_END ? SGZ_ZLIB_END : SGZ_ZLIB_MORE;
}

void
sgz_zlib_free_encoder(struct sgz_zlib *encoder)
{
	if (encoder == NULL)
		return;
	deflateEnd(&encoder->zs);
	free_state(encoder);
}

/* Blocks */

static void *
new_encoder(int32_t level, const struct sgz_allocator *allocator)
{
	return sgz_zlib_new_encoder(allocator, level);
}

static enum sgz_codec_answer
compress_block(void *encoder, const void *in, size_t in_len, void *out,
	       size_t room, size_t *made_out)
{
	struct sgz_zlib *state = encoder;
	struct sgz_zlib_work work = { in, in_len, out, room, NULL };

	deflateReset(&state->zs);
	if (sgz_zlib_encode(state, &work, SGZ_ZLIB_FINISH) != SGZ_ZLIB_END)
		return SGZ_CODEC_NO_ROOM;
	*made_out = room - work.out_len;
	return SGZ_CODEC_DONE;
}

static void
free_encoder(void *encoder)
{
	sgz_zlib_free_encoder(encoder);
}

static void *
new_decoder(const struct sgz_allocator *allocator)
{
	return sgz_zlib_new_decoder(allocator);
}

static enum sgz_codec_answer
decompress_block(void *decoder, const void *in, size_t in_len, void *out,
		 size_t out_len, size_t room, size_t *used_out)
{
	struct sgz_zlib_work work = { in, in_len, out, room, NULL };

	sgz_zlib_reset_decoder(decoder);
	if (sgz_zlib_decode(decoder, &work, true) != SGZ_ZLIB_END ||
	    room - work.out_len != out_len)
		return SGZ_CODEC_CORRUPT;
	*used_out = in_len - work.in_len;
	return SGZ_CODEC_DONE;
}

static enum sgz_codec_answer
decompress_part(void *decoder, const void *in, size_t in_len, void *out,
		size_t need)
{
	struct sgz_zlib_work work = { in, in_len, out, need, NULL };
	enum sgz_zlib_answer answer;

	sgz_zlib_reset_decoder(decoder);
	answer = sgz_zlib_decode(decoder, &work, true);
	return work.out_len == 0 &&
			(answer == SGZ_ZLIB_MORE || answer == SGZ_ZLIB_END) ?
		SGZ_CODEC_DONE :
		SGZ_CODEC_CORRUPT;
}

static void
free_decoder(void *decoder)
{
	sgz_zlib_free_decoder(decoder);
}

const struct sgz_codec sgz_codec_zlib = {
	.is_built_in = true,
	.functions = {
		.size = sizeof(struct sgz_codec_vtable),
		.abi = SGZ_CODEC_ABI,
		.level_least = 1,
		.level_most = LEVEL_MOST,
		.level_default = LEVEL_DEFAULT,
		.name = "zlib",
		.version = ZLIB_VERSION,
		.new_encoder = new_encoder,
		.compress_block = compress_block,
		.free_encoder = free_encoder,
		.new_decoder = new_decoder,
		.decompress_block = decompress_block,
		.decompress_part = decompress_part,
		.free_decoder = free_decoder,
	},
};
