/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lesson 16: a codec as a plugin. It compresses nothing: each block is one
 * stored block of deflate,
 *
 *   | 01 | len | ~len | bytes ... |
 *
 * It writes down when its code comes and goes, in the file plugins.log.
 */
#include <fcntl.h>
#include <sgz/codec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef PLUGIN_ABI
#define PLUGIN_ABI SGZ_CODEC_ABI
#endif

enum {
	EXTRA = 5
};

/* A static: it begins at 0 when the plugin is loaded. */
static _Atomic int coders;

static void
note(const char *what)
{
	int fd = open("plugins.log", O_WRONLY | O_APPEND | O_CREAT, 0600);

	dprintf(fd, "%s%d ", what, coders);
	close(fd);
}

__attribute__((constructor)) static void
come(void)
{
	note("came:");
}

__attribute__((destructor)) static void
go(void)
{
	note("went:");
}

/* The plugin allocates with what it likes: only it frees. */
static void *
new_decoder(const struct sgz_allocator *allocator)
{
	(void)allocator;
	coders++;
	return malloc(64);
}

static void *
new_encoder(int32_t level, const struct sgz_allocator *allocator)
{
	(void)level;
	return new_decoder(allocator);
}

static void
free_coder(void *coder)
{
	free(coder);
}

static enum sgz_codec_answer
compress(void *encoder, const void *in, size_t in_len, void *out, size_t room,
	 size_t *made_out)
{
	unsigned char *to = out;

	(void)encoder;
	if (in_len > 0xffff || room < in_len + EXTRA)
		return SGZ_CODEC_NO_ROOM;
	to[0] = 1;
	to[1] = (unsigned char)in_len;
	to[2] = (unsigned char)(in_len >> 8);
	to[3] = (unsigned char)~to[1];
	to[4] = (unsigned char)~to[2];
	memcpy(to + EXTRA, in, in_len);
	*made_out = in_len + EXTRA;
	return SGZ_CODEC_DONE;
}

static enum sgz_codec_answer
decompress(void *decoder, const void *in, size_t in_len, void *out,
	   size_t out_len, size_t room, size_t *used_out)
{
	const unsigned char *from = in;

	(void)decoder, (void)room;
	/* an empty block, as the end marker has it */
	if (out_len == 0 && in_len >= 2 && from[0] == 3 && from[1] == 0) {
		*used_out = 2;
		return SGZ_CODEC_DONE;
	}
	if (in_len < EXTRA + out_len || from[0] != 1)
		return SGZ_CODEC_CORRUPT;
	memcpy(out, from + EXTRA, out_len);
	*used_out = EXTRA + out_len;
	return SGZ_CODEC_DONE;
}

SGZ_API const struct sgz_codec_vtable *
sgz_codec_plugin(uint32_t abi);

const struct sgz_codec_vtable *
sgz_codec_plugin(uint32_t abi)
{
	static const struct sgz_codec_vtable functions = {
		.size = sizeof(functions),
		.abi = PLUGIN_ABI,
		.level_least = 1,
		.level_most = 1,
		.level_default = 1,
		.name = "own",
		.version = "1.0",
		.new_encoder = new_encoder,
		.compress_block = compress,
		.free_encoder = free_coder,
		.new_decoder = new_decoder,
		.decompress_block = decompress,
		.free_decoder = free_coder,
	};

	(void)abi;
	return &functions;
}
