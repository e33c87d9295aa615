/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One input and one output for paths, descriptors, memory and callbacks. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* the largest errno of Linux; callbacks return it negated */
	ERRNO_MOST = 4095,
	/* larger reads are not faster, and some systems refuse them */
	READ_MOST = 1 << 24,
	GATHER_SIZE = 1 << 18,
	/* the first read after a seek: it is fast, and holds a typical block */
	SEEK_READ = 1 << 15,
};

/* Descriptors, which may be non-blocking */

/* Wait until @fd is ready for @events. */
static bool
wait_for(int fd, short events)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int answer;

	do
		answer = poll(&poll_fd, 1, -1);
	while (answer < 0 && errno == EINTR);
	return answer > 0;
}

static bool
must_wait(int reason)
{
	return reason == EAGAIN || reason == EWOULDBLOCK;
}

ssize_t
sgz_fd_read(int fd, void *to, size_t len)
{
	for (;;) {
		ssize_t got = read(fd, to, len);

		if (got >= 0 || (errno != EINTR && !must_wait(errno)))
			return got;
		if (must_wait(errno) && !wait_for(fd, POLLIN))
			return -1;
	}
}

enum sgz_status
sgz_fd_write_all(int fd, const void *data, size_t len, const char *name,
		 struct sgz_error *error)
{
	const unsigned char *at = data;

	while (len > 0) {
		size_t part = len < READ_MOST ? len : READ_MOST;
		ssize_t put = write(fd, at, part);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && must_wait(errno) && wait_for(fd, POLLOUT))
			continue;
		if (put <= 0)
			return sgz_error_set_errno(error, put < 0 ? errno : EIO,
						   name, -1, "write the file");
		at += put;
		len -= (size_t)put;
	}
	return SGZ_OK;
}

/* The callback returned no valid count: was it a negated errno? */
static enum sgz_status
callback_error(struct sgz_error *error, const char *name, int64_t offset,
	       const char *function, int64_t answer)
{
	if (answer < 0 && answer >= -ERRNO_MOST)
		return sgz_error_set(error, SGZ_E_CALLBACK, (int)-answer, name,
				     offset, "%s failed with errno %d",
				     function, (int)-answer);
	return sgz_error_set(error, SGZ_E_CALLBACK, 0, name, offset,
			     "%s returned %lld, which its contract does not "
			     "allow",
			     function, (long long)answer);
}

/* Input */

static enum sgz_status
name_input(struct sgz_input *input, const char *name, struct sgz_error *error)
{
	input->name = sgz_memory_copy_text(input->memory, name);
	if (input->name == NULL)
		return sgz_error_set_nomem(error, name);
	return SGZ_OK;
}

/* The window must hold a whole block after the rest of another one. */
static enum sgz_status
make_window(struct sgz_input *input, struct sgz_error *error)
{
	if (input->read_size > READ_MOST)
		input->read_size = READ_MOST;
	input->next_read = input->read_size;
	input->capacity = BGZF_BLOCK_SIZE + input->read_size;
	input->buffer = sgz_memory_alloc(input->memory, input->capacity);
	if (input->buffer == NULL)
		return sgz_error_set_nomem(error, input->name);
	input->begin = input->at = input->end = input->buffer;
	return SGZ_OK;
}

enum sgz_status
sgz_input_open_fd(struct sgz_input *input, int fd, struct sgz_error *error)
{
	char name[32];
	struct stat st;
	off_t position;
	enum sgz_status status = SGZ_OK;

	if (input->name == NULL) {
		snprintf(name, sizeof(name), "<fd %d>", fd);
		status = name_input(input, name, error);
		if (status != SGZ_OK)
			return status;
	}
	input->fd = fd;
	if (fstat(fd, &st) != 0)
		return sgz_error_set_errno(error, errno, input->name, -1,
					   "examine the file");
	if (S_ISDIR(st.st_mode))
		return sgz_error_set_errno(error, EISDIR, input->name, -1,
					   "read the file");
	if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)) {
		position = lseek(fd, 0, SEEK_CUR);
		input->can_seek = position >= 0;
		input->start = position >= 0 ? (uint64_t)position : 0;
	}
	if (S_ISREG(st.st_mode)) {
		input->size = 0;
		if ((uint64_t)st.st_size > input->start)
			input->size = (uint64_t)st.st_size - input->start;
		/* this is only advice: a failure does not matter */
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	return make_window(input, error);
}

enum sgz_status
sgz_input_open_path(struct sgz_input *input, const char *path,
		    struct sgz_error *error)
{
	enum sgz_status status = name_input(input, path, error);
	int fd;

	if (status != SGZ_OK)
		return status;
	do
		fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return sgz_error_set_errno(error, errno, path, -1,
					   "open the file");
	input->owns_fd = true;
	return sgz_input_open_fd(input, fd, error);
}

enum sgz_status
sgz_input_open_memory(struct sgz_input *input, const void *data, size_t len,
		      struct sgz_error *error)
{
	static const unsigned char nothing[1];

	input->begin = input->at = len > 0 ? data : nothing;
	input->end = input->at + len;
	input->offset_end = input->size = len;
	input->can_seek = input->ended = true;
	return name_input(input, "<memory>", error);
}

enum sgz_status
sgz_input_open_source(struct sgz_input *input, const struct sgz_source *source,
		      struct sgz_error *error)
{
	enum sgz_status status = name_input(input, "<source>", error);

	if (status != SGZ_OK)
		return status;
	input->source = *source;
	input->can_seek = source->seek != NULL;
	/* found when it is first needed: reading in sequence never seeks */
	input->start = SGZ_UNKNOWN;
	return make_window(input, error);
}

void
sgz_input_close(struct sgz_input *input, bool keep_source)
{
	if (input->source.close != NULL && !keep_source) {
		*input->busy = 1;
		input->source.close(input->source.ctx);
	}
	if (input->owns_fd)
		(void)close(input->fd);
	sgz_memory_free(input->memory, input->buffer);
	sgz_memory_free(input->memory, input->name);
}

static enum sgz_status
read_source(struct sgz_input *input, unsigned char *to, size_t len,
	    size_t *len_out, struct sgz_error *error)
{
	int64_t got;

	*input->busy = 1;
	got = input->source.read(input->source.ctx, to, len);
	*input->busy = 0;
	input->blocked = got < 0 && got >= -ERRNO_MOST && must_wait((int)-got);
	if (got < 0 || (uint64_t)got > len)
		return callback_error(
			error, input->name,
			(int64_t)(input->offset_end + input->beyond),
			"the source's read", got);
	*len_out = (size_t)got;
	return SGZ_OK;
}

bool
sgz_input_is_ready(const struct sgz_input *input)
{
	struct pollfd poll_fd = { .fd = input->fd, .events = POLLIN };

	/* a regular file never waits, and a source cannot be asked */
	return input->can_seek || input->fd < 0 || poll(&poll_fd, 1, 0) > 0;
}

enum sgz_status
sgz_input_read(struct sgz_input *input, unsigned char *to, size_t len,
	       size_t *len_out, struct sgz_error *error)
{
	ssize_t got;

	if (input->fd < 0)
		return read_source(input, to, len, len_out, error);
	got = sgz_fd_read(input->fd, to, len);
	if (got < 0)
		return sgz_error_set_errno(
			error, errno, input->name,
			(int64_t)(input->offset_end + input->beyond),
			"read the file");
	*len_out = (size_t)got;
	return SGZ_OK;
}

static enum sgz_status
seek_source(struct sgz_input *input, int64_t offset, int whence,
	    uint64_t *offset_out, struct sgz_error *error)
{
	int64_t now;

	*input->busy = 1;
	now = input->source.seek(input->source.ctx, offset, whence);
	*input->busy = 0;
	if (now < 0 || (whence == SEEK_SET && now != offset))
		return callback_error(error, input->name, -1,
				      "the source's seek", now);
	*offset_out = (uint64_t)now;
	return SGZ_OK;
}

static enum sgz_status
seek_input(struct sgz_input *input, int64_t offset, int whence,
	   uint64_t *offset_out, struct sgz_error *error)
{
	off_t now;

	if (input->fd < 0)
		return seek_source(input, offset, whence, offset_out, error);
	now = lseek(input->fd, offset, whence);
	if (now < 0)
		return sgz_error_set_errno(error, errno, input->name, -1,
					   "seek in the file");
	*offset_out = (uint64_t)now;
	return SGZ_OK;
}

/* The start position of a source: its position now, minus the bytes read. */
static enum sgz_status
find_start(struct sgz_input *input, struct sgz_error *error)
{
	uint64_t now;
	enum sgz_status status;

	if (input->start != SGZ_UNKNOWN)
		return SGZ_OK;
	status = seek_input(input, 0, SEEK_CUR, &now, error);
	if (status != SGZ_OK)
		return status;
	if (now < input->offset_end + input->beyond)
		return sgz_error_set(error, SGZ_E_CALLBACK, 0, input->name, -1,
				     "the source's seek reports a position "
				     "before the bytes that were read");
	input->start = now - input->offset_end - input->beyond;
	return SGZ_OK;
}

/* Move the file or source itself to @offset from its start position. */
static enum sgz_status
move_input(struct sgz_input *input, uint64_t offset, struct sgz_error *error)
{
	uint64_t now;
	enum sgz_status status = find_start(input, error);

	if (status != SGZ_OK)
		return status;
	if (offset > (uint64_t)INT64_MAX - input->start)
		return sgz_error_set(error, SGZ_E_CALLBACK, 0, input->name, -1,
				     "the source's seek reports a position so "
				     "large that offset %llu is out of range",
				     (unsigned long long)offset);
	input->adrift = true;
	status = seek_input(input, (int64_t)(input->start + offset), SEEK_SET,
			    &now, error);
	if (status == SGZ_OK)
		input->adrift = false;
	return status;
}

enum sgz_status
sgz_input_fill_slow(struct sgz_input *input, size_t want,
		    struct sgz_error *error)
{
	size_t got = 0;
	size_t ready;
	enum sgz_status status;

	if (input->feeder != NULL) {
		status = input->feeder->turn(input->feeder, want, error);
		if (status != SGZ_OK || input->ended)
			return status;
	}
	ready = sgz_input_ready(input);
	if (ready >= want)
		return SGZ_OK;
	if (input->adrift) {
		status = move_input(input, input->offset_end, error);
		if (status != SGZ_OK)
			return status;
		input->beyond = 0;
	}
	memmove(input->buffer, input->at, ready);
	input->begin = input->at = input->buffer;
	input->end = input->buffer + ready;
	while (ready < want && !input->ended) {
		status = sgz_input_read(input, input->buffer + ready,
					input->next_read, &got, error);
		if (status != SGZ_OK)
			return status;
		input->next_read *= 2;
		if (input->next_read > input->read_size)
			input->next_read = input->read_size;
		input->ended = got == 0;
		ready += got;
		input->end += got;
		input->offset_end += got;
	}
	return SGZ_OK;
}

enum sgz_status
sgz_input_seek(struct sgz_input *input, uint64_t offset,
	       struct sgz_error *error)
{
	enum sgz_status status;

	if (offset <= input->offset_end &&
	    input->offset_end - offset <=
		    (uint64_t)(input->end - input->begin)) {
		input->at = input->end - (input->offset_end - offset);
		return SGZ_OK;
	}
	if (input->buffer == NULL) {
		input->at = input->end;
		return SGZ_OK;
	}
	if (input->feeder != NULL)
		input->feeder->stop(input->feeder);
	status = move_input(input, offset, error);
	if (status != SGZ_OK)
		return status;
	input->begin = input->at = input->end = input->buffer;
	input->offset_end = offset;
	input->beyond = 0;
	input->ended = false;
	if (input->next_read > SEEK_READ)
		input->next_read = SEEK_READ;
	return SGZ_OK;
}

enum sgz_status
sgz_input_pread(const struct sgz_input *input, uint64_t offset, void *data,
		size_t len, size_t *len_out, struct sgz_error *error)
{
	size_t sum = 0;

	while (sum < len) {
		ssize_t got = pread(input->fd, (unsigned char *)data + sum,
				    len - sum,
				    (off_t)(input->start + offset + sum));

		if (got < 0 && errno != EINTR)
			return sgz_error_set_errno(error, errno, input->name,
						   (int64_t)offset,
						   "read the file");
		if (got == 0)
			break;
		sum += got > 0 ? (size_t)got : 0;
	}
	*len_out = sum;
	return SGZ_OK;
}

enum sgz_status
sgz_input_fetch(struct sgz_input *input, uint64_t offset, void *data,
		size_t len, size_t *len_out, struct sgz_error *error)
{
	size_t ready;
	enum sgz_status status;

	/* in a file, the bytes are copied and the window stays */
	if (input->fd >= 0)
		return sgz_input_pread(input, offset, data, len, len_out,
				       error);
	status = sgz_input_seek(input, offset, error);
	if (status == SGZ_OK)
		status = sgz_input_fill(input, len, error);
	if (status != SGZ_OK)
		return status;
	ready = sgz_input_ready(input);
	/* a seek beyond the end of a memory block stops at its end */
	if (sgz_input_offset(input) != offset)
		ready = 0;
	if (ready > len)
		ready = len;
	memcpy(data, input->at, ready);
	*len_out = ready;
	return SGZ_OK;
}

enum sgz_status
sgz_input_find_size(struct sgz_input *input, struct sgz_error *error)
{
	uint64_t end = 0;
	enum sgz_status status;

	if (input->size != SGZ_UNKNOWN)
		return SGZ_OK;
	status = find_start(input, error);
	if (status != SGZ_OK)
		return status;
	input->adrift = true;
	status = seek_input(input, 0, SEEK_END, &end, error);
	if (status != SGZ_OK)
		return status;
	status = move_input(input, input->offset_end + input->beyond, error);
	if (status == SGZ_OK)
		input->size = end > input->start ? end - input->start : 0;
	return status;
}

/* Output */

static enum sgz_status
write_sink(struct sgz_output *output, const unsigned char *at, size_t len,
	   struct sgz_error *error)
{
	while (len > 0) {
		int64_t put;

		*output->busy = 1;
		put = output->sink.write(output->sink.ctx, at, len);
		*output->busy = 0;
		if (put <= 0 || (uint64_t)put > len)
			return callback_error(error, output->name, -1,
					      "the sink's write", put);
		at += put;
		len -= (size_t)put;
	}
	return SGZ_OK;
}

static enum sgz_status
write_output(struct sgz_output *output, const void *data, size_t len,
	     struct sgz_error *error)
{
	if (output->target != NULL) {
		if (!sgz_buffer_append(output->target, data, len))
			return sgz_error_set_nomem(error, output->name);
		return SGZ_OK;
	}
	if (output->fd >= 0)
		return sgz_fd_write_all(output->fd, data, len, output->name,
					error);
	return write_sink(output, data, len, error);
}

/* Write the collected bytes. */
static enum sgz_status
output_drain(struct sgz_output *output, struct sgz_error *error)
{
	size_t len = output->len;

	/* a failure ends the output: these bytes are not written again */
	output->offset += len;
	output->len = 0;
	return write_output(output, output->buffer, len, error);
}

enum sgz_status
sgz_output_reserve(struct sgz_output *output, size_t want,
		   struct sgz_error *error)
{
	if (output->buffer == NULL) {
		output->capacity = GATHER_SIZE + BGZF_BLOCK_SIZE;
		output->buffer =
			sgz_memory_alloc(output->memory, output->capacity);
		if (output->buffer == NULL)
			return sgz_error_set_nomem(error, output->name);
	}
	if (output->capacity - output->len >= want)
		return SGZ_OK;
	return output_drain(output, error);
}

enum sgz_status
sgz_output_put(struct sgz_output *output, const void *data, size_t len,
	       struct sgz_error *error)
{
	const unsigned char *at = data;

	while (len > 0) {
		size_t part = len < BGZF_BLOCK_SIZE ? len : BGZF_BLOCK_SIZE;
		enum sgz_status status =
			sgz_output_reserve(output, part, error);

		if (status != SGZ_OK)
			return status;
		memcpy(output->buffer + output->len, at, part);
		output->len += part;
		at += part;
		len -= part;
	}
	return SGZ_OK;
}

enum sgz_status
sgz_output_flush(struct sgz_output *output, struct sgz_error *error)
{
	enum sgz_status status = output_drain(output, error);
	int answer;

	if (status != SGZ_OK || output->sink.flush == NULL)
		return status;
	*output->busy = 1;
	answer = output->sink.flush(output->sink.ctx);
	*output->busy = 0;
	if (answer != 0)
		return callback_error(error, output->name, -1,
				      "the sink's flush", answer);
	return SGZ_OK;
}

void
sgz_output_close(struct sgz_output *output, bool keep_sink)
{
	if (output->sink.close != NULL && !keep_sink) {
		*output->busy = 1;
		output->sink.close(output->sink.ctx);
	}
	sgz_new_file_close(&output->file);
	sgz_memory_free(output->memory, output->buffer);
	sgz_memory_free(output->memory, output->name);
}
