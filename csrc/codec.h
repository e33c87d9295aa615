/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Deflate streams, without header and trailer, by whichever library. */
#ifndef SGZ_CODEC_H
#define SGZ_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sgz_memory;

/*
 * What a call works on. It moves all four on by what it took and gave.
 *
 *   in                     out
 *   | in_len to take ... | | room for out_len ... |
 */
struct sgz_codec_work {
	const unsigned char *in;
	size_t in_len;
	unsigned char *out;
	size_t out_len;
	/* with SGZ_CODEC_CORRUPT: why, in the library's words, or NULL */
	const char *reason;
};

enum sgz_codec_answer {
	SGZ_CODEC_MORE, /* the input is used up, or the room */
	SGZ_CODEC_END, /* the stream ended */
	SGZ_CODEC_CORRUPT,
	SGZ_CODEC_NOMEM,
};

/* What a stream that is written shall have behind what is taken. */
enum sgz_codec_flush {
	SGZ_CODEC_GO_ON, /* anything */
	SGZ_CODEC_SYNC, /* all that was taken, readable */
	SGZ_CODEC_FINISH, /* its end */
};

/*
 * A codec: a table of functions, and all that knows of its library. One file
 * below codec/ defines one. Decoders and encoders allocate from @memory, which
 * has to stay where it is, and are used by one thread at a time.
 */
struct sgz_codec {
	const char *name;
	/* the CRC-32 of gzip, by the same library; @data may be NULL with 0 */
	uint32_t (*crc32)(uint32_t crc, const void *data, size_t len);
	/*
	 * It works on whole streams alone: decode() has to get @whole, and
	 * encode() SGZ_CODEC_FINISH with room for all of it, or answers
	 * SGZ_CODEC_MORE and has to be given more room from the start.
	 */
	bool whole_only;
	/* A decoder at the start of a stream, or NULL: no memory. */
	void *(*new_decoder)(const struct sgz_memory *memory);
	/* Forget what came before, and be at the start of another. */
	void (*reset_decoder)(void *decoder);
	/*
	 * Decode. @whole: all of the stream is there, and the room is enough
	 * if it is what it claims to be, so nothing has to be kept for later.
	 */
	enum sgz_codec_answer (*decode)(void *decoder,
					struct sgz_codec_work *work,
					bool whole);
	void (*free_decoder)(void *decoder);
	/* The same of an encoder, for a level from -1 (the usual one) to 9;
	 * how a level is understood is told where the codec is defined. */
	void *(*new_encoder)(const struct sgz_memory *memory, int level);
	void (*reset_encoder)(void *encoder);
	/* SGZ_CODEC_MORE with room left: all was taken and flushed as asked. */
	enum sgz_codec_answer (*encode)(void *encoder,
					struct sgz_codec_work *work,
					enum sgz_codec_flush flush);
	void (*free_encoder)(void *encoder);
};

extern const struct sgz_codec sgz_codec_zlib;
extern const struct sgz_codec sgz_codec_libdeflate;

/*
 * The codec of BGZF blocks: the fastest that was built in. Streams that come
 * in parts are zlib's, and so is the last word on a block that is refused.
 */
#ifdef SGZ_HAVE_LIBDEFLATE
#define SGZ_CODEC_BLOCKS (&sgz_codec_libdeflate)
#else
#define SGZ_CODEC_BLOCKS (&sgz_codec_zlib)
#endif

#endif
