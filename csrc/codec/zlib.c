/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * zlib, the codec that is always available. A level is zlib's level of that
 * number, up to 9, and -1 is its 6.
 */
#include "../codec.h"
#include "../internal.h"

#include <zlib.h>

/* zlib counts in unsigned int: this is the limit of one call. */
#define PART_MOST ((size_t)1 << 30)

struct state {
	const struct sgz_memory *memory;
	z_stream zs;
};

static voidpf
zlib_alloc(voidpf opaque, uInt items, uInt size)
{
	size_t total;

	if (__builtin_mul_overflow((size_t)items, (size_t)size, &total) ||
	    total == 0)
		return Z_NULL;
	return sgz_memory_alloc(opaque, total);
}

static void
zlib_free(voidpf opaque, voidpf ptr)
{
	sgz_memory_free(opaque, ptr);
}

static struct state *
new_state(const struct sgz_memory *memory)
{
	struct state *state = sgz_memory_alloc(memory, sizeof(*state));

	if (state == NULL)
		return NULL;
	memset(state, 0, sizeof(*state));
	state->memory = memory;
	state->zs.zalloc = zlib_alloc;
	state->zs.zfree = zlib_free;
	/* zlib only passes it to these two functions, which do not change it */
	state->zs.opaque = (voidpf)(uintptr_t)memory;
	return state;
}

static void
free_state(struct state *state)
{
	sgz_memory_free(state->memory, state);
}

static void
give_work(z_stream *zs, const struct sgz_codec_work *work)
{
	zs->next_in = (z_const Bytef *)(uintptr_t)work->in;
	zs->avail_in =
		(uInt)(work->in_len < PART_MOST ? work->in_len : PART_MOST);
	zs->next_out = work->out;
	zs->avail_out =
		(uInt)(work->out_len < PART_MOST ? work->out_len : PART_MOST);
}

static void
take_work(const z_stream *zs, struct sgz_codec_work *work)
{
	work->in_len -= (size_t)(zs->next_in - work->in);
	work->out_len -= (size_t)(zs->next_out - work->out);
	work->in = zs->next_in;
	work->out = zs->next_out;
}

static void *
new_decoder(const struct sgz_memory *memory)
{
	struct state *state = new_state(memory);

	/* raw: libsgz reads and checks header and trailer itself */
	if (state == NULL || inflateInit2(&state->zs, -MAX_WBITS) == Z_OK)
		return state;
	free_state(state);
	return NULL;
}

static void
reset_decoder(void *decoder)
{
	struct state *state = decoder;

	inflateReset(&state->zs);
}

static enum sgz_codec_answer
decode(void *decoder, struct sgz_codec_work *work, bool whole)
{
	struct state *state = decoder;
	int answer;

	give_work(&state->zs, work);
	/* Z_FINISH: zlib keeps no window, since it needs none */
	answer = inflate(&state->zs, whole ? Z_FINISH : Z_NO_FLUSH);
	take_work(&state->zs, work);
	switch (answer) {
	case Z_STREAM_END:
		return SGZ_CODEC_END;
	case Z_MEM_ERROR:
		return SGZ_CODEC_NOMEM;
	case Z_DATA_ERROR:
		work->reason = state->zs.msg;
		return SGZ_CODEC_CORRUPT;
	default:
		return SGZ_CODEC_MORE;
	}
}

static bool
decode_part(void *decoder, const unsigned char *in, size_t in_len,
	    unsigned char *out, size_t need)
{
	struct sgz_codec_work work = { in, in_len, out, need, NULL };
	enum sgz_codec_answer answer;

	reset_decoder(decoder);
	answer = decode(decoder, &work, true);
	return work.out_len == 0 &&
		(answer == SGZ_CODEC_MORE || answer == SGZ_CODEC_END);
}

static void
free_decoder(void *decoder)
{
	struct state *state = decoder;

	inflateEnd(&state->zs);
	free_state(state);
}

static void *
new_encoder(const struct sgz_memory *memory, int level)
{
	struct state *state = new_state(memory);

	if (state == NULL ||
	    deflateInit2(&state->zs, level < 9 ? level : 9, Z_DEFLATED,
			 -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK)
		return state;
	free_state(state);
	return NULL;
}

static void
reset_encoder(void *encoder)
{
	struct state *state = encoder;

	deflateReset(&state->zs);
}

static enum sgz_codec_answer
encode(void *encoder, struct sgz_codec_work *work, enum sgz_codec_flush flush)
{
	static const int flushes[] = { Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH };
	struct state *state = encoder;
	int answer;

	give_work(&state->zs, work);
	answer = deflate(&state->zs, flushes[flush]);
	take_work(&state->zs, work);
	return answer == Z_STREAM_END ? SGZ_CODEC_END : SGZ_CODEC_MORE;
}

static void
free_encoder(void *encoder)
{
	struct state *state = encoder;

	deflateEnd(&state->zs);
	free_state(state);
}

const struct sgz_codec sgz_codec_zlib = {
	.name = "zlib",
	.crc32 = sgz_crc32_folded,
	.new_decoder = new_decoder,
	.reset_decoder = reset_decoder,
	.decode = decode,
	.decode_part = decode_part,
	.free_decoder = free_decoder,
	.new_encoder = new_encoder,
	.reset_encoder = reset_encoder,
	.encode = encode,
	.free_encoder = free_encoder,
};
