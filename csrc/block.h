/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One BGZF block, compressed and decompressed as a whole. No handle is needed,
 * so any thread that has a codec's context to itself can do it. After a
 * failure, the thread that uses the handle finds out the reason.
 */
#ifndef SGZ_BLOCK_INTERNAL_H
#define SGZ_BLOCK_INTERNAL_H

#include "codec.h"
#include "internal.h"

#include <stdatomic.h>

enum {
	/* room for a block's deflate stream, between header and trailer */
	DEFLATE_MOST = BGZF_BLOCK_SIZE - BGZF_HEADER_SIZE - TRAILER_SIZE,
	/* zlib's fast path wants room for its longest match, and some */
	UNPACK_SLACK = 512,
};

/* Are these 18 bytes a BGZF header whose only subfield is BC? */
bool
sgz_bgzf_is_plain(const unsigned char *at);

/*
 * Inflate a block to @to, where there is room for what its ISIZE says and for
 * @slack bytes more.
 *
 *   @in               in_len - 8
 *   | deflate ... | CRC-32 | ISIZE |
 *
 * False: something is wrong with it, or with its CRC if @check_crc. A codec
 * that is not built in needs CODER_CANARY bytes of slack, and its CRCs are
 * always checked.
 */
bool
sgz_block_unpack(struct sgz_coder *decoder, const unsigned char *in,
		 size_t in_len, unsigned char *to, size_t slack,
		 bool check_crc);

/*
 * Make a block of @len bytes of @data at @to, where BGZF_BLOCK_SIZE bytes are
 * free: its size, or 0 if it neither shrinks nor fits as it is. Without
 * @encoder it is stored. If the encoder has a complaint: 0.
 */
size_t
sgz_block_pack(struct sgz_coder *encoder, const unsigned char *data, size_t len,
	       unsigned char *to);

/*
 * at.c: what sgz_reader_ref_block() gives, with room for @len bytes, which are
 * still to be written; NULL: no memory.
 */
struct sgz_block *
sgz_block_new(const struct sgz_memory *memory, uint64_t offset, size_t len);

/* Its bytes, while nobody else has it. */
unsigned char *
sgz_block_get_room(struct sgz_block *block);

/*
 * Make @block, which nobody else has, @len bytes long; NULL: no memory, and it
 * is unchanged.
 */
struct sgz_block *
sgz_block_resize(struct sgz_block *block, size_t len);

/*
 * Encoders or decoders of blocks, to be shared by the threads that work for a
 * handle: one for each, made beforehand by the thread that uses the handle.
 */
struct sgz_contexts {
	const struct sgz_memory *memory;
	size_t count;
	/* all of them stay here, so that a child process can free them, too */
	struct {
		struct sgz_coder *context;
		atomic_bool taken;
	} all[];
};

/* @count decoders; NULL: no memory. */
struct sgz_contexts *
sgz_contexts_new_decoders(struct sgz_codec *codec,
			  const struct sgz_memory *memory, size_t count);

struct sgz_contexts *
sgz_contexts_new_encoders(struct sgz_codec *codec,
			  const struct sgz_memory *memory, size_t count,
			  int32_t level);

/* No thread may have one any more. */
void
sgz_contexts_free(struct sgz_contexts *contexts);

/* One that nobody uses: there is one. */
struct sgz_coder *
sgz_contexts_take(struct sgz_contexts *contexts);

void
sgz_contexts_put(struct sgz_contexts *contexts, struct sgz_coder *context);

#endif
