/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writers: BGZF block by block, or a single gzip member. */
#include "block.h"
#include "event.h"
#include "packer.h"
#include "pool.h"

#include <stdarg.h>

enum {
	/* uncompressed bytes of a stream between two checks of progress */
	STREAM_PART = 1 << 16,
	/* with less room than this, a call of zlib is not worthwhile */
	STREAM_ROOM = 1 << 12,
	OS_UNKNOWN = 255,
};

struct sgz_writer {
	struct sgz_memory memory;
	struct sgz_options options;
	struct sgz_output output;
	struct sgz_events events;
	/* a callback runs: the owner's calls are refused */
	unsigned char busy;
	bool stuck;
	bool finished;
	/* it is too late for set_header() */
	bool begun;
	struct sgz_codec *codec;
	/* the encoder of blocks, or zlib's of a stream: created when first
	 * needed */
	struct sgz_coder *encoder;
	struct sgz_allocator lent;
	struct sgz_zlib *zlib;
	/* uncompressed bytes accepted, and how many of them are compressed */
	uint64_t taken;
	uint64_t done;
	/* BGZF: a block that is not full yet */
	unsigned char *block;
	size_t block_len;
	/* with a pool: blocks on their way, and where `block` lies */
	struct sgz_pool *pool;
	struct sgz_packer *packer;
	struct sgz_entries entries;
	struct sgz_index *index;
	/* GZIP: the header's bytes, if it was set; the CRC for the trailer */
	struct sgz_buffer header;
	uint32_t crc;
	/* bytes were added to the stream since the last flush */
	bool unflushed;
	struct sgz_error error;
};

static enum sgz_status
stick(struct sgz_writer *writer, struct sgz_error *error)
{
	writer->stuck = true;
	if (error != NULL)
		*error = writer->error;
	return writer->error.status;
}

static enum sgz_status
raise_nomem(struct sgz_writer *writer)
{
	return sgz_error_set_nomem(&writer->error, writer->output.name);
}

/* Can the writer accept bytes? */
static enum sgz_status
check_open(struct sgz_writer *writer, struct sgz_error *error)
{
	if (writer->busy)
		return sgz_error_set_busy(error);
	if (writer->stuck)
		return stick(writer, error);
	if (writer->finished)
		return sgz_error_set(error, SGZ_E_STATE, 0, writer->output.name,
				     -1, "the writer is finished");
	return SGZ_OK;
}

/* Events */

static enum sgz_status
send_progress(struct sgz_writer *writer)
{
	return sgz_events_progress(&writer->events, writer->done,
				   sgz_output_tell(&writer->output),
				   SGZ_UNKNOWN);
}

static enum sgz_status
send_progress_if_due(struct sgz_writer *writer)
{
	if (!sgz_events_is_due(&writer->events, writer->done))
		return SGZ_OK;
	return send_progress(writer);
}

static enum sgz_status
send_block(struct sgz_writer *writer, uint64_t start, uint32_t len,
	   uint32_t crc)
{
	const struct sgz_event_block block = {
		.compressed_offset = start,
		.compressed_len =
			(uint32_t)(sgz_output_tell(&writer->output) - start),
		.offset = writer->done - len,
		.len = len,
		.crc = crc,
	};

	return sgz_events_block(&writer->events, &block);
}

/* Blocks */

/* Have an encoder of blocks; those of level 0 need none. */
static enum sgz_status
prepare_encoder(struct sgz_writer *writer)
{
	if (writer->encoder != NULL || writer->options.level == 0)
		return SGZ_OK;
	writer->encoder = sgz_coder_new_encoder(writer->codec, &writer->memory,
						writer->options.level);
	return writer->encoder != NULL ? SGZ_OK : raise_nomem(writer);
}

static enum sgz_status
add_entry(struct sgz_writer *writer, uint64_t start)
{
	if (!writer->options.build_index)
		return SGZ_OK;
	if (!sgz_entries_add(&writer->entries, &writer->memory, start,
			     writer->done))
		return raise_nomem(writer);
	return SGZ_OK;
}

/* Record a block of @len bytes; its @size bytes are the last of the output. */
static enum sgz_status
note_block(struct sgz_writer *writer, size_t size, uint32_t len, uint32_t crc)
{
	uint64_t start = sgz_output_tell(&writer->output) - size;
	enum sgz_status status = add_entry(writer, start);

	writer->done += len;
	if (status == SGZ_OK)
		status = send_block(writer, start, len, crc);
	if (status == SGZ_OK)
		status = send_progress_if_due(writer);
	return status;
}

/* Write @data as a block, or as two if it does not fit even when stored. */
static enum sgz_status
write_block(struct sgz_writer *writer, const unsigned char *data, size_t len)
{
	struct sgz_output *output = &writer->output;
	unsigned char *at;
	size_t size;
	enum sgz_status status =
		sgz_output_reserve(output, BGZF_BLOCK_SIZE, &writer->error);

	if (status == SGZ_OK)
		status = prepare_encoder(writer);
	if (status != SGZ_OK)
		return status;
	at = output->buffer + output->len;
	size = sgz_block_pack(writer->encoder, data, len, at);
	if (writer->encoder != NULL && writer->encoder->complaint != NULL)
		return sgz_coder_raise(writer->encoder, output->name, -1,
				       &writer->error);
	if (size == 0) {
		status = write_block(writer, data, len / 2);
		if (status == SGZ_OK)
			status = write_block(writer, data + len / 2,
					     len - len / 2);
		return status;
	}
	output->len += size;
	return note_block(writer, size, (uint32_t)len,
			  get_le32(at + size - TRAILER_SIZE));
}

/* Put out the first of the blocks that the pool has. */
static enum sgz_status
pass_first(struct sgz_writer *writer)
{
	struct sgz_packed packed;
	enum sgz_status status = SGZ_OK;

	if (!sgz_pool_is_here(writer->pool))
		return sgz_error_set_forked(&writer->error,
					    writer->output.name);
	sgz_packer_get_first(writer->packer, &packed);
	if (packed.size == 0)
		status = write_block(writer, packed.data, packed.len);
	else
		status = sgz_output_put(&writer->output, packed.block,
					packed.size, &writer->error);
	if (status == SGZ_OK && packed.size != 0)
		status = note_block(
			writer, packed.size, (uint32_t)packed.len,
			get_le32(packed.block + packed.size - TRAILER_SIZE));
	sgz_packer_drop_first(writer->packer);
	return status;
}

static enum sgz_status
pass_all(struct sgz_writer *writer)
{
	enum sgz_status status = SGZ_OK;

	while (status == SGZ_OK && writer->packer != NULL &&
	       !sgz_packer_is_empty(writer->packer))
		status = pass_first(writer);
	return status;
}

/* End the block at hand, if there is one. */
static enum sgz_status
end_block(struct sgz_writer *writer)
{
	size_t len = writer->block_len;

	writer->block_len = 0;
	if (len == 0)
		return SGZ_OK;
	if (writer->packer == NULL)
		return write_block(writer, writer->block, len);
	if (!sgz_pool_is_here(writer->pool))
		return sgz_error_set_forked(&writer->error,
					    writer->output.name);
	sgz_packer_submit(writer->packer, len);
	writer->block = NULL;
	return SGZ_OK;
}

/* Have room for the block that begins. */
static enum sgz_status
begin_block(struct sgz_writer *writer)
{
	const struct sgz_options *options = &writer->options;
	enum sgz_status status = SGZ_OK;

	if (writer->block != NULL)
		return SGZ_OK;
	if (writer->pool == NULL) {
		writer->block =
			sgz_memory_alloc(&writer->memory, options->block_size);
		return writer->block != NULL ? SGZ_OK : raise_nomem(writer);
	}
	if (writer->packer == NULL) {
		writer->packer = sgz_packer_new(&writer->memory, writer->pool,
						writer->codec, options->level,
						options->block_size);
		if (writer->packer == NULL)
			return raise_nomem(writer);
	}
	/* only now, so that when blocks go out is no matter of chance */
	while (status == SGZ_OK && writer->block == NULL) {
		writer->block = sgz_packer_get_room(writer->packer);
		if (writer->block == NULL)
			status = pass_first(writer);
	}
	return status;
}

/* Have a whole block packed where it lies. */
static enum sgz_status
submit_owned(struct sgz_writer *writer, const unsigned char *data, size_t len,
	     struct sgz_owner *owner)
{
	if (!sgz_pool_is_here(writer->pool))
		return sgz_error_set_forked(&writer->error,
					    writer->output.name);
	sgz_packer_submit_owned(writer->packer, data, len, owner);
	writer->block = NULL;
	return SGZ_OK;
}

/* Whole blocks are read from the caller's memory. Only the rest is copied. */
static enum sgz_status
write_blocks(struct sgz_writer *writer, const unsigned char *data, size_t len,
	     struct sgz_owner *owner)
{
	size_t block_size = writer->options.block_size;
	enum sgz_status status = SGZ_OK;

	while (len > 0) {
		size_t part = block_size - writer->block_len;

		status = begin_block(writer);
		if (status != SGZ_OK)
			break;
		part = part < len ? part : len;
		/* a worker gets a copy: @data is lent for this call alone */
		if (part == block_size && writer->packer == NULL) {
			status = write_block(writer, data, part);
		} else if (part == block_size && owner != NULL) {
			status = submit_owned(writer, data, part, owner);
		} else {
			memcpy(writer->block + writer->block_len, data, part);
			writer->block_len += part;
			if (writer->block_len == block_size)
				status = end_block(writer);
		}
		if (status != SGZ_OK)
			break;
		data += part;
		len -= part;
	}
	return status;
}

static enum sgz_status
write_marker(struct sgz_writer *writer)
{
	uint64_t start = sgz_output_tell(&writer->output);
	enum sgz_status status = sgz_output_put(&writer->output, sgz_bgzf_eof,
						BGZF_EOF_SIZE, &writer->error);

	if (status == SGZ_OK)
		status = send_block(writer, start, 0, 0);
	return status;
}

/* Streams */

/* The values of RFC 1952: 4 is the fastest level, 2 the smallest. */
static unsigned char
extra_flags(const struct sgz_writer *writer)
{
	if (writer->options.level >= 9)
		return 2;
	return writer->options.level == 1 ? 4 : 0;
}

static enum sgz_status
begin_stream(struct sgz_writer *writer)
{
	unsigned char plain[PREFIX_SIZE] = {
		0x1f, 0x8b, METHOD_DEFLATE, 0, 0, 0, 0, 0, 0, OS_UNKNOWN
	};
	struct sgz_buffer *header = &writer->header;

	writer->zlib =
		sgz_zlib_new_encoder(&writer->lent, writer->options.level);
	if (writer->zlib == NULL)
		return raise_nomem(writer);
	writer->begun = true;
	plain[8] = extra_flags(writer);
	if (header->len == 0)
		return sgz_output_put(&writer->output, plain, PREFIX_SIZE,
				      &writer->error);
	return sgz_output_put(&writer->output, header->data, header->len,
			      &writer->error);
}

/* Encode all of @data, and flush as @flush says. */
static enum sgz_status
run_encoder(struct sgz_writer *writer, const unsigned char *data, size_t len,
	    enum sgz_zlib_flush flush)
{
	struct sgz_output *output = &writer->output;
	struct sgz_zlib_work work = { .in = data, .in_len = len };
	enum sgz_zlib_answer answer;

	do {
		enum sgz_status status =
			sgz_output_reserve(output, STREAM_ROOM, &writer->error);
		size_t room = output->capacity - output->len;

		if (status != SGZ_OK)
			return status;
		work.out = output->buffer + output->len;
		work.out_len = room;
		answer = sgz_zlib_encode(writer->zlib, &work, flush);
		output->len += room - work.out_len;
	} while (work.out_len == 0 && answer != SGZ_ZLIB_END);
	return SGZ_OK;
}

static enum sgz_status
write_stream(struct sgz_writer *writer, const unsigned char *data, size_t len)
{
	enum sgz_status status = SGZ_OK;

	while (len > 0 && status == SGZ_OK) {
		/* up to the next multiple, so that call lengths do not
		 * matter */
		size_t part = STREAM_PART - writer->done % STREAM_PART;

		part = part < len ? part : len;
		status = run_encoder(writer, data, part, SGZ_ZLIB_GO_ON);
		if (status != SGZ_OK)
			break;
		writer->crc = sgz_crc32(writer->crc, data, part);
		writer->done += part;
		writer->unflushed = true;
		data += part;
		len -= part;
		if (writer->done % STREAM_PART == 0)
			status = send_progress_if_due(writer);
	}
	return status;
}

static enum sgz_status
end_stream(struct sgz_writer *writer)
{
	unsigned char trailer[TRAILER_SIZE];
	enum sgz_status status = SGZ_OK;

	if (!writer->begun)
		status = begin_stream(writer);
	if (status == SGZ_OK)
		status = run_encoder(writer, NULL, 0, SGZ_ZLIB_FINISH);
	if (status != SGZ_OK)
		return status;
	put_le32(trailer, writer->crc);
	put_le32(trailer + 4, (uint32_t)writer->done);
	return sgz_output_put(&writer->output, trailer, TRAILER_SIZE,
			      &writer->error);
}

/* Opening and freeing */

static void
free_writer(struct sgz_writer *writer, bool keep_sink)
{
	struct sgz_memory memory = writer->memory;

	writer->busy = 1;
	sgz_events_end(&writer->events);
	sgz_output_close(&writer->output, keep_sink);
	sgz_coder_free(writer->encoder);
	sgz_zlib_free_encoder(writer->zlib);
	sgz_index_unref(writer->index);
	sgz_buffer_release(&writer->header);
	if (writer->pool == NULL)
		sgz_memory_free(&memory, writer->block);
	sgz_packer_free(writer->packer);
	sgz_pool_unref(writer->pool);
	sgz_codec_unref(writer->codec);
	sgz_memory_free(&memory, writer->entries.data);
	sgz_memory_free(&memory, writer);
}

/* A writer without an output yet. Messages call it @name. */
static enum sgz_status
new_writer(const char *name, const struct sgz_options *options,
	   struct sgz_writer **writer_out, struct sgz_error *error)
{
	struct sgz_options checked;
	struct sgz_memory memory;
	struct sgz_writer *writer;
	enum sgz_status status = sgz_options_copy(&checked, options, error);

	if (status != SGZ_OK)
		return status;
	sgz_memory_init(&memory, checked.allocator);
	writer = sgz_memory_alloc(&memory, sizeof(*writer));
	if (writer == NULL)
		return sgz_error_set_nomem(error, name);
	memset(writer, 0, sizeof(*writer));
	writer->memory = memory;
	writer->options = checked;
	if (checked.format == SGZ_FORMAT_GZIP)
		writer->options.build_index = false;
	else if (checked.pool != NULL && sgz_pool_get_threads(checked.pool) > 1)
		writer->pool = sgz_pool_ref(checked.pool);
	sgz_buffer_init(&writer->header,
			memory.counted ? NULL : &writer->memory.allocator);
	writer->codec = sgz_codec_ref_or_default(checked.codec);
	sgz_memory_lend(&writer->memory, &writer->lent);
	writer->events.busy = &writer->busy;
	writer->events.error = &writer->error;
	writer->events.name = &writer->output.name;
	writer->events.interval = checked.progress_interval;
	writer->output.memory = &writer->memory;
	writer->output.busy = &writer->busy;
	writer->output.fd = -1;
	writer->output.file =
		(struct sgz_new_file)SGZ_NEW_FILE_INIT(&writer->memory);
	writer->output.name = sgz_memory_copy_text(&writer->memory, name);
	if (writer->output.name == NULL) {
		free_writer(writer, true);
		return sgz_error_set_nomem(error, name);
	}
	*writer_out = writer;
	return SGZ_OK;
}

enum sgz_status
sgz_writer_open(const char *path, const struct sgz_options *options,
		struct sgz_writer **writer_out, struct sgz_error *error)
{
	struct sgz_writer *writer = NULL;
	enum sgz_status status;

	if (path == NULL)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "no path");
	status = new_writer(path, options, &writer, error);
	if (status != SGZ_OK)
		return status;
	status = sgz_new_file_open(
		&writer->output.file, path,
		writer->options.exclusive ? SGZ_NEW_FILE_EXCLUSIVE : 0, error);
	if (status != SGZ_OK) {
		free_writer(writer, true);
		return status;
	}
	writer->output.fd = writer->output.file.fd;
	*writer_out = writer;
	return SGZ_OK;
}

enum sgz_status
sgz_writer_open_fd(int fd, const struct sgz_options *options,
		   struct sgz_writer **writer_out, struct sgz_error *error)
{
	struct sgz_writer *writer = NULL;
	char name[32];
	enum sgz_status status;

	if (fd < 0)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "%d is not a file descriptor", fd);
	snprintf(name, sizeof(name), "<fd %d>", fd);
	status = new_writer(name, options, &writer, error);
	if (status != SGZ_OK)
		return status;
	writer->output.fd = fd;
	*writer_out = writer;
	return SGZ_OK;
}

enum sgz_status
sgz_writer_open_memory(struct sgz_buffer *buffer,
		       const struct sgz_options *options,
		       struct sgz_writer **writer_out, struct sgz_error *error)
{
	struct sgz_writer *writer = NULL;
	enum sgz_status status;

	if (buffer == NULL)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "no buffer");
	status = new_writer("<memory>", options, &writer, error);
	if (status != SGZ_OK)
		return status;
	writer->output.target = buffer;
	*writer_out = writer;
	return SGZ_OK;
}

enum sgz_status
sgz_writer_open_sink(const struct sgz_sink *sink,
		     const struct sgz_options *options,
		     struct sgz_writer **writer_out, struct sgz_error *error)
{
	struct sgz_writer *writer = NULL;
	enum sgz_status status;

	if (sink == NULL || sink->write == NULL)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "a sink needs a write function");
	status = new_writer("<sink>", options, &writer, error);
	if (status != SGZ_OK)
		return status;
	writer->output.sink = *sink;
	*writer_out = writer;
	return SGZ_OK;
}

void
sgz_writer_free(struct sgz_writer *writer)
{
	/* exactly 1: freed memory must not look like a busy handle */
	if (writer != NULL && writer->busy != 1)
		free_writer(writer, false);
}

enum sgz_status
sgz_writer_set_observer(struct sgz_writer *writer,
			const struct sgz_observer *observer,
			struct sgz_error *error)
{
	return sgz_events_observe(&writer->events, observer, error);
}

/* The header of a stream */

static const char *
find_header_fault(const struct sgz_header *header)
{
	const struct sgz_subfield *field = NULL;
	size_t sum = 0;

	if (header->extra == NULL)
		return header->extra_len == 0 ? NULL : "extra is NULL";
	if (header->extra_len > UINT16_MAX)
		return "the extra field is longer than 65535 bytes";
	while ((field = sgz_subfield_next(header, field)) != NULL) {
		/* this subfield marks a member as a BGZF block */
		if (field->si1 == 'B' && field->si2 == 'C' &&
		    sgz_subfield_len(field) == 2)
			return "the extra field has BGZF's subfield BC";
		sum += 4 + sgz_subfield_len(field);
	}
	return sum == header->extra_len ?
		NULL :
		"the subfields do not fill the extra field";
}

static bool
put_header(struct sgz_writer *writer, const struct sgz_header *header,
	   struct sgz_buffer *to)
{
	unsigned char bytes[PREFIX_SIZE + 2] = { 0x1f, 0x8b, METHOD_DEFLATE };
	bool put;

	bytes[3] = (unsigned char)((header->extra ? FLAG_EXTRA : 0) |
				   (header->name ? FLAG_NAME : 0) |
				   (header->comment ? FLAG_COMMENT : 0));
	put_le32(bytes + 4, header->prefix.mtime);
	bytes[8] = extra_flags(writer);
	bytes[9] = OS_UNKNOWN;
	put_le16(bytes + PREFIX_SIZE, (uint32_t)header->extra_len);
	put = sgz_buffer_append(to, bytes,
				header->extra ? PREFIX_SIZE + 2 : PREFIX_SIZE);
	if (header->extra)
		put = put &&
			sgz_buffer_append(to, header->extra, header->extra_len);
	if (header->name)
		put = put &&
			sgz_buffer_append(to, header->name,
					  strlen(header->name) + 1);
	if (header->comment)
		put = put &&
			sgz_buffer_append(to, header->comment,
					  strlen(header->comment) + 1);
	return put;
}

enum sgz_status
sgz_writer_set_header(struct sgz_writer *writer,
		      const struct sgz_header *header, struct sgz_error *error)
{
	struct sgz_buffer bytes;
	const char *fault;
	enum sgz_status status = check_open(writer, error);

	if (status != SGZ_OK)
		return status;
	if (writer->options.format == SGZ_FORMAT_BGZF)
		return sgz_error_set(error, SGZ_E_UNSUPPORTED, 0,
				     writer->output.name, -1,
				     "a BGZF file has no name or comment");
	if (writer->begun)
		return sgz_error_set(error, SGZ_E_STATE, 0, writer->output.name,
				     -1, "the header was already written");
	fault = find_header_fault(header);
	if (fault != NULL)
		return sgz_error_set(error, SGZ_E_INVALID, 0,
				     writer->output.name, -1, "%s", fault);
	sgz_buffer_init(&bytes, writer->header.allocator);
	if (!put_header(writer, header, &bytes)) {
		sgz_buffer_release(&bytes);
		return sgz_error_set_nomem(error, writer->output.name);
	}
	sgz_buffer_release(&writer->header);
	writer->header = bytes;
	return SGZ_OK;
}

/* Writing */

/* Write what may be lent for this call (@owner is NULL), or owned. */
static enum sgz_status
write_any(struct sgz_writer *writer, const void *data, size_t len,
	  struct sgz_owner *owner, struct sgz_error *error)
{
	enum sgz_status status = check_open(writer, error);

	if (status != SGZ_OK || len == 0)
		return status;
	if (writer->options.format == SGZ_FORMAT_BGZF) {
		status = write_blocks(writer, data, len, owner);
	} else {
		if (!writer->begun)
			status = begin_stream(writer);
		if (status == SGZ_OK)
			status = write_stream(writer, data, len);
	}
	if (status != SGZ_OK)
		return stick(writer, error);
	writer->taken += len;
	return SGZ_OK;
}

enum sgz_status
sgz_writer_write(struct sgz_writer *writer, const void *data, size_t len,
		 struct sgz_error *error)
{
	return write_any(writer, data, len, NULL, error);
}

enum sgz_status
sgz_writer_write_owned(struct sgz_writer *writer, const struct sgz_owned *owned,
		       struct sgz_error *error)
{
	struct sgz_owned copy = *owned;
	struct sgz_owner *owner = NULL;
	enum sgz_status status;

	/* without memory for it the bytes are copied, which is no failure */
	if (writer->pool != NULL && !writer->busy)
		owner = sgz_memory_alloc(&writer->memory, sizeof(*owner));
	if (owner != NULL) {
		owner->memory = &writer->memory;
		owner->busy = &writer->busy;
		owner->users = 1;
		owner->owned = copy;
	}
	status = write_any(writer, copy.data, copy.len, owner, error);
	if (owner != NULL)
		sgz_owner_unref(owner);
	else
		sgz_owned_release(&copy, &writer->busy);
	return status;
}

enum sgz_status
sgz_writer_vprintf(struct sgz_writer *writer, struct sgz_error *error,
		   const char *format, va_list args)
{
	char small[512];
	char *text = small;
	va_list again;
	int len;
	enum sgz_status status = check_open(writer, error);

	if (status != SGZ_OK)
		return status;
	va_copy(again, args);
	len = vsnprintf(small, sizeof(small), format, args);
	if (len >= (int)sizeof(small)) {
		text = sgz_memory_alloc(&writer->memory, (size_t)len + 1);
		if (text == NULL) {
			raise_nomem(writer);
			status = stick(writer, error);
			goto out;
		}
		/* the second call can fail, or give another length */
		if (vsnprintf(text, (size_t)len + 1, format, again) != len)
			len = -1;
	}
	if (len < 0) {
		status = sgz_error_set(error, SGZ_E_INVALID, 0,
				       writer->output.name, -1,
				       "the text cannot be formatted");
		goto out;
	}
	status = sgz_writer_write(writer, text, (size_t)len, error);
out:
	va_end(again);
	if (text != small)
		sgz_memory_free(&writer->memory, text);
	return status;
}

enum sgz_status
sgz_writer_printf(struct sgz_writer *writer, struct sgz_error *error,
		  const char *format, ...)
{
	va_list args;
	enum sgz_status status;

	va_start(args, format);
	status = sgz_writer_vprintf(writer, error, format, args);
	va_end(args);
	return status;
}

enum sgz_status
sgz_writer_flush(struct sgz_writer *writer, struct sgz_error *error)
{
	enum sgz_status status = check_open(writer, error);

	if (status != SGZ_OK)
		return status;
	if (writer->options.format == SGZ_FORMAT_BGZF) {
		status = end_block(writer);
		if (status == SGZ_OK)
			status = pass_all(writer);
	} else if (writer->unflushed) {
		writer->unflushed = false;
		status = run_encoder(writer, NULL, 0, SGZ_ZLIB_SYNC);
	}
	if (status == SGZ_OK)
		status = sgz_output_flush(&writer->output, &writer->error);
	return status == SGZ_OK ? SGZ_OK : stick(writer, error);
}

/* Make an index of the blocks that were written. */
static enum sgz_status
make_index(struct sgz_writer *writer)
{
	struct sgz_entries *entries = &writer->entries;
	enum sgz_status status;

	if (!writer->options.build_index)
		return SGZ_OK;
	if (entries->count == 0 &&
	    !sgz_entries_add(entries, &writer->memory, 0, 0))
		return raise_nomem(writer);
	status = sgz_index_adopt(&writer->memory, entries->data, entries->count,
				 &writer->index, &writer->error);
	if (status == SGZ_OK)
		entries->data = NULL;
	return status;
}

static enum sgz_status
finish(struct sgz_writer *writer)
{
	struct sgz_output *output = &writer->output;
	struct sgz_error *error = &writer->error;
	enum sgz_status status;

	if (writer->options.format == SGZ_FORMAT_BGZF) {
		status = end_block(writer);
		if (status == SGZ_OK)
			status = pass_all(writer);
		if (status == SGZ_OK)
			status = write_marker(writer);
	} else {
		status = end_stream(writer);
	}
	if (status == SGZ_OK)
		status = send_progress(writer);
	if (status == SGZ_OK)
		status = sgz_output_flush(output, error);
	if (status == SGZ_OK)
		status = make_index(writer);
	/* the last step: nothing may fail after the file has its name */
	if (status == SGZ_OK && output->file.fd >= 0)
		status = sgz_new_file_commit(&output->file,
					     writer->options.sync, output->name,
					     error);
	return status;
}

enum sgz_status
sgz_writer_finish(struct sgz_writer *writer, struct sgz_error *error)
{
	enum sgz_status status = check_open(writer, error);

	if (status != SGZ_OK)
		return status;
	status = finish(writer);
	if (status != SGZ_OK)
		return stick(writer, error);
	writer->finished = true;
	return SGZ_OK;
}

uint64_t
sgz_writer_tell(const struct sgz_writer *writer)
{
	return writer->taken;
}

struct sgz_index *
sgz_writer_ref_index(struct sgz_writer *writer)
{
	if (writer->busy || !writer->finished || writer->index == NULL)
		return NULL;
	return sgz_index_ref(writer->index);
}

const struct sgz_error *
sgz_writer_get_error(const struct sgz_writer *writer)
{
	return writer->stuck ? &writer->error : NULL;
}
