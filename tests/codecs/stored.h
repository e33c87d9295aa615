/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The smallest codec: one stored deflate block, or the end marker's. It needs
 * no library, so a test can have it in a plugin and in itself, and can change
 * one thing of it.
 *
 *   | 01 | len | ~len | bytes ... |
 */
#ifndef SGZ_TESTS_STORED_H
#define SGZ_TESTS_STORED_H

#include <sgz/codec.h>
#include <string.h>

enum {
	STORED_EXTRA = 5
};

/* An encoder or decoder. */
struct stored {
	const struct sgz_allocator *allocator;
};

static inline void *
stored_new_decoder(const struct sgz_allocator *allocator)
{
	struct stored *stored =
		allocator->alloc(allocator->ctx, sizeof(*stored));

	if (stored != NULL)
		stored->allocator = allocator;
	return stored;
}

static inline void *
stored_new_encoder(int32_t level, const struct sgz_allocator *allocator)
{
	(void)level;
	return stored_new_decoder(allocator);
}

static inline void
stored_free(void *coder)
{
	struct stored *stored = coder;
	const struct sgz_allocator *allocator = stored->allocator;

	allocator->free(allocator->ctx, stored);
}

static inline enum sgz_codec_answer
stored_compress(void *encoder, const void *in, size_t in_len, void *out,
		size_t room, size_t *made_out)
{
	unsigned char *to = out;

	(void)encoder;
	if (in_len > 0xffff || room < in_len + STORED_EXTRA)
		return SGZ_CODEC_NO_ROOM;
	to[0] = 1;
	to[1] = (unsigned char)in_len;
	to[2] = (unsigned char)(in_len >> 8);
	to[3] = (unsigned char)~to[1];
	to[4] = (unsigned char)~to[2];
	memcpy(to + STORED_EXTRA, in, in_len);
	*made_out = in_len + STORED_EXTRA;
	return SGZ_CODEC_DONE;
}

static inline enum sgz_codec_answer
stored_decompress(void *decoder, const void *in, size_t in_len, void *out,
		  size_t out_len, size_t room, size_t *used_out)
{
	const unsigned char *from = in;

	(void)decoder;
	(void)room;
	/* an empty block, as the end marker has it */
	if (out_len == 0 && in_len >= 2 && from[0] == 3 && from[1] == 0) {
		*used_out = 2;
		return SGZ_CODEC_DONE;
	}
	if (in_len < STORED_EXTRA + out_len || from[0] != 1 ||
	    (from[1] | from[2] << 8) != (int)out_len)
		return SGZ_CODEC_CORRUPT;
	memcpy(out, from + STORED_EXTRA, out_len);
	*used_out = STORED_EXTRA + out_len;
	return SGZ_CODEC_DONE;
}

#define STORED_FUNCTIONS                                                       \
	{                                                                      \
		.size = sizeof(struct sgz_codec_vtable), .abi = SGZ_CODEC_ABI, \
		.level_least = 1, .level_most = 3, .level_default = 2,         \
		.name = "stored", .version = "1.0",                            \
		.new_encoder = stored_new_encoder,                             \
		.compress_block = stored_compress,                             \
		.free_encoder = stored_free,                                   \
		.new_decoder = stored_new_decoder,                             \
		.decompress_block = stored_decompress,                         \
		.free_decoder = stored_free,                                   \
	}

#endif
