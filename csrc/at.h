/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What threads share that read at offsets: spare contexts, and recent blocks. */
#ifndef SGZ_AT_H
#define SGZ_AT_H

#include "internal.h"

struct sgz_at;

/* NULL: no memory. @memory is borrowed. */
struct sgz_at *
sgz_at_new(const struct sgz_memory *memory, size_t cache_size);

void
sgz_at_free(struct sgz_at *at);

/* Forget recent blocks, as another index is set. No other thread is here. */
void
sgz_at_forget(struct sgz_at *at);

#endif
