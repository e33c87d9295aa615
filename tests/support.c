/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the C tests share. */
#include "support.h"
#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

/* Each block has its size in front of it, in a cell that keeps alignment. */
#define FRONT 16

static bool
shall_fail(struct counter *counter, size_t size, bool resize)
{
	counter->calls++;
	if (size > counter->largest)
		counter->largest = size;
	assert_true(size > 0);
	if (counter->fail_at == 0 || (counter->resizes_only && !resize))
		return false;
	return counter->calls >= counter->fail_at &&
		counter->calls - counter->fail_at < counter->fail_count;
}

static void
count_in(struct counter *counter, size_t size)
{
	counter->bytes += size;
	if (counter->bytes > counter->peak)
		counter->peak = counter->bytes;
}

static void *
counter_alloc(void *ctx, size_t size)
{
	struct counter *counter = ctx;
	unsigned char *block;

	if (shall_fail(counter, size, false))
		return NULL;
	block = malloc(FRONT + size);
	assert_non_null(block);
	memcpy(block, &size, sizeof(size));
	/* what was not initialised must not look as if it were */
	memset(block + FRONT, 0xa5, size);
	counter->live++;
	count_in(counter, size);
	return block + FRONT;
}

static void *
counter_realloc(void *ctx, void *ptr, size_t size)
{
	struct counter *counter = ctx;
	unsigned char *block = ptr;
	size_t old;

	assert_non_null(ptr);
	if (shall_fail(counter, size, true))
		return NULL;
	memcpy(&old, block - FRONT, sizeof(old));
	block = realloc(block - FRONT, FRONT + size);
	assert_non_null(block);
	memcpy(block, &size, sizeof(size));
	counter->bytes -= old;
	count_in(counter, size);
	return block + FRONT;
}

static void
counter_free(void *ctx, void *ptr)
{
	struct counter *counter = ctx;
	unsigned char *block = ptr;
	size_t old;

	assert_non_null(ptr);
	memcpy(&old, block - FRONT, sizeof(old));
	memset(block, 0x5a, old);
	counter->bytes -= old;
	counter->live--;
	free(block - FRONT);
}

void
counter_init(struct counter *counter)
{
	memset(counter, 0, sizeof(*counter));
	counter->allocator.alloc = counter_alloc;
	counter->allocator.realloc = counter_realloc;
	counter->allocator.free = counter_free;
	counter->allocator.ctx = counter;
	counter->fail_count = 1;
}

void
bytes_add(struct bytes *bytes, const void *data, size_t len)
{
	if (len > bytes->capacity - bytes->len) {
		bytes->capacity = (bytes->len + len) * 2 + 64;
		bytes->data = realloc(bytes->data, bytes->capacity);
		assert_non_null(bytes->data);
	}
	if (len > 0)
		memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
}

void
bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	memset(bytes, 0, sizeof(*bytes));
}

static void
add_le(struct bytes *file, uint32_t value, int count)
{
	for (int i = 0; i < count; i++) {
		unsigned char byte = (unsigned char)(value >> (8 * i));

		bytes_add(file, &byte, 1);
	}
}

static void
add_deflated(struct bytes *file, const void *data, size_t len)
{
	z_stream z = { 0 };
	size_t room;
	unsigned char *out;

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, 0), Z_OK);
	room = deflateBound(&z, (uLong)len);
	out = malloc(room);
	assert_non_null(out);
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	bytes_add(file, out, room - z.avail_out);
	deflateEnd(&z);
	free(out);
}

static void
add_trailer(struct bytes *file, const void *data, size_t len)
{
	uLong crc = crc32(0, NULL, 0);

	if (len > 0)
		crc = crc32(crc, data, (uInt)len);
	add_le(file, (uint32_t)crc, 4);
	add_le(file, (uint32_t)len, 4);
}

void
add_block(struct bytes *file, const void *data, size_t len)
{
	static const unsigned char front[] = {
		0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 'B', 'C', 2, 0,
	};
	size_t start = file->len;
	size_t size;

	bytes_add(file, front, sizeof(front));
	add_le(file, 0, 2);
	add_deflated(file, data, len);
	add_trailer(file, data, len);
	size = file->len - start;
	assert_true(size <= 65536);
	file->data[start + 16] = (unsigned char)(size - 1);
	file->data[start + 17] = (unsigned char)((size - 1) >> 8);
}

void
add_eof_block(struct bytes *file)
{
	static const unsigned char eof[28] = {
		0x1f, 0x8b, 8,	 4,   0, 0, 0,	  0, 0, 0xff,
		6,    0,    'B', 'C', 2, 0, 0x1b, 0, 3, 0,
	};

	bytes_add(file, eof, sizeof(eof));
}

void
add_bgzf(struct bytes *file, const void *data, size_t len, size_t block_size)
{
	const unsigned char *at = data;

	while (len > 0) {
		size_t part = len < block_size ? len : block_size;

		add_block(file, at, part);
		at += part;
		len -= part;
	}
	add_eof_block(file);
}

void
add_member_with(struct bytes *file, const void *data, size_t len,
		const void *extra, size_t extra_len, const char *name,
		const char *comment)
{
	unsigned char flags = (unsigned char)((extra != NULL ? 4 : 0) |
					      (name != NULL ? 8 : 0) |
					      (comment != NULL ? 16 : 0));
	unsigned char front[10] = { 0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3 };

	bytes_add(file, front, sizeof(front));
	if (extra != NULL) {
		add_le(file, (uint32_t)extra_len, 2);
		bytes_add(file, extra, extra_len);
	}
	if (name != NULL)
		bytes_add(file, name, strlen(name) + 1);
	if (comment != NULL)
		bytes_add(file, comment, strlen(comment) + 1);
	add_deflated(file, data, len);
	add_trailer(file, data, len);
}

void
add_member(struct bytes *file, const void *data, size_t len)
{
	add_member_with(file, data, len, NULL, 0, NULL, NULL);
}

unsigned char *
make_text(size_t len)
{
	unsigned char *text = malloc(len + 1);
	uint32_t state = 12345;
	size_t column = 0;

	assert_non_null(text);
	for (size_t i = 0; i < len; i++) {
		state = state * 1103515245u + 12345u;
		if (column++ > 10 + (state >> 16) % 70) {
			text[i] = '\n';
			column = 0;
		} else {
			text[i] = (unsigned char)('a' + (state >> 20) % 20);
		}
	}
	text[len] = 0;
	return text;
}

enum sgz_status
read_all(struct sgz_reader *reader, struct bytes *to, struct sgz_error *error)
{
	unsigned char part[5000];
	enum sgz_status status;
	size_t len;

	for (;;) {
		len = SIZE_MAX;
		status = sgz_reader_read(reader, part, sizeof(part), &len,
					 error);
		if (status != SGZ_OK) {
			/* an output is written only on success */
			assert_true(len == SIZE_MAX);
			return status;
		}
		assert_true(len <= sizeof(part));
		if (len == 0)
			return SGZ_OK;
		bytes_add(to, part, len);
	}
}

enum sgz_status
inflate_all(const struct bytes *file, const struct sgz_options *options,
	    struct bytes *to, struct sgz_error *error)
{
	struct sgz_reader *reader = NULL;
	enum sgz_status status;

	status = sgz_reader_open_memory(file->data, file->len, options, &reader,
					error);
	if (status != SGZ_OK) {
		assert_null(reader);
		return status;
	}
	status = read_all(reader, to, error);
	sgz_reader_close(reader);
	return status;
}

struct sgz_reader *
open_bytes(const struct bytes *file)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;

	assert_ok(sgz_reader_open_memory(file->data, file->len, NULL, &reader,
					 &error),
		  &error);
	assert_non_null(reader);
	return reader;
}

static char home[4096];
static char fresh[4096];

void
enter_dir(void)
{
	const char *base = getenv("TMPDIR");

	assert_non_null(getcwd(home, sizeof(home)));
	snprintf(fresh, sizeof(fresh), "%.4000s/sgz-test-XXXXXX",
		 base != NULL ? base : "/tmp");
	assert_non_null(mkdtemp(fresh));
	assert_int_equal(chdir(fresh), 0);
}

static size_t
each_name(void (*what)(const char *name))
{
	DIR *dir = opendir(".");
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		count++;
		if (what != NULL)
			what(entry->d_name);
	}
	closedir(dir);
	return count;
}

static void
remove_name(const char *name)
{
	if (remove(name) != 0)
		perror(name);
}

void
leave_dir(void)
{
	each_name(remove_name);
	assert_int_equal(chdir(home), 0);
	rmdir(fresh);
}

void
put_file(const char *path, const void *data, size_t len)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

struct bytes
get_file(const char *path)
{
	struct bytes bytes = { NULL, 0, 0 };
	unsigned char part[4096];
	FILE *file = fopen(path, "rb");
	size_t n;

	assert_non_null(file);
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		bytes_add(&bytes, part, n);
	fclose(file);
	return bytes;
}

size_t
count_files(void)
{
	return each_name(NULL);
}

bool
is_slow(void)
{
	return getenv("SGZ_TEST_SLOW") != NULL;
}

void
check_failure(enum sgz_status wanted, enum sgz_status status,
	      const struct sgz_error *error, const char *file, int line)
{
	if (status != wanted) {
		const char *name = sgz_status_name(status);

		print_error("status %d (%s)%s%s\n", (int)status,
			    name != NULL ? name : "unknown",
			    status != SGZ_OK && error != NULL ? ": " : "",
			    status != SGZ_OK && error != NULL ? error->text :
								"");
		_assert_int_equal((uintmax_t)(int)status,
				  (uintmax_t)(int)wanted, file, line);
	}
	if (wanted == SGZ_OK || error == NULL)
		return;
	if ((int)error->status != (int)wanted || error->text[0] == '\0' ||
	    error->reserved != 0 ||
	    memchr(error->text, 0, SGZ_ERROR_TEXT_SIZE) == NULL ||
	    strchr(error->text, '\n') != NULL) {
		print_error("error says %d, \"%.236s\", reserved %u\n",
			    (int)error->status, error->text, error->reserved);
		_fail(file, line);
	}
}

void
check_part(struct sgz_reader *reader, uint64_t offset,
	   const unsigned char *text, size_t text_len)
{
	unsigned char part[50];
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t left = (size_t)(text_len - offset);
	size_t n = 0;

	assert_ok(sgz_reader_seek(reader, offset, &error), &error);
	assert_true(sgz_reader_tell(reader) == offset);
	assert_ok(sgz_reader_read(reader, part, sizeof(part), &n, &error),
		  &error);
	assert_int_equal(n, left < sizeof(part) ? left : sizeof(part));
	assert_memory_equal(part, text + offset, n);
}

void
in_child(int (*body)(void *ctx), void *ctx)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		/* a call that waits for threads that are not there */
		alarm(20);
		_exit(body(ctx));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}
