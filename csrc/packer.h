/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Blocks that a pool compresses, and that come out in their order. */
#ifndef SGZ_PACKER_H
#define SGZ_PACKER_H

#include "internal.h"

/*
 * A ring of blocks. The packer owns all of its memory: it copies what a caller
 * lends before a worker sees it.
 *
 *   first              count in flight              next
 *   | packed or not yet | ... | ... | ... | ... | room for a block | ...
 */
struct sgz_packer;

/* What a caller gave away, and the number of its users: blocks, and a call. */
struct sgz_owner {
	const struct sgz_memory *memory;
	/* the writer's: 1 while a callback runs */
	unsigned char *busy;
	size_t users;
	struct sgz_owned owned;
};

/* Give @owned back to the caller's side. */
void
sgz_owned_release(const struct sgz_owned *owned, unsigned char *busy);

/* One user fewer; the last one releases. NULL is allowed. */
void
sgz_owner_unref(struct sgz_owner *owner);

/* A block as it went in and as it came out: if @size is 0, it did not fit. */
struct sgz_packed {
	const unsigned char *data;
	size_t len;
	const unsigned char *block;
	size_t size;
};

/* NULL: no memory. @pool and @codec are borrowed. */
struct sgz_packer *
sgz_packer_new(const struct sgz_memory *memory, struct sgz_pool *pool,
	       struct sgz_codec *codec, int32_t level, size_t block_size);

void
sgz_packer_free(struct sgz_packer *packer);

/* Room for the next block, or NULL: then take off the first one before. */
unsigned char *
sgz_packer_get_room(struct sgz_packer *packer);

/* Let the pool compress the @len bytes that were put there. */
void
sgz_packer_submit(struct sgz_packer *packer, size_t len);

/* Let the pool compress @len bytes at @data, which @owner owns. */
void
sgz_packer_submit_owned(struct sgz_packer *packer, const unsigned char *data,
			size_t len, struct sgz_owner *owner);

bool
sgz_packer_is_empty(const struct sgz_packer *packer);

/* Wait until the first block (there is one) is compressed, and get it. */
void
sgz_packer_get_first(struct sgz_packer *packer, struct sgz_packed *packed_out);

/* Take the first block off the ring. */
void
sgz_packer_drop_first(struct sgz_packer *packer);

#endif
