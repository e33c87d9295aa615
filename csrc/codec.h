/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a codec is inside libsgz, and zlib's streams that come in parts. */
#ifndef SGZ_CODEC_INTERNAL_H
#define SGZ_CODEC_INTERNAL_H

#include "internal.h"

#include <stdatomic.h>

struct sgz_codec {
	/* a copy, and complete; those built in are their own memory's */
	struct sgz_codec_vtable functions;
	bool is_built_in;
	/* those that are not built in: */
	struct sgz_memory memory;
	atomic_size_t references;
	/* of dlopen(), or NULL */
	void *library;
	char name[32];
	char version[64];
};

/* The built-in codec @name, or NULL; NULL: the default. */
struct sgz_codec *
sgz_codec_find_built_in(const char *name);

/* A reference to @codec, or to the fastest one built in if it is NULL. */
struct sgz_codec *
sgz_codec_ref_or_default(struct sgz_codec *codec);

/* What is wrong with @vtable, or NULL. */
const char *
sgz_codec_find_fault(const struct sgz_codec_vtable *vtable);

/* A codec with a copy of @vtable, which has no fault; NULL: no memory. */
struct sgz_codec *
sgz_codec_make(const struct sgz_codec_vtable *vtable,
	       const struct sgz_memory *memory);

/* plugin.c: give back what dlopen() gave, which may be NULL. */
void
sgz_plugin_close(void *library);

/*
 * An encoder or a decoder, with all that it needs to live: a reference to its
 * codec, and an allocator to lend. One thread at a time uses it.
 */
struct sgz_coder {
	struct sgz_memory memory;
	struct sgz_allocator lent;
	struct sgz_codec *codec;
	bool packs;
	void *of;
	/* what the codec did wrong in the last call, or NULL; those built in do
	 * nothing wrong */
	const char *complaint;
};

/* NULL: no memory. */
struct sgz_coder *
sgz_coder_new_encoder(struct sgz_codec *codec, const struct sgz_memory *memory,
		      int32_t level);

struct sgz_coder *
sgz_coder_new_decoder(struct sgz_codec *codec, const struct sgz_memory *memory);

void
sgz_coder_free(struct sgz_coder *coder);

enum {
	/* behind the room of a codec that is not built in: it must not be
	 * written to */
	CODER_CANARY = 8
};

/*
 * Pack @len bytes to @out: the length of the stream, or 0 if it did not fit, or
 * if there is a complaint. Behind @room there are CODER_CANARY bytes more.
 */
size_t
sgz_coder_pack(struct sgz_coder *coder, const unsigned char *in, size_t len,
	       unsigned char *out, size_t room);

/*
 * Unpack @out_len bytes; @in_len counts the trailer, too. @room counts
 * CODER_CANARY bytes which only a codec that is built in gets: another one
 * needs room for them behind @out_len.
 */
bool
sgz_coder_unpack(struct sgz_coder *coder, const unsigned char *in,
		 size_t in_len, unsigned char *out, size_t out_len,
		 size_t room);

/* Unpack the first @need bytes; behind them is SGZ_CODEC_PART_SLACK. */
bool
sgz_coder_unpack_part(struct sgz_coder *coder, const unsigned char *in,
		      size_t in_len, unsigned char *out, size_t need);

/* Note @complaint, unless the codec is built in. */
void
sgz_coder_complain(struct sgz_coder *coder, const char *complaint);

/* SGZ_E_CALLBACK, with the codec's name and its complaint. */
enum sgz_status
sgz_coder_raise(const struct sgz_coder *coder, const char *name, int64_t offset,
		struct sgz_error *error);

/* codec/zlib.c, codec/libdeflate.c: those that are built in */

extern const struct sgz_codec sgz_codec_zlib;
extern const struct sgz_codec sgz_codec_libdeflate;

/* codec/zlib.c: streams in parts */

/*
 * The buffers of a call. The call moves all four fields forward by the bytes
 * that it read and wrote.
 *
 *   in                     out
 *   | in_len to take ... | | room for out_len ... |
 */
struct sgz_zlib_work {
	const unsigned char *in;
	size_t in_len;
	unsigned char *out;
	size_t out_len;
	/* with SGZ_ZLIB_CORRUPT: zlib's message, or NULL */
	const char *reason;
};

enum sgz_zlib_answer {
	SGZ_ZLIB_MORE, /* no input is left, or no room */
	SGZ_ZLIB_END, /* the stream ended */
	SGZ_ZLIB_CORRUPT,
	SGZ_ZLIB_NOMEM,
};

/* What an encoder has to write after the input. */
enum sgz_zlib_flush {
	SGZ_ZLIB_GO_ON, /* it decides itself */
	SGZ_ZLIB_SYNC, /* everything so far, so that it can be decoded */
	SGZ_ZLIB_FINISH, /* the end of the stream */
};

/* One stream's inflate or deflate. It borrows the allocator that it is made
 * with, which must not move. */
struct sgz_zlib;

/* At the start of a stream; NULL: no memory. */
struct sgz_zlib *
sgz_zlib_new_decoder(const struct sgz_allocator *allocator);

void
sgz_zlib_reset_decoder(struct sgz_zlib *decoder);

/*
 * @whole: the input holds the whole stream, and its output fits into the room
 * unless it is corrupt. Then no state is kept for a later call.
 */
enum sgz_zlib_answer
sgz_zlib_decode(struct sgz_zlib *decoder, struct sgz_zlib_work *work,
		bool whole);

void
sgz_zlib_free_decoder(struct sgz_zlib *decoder);

struct sgz_zlib *
sgz_zlib_new_encoder(const struct sgz_allocator *allocator, int32_t level);

/* SGZ_ZLIB_MORE with room left: all input was read and flushed. */
enum sgz_zlib_answer
sgz_zlib_encode(struct sgz_zlib *encoder, struct sgz_zlib_work *work,
		enum sgz_zlib_flush flush);

void
sgz_zlib_free_encoder(struct sgz_zlib *encoder);

#endif
