/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Input that is broken, or that lies. Each case ends in an error that says
 * where and why; nothing crashes, leaks, hangs, or allocates what a length in
 * the file asks for.
 */
#include "support.h"
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

/* A reader's memory has a bound, whatever is in the file. */
#define PEAK_LIMIT ((2u << 20) + POOL_PEAK)

static struct counter counter;

static int
setup(void **state)
{
	(void)state;
	enter_dir();
	counter_init(&counter);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	leave_dir();
	return 0;
}

/*
 * Read all of @file, in memory, in the ways that there are: in sequence, by
 * line, by size and by index. Returns what the first way ended with; all must
 * end, and free what they took.
 */
static enum sgz_status
read_in_all_ways(const struct bytes *given, struct bytes *to,
		 struct sgz_error *error)
{
	/* a copy of just its size, for the tools that see reads beyond */
	struct bytes copy = { malloc(given->len + (given->len == 0)),
			      given->len, given->len };
	struct bytes *file = &copy;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error other = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	enum sgz_status status;
	enum sgz_status line_status;
	const char *line;
	uint64_t size;
	size_t len;

	if (given->len > 0)
		memcpy(copy.data, given->data, given->len);
	options.allocator = &counter.allocator;
	status = inflate_all(file, &options, to, error);
	assert_none_live(&counter);
	if (sgz_reader_open_memory(file->data, file->len, &options, &reader,
				   &other) == SGZ_OK) {
		do {
			line_status = sgz_reader_next_line(reader, '\n', &line,
							   &len, &other);
		} while (line_status == SGZ_OK && len > 0);
		assert_int_equal(line_status, status);
		if (sgz_reader_get_size(reader, &size, &other) == SGZ_OK)
			sgz_reader_seek(reader, size / 2, &other);
		if (sgz_index_build(reader, false, &index, &other) == SGZ_OK)
			sgz_reader_set_index(reader, index, &other);
		if (sgz_reader_seek(reader, 1, &other) == SGZ_OK)
			sgz_reader_read(reader, NULL, 0, &len, &other);
		sgz_index_unref(index);
		index = NULL;
		if (sgz_index_build(reader, true, &index, &other) == SGZ_OK)
			sgz_index_unref(index);
		sgz_reader_close(reader);
	}
	assert_none_live(&counter);
	assert_true(counter.peak < PEAK_LIMIT);
	bytes_free(&copy);
	return status;
}

/* The same from a file: the error has its name, the place, and a reason. */
static void
fails_by_name(enum sgz_status wanted, const struct bytes *file)
{
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	enum sgz_status status;
	char place[60];

	put_file("bad.gz", file->data, file->len);
	status = sgz_reader_open("bad.gz", NULL, &reader, &error);
	if (status == SGZ_OK)
		status = read_all(reader, &back, &error);
	assert_failure(wanted, status, &error);
	snprintf(place, sizeof(place),
		 "bad.gz: at byte %lld: ", (long long)error.offset);
	assert_memory_equal(error.text, place, strlen(place));
	assert_true(strlen(error.text) > strlen(place) + 5);
	sgz_reader_close(reader);
	unlink("bad.gz");
	bytes_free(&back);
}

/* @file must fail with @wanted, at a place within it. */
static void
fails(enum sgz_status wanted, const struct bytes *file)
{
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;

	assert_failure(wanted, read_in_all_ways(file, &back, &error), &error);
	assert_true(error.offset >= 0);
	assert_true((uint64_t)error.offset <= file->len);
	bytes_free(&back);
	fails_by_name(wanted, file);
}

/* The small samples: of blocks, and of members with all header fields. */
static const char sample_text[] = "first line\nsecond line\nthe third one\n";

static struct bytes
small_bgzf(void)
{
	struct bytes file = { NULL, 0, 0 };

	add_bgzf(&file, sample_text, sizeof(sample_text) - 1, 20);
	return file;
}

static struct bytes
small_gzip(void)
{
	struct bytes file = { NULL, 0, 0 };

	add_member_with(&file, sample_text, 20, "ab\1\0c", 5, "name", "note");
	add_member(&file, sample_text + 20, sizeof(sample_text) - 1 - 20);
	return file;
}

static void
test_hostile__empty_and_not_gzip(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		enum sgz_status status;
	} cases[] = {
		{ "", 0, SGZ_E_TRUNCATED },
		{ "\x1f", 1, SGZ_E_TRUNCATED },
		{ "\x1f\x8b", 2, SGZ_E_TRUNCATED },
		{ "x", 1, SGZ_E_FORMAT },
		{ "plain text, that is no gzip", 27, SGZ_E_FORMAT },
		{ "PK\3\4zip file that is not g", 27, SGZ_E_FORMAT },
		{ "BZh91AY&SY bzip2, not gzip", 26, SGZ_E_FORMAT },
		{ "\x1f\x9d compress(1), not gzip", 25, SGZ_E_FORMAT },
		/* the right magic, but a method that does not exist */
		{ "\x1f\x8b\7\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0", 20,
		  SGZ_E_FORMAT },
		/* reserved flag bits */
		{ "\x1f\x8b\10\xe0\0\0\0\0\0\3\3\0\0\0\0\0\0\0\0\0", 20,
		  SGZ_E_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes file = { (unsigned char *)(uintptr_t)cases[i].data,
				      cases[i].len, cases[i].len };

		fails(cases[i].status, &file);
	}
}

static void
test_hostile__zeros_without_end(void **state)
{
	struct bytes file = { calloc(1, 100000), 100000, 100000 };

	(void)state;
	fails(SGZ_E_FORMAT, &file);
	bytes_free(&file);
}

/* Cut @file at each byte; only where a member ends can it be whole. */
static void
cut_everywhere(const struct bytes *file, size_t whole)
{
	for (size_t len = 0; len < file->len; len++) {
		struct bytes part = { file->data, len, len };
		struct bytes back = { NULL, 0, 0 };
		struct sgz_error error = SGZ_ERROR_INIT;
		enum sgz_status status;

		status = read_in_all_ways(&part, &back, &error);
		if (len == whole) {
			assert_ok(status, &error);
		} else {
			assert_failure(SGZ_E_TRUNCATED, status, &error);
			assert_true(error.offset >= 0);
			assert_true((uint64_t)error.offset <= len);
		}
		assert_memory_equal(back.data != NULL ? back.data : (void *)"",
				    sample_text, back.len);
		bytes_free(&back);
	}
}

static void
test_hostile__bgzf_cut_at_every_byte(void **state)
{
	struct bytes file = small_bgzf();

	(void)state;
	cut_everywhere(&file, SIZE_MAX);
	bytes_free(&file);
}

static void
test_hostile__gzip_cut_at_every_byte(void **state)
{
	struct bytes file = small_gzip();
	struct bytes first = { NULL, 0, 0 };

	(void)state;
	add_member_with(&first, sample_text, 20, "ab\1\0c", 5, "name", "note");
	/* after the first member it is a gzip file again */
	cut_everywhere(&file, first.len);
	bytes_free(&first);
	bytes_free(&file);
}

/*
 * What zlib, sgz's peer, makes of a gzip file: true if it is whole. What zlib
 * takes for whole, in the same bytes, sgz may take as well.
 */
static bool
zlib_agrees(const struct bytes *file, const struct bytes *data)
{
	z_stream z = { 0 };
	unsigned char out[4096];
	bool good = false;

	assert_int_equal(inflateInit2(&z, 31), Z_OK);
	z.next_in = file->data;
	z.avail_in = (uInt)file->len;
	z.next_out = out;
	z.avail_out = sizeof(out);
	for (;;) {
		int rc = inflate(&z, Z_NO_FLUSH);

		if (rc != Z_STREAM_END)
			break;
		if (z.avail_in == 0) {
			good = true;
			break;
		}
		inflateReset(&z);
	}
	good = good && sizeof(out) - z.avail_out == data->len &&
		(data->len == 0 || memcmp(out, data->data, data->len) == 0);
	inflateEnd(&z);
	return good;
}

static void
flip_everywhere(struct bytes *file)
{
	size_t accepted = 0;

	for (size_t bit = 0; bit < file->len * 8; bit++) {
		struct bytes back = { NULL, 0, 0 };
		struct sgz_error error = SGZ_ERROR_INIT;
		enum sgz_status status;

		file->data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		status = read_in_all_ways(file, &back, &error);
		if (status == SGZ_OK) {
			/* a bit that means nothing to the data: the data is
			 * the same, and others take it too */
			accepted++;
			assert_int_equal(back.len, sizeof(sample_text) - 1);
			assert_memory_equal(back.data, sample_text, back.len);
			assert_true(zlib_agrees(file, &back));
		} else {
			assert_failure(status, status, &error);
			assert_true(error.offset >= 0);
			assert_true((uint64_t)error.offset <= file->len);
			assert_true(back.len <= sizeof(sample_text) - 1 ||
				    status == SGZ_E_CRC ||
				    status == SGZ_E_LENGTH ||
				    status == SGZ_E_DATA ||
				    status == SGZ_E_TRUNCATED);
		}
		file->data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		bytes_free(&back);
	}
	/* mtime, xfl, os, names: more would mean that checks are missing */
	assert_true(accepted < file->len * 8 / 2);
}

static void
test_hostile__bgzf_with_every_bit_flipped(void **state)
{
	struct bytes file = small_bgzf();

	(void)state;
	flip_everywhere(&file);
	bytes_free(&file);
}

static void
test_hostile__gzip_with_every_bit_flipped(void **state)
{
	struct bytes file = small_gzip();

	(void)state;
	flip_everywhere(&file);
	bytes_free(&file);
}

static void
test_hostile__wrong_crc_and_wrong_isize(void **state)
{
	struct bytes blocks = { NULL, 0, 0 };
	struct bytes member = { NULL, 0, 0 };
	size_t end;

	(void)state;
	add_block(&blocks, sample_text, 20);
	end = blocks.len;
	add_eof_block(&blocks);
	add_member(&member, sample_text, 20);

	blocks.data[end - 8] ^= 0xff;
	fails(SGZ_E_CRC, &blocks);
	blocks.data[end - 8] ^= 0xff;
	member.data[member.len - 8] ^= 0xff;
	fails(SGZ_E_CRC, &member);
	member.data[member.len - 8] ^= 0xff;

	for (size_t i = 1; i <= 4; i++) {
		blocks.data[end - i] ^= 0x80;
		fails(SGZ_E_LENGTH, &blocks);
		blocks.data[end - i] ^= 0x80;
		member.data[member.len - i] ^= 0x80;
		fails(SGZ_E_LENGTH, &member);
		member.data[member.len - i] ^= 0x80;
	}
	bytes_free(&blocks);
	bytes_free(&member);
}

static void
test_hostile__bsize_that_lies(void **state)
{
	static const unsigned int sizes[] = { 0,  1,   17,   18,   25,
					      26, 100, 1000, 65535 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct bytes file = small_bgzf();
		struct bytes back = { NULL, 0, 0 };
		struct sgz_error error = SGZ_ERROR_INIT;
		enum sgz_status status;

		file.data[16] = (unsigned char)sizes[i];
		file.data[17] = (unsigned char)(sizes[i] >> 8);
		status = read_in_all_ways(&file, &back, &error);
		assert_failure(status, status, &error);
		assert_true(status == SGZ_E_LENGTH || status == SGZ_E_DATA ||
			    status == SGZ_E_TRUNCATED || status == SGZ_E_CRC);
		bytes_free(&back);
		bytes_free(&file);
	}
}

static void
test_hostile__bsize_that_lies_by_one(void **state)
{
	(void)state;
	for (int by = -1; by <= 1; by += 2) {
		struct bytes file = small_bgzf();
		struct bytes back = { NULL, 0, 0 };
		struct sgz_error error = SGZ_ERROR_INIT;
		enum sgz_status status;

		file.data[16] = (unsigned char)(file.data[16] + by);
		status = read_in_all_ways(&file, &back, &error);
		assert_failure(status, status, &error);
		bytes_free(&back);
		bytes_free(&file);
	}
}

static void
test_hostile__block_of_more_than_64_kib(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	unsigned char *zeros = calloc(1, 1000000);
	struct sgz_reader *reader;
	struct sgz_index *index = NULL;
	uint64_t size;

	(void)state;
	/* small enough deflated: BSIZE is right, and ISIZE is not allowed */
	add_block(&file, zeros, 1000000);
	add_eof_block(&file);
	assert_failure(SGZ_E_LENGTH, read_in_all_ways(&file, &back, &error),
		       &error);
	assert_true(back.len < 1000000);
	free(zeros);
	/* those who read no more than headers and ISIZE say the same */
	reader = open_bytes(&file);
	assert_failure(SGZ_E_LENGTH, sgz_reader_get_size(reader, &size, &error),
		       &error);
	assert_true(error.offset == 0);
	assert_failure(SGZ_E_LENGTH,
		       sgz_index_build(reader, false, &index, &error), &error);
	assert_null(index);
	sgz_reader_close(reader);
	bytes_free(&back);
	bytes_free(&file);
}

static void
test_hostile__extra_field_that_overruns(void **state)
{
	/* XLEN 65535, with less than that in the file */
	static const unsigned char short_extra[] = {
		0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 'B', 'C', 2, 0,
	};
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	bytes_add(&file, short_extra, sizeof(short_extra));
	fails(SGZ_E_TRUNCATED, &file);
	/* a subfield that goes beyond XLEN: any gzip reader reads it, and so
	 * do we, though it is no BGZF block */
	file.len = 0;
	add_member_with(&file, sample_text, sizeof(sample_text) - 1,
			"BC\xff\xff\0\0", 6, NULL, NULL);
	assert_int_equal(sgz_detect(file.data, file.len), SGZ_FORMAT_GZIP);
	assert_ok(read_in_all_ways(&file, &back, &error), &error);
	assert_int_equal(back.len, sizeof(sample_text) - 1);
	bytes_free(&back);
	bytes_free(&file);
}

static void
test_hostile__name_of_many_megabytes(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	size_t len = is_slow() ? 3u << 20 : 20u << 20;
	char *name = malloc(len + 1);

	(void)state;
	memset(name, 'n', len);
	name[len] = '\0';
	add_member_with(&file, sample_text, 20, NULL, 0, name, NULL);
	options.allocator = &counter.allocator;
	assert_failure(SGZ_E_LIMIT,
		       sgz_reader_open_memory(file.data, file.len, &options,
					      &reader, &error),
		       &error);
	assert_none_live(&counter);
	assert_true(counter.peak < 3 * options.header_limit);
	/* in the second member it is met while reading */
	struct bytes second = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };

	add_member(&second, sample_text, 20);
	bytes_add(&second, file.data, file.len);
	assert_failure(SGZ_E_LIMIT,
		       inflate_all(&second, &options, &back, &error), &error);
	assert_int_equal(back.len, 20);
	/* whoever wants it can have it */
	options.header_limit = len + 100;
	assert_ok(sgz_reader_open_memory(file.data, file.len, &options, &reader,
					 &error),
		  &error);
	assert_string_equal(sgz_reader_get_header(reader)->name, name);
	sgz_reader_close(reader);
	assert_none_live(&counter);
	free(name);
	bytes_free(&back);
	bytes_free(&second);
	bytes_free(&file);
}

static void
test_hostile__name_without_end(void **state)
{
	struct bytes file = { NULL, 0, 0 };

	(void)state;
	add_member_with(&file, "", 0, NULL, 0, "name", NULL);
	/* all that follows the flags belongs to the name */
	file.len = 12;
	fails(SGZ_E_TRUNCATED, &file);
	bytes_free(&file);
}

static void
test_hostile__trailing_garbage(void **state)
{
	static const char *const garbage[] = { "x", "garbage at the end",
					       "\x1f", "\x1f\x8b garbage" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct bytes files[2];

		files[0] = small_bgzf();
		files[1] = small_gzip();
		for (int j = 0; j < 2; j++) {
			struct bytes back = { NULL, 0, 0 };
			struct sgz_error error = SGZ_ERROR_INIT;
			size_t end = files[j].len;
			enum sgz_status status;

			bytes_add(&files[j], garbage[i], strlen(garbage[i]));
			status = read_in_all_ways(&files[j], &back, &error);
			assert_failure(status, status, &error);
			if (i < 2)
				assert_int_equal(status, SGZ_E_TRAILING);
			/* all that is in front of it was read */
			assert_int_equal(back.len, sizeof(sample_text) - 1);
			assert_true((uint64_t)error.offset >= end);
			bytes_free(&back);
			bytes_free(&files[j]);
		}
	}
}

static void
test_hostile__a_bomb_takes_no_more_memory(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	size_t size = is_slow() ? 1u << 20 : 50u << 20;
	unsigned char *zeros = calloc(1, size);
	uint64_t found = 0;

	(void)state;
	add_member(&file, zeros, size);
	free(zeros);
	options.allocator = &counter.allocator;
	assert_ok(sgz_reader_open_memory(file.data, file.len, &options, &reader,
					 &error),
		  &error);
	assert_ok(sgz_reader_get_size(reader, &found, &error), &error);
	assert_true(found == size);
	sgz_reader_close(reader);
	assert_true(counter.peak < PEAK_LIMIT);
	bytes_free(&file);
}

static void
add_number(struct bytes *file, uint64_t number)
{
	for (int i = 0; i < 8; i++) {
		unsigned char byte = (unsigned char)(number >> 8 * i);

		bytes_add(file, &byte, 1);
	}
}

/* A `.gzi` file of @count, so many numbers, and @more bytes. */
static void
index_fails(uint64_t count, const uint64_t *numbers, size_t number_count,
	    size_t more)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_index *index = NULL;
	struct bytes file = { NULL, 0, 0 };

	add_number(&file, count);
	for (size_t i = 0; i < number_count; i++)
		add_number(&file, numbers[i]);
	bytes_add(&file, "garbage", more);
	put_file("lies.gzi", file.data, file.len);
	counter.peak = 0;
	options.allocator = &counter.allocator;
	assert_failure(SGZ_E_INDEX,
		       sgz_index_load("lies.gzi", &options, &index, &error),
		       &error);
	assert_null(index);
	assert_true(error.offset >= 0);
	assert_non_null(strstr(error.text, "lies.gzi"));
	assert_none_live(&counter);
	/* not what the count asked for */
	assert_true(counter.peak < 1u << 20);
	unlink("lies.gzi");
	bytes_free(&file);
}

static void
test_hostile__index_that_lies(void **state)
{
	static const uint64_t good[] = { 10, 100, 20, 200, 30, 300 };
	static const uint64_t unsorted[] = { 20, 100, 10, 200 };
	static const uint64_t backwards[] = { 10, 200, 20, 100 };
	static const uint64_t zero[] = { 0, 0, 10, 100 };
	static const uint64_t huge[] = {
		UINT64_MAX, UINT64_MAX - 1, 1ull << 60, 1ull << 32, 1000000,
	};

	(void)state;
	index_fails(2, unsorted, 4, 0);
	index_fails(2, backwards, 4, 0);
	index_fails(2, zero, 4, 0);
	/* a count that the file does not hold, or holds more than */
	index_fails(4, good, 6, 0);
	index_fails(2, good, 6, 0);
	index_fails(3, good, 6, 7);
	index_fails(0, good, 6, 0);
	for (size_t i = 0; i < sizeof(huge) / sizeof(huge[0]); i++) {
		index_fails(huge[i], good, 6, 0);
		/* 8 bytes of 255 are bgzip's index of an empty file */
		if (huge[i] != UINT64_MAX)
			index_fails(huge[i], NULL, 0, 0);
	}
	/* count * 16 + 8 wraps around to the file's size */
	index_fails((1ull << 60) + 3, good, 6, 0);
}

/* What @count and two entries give, from a file that tells no size. */
static enum sgz_status
load_from_fifo(uint64_t count, struct sgz_index **index_out)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes file = { NULL, 0, 0 };
	enum sgz_status status;
	pid_t child;

	add_number(&file, count);
	for (uint64_t i = 1; i <= 4; i++)
		add_number(&file, i * 100);
	assert_int_equal(mkfifo("fifo.gzi", 0600), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		put_file("fifo.gzi", file.data, file.len);
		_exit(0);
	}
	counter.peak = 0;
	options.allocator = &counter.allocator;
	status = sgz_index_load("fifo.gzi", &options, index_out, &error);
	if (status != SGZ_OK)
		assert_failure(status, status, &error);
	assert_true(counter.peak < 1u << 20);
	assert_int_equal(waitpid(child, NULL, 0), child);
	unlink("fifo.gzi");
	bytes_free(&file);
	return status;
}

static void
test_hostile__index_that_lies_in_a_fifo(void **state)
{
	static const uint64_t counts[] = {
		0, 1, 3, 1000000, UINT64_MAX - 1, UINT64_MAX, (1ull << 60) + 2
	};
	struct sgz_index *index = NULL;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		assert_int_equal(load_from_fifo(counts[i], &index),
				 SGZ_E_INDEX);
		assert_null(index);
		assert_none_live(&counter);
	}
	assert_int_equal(load_from_fifo(2, &index), SGZ_OK);
	sgz_index_get_entries(index, &count);
	assert_int_equal(count, 3);
	sgz_index_unref(index);
	assert_none_live(&counter);
}

static void
test_hostile__index_cut_at_every_byte(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct sgz_index *index = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	add_number(&file, 2);
	for (uint64_t i = 1; i <= 4; i++)
		add_number(&file, i * 100);
	for (size_t len = 0; len < file.len; len++) {
		put_file("cut.gzi", file.data, len);
		assert_failure(SGZ_E_INDEX,
			       sgz_index_load("cut.gzi", NULL, &index, &error),
			       &error);
		assert_null(index);
	}
	put_file("cut.gzi", file.data, file.len);
	assert_ok(sgz_index_load("cut.gzi", NULL, &index, &error), &error);
	sgz_index_unref(index);
	bytes_free(&file);
}

static void
test_hostile__index_of_another_file_gives_no_wrong_data(void **state)
{
	unsigned char *text = make_text(50000);
	struct bytes file = { NULL, 0, 0 };
	struct bytes other = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;
	struct sgz_index *index = NULL;

	(void)state;
	add_bgzf(&file, text, 50000, 1000);
	add_bgzf(&other, text + 1, 40000, 1100);
	reader = open_bytes(&other);
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	sgz_reader_close(reader);
	reader = open_bytes(&file);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	for (uint64_t at = 500; at < 40000; at += 1777) {
		unsigned char part[10];
		enum sgz_status status;
		size_t n = 0;

		status = sgz_reader_seek(reader, at, &error);
		if (status == SGZ_OK)
			status = sgz_reader_read(reader, part, sizeof(part), &n,
						 &error);
		if (status == SGZ_OK)
			assert_memory_equal(part, text + at, n);
		else
			assert_failure(SGZ_E_INDEX, status, &error);
	}
	sgz_reader_close(reader);
	sgz_index_unref(index);
	bytes_free(&file);
	bytes_free(&other);
	free(text);
}

static void
test_hostile__files_that_are_none(void **state)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;

	(void)state;
	assert_failure(SGZ_E_IO,
		       sgz_reader_open("missing.gz", NULL, &reader, &error),
		       &error);
	assert_non_null(strstr(error.text, "missing.gz"));
	assert_int_equal(mkdir("dir.gz", 0700), 0);
	assert_failure(SGZ_E_IO,
		       sgz_reader_open("dir.gz", NULL, &reader, &error),
		       &error);
	assert_non_null(strstr(error.text, "dir.gz"));
	assert_true(error.sys_errno != 0);
	if (access("/dev/null", R_OK) == 0)
		assert_failure(
			SGZ_E_TRUNCATED,
			sgz_reader_open("/dev/null", NULL, &reader, &error),
			&error);
	if (access("/dev/zero", R_OK) == 0)
		assert_failure(
			SGZ_E_FORMAT,
			sgz_reader_open("/dev/zero", NULL, &reader, &error),
			&error);
	assert_null(reader);
}

/* What was a gzip file when it was opened need not be one for ever. */
static void
test_hostile__a_file_that_changes_while_it_is_read(void **state)
{
	static const char zeros[100000];
	unsigned char *text = make_text(100000);
	struct bytes file = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	add_bgzf(&file, text, 100000, 30000);
	for (int cut = 0; cut <= 1; cut++) {
		struct sgz_reader *reader = NULL;
		struct sgz_index *index = NULL;
		enum sgz_status status;
		unsigned char byte;
		uint64_t size;
		size_t n;

		put_file("changing", file.data, file.len);
		assert_ok(sgz_reader_open("changing", NULL, &reader, &error),
			  &error);
		for (size_t left = 70000; left > 0; left -= n) {
			const void *borrowed;

			assert_ok(
				sgz_reader_peek(reader, &borrowed, &n, &error),
				&error);
			n = n < left ? n : left;
			sgz_reader_consume(reader, n);
		}
		/* in place: the reader's descriptor is of this very file */
		put_file("changing", zeros, cut ? 0 : sizeof(zeros));
		for (int verify = 0; verify <= 1; verify++) {
			status =
				sgz_index_build(reader, verify, &index, &error);
			assert_true(status != SGZ_OK || !cut);
			if (status == SGZ_OK)
				sgz_index_unref(index);
		}
		status = sgz_reader_get_size(reader, &size, &error);
		assert_true(status != SGZ_OK || !cut);
		if (sgz_reader_seek(reader, 0, &error) == SGZ_OK)
			(void)sgz_reader_read(reader, &byte, 1, &n, &error);
		assert_true(sgz_reader_seek(reader, 40000, &error) != SGZ_OK);
		assert_non_null(strstr(error.text, "changing"));
		sgz_reader_close(reader);
	}
	bytes_free(&file);
	free(text);
}

/* Not quite random bytes behind a good header, so that inflate sees them. */
static void
test_hostile__noise_behind_a_header(void **state)
{
	uint32_t seed = 99;
	int rounds = is_slow() ? 50 : 500;

	(void)state;
	for (int i = 0; i < rounds; i++) {
		struct bytes file = i % 2 == 0 ? small_bgzf() : small_gzip();
		struct bytes back = { NULL, 0, 0 };
		struct sgz_error error = SGZ_ERROR_INIT;

		for (int n = 0; n < 1 + i % 5; n++) {
			seed = seed * 1664525u + 1013904223u;
			file.data[(seed >> 8) % file.len] =
				(unsigned char)(seed >> 24);
		}
		read_in_all_ways(&file, &back, &error);
		bytes_free(&back);
		bytes_free(&file);
	}
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct CMUnitTest tests[] = {
	IN_DIR(test_hostile__empty_and_not_gzip),
	IN_DIR(test_hostile__zeros_without_end),
	IN_DIR(test_hostile__bgzf_cut_at_every_byte),
	IN_DIR(test_hostile__gzip_cut_at_every_byte),
	IN_DIR(test_hostile__bgzf_with_every_bit_flipped),
	IN_DIR(test_hostile__gzip_with_every_bit_flipped),
	IN_DIR(test_hostile__wrong_crc_and_wrong_isize),
	IN_DIR(test_hostile__bsize_that_lies),
	IN_DIR(test_hostile__bsize_that_lies_by_one),
	IN_DIR(test_hostile__block_of_more_than_64_kib),
	IN_DIR(test_hostile__extra_field_that_overruns),
	IN_DIR(test_hostile__name_of_many_megabytes),
	IN_DIR(test_hostile__name_without_end),
	IN_DIR(test_hostile__trailing_garbage),
	IN_DIR(test_hostile__a_bomb_takes_no_more_memory),
	IN_DIR(test_hostile__index_that_lies),
	IN_DIR(test_hostile__index_that_lies_in_a_fifo),
	IN_DIR(test_hostile__index_cut_at_every_byte),
	IN_DIR(test_hostile__index_of_another_file_gives_no_wrong_data),
	IN_DIR(test_hostile__files_that_are_none),
	IN_DIR(test_hostile__a_file_that_changes_while_it_is_read),
	IN_DIR(test_hostile__noise_behind_a_header),
};

RUN("hostile", tests)
