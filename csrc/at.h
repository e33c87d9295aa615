/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Spare contexts and recent blocks, shared by threads that read at offsets. */
#ifndef SGZ_AT_H
#define SGZ_AT_H

#include "internal.h"

struct sgz_at;

/*
 * For an index of @count blocks; NULL: no memory. Up to @cache_size bytes of
 * blocks are kept. @memory and @codec are borrowed.
 */
struct sgz_at *
sgz_at_new(const struct sgz_memory *memory, struct sgz_codec *codec,
	   size_t cache_size, size_t count);

void
sgz_at_free(struct sgz_at *at);

#endif
