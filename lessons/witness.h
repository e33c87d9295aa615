/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A codec that compresses nothing: it says where the bytes are that the library
 * has. A codec gets no ctx, so the address is in a variable of the file.
 */
#ifndef FERRULE_WITNESS_H
#define FERRULE_WITNESS_H

#include <sgz.h>
#include <stdatomic.h>

/* Where the bytes were that were to be compressed last. */
static _Atomic(const void *) witness_seen;

static void *
witness_new(const struct sgz_allocator *allocator)
{
	return (void *)(uintptr_t)allocator; /* anything but NULL */
}

static void *
witness_new_encoder(int32_t level, const struct sgz_allocator *allocator)
{
	return level > 0 ? witness_new(allocator) : NULL;
}

static enum sgz_codec_answer
witness_compress(void *coder, const void *in, size_t in_len, void *out,
		 size_t room, size_t *made_out)
{
	witness_seen = in;
	*made_out = 0;
	(void)coder, (void)in_len, (void)out, (void)room;
	return SGZ_CODEC_NO_ROOM; /* then the block is stored */
}

static enum sgz_codec_answer
witness_decompress(void *coder, const void *in, size_t in_len, void *out,
		   size_t out_len, size_t room, size_t *used_out)
{
	*used_out = 0;
	(void)coder, (void)in, (void)in_len, (void)out, (void)out_len;
	(void)room;
	return SGZ_CODEC_BROKEN;
}

static void
witness_free(void *coder)
{
	(void)coder;
}

static const struct sgz_codec_vtable witness = {
	.size = sizeof(witness),
	.abi = SGZ_CODEC_ABI,
	.level_least = 1,
	.level_most = 9,
	.level_default = 6,
	.name = "witness",
	.version = "1",
	.new_encoder = witness_new_encoder,
	.compress_block = witness_compress,
	.free_encoder = witness_free,
	.new_decoder = witness_new,
	.decompress_block = witness_decompress,
	.free_decoder = witness_free,
};

/* Compress with it, on two threads: what is lent is copied for the other. */
static inline void
witness_add(struct sgz_options *options)
{
	sgz_pool_new(2, 2, NULL, &options->pool, NULL);
	sgz_codec_new(&witness, NULL, &options->codec, NULL);
}

static inline void
witness_remove(struct sgz_options *options)
{
	sgz_codec_unref(options->codec);
	sgz_pool_unref(options->pool);
	options->codec = NULL;
	options->pool = NULL;
}

#endif
