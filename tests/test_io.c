/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The caller's own input and output: who calls what, when, and how often. */
#include "support.h"
#include <errno.h>

/* A source over bytes, and what a test wants it to do. */
struct input {
	const struct bytes *file;
	size_t at;
	size_t most; /* bytes given at once; 0: as many as asked */
	int64_t read_answer; /* given instead from `answer_from` on */
	size_t answer_from;
	bool answers;
	bool one_more; /* says that it gave one byte more than was asked */
	int64_t seek_answer; /* given instead, if not 0 */
	int seek_fails_at; /* that one, counted from 1, moves and then fails */
	int reads;
	int seeks;
	int closes;
	struct sgz_reader **again; /* a reader to use from in here */
};

static int64_t
input_read(void *ctx, void *data, size_t len)
{
	struct input *input = ctx;
	size_t left = input->file->len - input->at;

	input->reads++;
	assert_true(len > 0);
	assert_int_equal(input->closes, 0);
	if (input->answers && input->at >= input->answer_from)
		return input->read_answer;
	if (input->one_more)
		return (int64_t)len + 1;
	if (input->again != NULL && *input->again != NULL) {
		char byte;
		size_t n;
		uint64_t size;
		struct sgz_error error;
		struct sgz_reader *reader = *input->again;

		assert_failure(SGZ_E_STATE,
			       sgz_reader_read(reader, &byte, 1, &n, &error),
			       &error);
		assert_failure(SGZ_E_STATE, sgz_reader_seek(reader, 0, &error),
			       &error);
		assert_failure(SGZ_E_STATE,
			       sgz_reader_get_size(reader, &size, &error),
			       &error);
		assert_failure(SGZ_E_STATE,
			       sgz_reader_set_observer(reader, NULL, &error),
			       &error);
		/* ignored */
		sgz_reader_close(reader);
	}
	if (len > left)
		len = left;
	if (input->most > 0 && len > input->most)
		len = input->most;
	if (len > 0)
		memcpy(data, input->file->data + input->at, len);
	input->at += len;
	return (int64_t)len;
}

static int64_t
input_seek(void *ctx, int64_t offset, int whence)
{
	struct input *input = ctx;
	int64_t base = 0;

	input->seeks++;
	if (input->seek_answer != 0)
		return input->seek_answer;
	if (whence == SEEK_CUR)
		base = (int64_t)input->at;
	else if (whence == SEEK_END)
		base = (int64_t)input->file->len;
	else
		assert_int_equal(whence, SEEK_SET);
	if (base + offset < 0)
		return -EINVAL;
	input->at = (size_t)(base + offset);
	if (input->at > input->file->len)
		input->at = input->file->len;
	if (input->seeks == input->seek_fails_at)
		return -EIO;
	return base + offset;
}

static void
input_close(void *ctx)
{
	struct input *input = ctx;

	input->closes++;
}

static struct sgz_source
source_of(struct input *input)
{
	struct sgz_source source = { input_read, input_seek, input_close,
				     input };

	return source;
}

static struct sgz_reader *
open_input(struct input *input, bool seekable)
{
	struct sgz_source source = source_of(input);
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;

	if (!seekable)
		source.seek = NULL;
	assert_ok(sgz_reader_open_source(&source, NULL, &reader, &error),
		  &error);
	/* the library made a copy */
	memset(&source, 0, sizeof(source));
	return reader;
}

static void
test_io__source_is_read_and_closed_once(void **state)
{
	unsigned char *text = make_text(100000);
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	add_bgzf(&file, text, 100000, 30000);
	for (size_t most = 0; most < 60; most += 1 + most / 3) {
		struct input input = { .file = &file, .most = most };
		struct sgz_reader *reader = open_input(&input, false);

		back.len = 0;
		assert_ok(read_all(reader, &back, &error), &error);
		assert_int_equal(input.closes, 0);
		sgz_reader_close(reader);
		assert_int_equal(input.closes, 1);
		assert_int_equal(back.len, 100000);
		assert_memory_equal(back.data, text, 100000);
	}
	bytes_free(&back);
	bytes_free(&file);
	free(text);
}

static void
test_io__source_is_not_closed_when_the_open_fails(void **state)
{
	static const struct bytes no_gzip = {
		(unsigned char *)(uintptr_t) "no gzip at all", 14, 14
	};
	static const struct bytes empty = { NULL, 0, 0 };
	struct sgz_reader *reader = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct input input = { .file = &no_gzip };
	struct sgz_source source = source_of(&input);

	(void)state;
	assert_failure(SGZ_E_FORMAT,
		       sgz_reader_open_source(&source, NULL, &reader, &error),
		       &error);
	input.file = &empty;
	input.at = 0;
	assert_failure(SGZ_E_TRUNCATED,
		       sgz_reader_open_source(&source, NULL, &reader, &error),
		       &error);
	source.read = NULL;
	assert_failure(SGZ_E_INVALID,
		       sgz_reader_open_source(&source, NULL, &reader, &error),
		       &error);
	assert_null(reader);
	assert_int_equal(input.closes, 0);
}

static void
test_io__source_errno_is_reported(void **state)
{
	unsigned char *text = make_text(100000);
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct input input = { .file = &file, .most = 1000 };
	struct sgz_source source = source_of(&input);
	struct sgz_reader *reader = NULL;

	(void)state;
	add_bgzf(&file, text, 100000, 3000);
	input.answers = true;
	input.read_answer = -EIO;
	/* at once: the open fails */
	assert_failure(SGZ_E_CALLBACK,
		       sgz_reader_open_source(&source, NULL, &reader, &error),
		       &error);
	assert_int_equal(error.sys_errno, EIO);
	/* half-way: what came before it is read first */
	input.answer_from = 20000;
	reader = open_input(&input, true);
	assert_failure(SGZ_E_CALLBACK, read_all(reader, &back, &error), &error);
	assert_int_equal(error.sys_errno, EIO);
	assert_true(back.len > 0);
	assert_memory_equal(back.data, text, back.len);
	sgz_reader_close(reader);
	assert_int_equal(input.closes, 1);
	bytes_free(&back);
	bytes_free(&file);
	free(text);
}

static void
test_io__source_outside_its_contract_is_found_out(void **state)
{
	static const int64_t answers[] = { INT64_MAX, (int64_t)1 << 40,
					   INT64_MIN, -1000000 };
	struct bytes file = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	add_bgzf(&file, "text", 4, 10);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct input input = {
			.file = &file,
			.answers = true,
			.read_answer = answers[i],
		};
		struct sgz_source source = source_of(&input);
		struct sgz_reader *reader = NULL;

		assert_failure(
			SGZ_E_CALLBACK,
			sgz_reader_open_source(&source, NULL, &reader, &error),
			&error);
		assert_int_equal(input.closes, 0);
	}
	bytes_free(&file);
}

static void
test_io__source_that_says_more_than_it_was_asked(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct input input = { .file = &file, .one_more = true };
	struct sgz_source source = source_of(&input);
	struct sgz_reader *reader = NULL;

	(void)state;
	add_bgzf(&file, "text", 4, 10);
	options.read_size = 4096;
	assert_failure(
		SGZ_E_CALLBACK,
		sgz_reader_open_source(&source, &options, &reader, &error),
		&error);
	bytes_free(&file);
}

static void
test_io__source_that_says_the_end_for_ever(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	unsigned char *text = make_text(100000);
	struct input input = { .file = &file, .most = 1000 };
	struct sgz_reader *reader;
	int reads;

	(void)state;
	add_bgzf(&file, text, 100000, 3000);
	input.answers = true;
	input.read_answer = 0;
	input.answer_from = 10000;
	reader = open_input(&input, true);
	assert_failure(SGZ_E_TRUNCATED, read_all(reader, &back, &error),
		       &error);
	reads = input.reads;
	for (int i = 0; i < 10; i++)
		assert_failure(SGZ_E_TRUNCATED, read_all(reader, &back, &error),
			       &error);
	/* the failure sticks: the source is left alone */
	assert_int_equal(input.reads, reads);
	sgz_reader_close(reader);
	bytes_free(&back);
	bytes_free(&file);
	free(text);
}

static void
test_io__source_without_seek_cannot_go_back(void **state)
{
	unsigned char *text = make_text(100000);
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct input input = { .file = &file };
	struct sgz_reader *reader;
	uint64_t size = 77;

	(void)state;
	add_bgzf(&file, text, 100000, 3000);
	reader = open_input(&input, false);
	assert_ok(sgz_reader_seek(reader, 50000, &error), &error);
	assert_failure(SGZ_E_UNSUPPORTED, sgz_reader_seek(reader, 10, &error),
		       &error);
	/* the position stays, and the reader goes on */
	assert_true(sgz_reader_tell(reader) == 50000);
	assert_failure(SGZ_E_UNSUPPORTED,
		       sgz_reader_get_size(reader, &size, &error), &error);
	assert_true(size == 77);
	assert_ok(read_all(reader, &back, &error), &error);
	assert_int_equal(back.len, 50000);
	assert_memory_equal(back.data, text + 50000, 50000);
	sgz_reader_close(reader);
	bytes_free(&back);
	bytes_free(&file);
	free(text);
}

static void
test_io__source_that_fails_to_seek(void **state)
{
	unsigned char *text = make_text(100000);
	struct bytes file = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct input input = { .file = &file, .most = 5000 };
	struct sgz_reader *reader;
	uint64_t size;

	(void)state;
	add_bgzf(&file, text, 100000, 3000);
	reader = open_input(&input, true);
	input.seek_answer = -EIO;
	assert_failure(SGZ_E_CALLBACK,
		       sgz_reader_get_size(reader, &size, &error), &error);
	assert_int_equal(error.sys_errno, EIO);
	sgz_reader_close(reader);
	/* somewhere else than it was sent to */
	input.seek_answer = 0;
	input.at = 0;
	input.closes = 0;
	reader = open_input(&input, true);
	input.seek_answer = 3;
	assert_failure(SGZ_E_CALLBACK, sgz_reader_seek(reader, 90000, &error),
		       &error);
	sgz_reader_close(reader);
	bytes_free(&file);
	free(text);
}

/* A seek that fails may have moved: what follows needs a new seek. */
static void
test_io__source_that_fails_to_seek_is_sought_again(void **state)
{
	static const struct sgz_index_entry entries[] = { { 0, 0 } };
	unsigned char *text = make_text(100000);
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_index *index = NULL;

	(void)state;
	add_bgzf(&file, text, 100000, 3000);
	assert_ok(sgz_index_from_entries(entries, 1, NULL, &index, &error),
		  &error);
	for (int fails_at = 2; fails_at < 9; fails_at++) {
		for (int way = 0; way <= 1; way++) {
			struct input input = { .file = &file, .most = 5000 };
			struct sgz_reader *reader = open_input(&input, true);
			enum sgz_status status;
			uint64_t size;

			input.seek_fails_at = fails_at;
			status = way == 0 ?
				sgz_reader_get_size(reader, &size, &error) :
				sgz_reader_set_index(reader, index, &error);
			if (status != SGZ_OK) {
				assert_failure(SGZ_E_CALLBACK, status, &error);
				assert_int_equal(error.sys_errno, EIO);
			}
			back.len = 0;
			status = read_all(reader, &back, &error);
			/* it was the way back that failed */
			if (status == SGZ_E_CALLBACK) {
				assert_ok(sgz_reader_seek(reader, back.len,
							  &error),
					  &error);
				status = read_all(reader, &back, &error);
			}
			assert_ok(status, &error);
			assert_int_equal(back.len, 100000);
			assert_memory_equal(back.data, text, 100000);
			sgz_reader_close(reader);
		}
	}
	sgz_index_unref(index);
	bytes_free(&back);
	bytes_free(&file);
	free(text);
}

static void
test_io__source_seeks_to_where_it_was_sent(void **state)
{
	unsigned char *text = make_text(100000);
	struct bytes file = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct input input = { .file = &file };
	struct sgz_reader *reader;

	(void)state;
	add_bgzf(&file, text, 100000, 3000);
	reader = open_input(&input, true);
	for (uint64_t at = 99999; at > 5000; at -= 4999) {
		char byte;
		size_t n;

		assert_ok(sgz_reader_seek(reader, at, &error), &error);
		assert_ok(sgz_reader_read(reader, &byte, 1, &n, &error),
			  &error);
		assert_int_equal(n, 1);
		assert_int_equal(byte, text[at]);
	}
	sgz_reader_close(reader);
	bytes_free(&file);
	free(text);
}

static void
test_io__source_is_sought_by_an_index(void **state)
{
	unsigned char *text = make_text(100000);
	struct bytes file = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct input input = { .file = &file };
	struct sgz_index_entry beyond[] = { { 0, 0 }, { 1u << 30, 5 } };
	struct sgz_index *index = NULL;
	struct sgz_index *wrong = NULL;
	struct sgz_reader *reader;

	(void)state;
	/* offsets count from where the source stands at first */
	bytes_add(&file, "some bytes in front", 19);
	add_bgzf(&file, text, 100000, 3000);
	input.at = 19;
	reader = open_input(&input, true);
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	assert_ok(sgz_index_from_entries(beyond, 2, NULL, &wrong, &error),
		  &error);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	assert_failure(SGZ_E_INDEX, sgz_reader_set_index(reader, wrong, &error),
		       &error);
	for (uint64_t at = 99999; at > 5000; at -= 4999) {
		unsigned char byte;
		size_t n;

		assert_ok(sgz_reader_seek(reader, at, &error), &error);
		assert_ok(sgz_reader_read(reader, &byte, 1, &n, &error),
			  &error);
		assert_int_equal(byte, text[at]);
	}
	sgz_reader_close(reader);
	/* which needs a source that seeks */
	input.at = 19;
	input.closes = 0;
	reader = open_input(&input, false);
	assert_failure(SGZ_E_UNSUPPORTED,
		       sgz_reader_set_index(reader, index, &error), &error);
	sgz_reader_close(reader);
	sgz_index_unref(index);
	sgz_index_unref(wrong);
	bytes_free(&file);
	free(text);
}

/* The same block again and again, for more than 4 GiB of them. */
struct endless {
	struct bytes block;
	uint64_t count;
	uint64_t at;
};

static int64_t
endless_read(void *ctx, void *data, size_t len)
{
	struct endless *endless = ctx;
	size_t from = (size_t)(endless->at % endless->block.len);
	size_t left = endless->block.len - from;

	if (endless->at / endless->block.len == endless->count)
		return 0;
	len = len < left ? len : left;
	memcpy(data, endless->block.data + from, len);
	endless->at += len;
	return (int64_t)len;
}

static int64_t
endless_seek(void *ctx, int64_t offset, int whence)
{
	struct endless *endless = ctx;

	if (whence == SEEK_CUR)
		offset += (int64_t)endless->at;
	else if (whence == SEEK_END)
		offset += (int64_t)(endless->count * endless->block.len);
	endless->at = (uint64_t)offset;
	return offset;
}

static void
test_io__source_of_more_than_4_gib(void **state)
{
	enum {
		DATA_LEN = 65000
	};
	struct endless endless = { .count = 0 };
	const struct sgz_source source = { endless_read, endless_seek, NULL,
					   &endless };
	const struct sgz_index_entry *entries;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	unsigned char *noise = malloc(DATA_LEN);
	uint32_t seed = 1;
	uint64_t size = 0;
	uint64_t total;
	size_t count;

	(void)state;
	assert_non_null(noise);
	for (size_t i = 0; i < DATA_LEN; i++) {
		seed = seed * 1664525u + 1013904223u;
		noise[i] = (unsigned char)(seed >> 24);
	}
	add_block(&endless.block, noise, DATA_LEN);
	endless.count = is_slow() ? 1000 : (1ull << 32) / DATA_LEN + 1000;
	total = endless.count * DATA_LEN;
	options.allow_no_eof = 1;
	assert_ok(sgz_reader_open_source(&source, &options, &reader, &error),
		  &error);
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	entries = sgz_index_get_entries(index, &count);
	assert_int_equal(count, endless.count);
	assert_true(entries[count - 1].offset == total - DATA_LEN);
	assert_true(entries[count - 1].compressed_offset ==
		    (count - 1) * (uint64_t)endless.block.len);
	assert_ok(sgz_reader_get_size(reader, &size, &error), &error);
	assert_true(size == total);
	for (int by_index = 0; by_index <= 1; by_index++) {
		unsigned char bytes[2] = { 0, 0 };
		size_t n;

		assert_ok(sgz_reader_set_index(reader, by_index ? index : NULL,
					       &error),
			  &error);
		assert_ok(sgz_reader_seek(reader, total - DATA_LEN - 1, &error),
			  &error);
		assert_ok(sgz_reader_read(reader, bytes, 2, &n, &error),
			  &error);
		assert_int_equal(n, 2);
		assert_int_equal(bytes[0], noise[DATA_LEN - 1]);
		assert_int_equal(bytes[1], noise[0]);
		assert_true(sgz_reader_tell(reader) == total - DATA_LEN + 1);
		assert_ok(sgz_reader_seek(reader, 0, &error), &error);
	}
	sgz_index_unref(index);
	sgz_reader_close(reader);
	bytes_free(&endless.block);
	free(noise);
}

static void
test_io__source_may_not_use_its_reader(void **state)
{
	unsigned char *text = make_text(100000);
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	struct input input = { .file = &file, .most = 5000, .again = &reader };

	(void)state;
	add_bgzf(&file, text, 100000, 3000);
	reader = open_input(&input, true);
	/* what the source did wrong is the source's: the read succeeds */
	assert_ok(read_all(reader, &back, &error), &error);
	assert_int_equal(back.len, 100000);
	sgz_reader_close(reader);
	assert_int_equal(input.closes, 1);
	bytes_free(&back);
	bytes_free(&file);
	free(text);
}

/* A sink to bytes, and what a test wants it to do. */
struct output {
	struct bytes bytes;
	size_t most; /* bytes taken at once; 0: all */
	int64_t answer; /* given instead from `answer_from` on */
	size_t answer_from;
	bool answers;
	int flush_answer;
	int writes;
	int flushes;
	int closes;
	struct sgz_writer **again;
};

static int64_t
output_write(void *ctx, const void *data, size_t len)
{
	struct output *output = ctx;

	output->writes++;
	assert_true(len > 0);
	assert_int_equal(output->closes, 0);
	if (output->answers && output->bytes.len >= output->answer_from)
		return output->answer;
	if (output->again != NULL && *output->again != NULL) {
		struct sgz_writer *writer = *output->again;
		struct sgz_error error;

		assert_failure(SGZ_E_STATE,
			       sgz_writer_write(writer, "x", 1, &error),
			       &error);
		assert_failure(SGZ_E_STATE, sgz_writer_flush(writer, &error),
			       &error);
		assert_failure(SGZ_E_STATE, sgz_writer_finish(writer, &error),
			       &error);
		assert_failure(SGZ_E_STATE,
			       sgz_writer_printf(writer, &error, "%d", 1),
			       &error);
		assert_failure(SGZ_E_STATE,
			       sgz_writer_set_observer(writer, NULL, &error),
			       &error);
		/* ignored */
		sgz_writer_free(writer);
	}
	if (output->most > 0 && len > output->most)
		len = output->most;
	bytes_add(&output->bytes, data, len);
	return (int64_t)len;
}

static int
output_flush(void *ctx)
{
	struct output *output = ctx;

	output->flushes++;
	return output->flush_answer;
}

static void
output_close(void *ctx)
{
	struct output *output = ctx;

	output->closes++;
}

static struct sgz_writer *
open_output(struct output *output)
{
	struct sgz_sink sink = { output_write, output_flush, output_close,
				 output };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_writer *writer = NULL;

	assert_ok(sgz_writer_open_sink(&sink, NULL, &writer, &error), &error);
	memset(&sink, 0, sizeof(sink));
	return writer;
}

static void
test_io__sink_takes_as_much_as_it_likes(void **state)
{
	unsigned char *text = make_text(100000);
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	for (size_t most = 0; most < 60; most += 1 + most / 3) {
		struct output output = { .most = most };
		struct sgz_writer *writer = open_output(&output);
		struct bytes back = { NULL, 0, 0 };

		assert_ok(sgz_writer_write(writer, text, 100000, &error),
			  &error);
		assert_ok(sgz_writer_finish(writer, &error), &error);
		assert_true(output.flushes > 0);
		assert_int_equal(output.closes, 0);
		sgz_writer_free(writer);
		assert_int_equal(output.closes, 1);
		assert_ok(inflate_all(&output.bytes, NULL, &back, &error),
			  &error);
		assert_int_equal(back.len, 100000);
		assert_memory_equal(back.data, text, 100000);
		bytes_free(&back);
		bytes_free(&output.bytes);
	}
	free(text);
}

static void
test_io__sink_is_not_closed_when_the_open_fails(void **state)
{
	struct output output = { .most = 0 };
	struct sgz_sink sink = { NULL, output_flush, output_close, &output };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;

	(void)state;
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_open_sink(&sink, NULL, &writer, &error),
		       &error);
	sink.write = output_write;
	options.level = 99;
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_open_sink(&sink, &options, &writer, &error),
		       &error);
	assert_null(writer);
	assert_int_equal(output.closes, 0);
	assert_int_equal(output.writes, 0);
}

static void
test_io__sink_outside_its_contract_is_found_out(void **state)
{
	static const struct {
		int64_t answer;
		int sys_errno;
	} cases[] = {
		{ 0, 0 },
		{ INT64_MAX, -1 },
		{ (int64_t)1 << 40, -1 },
		{ -EPIPE, EPIPE },
		{ -ENOSPC, ENOSPC },
		{ INT64_MIN, -1 },
	};
	unsigned char *text = make_text(1000000);
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct output output = {
			.answers = true,
			.answer = cases[i].answer,
			.answer_from = 1,
			.most = 100,
		};
		struct sgz_writer *writer = open_output(&output);
		enum sgz_status status;
		int writes;

		status = sgz_writer_write(writer, text, 1000000, &error);
		if (status == SGZ_OK)
			status = sgz_writer_finish(writer, &error);
		assert_failure(SGZ_E_CALLBACK, status, &error);
		if (cases[i].sys_errno >= 0)
			assert_int_equal(error.sys_errno, cases[i].sys_errno);
		/* and it sticks, without the sink being called again */
		writes = output.writes;
		assert_failure(SGZ_E_CALLBACK,
			       sgz_writer_write(writer, "x", 1, &error),
			       &error);
		assert_failure(SGZ_E_CALLBACK,
			       sgz_writer_finish(writer, &error), &error);
		assert_non_null(sgz_writer_get_error(writer));
		sgz_writer_free(writer);
		assert_int_equal(output.writes, writes);
		assert_int_equal(output.closes, 1);
		bytes_free(&output.bytes);
	}
	free(text);
}

static void
test_io__sink_whose_flush_fails(void **state)
{
	struct output output = { .flush_answer = -EIO };
	struct sgz_writer *writer = open_output(&output);
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	assert_ok(sgz_writer_write(writer, "x", 1, &error), &error);
	assert_failure(SGZ_E_CALLBACK, sgz_writer_finish(writer, &error),
		       &error);
	assert_int_equal(error.sys_errno, EIO);
	sgz_writer_free(writer);
	assert_int_equal(output.closes, 1);
	bytes_free(&output.bytes);
}

static void
test_io__sink_without_flush_and_close(void **state)
{
	struct output output = { .most = 0 };
	struct sgz_sink sink = { output_write, NULL, NULL, &output };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_writer *writer = NULL;

	(void)state;
	assert_ok(sgz_writer_open_sink(&sink, NULL, &writer, &error), &error);
	assert_ok(sgz_writer_write(writer, "x", 1, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	assert_int_equal(output.closes, 0);
	bytes_free(&output.bytes);
}

static void
test_io__sink_may_not_use_its_writer(void **state)
{
	unsigned char *text = make_text(1000000);
	struct sgz_writer *writer = NULL;
	struct output output = { .again = &writer };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	writer = open_output(&output);
	assert_ok(sgz_writer_write(writer, text, 1000000, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	assert_int_equal(output.closes, 1);
	assert_ok(inflate_all(&output.bytes, NULL, &back, &error), &error);
	assert_int_equal(back.len, 1000000);
	assert_memory_equal(back.data, text, 1000000);
	bytes_free(&back);
	bytes_free(&output.bytes);
	free(text);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_io__source_is_read_and_closed_once),
	cmocka_unit_test(test_io__source_is_not_closed_when_the_open_fails),
	cmocka_unit_test(test_io__source_errno_is_reported),
	cmocka_unit_test(test_io__source_outside_its_contract_is_found_out),
	cmocka_unit_test(test_io__source_that_says_more_than_it_was_asked),
	cmocka_unit_test(test_io__source_that_says_the_end_for_ever),
	cmocka_unit_test(test_io__source_without_seek_cannot_go_back),
	cmocka_unit_test(test_io__source_that_fails_to_seek),
	cmocka_unit_test(test_io__source_that_fails_to_seek_is_sought_again),
	cmocka_unit_test(test_io__source_seeks_to_where_it_was_sent),
	cmocka_unit_test(test_io__source_is_sought_by_an_index),
	cmocka_unit_test(test_io__source_of_more_than_4_gib),
	cmocka_unit_test(test_io__source_may_not_use_its_reader),
	cmocka_unit_test(test_io__sink_takes_as_much_as_it_likes),
	cmocka_unit_test(test_io__sink_is_not_closed_when_the_open_fails),
	cmocka_unit_test(test_io__sink_outside_its_contract_is_found_out),
	cmocka_unit_test(test_io__sink_whose_flush_fails),
	cmocka_unit_test(test_io__sink_without_flush_and_close),
	cmocka_unit_test(test_io__sink_may_not_use_its_writer),
};

RUN("io", tests)
