/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One BGZF block, packed and unpacked as a whole: no handle is needed, so any
 * thread can do it that has a codec's context to itself. What does not go
 * smoothly is left as it was, for who uses the handle to find out why.
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
 * False: something is wrong with it, or with its CRC if that is to be checked.
 */
bool
sgz_block_unpack(void *decoder, const unsigned char *in, size_t in_len,
		 unsigned char *to, size_t slack, bool check_crc);

/*
 * Make a block of @len bytes of @data at @to, where BGZF_BLOCK_SIZE bytes are
 * free: its size, or 0 if it neither shrinks nor fits as it is. Without
 * @encoder it is stored.
 */
size_t
sgz_block_pack(void *encoder, const unsigned char *data, size_t len,
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
 * Contexts of the codec of blocks, to be shared by the threads that work for a
 * handle: one for each, made beforehand by the thread that uses the handle.
 */
struct sgz_contexts {
	const struct sgz_memory *memory;
	size_t count;
	void (*free_one)(void *context);
	/* all of them stay here, so that a child process can free them, too */
	struct {
		void *context;
		atomic_bool taken;
	} all[];
};

/* @count decoders; NULL: no memory. */
struct sgz_contexts *
sgz_contexts_new_decoders(const struct sgz_memory *memory, size_t count);

struct sgz_contexts *
sgz_contexts_new_encoders(const struct sgz_memory *memory, size_t count,
			  int level);

/* No thread may have one any more. */
void
sgz_contexts_free(struct sgz_contexts *contexts);

/* One that nobody uses: there is one. */
void *
sgz_contexts_take(struct sgz_contexts *contexts);

void
sgz_contexts_put(struct sgz_contexts *contexts, void *context);

#endif
