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
 * An index. It never changes after it was made, and its references are counted:
 * a holder of a reference may use it from any thread.
 */
struct sgz_index;

/*
 * One block. The file `NAME.gzi` is a 64-bit count and then that many entries,
 * all little-endian. The first entry is always { 0, 0 } and is left out. Empty
 * blocks are not listed, and the count of a file without data is 0. (Before
 * htslib 1.23 bgzip wrote -1 for such a file; the library reads it as 0.)
 */
struct sgz_index_entry {
	uint64_t compressed_offset;
	uint64_t offset;
};

/**
 * Make an index of @count entries.
 *
 * The first entry must be { 0, 0 }. Compressed offsets must increase from each
 * entry to the next. Uncompressed offsets must not decrease; they may repeat,
 * since blocks can be empty.
 *
 * Ownership: copies @entries and options->allocator; transfers one reference
 *   to the caller
 * Lifetime: until the last sgz_index_unref(); the allocator's ctx must last as
 *   long
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
 * Errors: SGZ_E_IO, SGZ_E_INDEX if the count does not match the file's size or
 *   the entries are out of order, SGZ_E_NOMEM, SGZ_E_INVALID; error->offset is
 *   a position in the index file
 */
SGZ_API enum sgz_status
sgz_index_load(const char *path, const struct sgz_options *options,
	       struct sgz_index **index_out, struct sgz_error *error);

/**
 * Load a `.gzi` file from @fd, from its current position to its end.
 *
 * Ownership: borrows @fd, which is not closed; the rest as sgz_index_load()
 * Lifetime: as sgz_index_load()
 * Threads: any thread; nothing else may read from @fd during the call
 * Errors: as sgz_index_load(); error->offset counts from the position that @fd
 *   had
 */
SGZ_API enum sgz_status
sgz_index_load_fd(int fd, const struct sgz_options *options,
		  struct sgz_index **index_out, struct sgz_error *error);

/**
 * Build the index of the file that @reader reads.
 *
 * Without @verify only block headers and ISIZE fields are read. This takes a
 * few percent of the time, but a wrong ISIZE is found only when its block is
 * read. With @verify every block is inflated and checked. The reader's position
 * does not change.
 *
 * Ownership: borrows @reader for the call; transfers one reference to the
 *   caller
 * Lifetime: independent of @reader, but it uses the reader's allocator: the
 *   allocator's ctx must last until the last sgz_index_unref()
 * Threads: one thread at a time per reader
 * Errors: SGZ_E_UNSUPPORTED if the input cannot seek or holds a member that is
 *   not a BGZF block; as sgz_reader_read() and sgz_reader_seek()
 */
SGZ_API enum sgz_status
sgz_index_build(struct sgz_reader *reader, bool verify,
		struct sgz_index **index_out, struct sgz_error *error);

/**
 * Save @index as a `.gzi` file at @path.
 *
 * Ownership: borrows both for the call
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: SGZ_E_IO, SGZ_E_NOMEM, SGZ_E_INVALID; then a file at @path is
 *   unchanged
 */
SGZ_API enum sgz_status
sgz_index_save(const struct sgz_index *index, const char *path,
	       struct sgz_error *error);

/**
 * Write @index as a `.gzi` file to @fd, at its current position.
 *
 * Ownership: borrows both for the call; @fd is not closed
 * Lifetime: none
 * Threads: any thread; nothing else may write to @fd during the call
 * Errors: SGZ_E_IO (a part may have been written), SGZ_E_INVALID
 */
SGZ_API enum sgz_status
sgz_index_save_fd(const struct sgz_index *index, int fd,
		  struct sgz_error *error);

/**
 * All entries of @index as one array, including the first ({ 0, 0 }).
 *
 * Ownership: borrows; the array belongs to the index
 * Lifetime: until the last sgz_index_unref()
 * Threads: any thread, at any time
 * Errors: none; *count_out is at least 1
 */
SGZ_API const struct sgz_index_entry *
sgz_index_get_entries(const struct sgz_index *index, size_t *count_out);

/**
 * The array position of the entry for the block that holds @offset.
 *
 * An index does not know where the last block ends: an offset beyond the end
 * gives the last entry.
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
 * Release one reference to @index. The last release frees it.
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
