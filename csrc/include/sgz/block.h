/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Decompressed blocks as counted views. */
#ifndef SGZ_BLOCK_H
#define SGZ_BLOCK_H

#include <sgz/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The bytes of one BGZF block, decompressed and checked, those of a range of a
 * file, or those that a job compressed. They never change. A block is counted,
 * and it does not depend on its reader or job: a caller that has a reference
 * may use it from any thread. sgz_reader_ref_block() returns a block,
 * sgz_job_take_block() what a job made.
 */
struct sgz_block;

/**
 * The bytes of @block.
 *
 * Ownership: borrows; the bytes belong to the block
 * Lifetime: until the last sgz_block_unref()
 * Threads: any thread, at any time
 * Errors: none; *len_out is at least 1
 */
SGZ_API const void *
sgz_block_get_data(const struct sgz_block *block, size_t *len_out);

/**
 * The uncompressed offset of the first byte of @block; 0 if a job compressed
 * it.
 *
 * Ownership: borrows @block for the call
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API uint64_t
sgz_block_get_offset(const struct sgz_block *block);

/**
 * Take one more reference to @block.
 *
 * Ownership: transfers one reference to the caller; returns @block
 * Lifetime: until the last sgz_block_unref()
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API struct sgz_block *
sgz_block_ref(struct sgz_block *block);

/**
 * Drop one reference to @block; the last one frees it.
 *
 * Ownership: transfers one reference to the library; NULL is allowed
 * Lifetime: the caller must not use @block afterwards, unless it holds another
 *   reference
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API void
sgz_block_unref(struct sgz_block *block);

#ifdef __cplusplus
}
#endif

#endif
