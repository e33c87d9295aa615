/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Codecs: deflate streams without header and trailer, through any library. */
#ifndef SGZ_CODEC_H
#define SGZ_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sgz_memory;

/*
 * The buffers of a call. The call moves all four fields forward by the bytes
 * that it read and wrote.
 *
 *   in                     out
 *   | in_len to take ... | | room for out_len ... |
 */
struct sgz_codec_work {
	const unsigned char *in;
	size_t in_len;
	unsigned char *out;
	size_t out_len;
	/* with SGZ_CODEC_CORRUPT: the library's message, or NULL */
	const char *reason;
};

enum {
	SGZ_CODEC_PART_SLACK = 1024
};

enum sgz_codec_answer {
	SGZ_CODEC_MORE, /* no input is left, or no room */
	SGZ_CODEC_END, /* the stream ended */
	SGZ_CODEC_CORRUPT,
	SGZ_CODEC_NOMEM,
};

/* What an encoder has to write after the input. */
enum sgz_codec_flush {
	SGZ_CODEC_GO_ON, /* it decides itself */
	SGZ_CODEC_SYNC, /* everything so far, so that it can be decoded */
	SGZ_CODEC_FINISH, /* the end of the stream */
};

/*
 * A codec: a table of functions. Only a codec's own file, below codec/, uses
 * its library. Decoders and encoders allocate from @memory, which must not
 * move. Only one thread at a time may use them.
 */
struct sgz_codec {
	const char *name;
	/* the CRC-32 of gzip, by the same library; @data may be NULL with 0 */
	uint32_t (*crc32)(uint32_t crc, const void *data, size_t len);
	/*
	 * It works on whole streams only. decode() needs @whole, and encode()
	 * needs SGZ_CODEC_FINISH and room for all of the output: without that
	 * room it answers SGZ_CODEC_MORE, and has to start again.
	 */
	bool whole_only;
	/* A new decoder, at the start of a stream; NULL if there is no
	 * memory. */
	void *(*new_decoder)(const struct sgz_memory *memory);
	/* Reset the decoder to the start of another stream. */
	void (*reset_decoder)(void *decoder);
	/*
	 * Decode. @whole: the input holds the whole stream, and its output fits
	 * into the room unless it is corrupt. The decoder then keeps no state
	 * for a later call.
	 */
	enum sgz_codec_answer (*decode)(void *decoder,
					struct sgz_codec_work *work,
					bool whole);
	/*
	 * Decode the first @need bytes of a stream that is all there to @out,
	 * where there is room for SGZ_CODEC_PART_SLACK bytes more. False: they
	 * could not be had in this way, which says nothing about the stream.
	 */
	bool (*decode_part)(void *decoder, const unsigned char *in,
			    size_t in_len, unsigned char *out, size_t need);
	void (*free_decoder)(void *decoder);
	/* The same for an encoder, with a level from -1 (the default) to 9. The
	 * file that defines the codec says what a level means to it. */
	void *(*new_encoder)(const struct sgz_memory *memory, int level);
	void (*reset_encoder)(void *encoder);
	/* SGZ_CODEC_MORE with room left: all input was read and flushed. */
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
