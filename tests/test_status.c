/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The Errors clauses of readers and writers: a table of what can go wrong and
 * of the calls that can meet it. Each call returns each status that its clause
 * lists, and no other one.
 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

enum {
	BLOCK = 2000,
	TEXT_LEN = 40 * BLOCK,
	/* a later header may not be longer */
	LIMIT = 60,
};

/* What goes wrong, by the status that tells it; STATE is a call in a call. */
static const enum sgz_status kinds[] = {
	SGZ_E_FORMAT,	 SGZ_E_DATA,	  SGZ_E_CRC,   SGZ_E_LENGTH,
	SGZ_E_TRUNCATED, SGZ_E_TRAILING,  SGZ_E_LIMIT, SGZ_E_IO,
	SGZ_E_CALLBACK,	 SGZ_E_CANCELLED, SGZ_E_NOMEM, SGZ_E_INDEX,
	SGZ_E_STATE,
};

enum {
	KINDS = sizeof(kinds) / sizeof(kinds[0])
};

typedef enum sgz_status (*read_call)(struct sgz_reader *reader,
				     struct sgz_error *error);

/* A reader over a file that has a fault in its middle, and a call of it. */
struct world {
	enum sgz_status kind;
	read_call call;
	struct sgz_reader *reader;
	struct counter counter;
	struct bytes file;
	size_t at;
	int fd;
	enum sgz_status inner;
};

static unsigned char *text;

static int
setup(void **state)
{
	(void)state;
	enter_dir();
	text = make_text(TEXT_LEN);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(text);
	leave_dir();
	return 0;
}

/* Reading */

static enum sgz_status
call_read(struct sgz_reader *reader, struct sgz_error *error)
{
	unsigned char data[700];
	enum sgz_status status;
	size_t n;

	do
		status = sgz_reader_read(reader, data, sizeof(data), &n, error);
	while (status == SGZ_OK && n > 0);
	return status;
}

static enum sgz_status
call_peek(struct sgz_reader *reader, struct sgz_error *error)
{
	enum sgz_status status;
	const void *data;
	size_t n;

	do {
		status = sgz_reader_peek(reader, &data, &n, error);
		if (status == SGZ_OK)
			sgz_reader_consume(reader, n);
	} while (status == SGZ_OK && n > 0);
	return status;
}

static enum sgz_status
call_read_line(struct sgz_reader *reader, struct sgz_error *error)
{
	struct sgz_buffer line = SGZ_BUFFER_INIT;
	enum sgz_status status;

	do
		status = sgz_reader_read_line(reader, '\n', &line, error);
	while (status == SGZ_OK && line.len > 0);
	sgz_buffer_release(&line);
	return status;
}

static enum sgz_status
call_next_line(struct sgz_reader *reader, struct sgz_error *error)
{
	enum sgz_status status;
	const char *line;
	size_t n;

	do
		status = sgz_reader_next_line(reader, '\n', &line, &n, error);
	while (status == SGZ_OK && n > 0);
	return status;
}

static enum sgz_status
call_seek(struct sgz_reader *reader, struct sgz_error *error)
{
	enum sgz_status status = SGZ_OK;

	for (uint64_t to = BLOCK; status == SGZ_OK && to < 2 * TEXT_LEN;
	     to += BLOCK / 2)
		status = sgz_reader_seek(reader, to, error);
	/* with no fault before, the end of the data */
	return status == SGZ_E_RANGE ? SGZ_OK : status;
}

static enum sgz_status
call_get_size(struct sgz_reader *reader, struct sgz_error *error)
{
	uint64_t size;

	return sgz_reader_get_size(reader, &size, error);
}

static enum sgz_status
call_build(struct sgz_reader *reader, struct sgz_error *error)
{
	struct sgz_index *index = NULL;
	enum sgz_status status = sgz_index_build(reader, true, &index, error);

	sgz_index_unref(index);
	/* of gzip that is not BGZF there is no index */
	return status == SGZ_E_UNSUPPORTED ? SGZ_OK : status;
}

/* A file that has the fault of @kind in its middle, in either format. */
static void
make_file(struct world *world, enum sgz_format format)
{
	struct bytes *file = &world->file;
	size_t middle, trailer;

	if (format == SGZ_FORMAT_BGZF)
		add_bgzf(file, text, TEXT_LEN / 2, BLOCK);
	else
		add_member(file, text, TEXT_LEN / 2);
	middle = file->len;
	trailer = middle - 8 - (format == SGZ_FORMAT_BGZF ? 28 : 0);
	switch (world->kind) {
	case SGZ_E_FORMAT:
		add_member(file, text, 100);
		/* a flag that no version of gzip has */
		file->data[middle + 3] = 0xe0;
		break;
	case SGZ_E_DATA:
		/* the type of the first deflate block */
		file->data[format == SGZ_FORMAT_BGZF ? 18 : 10] = 7;
		break;
	case SGZ_E_CRC:
		file->data[trailer] ^= 1;
		break;
	case SGZ_E_LENGTH:
		file->data[trailer + 4] ^= 1;
		break;
	case SGZ_E_TRUNCATED:
		file->len = trailer;
		return;
	case SGZ_E_TRAILING:
		bytes_add(file, "what follows", 12);
		return;
	case SGZ_E_LIMIT:
		add_member_with(
			file, text, 100, NULL, 0,
			"a name that is longer than the limit, which is "
			"sixty bytes in a header",
			NULL);
		break;
	default:
		break;
	}
	if (format == SGZ_FORMAT_BGZF)
		add_bgzf(file, text, TEXT_LEN / 2, BLOCK);
	else
		add_member(file, text, TEXT_LEN / 2);
}

static int64_t
source_read(void *ctx, void *data, size_t len)
{
	struct world *world = ctx;

	if (world->at > world->file.len / 3)
		return -EIO;
	len = len < 100 ? len : 100;
	memcpy(data, world->file.data + world->at, len);
	world->at += len;
	return (int64_t)len;
}

static int64_t
source_seek(void *ctx, int64_t offset, int whence)
{
	struct world *world = ctx;

	if (whence != SEEK_SET)
		offset += (int64_t)(whence == SEEK_END ? world->file.len :
							 world->at);
	if (offset > (int64_t)world->file.len / 3 &&
	    offset < (int64_t)world->file.len)
		return -EIO;
	world->at = (size_t)offset;
	return offset;
}

static int
on_event(void *ctx, const struct sgz_event *event)
{
	struct world *world = ctx;
	struct sgz_error error;

	(void)event;
	if (world->kind == SGZ_E_CANCELLED)
		return 1;
	if (world->kind == SGZ_E_STATE && world->inner == SGZ_OK)
		world->inner = world->call(world->reader, &error);
	return 0;
}

/* An index that has its second block elsewhere, set before the first seek. */
static void
set_wrong_index(struct sgz_reader *reader)
{
	static const struct sgz_index_entry wrong[] = { { 0, 0 }, { 5, 100 } };
	struct sgz_index *index = NULL;
	struct sgz_error error;

	assert_ok(sgz_index_from_entries(wrong, 2, NULL, &index, &error),
		  &error);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	sgz_index_unref(index);
}

static void
open_world(struct world *world)
{
	const struct sgz_observer observer = {
		.event = on_event,
		.ctx = world,
		.mask = SGZ_EVENT_ALL,
	};
	const struct sgz_source source = {
		.read = source_read,
		.seek = source_seek,
		.ctx = world,
	};
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error;
	enum sgz_status status;

	counter_init(&world->counter);
	options.allocator = &world->counter.allocator;
	options.header_limit = LIMIT;
	options.read_size = 512;
	options.progress_interval = 1000;
	world->fd = -1;
	if (world->kind == SGZ_E_IO) {
		put_file("in.gz", world->file.data, world->file.len);
		world->fd = open("in.gz", O_RDONLY);
		status = sgz_reader_open_fd(world->fd, &options, &world->reader,
					    &error);
	} else if (world->kind == SGZ_E_CALLBACK) {
		status = sgz_reader_open_source(&source, &options,
						&world->reader, &error);
	} else {
		status = sgz_reader_open_memory(world->file.data,
						world->file.len, &options,
						&world->reader, &error);
	}
	assert_ok(status, &error);
	if (world->fd >= 0)
		close(world->fd);
	assert_ok(sgz_reader_set_observer(world->reader, &observer, &error),
		  &error);
	if (world->kind == SGZ_E_INDEX)
		set_wrong_index(world->reader);
	world->counter.fail_at =
		world->kind == SGZ_E_NOMEM ? world->counter.calls + 1 : 0;
	world->counter.fail_count = SIZE_MAX / 2;
}

static enum sgz_status
call_with(enum sgz_status kind, enum sgz_format format, read_call call)
{
	struct world world = { .kind = kind, .call = call };
	struct sgz_error error = SGZ_ERROR_INIT;
	enum sgz_status status;

	make_file(&world, format);
	open_world(&world);
	/* it is met by a seek, and sticks */
	if (kind == SGZ_E_INDEX && format == SGZ_FORMAT_BGZF)
		(void)sgz_reader_seek(world.reader, 100, NULL);
	status = call(world.reader, &error);
	if (status == SGZ_OK)
		status = world.inner;
	if (status != SGZ_OK && world.inner == SGZ_OK)
		assert_int_equal(error.status, status);
	sgz_reader_close(world.reader);
	bytes_free(&world.file);
	return status;
}

static const struct {
	const char *name;
	read_call call;
} read_calls[] = {
	{ "read", call_read },		 { "peek", call_peek },
	{ "read_line", call_read_line }, { "next_line", call_next_line },
	{ "seek", call_seek },		 { "get_size", call_get_size },
	{ "index_build", call_build },
};

static void
test_status__readers_return_what_their_clauses_list(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t c = 0; c < sizeof(read_calls) / sizeof(read_calls[0]); c++)
		for (size_t k = 0; k < KINDS; k++) {
			bool seen = false;

			for (int format = 0; format < 2; format++) {
				enum sgz_status status = call_with(
					kinds[k], (enum sgz_format)format,
					read_calls[c].call);

				seen = seen || status == kinds[k];
				if (status != SGZ_OK && status != kinds[k]) {
					print_error("%s: %s instead of %s\n",
						    read_calls[c].name,
						    sgz_status_name(status),
						    sgz_status_name(kinds[k]));
					wrong++;
				}
			}
			if (seen)
				continue;
			print_error("%s: %s is never returned\n",
				    read_calls[c].name,
				    sgz_status_name(kinds[k]));
			wrong++;
		}
	assert_int_equal(wrong, 0);
}

/* Opening */

/* The beginnings of files that do not open, and why. */
static const struct {
	const char *bytes;
	size_t len;
	enum sgz_status status;
} beginnings[] = {
	{ "plain text, and some more of it", 31, SGZ_E_FORMAT },
	{ "", 0, SGZ_E_TRUNCATED },
	{ "\x1f\x8b\x08\0\0\0", 6, SGZ_E_TRUNCATED },
	/* a CRC of the header */
	{ "\x1f\x8b\x08\x02\0\0\0\0\0\xff"
	  "ab",
	  12, SGZ_E_CRC },
	/* a BSIZE that is less than the header */
	{ "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\x05\0", 18,
	  SGZ_E_LENGTH },
	/* a BSIZE that leaves 7 bytes for the trailer, which has 8 */
	{ "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\x18\0"
	  "1234567",
	  25, SGZ_E_LENGTH },
	/* a name */
	{ "\x1f\x8b\x08\x08\0\0\0\0\0\xffsome more bytes than the limit of "
	  "sixty bytes for all of the header",
	  75, SGZ_E_LIMIT },
};

static int64_t
read_beginning(void *ctx, void *data, size_t len)
{
	struct bytes *from = ctx;

	if (from->capacity == 1)
		return -EIO;
	len = len < from->len ? len : from->len;
	memcpy(data, from->data, len);
	from->data += len;
	from->len -= len;
	return (int64_t)len;
}

enum way {
	BY_PATH,
	BY_FD,
	BY_MEMORY,
	BY_SOURCE,
	WAYS,
};

static enum sgz_status
open_by(enum way way, struct bytes from, const struct sgz_options *options,
	struct sgz_error *error)
{
	const struct sgz_source source = {
		.read = read_beginning,
		.ctx = &from,
	};
	struct sgz_reader *reader = NULL;
	enum sgz_status status;
	int fd;

	put_file("in.gz", from.data, from.len);
	switch (way) {
	case BY_PATH:
		status = sgz_reader_open("in.gz", options, &reader, error);
		break;
	case BY_FD:
		fd = open("in.gz", O_RDONLY);
		status = sgz_reader_open_fd(fd, options, &reader, error);
		close(fd);
		break;
	case BY_MEMORY:
		status = sgz_reader_open_memory(from.data, from.len, options,
						&reader, error);
		break;
	default:
		status = sgz_reader_open_source(&source, options, &reader,
						error);
		break;
	}
	assert_null(reader);
	return status;
}

static void
test_status__opening_returns_what_its_clauses_list(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_reader *reader = NULL;
	struct sgz_error error;
	int fd;

	(void)state;
	options.header_limit = LIMIT;
	for (enum way way = BY_PATH; way < WAYS; way++) {
		size_t count = sizeof(beginnings) / sizeof(beginnings[0]);
		struct counter counter;
		struct bytes from;

		for (size_t i = 0; i < count; i++) {
			from.data =
				(unsigned char *)(uintptr_t)beginnings[i].bytes;
			from.len = beginnings[i].len;
			from.capacity = 0;
			assert_failure(beginnings[i].status,
				       open_by(way, from, &options, &error),
				       &error);
		}
		counter_init(&counter);
		counter.fail_at = 1;
		options.allocator = &counter.allocator;
		assert_failure(SGZ_E_NOMEM,
			       open_by(way, from, &options, &error), &error);
		options.allocator = NULL;
		options.read_size = 0;
		assert_failure(SGZ_E_INVALID,
			       open_by(way, from, &options, &error), &error);
		options.read_size = 512;
	}
	assert_failure(SGZ_E_IO,
		       sgz_reader_open("none", &options, &reader, &error),
		       &error);
	fd = open("in.gz", O_WRONLY);
	assert_failure(SGZ_E_IO,
		       sgz_reader_open_fd(fd, &options, &reader, &error),
		       &error);
	close(fd);
	assert_failure(SGZ_E_CALLBACK,
		       open_by(BY_SOURCE,
			       (struct bytes){ (unsigned char *)text, 1, 1 },
			       &options, &error),
		       &error);
}

/* Reading at offsets */

/* A file is a block device: its size is found only by seeking. */
static bool is_device;

int
__real_fstat64(int fd, struct stat64 *to);
int
__wrap_fstat64(int fd, struct stat64 *to);

int
__wrap_fstat64(int fd, struct stat64 *to)
{
	int answer = __real_fstat64(fd, to);

	if (answer == 0 && is_device)
		to->st_mode = (to->st_mode & ~(mode_t)S_IFMT) | S_IFBLK;
	return answer;
}

/* A descriptor that fails: all else is in test_at.c. */
static void
test_status__reading_at_an_offset_of_a_closed_descriptor(void **state)
{
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	struct sgz_block *block = NULL;
	struct bytes file = { NULL, 0, 0 };
	struct sgz_error error;
	char data[9];
	size_t n;
	int fd;

	(void)state;
	add_bgzf(&file, text, TEXT_LEN, BLOCK);
	put_file("in.gz", file.data, file.len);
	fd = open("in.gz", O_RDONLY);
	assert_ok(sgz_reader_open_fd(fd, NULL, &reader, &error), &error);
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	close(fd);
	assert_failure(SGZ_E_IO,
		       sgz_reader_read_at(reader, 5, data, 9, &n, &error),
		       &error);
	assert_failure(SGZ_E_IO,
		       sgz_reader_ref_block(reader, 5, &block, &error), &error);
	sgz_reader_close(reader);
	/* and an index cannot be set, as the end of a device is not found */
	fd = open("in.gz", O_RDONLY);
	is_device = true;
	assert_ok(sgz_reader_open_fd(fd, NULL, &reader, &error), &error);
	is_device = false;
	close(fd);
	assert_failure(SGZ_E_IO, sgz_reader_set_index(reader, index, &error),
		       &error);
	sgz_reader_close(reader);
	sgz_index_unref(index);
	bytes_free(&file);
}

/* Writing */

typedef enum sgz_status (*write_call)(struct sgz_writer *writer,
				      struct sgz_error *error);

static enum sgz_status
call_write(struct sgz_writer *writer, struct sgz_error *error)
{
	return sgz_writer_write(writer, text, TEXT_LEN, error);
}

static enum sgz_status
call_write_owned(struct sgz_writer *writer, struct sgz_error *error)
{
	const struct sgz_owned owned = { .data = text, .len = TEXT_LEN };

	return sgz_writer_write_owned(writer, &owned, error);
}

static enum sgz_status
call_printf(struct sgz_writer *writer, struct sgz_error *error)
{
	return sgz_writer_printf(writer, error, "%20000d", 1);
}

static enum sgz_status
	SGZ_PRINTF(3, 4) print(struct sgz_writer *writer,
			       struct sgz_error *error, const char *format, ...)
{
	va_list args;
	enum sgz_status status;

	va_start(args, format);
	status = sgz_writer_vprintf(writer, error, format, args);
	va_end(args);
	return status;
}

static enum sgz_status
call_vprintf(struct sgz_writer *writer, struct sgz_error *error)
{
	return print(writer, error, "%20000d", 1);
}

static enum sgz_status
call_flush(struct sgz_writer *writer, struct sgz_error *error)
{
	(void)sgz_writer_write(writer, text, 10, NULL);
	return sgz_writer_flush(writer, error);
}

static enum sgz_status
call_finish(struct sgz_writer *writer, struct sgz_error *error)
{
	(void)sgz_writer_write(writer, text, 10, NULL);
	return sgz_writer_finish(writer, error);
}

static const write_call write_calls[] = {
	call_write,   call_write_owned, call_printf,
	call_vprintf, call_flush,	call_finish,
};

static int64_t
refuse(void *ctx, const void *data, size_t len)
{
	(void)ctx;
	(void)data;
	(void)len;
	return -EIO;
}

static int
cancel(void *ctx, const struct sgz_event *event)
{
	(void)ctx;
	(void)event;
	return 1;
}

static struct sgz_writer *
open_writer(enum sgz_status kind, struct counter *counter,
	    struct sgz_buffer *buffer, int *fd_out)
{
	const struct sgz_sink sink = { .write = refuse };
	const struct sgz_observer observer = { cancel, NULL, NULL,
					       SGZ_EVENT_ALL };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error;
	enum sgz_status status;

	options.block_size = BLOCK;
	*fd_out = -1;
	if (kind == SGZ_E_IO) {
		*fd_out = open("/dev/full", O_WRONLY);
		status = sgz_writer_open_fd(*fd_out, &options, &writer, &error);
	} else if (kind == SGZ_E_CALLBACK) {
		status = sgz_writer_open_sink(&sink, &options, &writer, &error);
	} else {
		counter_init(counter);
		sgz_buffer_init(buffer, &counter->allocator);
		status = sgz_writer_open_memory(buffer, &options, &writer,
						&error);
	}
	assert_ok(status, &error);
	if (kind == SGZ_E_NOMEM) {
		counter->fail_at = counter->calls + 1;
		counter->fail_count = SIZE_MAX / 2;
	}
	if (kind == SGZ_E_CANCELLED)
		assert_ok(sgz_writer_set_observer(writer, &observer, &error),
			  &error);
	if (kind == SGZ_E_STATE)
		assert_ok(sgz_writer_finish(writer, &error), &error);
	return writer;
}

static void
test_status__writers_return_what_their_clauses_list(void **state)
{
	static const enum sgz_status wanted[] = {
		SGZ_E_IO,    SGZ_E_CALLBACK, SGZ_E_CANCELLED,
		SGZ_E_NOMEM, SGZ_E_STATE,
	};

	(void)state;
	for (size_t c = 0; c < sizeof(write_calls) / sizeof(write_calls[0]);
	     c++)
		for (size_t k = 0; k < 5; k++) {
			struct sgz_buffer buffer = SGZ_BUFFER_INIT;
			enum sgz_status status = SGZ_OK;
			struct counter counter;
			struct sgz_error error;
			int fd;
			struct sgz_writer *writer =
				open_writer(wanted[k], &counter, &buffer, &fd);

			/* until what is kept has to be put out */
			for (int i = 0; status == SGZ_OK && i < 1000; i++)
				status = write_calls[c](writer, &error);
			assert_failure(wanted[k], status, &error);
			sgz_writer_free(writer);
			sgz_buffer_release(&buffer);
			if (fd >= 0)
				close(fd);
		}
}

static void
test_status__a_text_that_cannot_be_formatted(void **state)
{
	/* no such character in the C locale */
	wchar_t wrong[] = { 0x7fffffff, 0 };
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error;

	(void)state;
	assert_ok(sgz_writer_open_memory(&buffer, NULL, &writer, &error),
		  &error);
	assert_failure(SGZ_E_INVALID, print(writer, &error, "%ls", wrong),
		       &error);
	sgz_writer_free(writer);
	sgz_buffer_release(&buffer);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct CMUnitTest tests[] = {
	TEST(test_status__opening_returns_what_its_clauses_list),
	TEST(test_status__readers_return_what_their_clauses_list),
	TEST(test_status__reading_at_an_offset_of_a_closed_descriptor),
	TEST(test_status__writers_return_what_their_clauses_list),
	TEST(test_status__a_text_that_cannot_be_formatted),
};

RUN("status", tests)
