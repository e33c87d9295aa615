/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the header declared before pools: of each part, what program.c uses. It
 * is frozen. Nothing here may follow a change of the library: a program that was
 * compiled then has to run on the library of today.
 */
#ifndef OLD_SGZ_H
#define OLD_SGZ_H

#include <stddef.h>
#include <stdint.h>

enum sgz_status {
	SGZ_OK = 0,
	SGZ_E_INVALID = -1,
	SGZ_E_CRC = -6,
	SGZ_E_CANCELLED = -11,
};

enum sgz_format {
	SGZ_FORMAT_BGZF = 0,
	SGZ_FORMAT_GZIP = 1,
};

struct sgz_error {
	enum sgz_status status;
	int sys_errno;
	int64_t offset;
	char text[236];
	uint32_t reserved;
};

struct sgz_allocator {
	void *(*alloc)(void *ctx, size_t size);
	void *(*realloc)(void *ctx, void *ptr, size_t size);
	void (*free)(void *ctx, void *ptr);
	void *ctx;
};

struct sgz_buffer {
	unsigned char *data;
	size_t len;
	size_t capacity;
	const struct sgz_allocator *allocator;
};

struct sgz_options {
	size_t size;
	int32_t level;
	uint32_t block_size;
	unsigned int format : 2;
	unsigned int build_index : 1;
	unsigned int exclusive : 1;
	unsigned int sync : 1;
	unsigned int skip_crc : 1;
	unsigned int allow_no_eof : 1;
	unsigned int reserved : 25;
	uint32_t progress_interval;
	size_t header_limit;
	size_t line_limit;
	size_t read_size;
	const struct sgz_allocator *allocator;
};

#define SGZ_OPTIONS_INIT                                                      \
	{                                                                     \
		sizeof(struct sgz_options), -1, 65280, SGZ_FORMAT_BGZF, 0, 0, \
			0, 0, 0, 0, 1u << 20, 1u << 20, 1u << 30, 1u << 18,   \
			NULL                                                  \
	}

struct sgz_event_block {
	uint64_t compressed_offset;
	uint64_t offset;
	uint32_t compressed_len;
	uint32_t len;
	uint32_t crc;
};

struct sgz_event {
	int kind;
	uint32_t reserved;
	union {
		struct sgz_event_block block;
	} data;
};

struct sgz_observer {
	int (*event)(void *ctx, const struct sgz_event *event);
	void (*release)(void *ctx);
	void *ctx;
	uint32_t mask;
};

struct sgz_index_entry {
	uint64_t compressed_offset;
	uint64_t offset;
};

struct sgz_index;
struct sgz_reader;
struct sgz_writer;

enum sgz_status
sgz_options_init(struct sgz_options *options, size_t size);
void
sgz_buffer_release(struct sgz_buffer *buffer);

enum sgz_status
sgz_reader_open(const char *path, const struct sgz_options *options,
		struct sgz_reader **reader_out, struct sgz_error *error);
enum sgz_status
sgz_reader_open_memory(const void *data, size_t len,
		       const struct sgz_options *options,
		       struct sgz_reader **reader_out, struct sgz_error *error);
void
sgz_reader_close(struct sgz_reader *reader);
enum sgz_status
sgz_reader_set_observer(struct sgz_reader *reader,
			const struct sgz_observer *observer,
			struct sgz_error *error);
enum sgz_status
sgz_reader_set_index(struct sgz_reader *reader, struct sgz_index *index,
		     struct sgz_error *error);
enum sgz_status
sgz_reader_read(struct sgz_reader *reader, void *data, size_t len,
		size_t *len_out, struct sgz_error *error);
enum sgz_status
sgz_reader_seek(struct sgz_reader *reader, uint64_t offset,
		struct sgz_error *error);

enum sgz_status
sgz_writer_open(const char *path, const struct sgz_options *options,
		struct sgz_writer **writer_out, struct sgz_error *error);
enum sgz_status
sgz_writer_open_memory(struct sgz_buffer *buffer,
		       const struct sgz_options *options,
		       struct sgz_writer **writer_out, struct sgz_error *error);
void
sgz_writer_free(struct sgz_writer *writer);
enum sgz_status
sgz_writer_write(struct sgz_writer *writer, const void *data, size_t len,
		 struct sgz_error *error);
enum sgz_status
sgz_writer_finish(struct sgz_writer *writer, struct sgz_error *error);
struct sgz_index *
sgz_writer_ref_index(struct sgz_writer *writer);

const struct sgz_index_entry *
sgz_index_get_entries(const struct sgz_index *index, size_t *count_out);
void
sgz_index_unref(struct sgz_index *index);

#endif
