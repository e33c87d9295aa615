/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where each BGZF block starts: the `.gzi` index. */
#ifndef SGZ_INDEX_H
#define SGZ_INDEX_H

#include <sgz/options.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sgz_reader;

/*
 * An index. It never changes once made, and is counted: whoever holds a
 * reference may use it from any thread.
 */
struct sgz_index;

/*
 * One block. The file `NAME.gzi` is a 64-bit count and so many of these, all
 * little-endian, without the first one, which is always { 0, 0 }. Empty blocks
 * are not listed, and a file without data has a count of 0. (bgzip wrote -1 for
 * such a file until htslib 1.23; that is read as 0.)
 */
struct sgz_index_entry {
	uint64_t compressed_offset;
	uint64_t offset;
};

/**
 * Make an index of @count entries.
 *
 * The first must be { 0, 0 }; both offsets must grow from each to the next
 * (uncompressed ones may repeat: blocks can be empty).
 *
 * Ownership: copies @entries and options->allocator; transfers one reference
 *   to the caller
 * Lifetime: until the last sgz_index_unref(); the allocator's ctx as long
 * Threads: any thread, at any time
 * Errors: SGZ_E_INDEX if the entries are out of order, SGZ_E_NOMEM,
 *   SGZ_E_INVALID
 */
SGZ_API enum sgz_status
sgz_index_from_entries(const struct sgz_index_entry *entries, size_t count,
		       const struct sgz_options *options,
		       struct sgz_index **index_out, struct sgz_error *error);

/**
 * Load the `.gzi` file at @path.
 *
 * Ownership: borrows @path for the call; transfers one reference to the caller
 * Lifetime: until the last sgz_index_unref()
 * Threads: any thread, at any time
 * Errors: SGZ_E_IO, SGZ_E_INDEX if the count is not what the file's size makes
 *   it or the entries are out of order, SGZ_E_NOMEM, SGZ_E_INVALID;
 *   error->offset is into the index file
 */
SGZ_API enum sgz_status
sgz_index_load(const char *path, const struct sgz_options *options,
	       struct sgz_index **index_out, struct sgz_error *error);

/**
 * Load the `.gzi` file that @fd gives, from its position to its end.
 *
 * Ownership: borrows @fd, which is not closed; the rest as sgz_index_load()
 * Lifetime: as sgz_index_load()
 * Threads: any thread; nothing else may read from @fd meanwhile
 * Errors: as sgz_index_load(); error->offset counts from where @fd stood
 */
SGZ_API enum sgz_status
sgz_index_load_fd(int fd, const struct sgz_options *options,
		  struct sgz_index **index_out, struct sgz_error *error);

/**
 * Build the index of the file that @reader reads.
 *
 * Without @verify only block headers and ISIZE fields are read, which takes a
 * few percent of the time, and a block that lies is found when it is read.
 * With it, every block is inflated and checked. The reader's position stays.
 *
 * Ownership: borrows @reader for the call; transfers one reference to the
 *   caller
 * Lifetime: independent of @reader, but allocated as the reader is: the ctx of
 *   its allocator must last until the last sgz_index_unref()
 * Threads: one thread at a time per reader
 * Errors: SGZ_E_UNSUPPORTED if the input cannot seek or holds a member that is
 *   no BGZF block; what sgz_reader_read() returns; what sgz_reader_seek()
 *   returns
 */
SGZ_API enum sgz_status
sgz_index_build(struct sgz_reader *reader, bool verify,
		struct sgz_index **index_out, struct sgz_error *error);

/**
 * Save @index as a `.gzi` file at @path, as a whole or not at all.
 *
 * Ownership: borrows both for the call
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: SGZ_E_IO, SGZ_E_NOMEM, SGZ_E_INVALID; what was at @path before is
 *   untouched then
 */
SGZ_API enum sgz_status
sgz_index_save(const struct sgz_index *index, const char *path,
	       struct sgz_error *error);

/**
 * Write @index to @fd, as a `.gzi` file, from its position on.
 *
 * Ownership: borrows both for the call; @fd is not closed
 * Lifetime: none
 * Threads: any thread; nothing else may write to @fd meanwhile
 * Errors: SGZ_E_IO, after which part of it may be written; SGZ_E_INVALID
 */
SGZ_API enum sgz_status
sgz_index_save_fd(const struct sgz_index *index, int fd,
		  struct sgz_error *error);

/**
 * All entries of @index, the first ({ 0, 0 }) included, as one array.
 *
 * Ownership: borrows; the array belongs to the index
 * Lifetime: until the last sgz_index_unref()
 * Threads: any thread, at any time
 * Errors: none; *count_out is at least 1
 */
SGZ_API const struct sgz_index_entry *
sgz_index_get_entries(const struct sgz_index *index, size_t *count_out);

/**
 * The position, in the array of entries, of the block that holds @offset.
 *
 * An offset beyond the end is in the last block, as far as an index can tell.
 *
 * Ownership: borrows @index for the call
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API size_t
sgz_index_locate(const struct sgz_index *index, uint64_t offset);

/**
 * Take one more reference to @index.
 *
 * Ownership: transfers one reference to the caller; returns @index
 * Lifetime: until the last sgz_index_unref()
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API struct sgz_index *
sgz_index_ref(struct sgz_index *index);

/**
 * Give up one reference to @index; the last one frees it.
 *
 * Ownership: transfers one reference to the library; NULL is allowed
 * Lifetime: the caller must not use @index afterwards, unless it holds another
 *   reference
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API void
sgz_index_unref(struct sgz_index *index);

#ifdef __cplusplus
}
#endif

#endif
