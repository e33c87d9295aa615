/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Readers: open, read bytes and lines, close. */
#include "reader.h"

#include <errno.h>

/* The input: one of four kinds. */
struct origin {
	const char *path;
	int fd;
	const void *data;
	size_t len;
	const struct sgz_source *source;
};

static enum sgz_status
open_input(struct sgz_input *input, const struct origin *origin,
	   struct sgz_error *error)
{
	if (origin->path != NULL)
		return sgz_input_open_path(input, origin->path, error);
	if (origin->source != NULL)
		return sgz_input_open_source(input, origin->source, error);
	if (origin->fd >= 0)
		return sgz_input_open_fd(input, origin->fd, error);
	return sgz_input_open_memory(input, origin->data, origin->len, error);
}

static void
free_reader(struct sgz_reader *reader, bool keep_source)
{
	struct sgz_memory memory = reader->memory;

	reader->busy = 1;
	sgz_events_end(&reader->events);
	sgz_ahead_free(reader->ahead);
	sgz_pool_unref(reader->pool);
	sgz_input_close(&reader->input, keep_source);
	sgz_coder_free(reader->decoder);
	sgz_zlib_free_decoder(reader->zlib);
	sgz_at_free(reader->shared);
	sgz_codec_unref(reader->codec);
	sgz_index_unref(reader->index);
	sgz_buffer_release(&reader->line);
	sgz_buffer_release(&reader->part);
	sgz_memory_free(&memory, reader->chunk);
	sgz_memory_free(&memory, reader->blocks.data);
	sgz_memory_free(&memory, reader->members[0].bytes);
	sgz_memory_free(&memory, reader->members[1].bytes);
	sgz_memory_free(&memory, reader);
}

static void
init_reader(struct sgz_reader *reader, const struct sgz_memory *memory,
	    const struct sgz_options *options)
{
	static const unsigned char nothing[1];

	memset(reader, 0, sizeof(*reader));
	reader->begin = reader->at = reader->end = nothing;
	reader->memory = *memory;
	reader->options = *options;
	reader->size = SGZ_UNKNOWN;
	reader->checks_crc = !options->skip_crc;
	if (options->pool != NULL && sgz_pool_get_threads(options->pool) > 1)
		reader->pool = sgz_pool_ref(options->pool);
	reader->codec = sgz_codec_ref_or_default(options->codec);
	sgz_memory_lend(&reader->memory, &reader->lent);
	reader->member = &reader->members[0];
	reader->former = &reader->members[1];
	reader->events.busy = &reader->busy;
	reader->events.error = &reader->error;
	reader->events.name = &reader->input.name;
	reader->events.interval = options->progress_interval;
	reader->input.memory = &reader->memory;
	reader->input.busy = &reader->busy;
	reader->input.fd = -1;
	reader->input.size = SGZ_UNKNOWN;
	reader->input.read_size = options->read_size;
	sgz_buffer_init(&reader->line,
			memory->counted ? NULL : &reader->memory.allocator);
	reader->part = reader->line;
}

/* The first member decides the format of the file. */
static enum sgz_status
read_first_header(struct sgz_reader *reader)
{
	struct sgz_input *input = &reader->input;
	enum sgz_status status =
		sgz_input_fill(input, BGZF_HEADER_SIZE, &reader->error);

	if (status != SGZ_OK)
		return status;
	if (sgz_input_ready(input) == 0)
		return sgz_reader_raise(reader, &reader->error, SGZ_E_TRUNCATED,
					0, "the input is empty");
	if (!sgz_input_at_member(input))
		return sgz_reader_raise(reader, &reader->error, SGZ_E_FORMAT, 0,
					"not in gzip format");
	status = sgz_reader_next_member(reader);
	if (status != SGZ_OK)
		return status;
	reader->format = reader->place == AT_BLOCK ? SGZ_FORMAT_BGZF :
						     SGZ_FORMAT_GZIP;
	/* get_header() also returns it before the first byte */
	reader->member_read = true;
	return SGZ_OK;
}

static enum sgz_status
open_reader(const struct origin *origin, const struct sgz_options *options,
	    struct sgz_reader **reader_out, struct sgz_error *error)
{
	struct sgz_options checked;
	struct sgz_memory memory;
	struct sgz_reader *reader;
	enum sgz_status status = sgz_options_copy(&checked, options, error);

	if (status != SGZ_OK)
		return status;
	sgz_memory_init(&memory, checked.allocator);
	reader = sgz_memory_alloc(&memory, sizeof(*reader));
	if (reader == NULL)
		return sgz_error_set_nomem(error, origin->path);
	init_reader(reader, &memory, &checked);
	status = open_input(&reader->input, origin, &reader->error);
	if (status == SGZ_OK)
		status = read_first_header(reader);
	if (status == SGZ_OK) {
		*reader_out = reader;
		return SGZ_OK;
	}
	if (error != NULL)
		*error = reader->error;
	free_reader(reader, true);
	return status;
}

enum sgz_status
sgz_reader_open(const char *path, const struct sgz_options *options,
		struct sgz_reader **reader_out, struct sgz_error *error)
{
	const struct origin origin = { .path = path, .fd = -1 };

	if (path == NULL)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "no path");
	return open_reader(&origin, options, reader_out, error);
}

enum sgz_status
sgz_reader_open_fd(int fd, const struct sgz_options *options,
		   struct sgz_reader **reader_out, struct sgz_error *error)
{
	const struct origin origin = { .fd = fd };

	if (fd < 0)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "%d is not a file descriptor", fd);
	return open_reader(&origin, options, reader_out, error);
}

enum sgz_status
sgz_reader_open_memory(const void *data, size_t len,
		       const struct sgz_options *options,
		       struct sgz_reader **reader_out, struct sgz_error *error)
{
	const struct origin origin = { .fd = -1, .data = data, .len = len };

	if (data == NULL && len > 0)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "no data");
	return open_reader(&origin, options, reader_out, error);
}

enum sgz_status
sgz_reader_open_source(const struct sgz_source *source,
		       const struct sgz_options *options,
		       struct sgz_reader **reader_out, struct sgz_error *error)
{
	const struct origin origin = { .fd = -1, .source = source };

	if (source == NULL || source->read == NULL)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "a source needs a read function");
	return open_reader(&origin, options, reader_out, error);
}

void
sgz_reader_close(struct sgz_reader *reader)
{
	/* exactly 1: freed memory must not look like a busy handle */
	if (reader != NULL && reader->busy != 1)
		free_reader(reader, false);
}

enum sgz_status
sgz_reader_set_observer(struct sgz_reader *reader,
			const struct sgz_observer *observer,
			struct sgz_error *error)
{
	return sgz_events_observe(&reader->events, observer, error);
}

enum sgz_status
sgz_reader_set_index(struct sgz_reader *reader, struct sgz_index *index,
		     struct sgz_error *error)
{
	const struct sgz_index_entry *entries;
	struct sgz_at *shared;
	size_t count;
	enum sgz_status status;

	if (reader->busy)
		return sgz_error_set_busy(error);
	if (index != NULL) {
		if (!reader->input.can_seek)
			return sgz_reader_raise(reader, error,
						SGZ_E_UNSUPPORTED, -1,
						"the input cannot seek");
		status = sgz_input_find_size(&reader->input, error);
		if (status != SGZ_OK)
			return status;
		entries = sgz_index_get_entries(index, &count);
		if (entries[count - 1].compressed_offset >= reader->input.size)
			return sgz_reader_raise(
				reader, error, SGZ_E_INDEX,
				(int64_t)reader->input.size,
				"the index has a block beyond the end");
		shared = sgz_at_new(&reader->memory, reader->codec,
				    reader->options.cache_size, count);
		if (shared == NULL)
			return sgz_error_set_nomem(error, reader->input.name);
		sgz_at_free(reader->shared);
		reader->shared = shared;
		sgz_index_ref(index);
	}
	sgz_index_unref(reader->index);
	reader->index = index;
	return SGZ_OK;
}

/* Report why the call ended. The position is @start until a seek. */
static enum sgz_status
report(struct sgz_reader *reader, uint64_t start, struct sgz_error *error)
{
	if (!sgz_reader_is_waiting(reader) || reader->stuck)
		return sgz_reader_stick(reader, start, error);
	if (error != NULL)
		*error = reader->error;
	return reader->error.status;
}

static bool
is_cancelled(const struct sgz_reader *reader)
{
	return reader->failed && reader->error.status == SGZ_E_CANCELLED;
}

enum sgz_status
sgz_reader_read(struct sgz_reader *reader, void *data, size_t len,
		size_t *len_out, struct sgz_error *error)
{
	uint64_t start = sgz_reader_position(reader);
	unsigned char *to = data;
	size_t sum = 0;

	if (reader->busy)
		return sgz_error_set_busy(error);
	sgz_reader_resume(reader);
	while (sum < len) {
		size_t part = (size_t)(reader->end - reader->at);

		if (part > 0) {
			part = part < len - sum ? part : len - sum;
			memcpy(to + sum, reader->at, part);
			reader->at += part;
		} else if (sgz_reader_can_advance(reader)) {
			sgz_reader_advance(reader, to + sum, len - sum, &part);
		} else {
			break;
		}
		sum += part;
	}
	if (reader->stuck || is_cancelled(reader) ||
	    (reader->failed && sum == 0 && len > 0))
		return report(reader, start, error);
	*len_out = sum;
	return SGZ_OK;
}

/* Make at least one byte ready, unless the end is reached. */
static enum sgz_status
make_ready(struct sgz_reader *reader, struct sgz_error *error)
{
	uint64_t start;
	size_t direct;

	if (LIKELY(reader->at < reader->end))
		return SGZ_OK;
	start = sgz_reader_position(reader);
	sgz_reader_resume(reader);
	if (sgz_reader_can_advance(reader))
		sgz_reader_advance(reader, NULL, 0, &direct);
	if (is_cancelled(reader) ||
	    (reader->failed && reader->at == reader->end))
		return report(reader, start, error);
	return SGZ_OK;
}

enum sgz_status
sgz_reader_peek(struct sgz_reader *reader, const void **data_out,
		size_t *len_out, struct sgz_error *error)
{
	enum sgz_status status;

	if (reader->busy)
		return sgz_error_set_busy(error);
	status = make_ready(reader, error);
	if (status != SGZ_OK)
		return status;
	reader->borrowed = reader->at;
	*data_out = reader->at;
	*len_out = (size_t)(reader->end - reader->at);
	return SGZ_OK;
}

void
sgz_reader_consume(struct sgz_reader *reader, size_t len)
{
	size_t ready = (size_t)(reader->end - reader->at);

	/* after any other call there are no borrowed bytes */
	if (reader->busy || reader->borrowed == NULL ||
	    reader->borrowed != reader->at)
		return;
	reader->at += len < ready ? len : ready;
	reader->borrowed = reader->at;
}

static enum sgz_status
raise_delimiter(int delimiter, struct sgz_error *error)
{
	return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
			     "delimiter %d is not a byte", delimiter);
}

/* The line is too long: the reader stays at its start, and the error sticks. */
static enum sgz_status
raise_limit(struct sgz_reader *reader, uint64_t start, struct sgz_error *error)
{
	sgz_reader_raise(reader, &reader->error, SGZ_E_LIMIT, -1,
			 "the line at uncompressed offset %llu is longer than "
			 "%zu bytes",
			 (unsigned long long)start, reader->options.line_limit);
	return sgz_reader_stick(reader, start, error);
}

/*
 * The rest of @line has not arrived. Its first part becomes the chunk, so that
 * the next call reads it again.
 */
static enum sgz_status
put_back(struct sgz_reader *reader, struct sgz_buffer *line, uint64_t start,
	 struct sgz_error *error)
{
	struct sgz_buffer part = reader->part;

	if (line->len == 0)
		return report(reader, start, error);
	if (line == &reader->line) {
		reader->part = *line;
		*line = part;
	} else {
		reader->part.len = 0;
		if (!sgz_buffer_append(&reader->part, line->data, line->len)) {
			sgz_error_set_nomem(&reader->error, reader->input.name);
			reader->input.blocked = false;
			return sgz_reader_stick(reader, start, error);
		}
		line->len = 0;
	}
	reader->begin = reader->at = (const unsigned char *)reader->part.data;
	reader->end = reader->at + reader->part.len;
	return report(reader, start, error);
}

/* Collect a line that may lie in several chunks. */
static enum sgz_status
gather_line(struct sgz_reader *reader, int delimiter, struct sgz_buffer *line,
	    struct sgz_error *error)
{
	uint64_t start = sgz_reader_position(reader);
	const unsigned char *found = NULL;
	size_t direct;

	line->len = 0;
	if (line->data != NULL)
		line->data[0] = '\0';
	sgz_reader_resume(reader);
	for (;;) {
		size_t part = (size_t)(reader->end - reader->at);

		found = part > 0 ? memchr(reader->at, delimiter, part) : NULL;
		if (found != NULL)
			part = (size_t)(found - reader->at) + 1;
		if (part > reader->options.line_limit ||
		    line->len > reader->options.line_limit - part)
			return raise_limit(reader, start, error);
		if (!sgz_buffer_append(line, reader->at, part)) {
			sgz_error_set_nomem(&reader->error, reader->input.name);
			return sgz_reader_stick(reader, start, error);
		}
		reader->at += part;
		if (found != NULL || !sgz_reader_can_advance(reader))
			break;
		sgz_reader_advance(reader, NULL, 0, &direct);
	}
	if (found == NULL && sgz_reader_is_waiting(reader) && !reader->stuck)
		return put_back(reader, line, start, error);
	if (is_cancelled(reader) ||
	    (reader->failed && found == NULL && line->len == 0))
		return sgz_reader_stick(reader, start, error);
	return SGZ_OK;
}

enum sgz_status
sgz_reader_read_line(struct sgz_reader *reader, int delimiter,
		     struct sgz_buffer *line, struct sgz_error *error)
{
	size_t ready = (size_t)(reader->end - reader->at);
	const unsigned char *found;
	size_t len;

	if (UNLIKELY(reader->busy))
		return sgz_error_set_busy(error);
	if (UNLIKELY(delimiter < 0 || delimiter > UINT8_MAX))
		return raise_delimiter(delimiter, error);
	found = ready > 0 ? memchr(reader->at, delimiter, ready) : NULL;
	if (UNLIKELY(found == NULL))
		return gather_line(reader, delimiter, line, error);
	len = (size_t)(found - reader->at) + 1;
	if (UNLIKELY(len >= line->capacity || len > reader->options.line_limit))
		return gather_line(reader, delimiter, line, error);
	memcpy(line->data, reader->at, len);
	line->data[len] = '\0';
	line->len = len;
	reader->at += len;
	return SGZ_OK;
}

enum sgz_status
sgz_reader_next_line(struct sgz_reader *reader, int delimiter,
		     const char **line_out, size_t *len_out,
		     struct sgz_error *error)
{
	const unsigned char *found = NULL;
	size_t ready, len;
	enum sgz_status status;

	if (UNLIKELY(reader->busy))
		return sgz_error_set_busy(error);
	if (UNLIKELY(delimiter < 0 || delimiter > UINT8_MAX))
		return raise_delimiter(delimiter, error);
	status = make_ready(reader, error);
	if (UNLIKELY(status != SGZ_OK))
		return status;
	ready = (size_t)(reader->end - reader->at);
	found = ready > 0 ? memchr(reader->at, delimiter, ready) : NULL;
	if (LIKELY(found != NULL)) {
		len = (size_t)(found - reader->at) + 1;
		if (UNLIKELY(len > reader->options.line_limit))
			return raise_limit(reader, sgz_reader_position(reader),
					   error);
		*line_out = (const char *)reader->at;
		*len_out = len;
		reader->at += len;
		return SGZ_OK;
	}
	status = gather_line(reader, delimiter, &reader->line, error);
	if (status != SGZ_OK)
		return status;
	*line_out = (const char *)reader->line.data;
	*len_out = reader->line.len;
	return SGZ_OK;
}

uint64_t
sgz_reader_tell(const struct sgz_reader *reader)
{
	return sgz_reader_position(reader);
}

enum sgz_format
sgz_reader_get_format(const struct sgz_reader *reader)
{
	return reader->format;
}

const struct sgz_header *
sgz_reader_get_header(const struct sgz_reader *reader)
{
	/* perhaps no byte of the current chunk was read yet */
	if (reader->member_read || reader->at > reader->begin)
		return &reader->member->header;
	return &reader->former->header;
}

const struct sgz_error *
sgz_reader_get_error(const struct sgz_reader *reader)
{
	return reader->stuck ? &reader->error : NULL;
}

int
sgz_reader_get_fd(const struct sgz_reader *reader)
{
	if (reader->input.fd < 0)
		errno = EBADF;
	return reader->input.fd;
}
