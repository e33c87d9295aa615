/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading ahead: a pool decompresses blocks before the reader needs them. */
#ifndef SGZ_AHEAD_H
#define SGZ_AHEAD_H

#include "internal.h"

/*
 * A ring of segments of the input. Each one starts with a whole block, and has
 * a few blocks. The library owns a segment, its input and its output. The
 * thread that uses the reader copies into it what a caller lent; only this
 * thread reads from the input.
 *
 *   window of the input
 *   | block | block | block | ...      segment 0: being read
 *   | block | block | block | ...      segment 1: decompressed, or soon
 *   | block | block | part of one      segment 2: the part is copied to the
 *                                        next one
 *
 * When the window is used up it moves on to the next segment. An input in
 * memory is its own window, which does not move.
 */
struct sgz_ahead;

/* NULL: there is no memory. @pool, @codec, @memory and @input are borrowed. */
struct sgz_ahead *
sgz_ahead_new(const struct sgz_memory *memory, struct sgz_pool *pool,
	      struct sgz_codec *codec, struct sgz_input *input);

void
sgz_ahead_free(struct sgz_ahead *ahead);

/* Are there segments? */
bool
sgz_ahead_is_active(const struct sgz_ahead *ahead);

/*
 * Start to read ahead at the compressed @offset. There a block ends that is as
 * a whole in the window.
 */
void
sgz_ahead_start(struct sgz_ahead *ahead, uint64_t offset, bool check_crc);

/*
 * The bytes of the block at the compressed @offset, or NULL if a worker has not
 * decompressed it, or has refused it. They stay until the window moves.
 */
const unsigned char *
sgz_ahead_find(struct sgz_ahead *ahead, uint64_t offset);

/* Forget all segments. The window stays. */
void
sgz_ahead_stop(struct sgz_ahead *ahead);

#endif
