/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Shared by the sources of libsgz: memory, errors, bytes, input, output. */
#ifndef SGZ_INTERNAL_H
#define SGZ_INTERNAL_H

#include "new_file.h"

#include <sgz.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/*
 * A BGZF block. BSIZE is the size of the whole block minus one.
 *
 *   0            4      8    9    10     12        14     16
 *   | 1f 8b 08 04 | mtime | xfl | os | 06 00 | 42 43 | 02 00 | BSIZE |
 *
 *   18          BSIZE - 7  BSIZE - 3
 *   | deflate ... | CRC-32 | ISIZE |
 */
enum {
	PREFIX_SIZE = 10,
	BGZF_HEADER_SIZE = 18,
	TRAILER_SIZE = 8,
	BGZF_BLOCK_SIZE = 65536,
	BGZF_EOF_SIZE = 28,
};

/* The only compression method that RFC 1952 knows: deflate. */
enum {
	METHOD_DEFLATE = 8
};

/* The flag bits of a member's header. */
enum {
	FLAG_TEXT = 1,
	FLAG_HCRC = 2,
	FLAG_EXTRA = 4,
	FLAG_NAME = 8,
	FLAG_COMMENT = 16,
	FLAG_RESERVED = 0xe0,
};

extern const unsigned char sgz_bgzf_eof[BGZF_EOF_SIZE];

/* Bytes on disk are little-endian. Compilers turn these functions into one
 * load. */

static inline uint16_t
get_le16(const unsigned char *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t
get_le32(const unsigned char *at)
{
	return get_le16(at) | (uint32_t)get_le16(at + 2) << 16;
}

static inline uint64_t
get_le64(const unsigned char *at)
{
	return get_le32(at) | (uint64_t)get_le32(at + 4) << 32;
}

static inline void
put_le16(unsigned char *at, uint32_t value)
{
	at[0] = (unsigned char)value;
	at[1] = (unsigned char)(value >> 8);
}

static inline void
put_le32(unsigned char *at, uint32_t value)
{
	put_le16(at, value);
	put_le16(at + 2, value >> 16);
}

static inline void
put_le64(unsigned char *at, uint64_t value)
{
	put_le32(at, (uint32_t)value);
	put_le32(at + 4, (uint32_t)(value >> 32));
}

/* memory.c */

/* A copy of an allocator. Blocks of the default allocator are counted. */
struct sgz_memory {
	struct sgz_allocator allocator;
	bool counted;
};

/* Does @allocator have all its functions? NULL does: it is the default. */
bool
sgz_allocator_is_whole(const struct sgz_allocator *allocator);

/* SGZ_E_INVALID if it does not. */
enum sgz_status
sgz_allocator_check(const struct sgz_allocator *allocator,
		    struct sgz_error *error);

/* If @allocator is NULL: the current default. */
void
sgz_memory_init(struct sgz_memory *memory,
		const struct sgz_allocator *allocator);

void *
sgz_memory_alloc(const struct sgz_memory *memory, size_t size);

/* If @ptr is NULL: a new block. On failure @ptr is unchanged. */
void *
sgz_memory_resize(const struct sgz_memory *memory, void *ptr, size_t size);

void
sgz_memory_free(const struct sgz_memory *memory, void *ptr);

/* Make at @lent an allocator whose blocks are those of @memory, which must not
 * move as long as it is used. */
void
sgz_memory_lend(const struct sgz_memory *memory, struct sgz_allocator *lent);

char *
sgz_memory_copy_text(const struct sgz_memory *memory, const char *text);

bool
sgz_buffer_append(struct sgz_buffer *buffer, const void *data, size_t len);

/* crc.c */

/* The CRC-32 beside zlib, whose own is slow. */
uint32_t
sgz_crc32_folded(uint32_t crc, const void *data, size_t len);

/* error.c */

/*
 * Fill @error, which may be NULL, and return @status. The text is @name, the
 * position (if @offset is not negative) and the reason (@format).
 */
enum sgz_status
sgz_error_set(struct sgz_error *error, enum sgz_status status, int sys_errno,
	      const char *name, int64_t offset, const char *format, ...)
	SGZ_PRINTF(6, 7);

enum sgz_status
sgz_error_vset(struct sgz_error *error, enum sgz_status status, int sys_errno,
	       const char *name, int64_t offset, const char *format,
	       va_list args) SGZ_PRINTF(6, 0);

/* SGZ_E_IO, with @doing and the text of errno. */
enum sgz_status
sgz_error_set_errno(struct sgz_error *error, int sys_errno, const char *name,
		    int64_t offset, const char *doing);

enum sgz_status
sgz_error_set_nomem(struct sgz_error *error, const char *name);

/* The error in a child process: the threads of the pool are its parent's. */
enum sgz_status
sgz_error_set_forked(struct sgz_error *error, const char *name);

/* The error for a call from an object's own callback. */
enum sgz_status
sgz_error_set_busy(struct sgz_error *error);

/* options.c */

/* Make a checked copy of @from (NULL: the defaults) at @to. */
enum sgz_status
sgz_options_copy(struct sgz_options *to, const struct sgz_options *from,
		 struct sgz_error *error);

/* header.c */

/* The BSIZE in @extra, or -1 if there is no BC subfield. */
int32_t
sgz_header_find_bsize(const unsigned char *extra, size_t len);

/* io.c: input */

struct sgz_input;

/*
 * What reads an input ahead. It is asked when the window has fewer bytes ready
 * than are wanted, and may move the window. If it has no more, the input reads
 * for itself.
 */
struct sgz_feeder {
	enum sgz_status (*turn)(struct sgz_feeder *feeder, size_t want,
				struct sgz_error *error);
	/* the input is about to seek: forget what was read ahead */
	void (*stop)(struct sgz_feeder *feeder);
};

/*
 * Compressed bytes: a window into a file or a source, or a whole memory block.
 *
 *   begin            at                 end
 *   | read already ... | not yet used ... | free, up to read_size more
 *                                         ^ offset_end in the input
 */
struct sgz_input {
	const struct sgz_memory *memory;
	/* 1 while a callback runs */
	unsigned char *busy;
	char *name;
	/* -1 for a source or a memory block */
	int fd;
	bool owns_fd;
	bool can_seek;
	/* the last read reached the end */
	bool ended;
	/* the source had no data yet: -EAGAIN */
	bool blocked;
	/* a seek failed, and may have moved the position: seek to offset_end
	 * first */
	bool adrift;
	struct sgz_source source;
	/* where this input starts in the file or source, if known */
	uint64_t start;
	/* in bytes from the start, or SGZ_UNKNOWN */
	uint64_t size;
	size_t read_size;
	/* how much to read next: little after a seek, then it doubles each
	 * time, up to read_size */
	size_t next_read;
	/* NULL for a memory block, which is its own window */
	unsigned char *buffer;
	size_t capacity;
	const unsigned char *begin;
	const unsigned char *at;
	const unsigned char *end;
	uint64_t offset_end;
	/* NULL: nothing is read ahead */
	struct sgz_feeder *feeder;
	/* bytes behind the window that were read ahead */
	uint64_t beyond;
};

enum sgz_status
sgz_input_open_path(struct sgz_input *input, const char *path,
		    struct sgz_error *error);

enum sgz_status
sgz_input_open_fd(struct sgz_input *input, int fd, struct sgz_error *error);

enum sgz_status
sgz_input_open_memory(struct sgz_input *input, const void *data, size_t len,
		      struct sgz_error *error);

enum sgz_status
sgz_input_open_source(struct sgz_input *input, const struct sgz_source *source,
		      struct sgz_error *error);

/* @keep_source: the open failed, so ctx stays with the caller. */
void
sgz_input_close(struct sgz_input *input, bool keep_source);

static inline size_t
sgz_input_ready(const struct sgz_input *input)
{
	return (size_t)(input->end - input->at);
}

static inline uint64_t
sgz_input_offset(const struct sgz_input *input)
{
	return input->offset_end - sgz_input_ready(input);
}

/* Can it be read without waiting? What cannot be known counts as yes. */
bool
sgz_input_is_ready(const struct sgz_input *input);

/* Read up to @len bytes from where the file or source stands, in one go. */
enum sgz_status
sgz_input_read(struct sgz_input *input, unsigned char *to, size_t len,
	       size_t *len_out, struct sgz_error *error);

enum sgz_status
sgz_input_fill_slow(struct sgz_input *input, size_t want,
		    struct sgz_error *error);

/*
 * Make @want bytes (at most BGZF_BLOCK_SIZE) ready, or all that are left. Fewer
 * bytes are not a failure.
 */
static inline enum sgz_status
sgz_input_fill(struct sgz_input *input, size_t want, struct sgz_error *error)
{
	if (LIKELY(sgz_input_ready(input) >= want) || input->ended)
		return SGZ_OK;
	return sgz_input_fill_slow(input, want, error);
}

enum sgz_status
sgz_input_seek(struct sgz_input *input, uint64_t offset,
	       struct sgz_error *error);

/*
 * Copy up to @len bytes at @offset to @data. Afterwards the position is
 * undefined.
 */
enum sgz_status
sgz_input_fetch(struct sgz_input *input, uint64_t offset, void *data,
		size_t len, size_t *len_out, struct sgz_error *error);

/*
 * The same of an input with a descriptor, by any thread: neither the window nor
 * the position of the file is touched.
 */
enum sgz_status
sgz_input_pread(const struct sgz_input *input, uint64_t offset, void *data,
		size_t len, size_t *len_out, struct sgz_error *error);

/* Find input->size by seeking, if it is not known. */
enum sgz_status
sgz_input_find_size(struct sgz_input *input, struct sgz_error *error);

/* io.c: descriptors */

/* As read(), but it waits for data, and signals do not interrupt it. */
ssize_t
sgz_fd_read(int fd, void *to, size_t len);

enum sgz_status
sgz_fd_write_all(int fd, const void *data, size_t len, const char *name,
		 struct sgz_error *error);

/* io.c: output */

/* The destination of compressed bytes. A buffer collects them first. */
struct sgz_output {
	const struct sgz_memory *memory;
	unsigned char *busy;
	char *name;
	/* -1 for a sink or a memory block */
	int fd;
	struct sgz_new_file file;
	struct sgz_sink sink;
	struct sgz_buffer *target;
	/* the collected bytes, and how many came before them */
	unsigned char *buffer;
	size_t len;
	size_t capacity;
	uint64_t offset;
};

static inline uint64_t
sgz_output_tell(const struct sgz_output *output)
{
	return output->offset + output->len;
}

/* Make @want bytes (at most BGZF_BLOCK_SIZE) free after output->len. */
enum sgz_status
sgz_output_reserve(struct sgz_output *output, size_t want,
		   struct sgz_error *error);

enum sgz_status
sgz_output_put(struct sgz_output *output, const void *data, size_t len,
	       struct sgz_error *error);

/* Write the collected bytes, and flush the sink. */
enum sgz_status
sgz_output_flush(struct sgz_output *output, struct sgz_error *error);

/* @keep_sink: the open failed, so ctx stays with the caller. */
void
sgz_output_close(struct sgz_output *output, bool keep_sink);

/* index.c */

/* Make an index of @entries (allocated from @memory). On success it owns
 * them. */
enum sgz_status
sgz_index_adopt(const struct sgz_memory *memory,
		struct sgz_index_entry *entries, size_t count,
		struct sgz_index **index_out, struct sgz_error *error);

/* A growing array of entries. */
struct sgz_entries {
	struct sgz_index_entry *data;
	size_t count;
	size_t capacity;
};

bool
sgz_entries_add(struct sgz_entries *entries, const struct sgz_memory *memory,
		uint64_t compressed_offset, uint64_t offset);

/* The last entry that starts at @offset or before it. */
size_t
sgz_entries_locate(const struct sgz_index_entry *entries, size_t count,
		   uint64_t offset);

/*
 * All memory comes from an allocator, which counts it. Only memory.c may call
 * these functions: elsewhere they do not compile. The headers that declare them
 * are included above.
 */
#ifndef SGZ_MEMORY_C
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef strdup
#undef strndup
#define malloc(size) use_sgz_memory_alloc_instead
#define calloc(count, size) use_sgz_memory_alloc_instead
#define realloc(ptr, size) use_sgz_memory_resize_instead
#define free(ptr) use_sgz_memory_free_instead
#define strdup(text) use_sgz_memory_copy_text_instead
#define strndup(text, len) use_sgz_memory_alloc_instead
#define asprintf(...) use_sgz_buffer_append_instead
#define vasprintf(...) use_sgz_buffer_append_instead
#define getline(...) use_sgz_reader_read_line_instead
#define getdelim(...) use_sgz_reader_read_line_instead
#endif

#endif
