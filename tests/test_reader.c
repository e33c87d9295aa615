/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Readers: four kinds of input, reads, lines, seeks, failures that stick. */
#include "support.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_LEN 200000
#define BLOCK_LEN 9000

static unsigned char *text;
static struct bytes bgzf;
static struct bytes gzip;

static int
setup(void **state)
{
	(void)state;
	enter_dir();
	text = make_text(TEXT_LEN);
	add_bgzf(&bgzf, text, TEXT_LEN, BLOCK_LEN);
	add_member_with(&gzip, text, TEXT_LEN / 2, NULL, 0, "first", NULL);
	add_member_with(&gzip, text + TEXT_LEN / 2, TEXT_LEN / 2, "ab\1\0c", 5,
			"second", "remark");
	put_file("t.bgz", bgzf.data, bgzf.len);
	put_file("t.gz", gzip.data, gzip.len);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	leave_dir();
	free(text);
	bytes_free(&bgzf);
	bytes_free(&gzip);
	return 0;
}

static void
check_all(struct sgz_reader *reader)
{
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;

	assert_ok(read_all(reader, &back, &error), &error);
	assert_int_equal(back.len, TEXT_LEN);
	assert_memory_equal(back.data, text, TEXT_LEN);
	assert_true(sgz_reader_tell(reader) == TEXT_LEN);
	assert_null(sgz_reader_get_error(reader));
	bytes_free(&back);
}

static void
check_at(struct sgz_reader *reader, uint64_t offset)
{
	check_part(reader, offset, text, TEXT_LEN);
}

static void
test_reader__from_a_path(void **state)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	char path[] = "t.bgz";

	(void)state;
	assert_ok(sgz_reader_open(path, NULL, &reader, &error), &error);
	/* the path is borrowed for the call alone */
	memset(path, 'x', sizeof(path) - 1);
	assert_int_equal(sgz_reader_get_format(reader), SGZ_FORMAT_BGZF);
	assert_true(sgz_reader_get_fd(reader) >= 0);
	check_all(reader);
	sgz_reader_close(reader);
	assert_ok(sgz_reader_open("t.gz", NULL, &reader, &error), &error);
	assert_int_equal(sgz_reader_get_format(reader), SGZ_FORMAT_GZIP);
	check_all(reader);
	sgz_reader_close(reader);
}

static void
test_reader__closes_what_it_opened(void **state)
{
	struct sgz_reader *reader = NULL;
	int fd;

	(void)state;
	assert_int_equal(sgz_reader_open("t.bgz", NULL, &reader, NULL), SGZ_OK);
	fd = sgz_reader_get_fd(reader);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	sgz_reader_close(reader);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	sgz_reader_close(NULL);
}

static void
test_reader__from_a_descriptor_that_stays_open(void **state)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	int fd = open("t.bgz", O_RDONLY);

	(void)state;
	assert_ok(sgz_reader_open_fd(fd, NULL, &reader, &error), &error);
	assert_int_equal(sgz_reader_get_fd(reader), fd);
	check_all(reader);
	check_at(reader, 100);
	sgz_reader_close(reader);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	close(fd);
}

static void
test_reader__offsets_count_from_the_descriptors_position(void **state)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes shifted = { NULL, 0, 0 };
	uint64_t size;
	int fd;

	(void)state;
	bytes_add(&shifted, "some bytes in front", 19);
	bytes_add(&shifted, bgzf.data, bgzf.len);
	put_file("shifted", shifted.data, shifted.len);
	fd = open("shifted", O_RDONLY);
	assert_int_equal(lseek(fd, 19, SEEK_SET), 19);
	assert_ok(sgz_reader_open_fd(fd, NULL, &reader, &error), &error);
	assert_true(sgz_reader_get_header(reader)->offset == 0);
	check_at(reader, 150000);
	check_at(reader, 10);
	assert_ok(sgz_reader_get_size(reader, &size, &error), &error);
	assert_true(size == TEXT_LEN);
	assert_ok(sgz_reader_seek(reader, 0, &error), &error);
	check_all(reader);
	sgz_reader_close(reader);
	close(fd);
	bytes_free(&shifted);
}

static void
test_reader__from_a_pipe(void **state)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	uint64_t size;
	int ends[2];
	pid_t child;
	int end;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		size_t at = 0;

		/* a few bytes at a time */
		while (at < bgzf.len) {
			size_t part = bgzf.len - at < 777 ? bgzf.len - at : 777;
			ssize_t n = write(ends[1], bgzf.data + at, part);

			if (n <= 0)
				_exit(1);
			at += (size_t)n;
		}
		_exit(0);
	}
	close(ends[1]);
	assert_ok(sgz_reader_open_fd(ends[0], NULL, &reader, &error), &error);
	assert_failure(SGZ_E_UNSUPPORTED,
		       sgz_reader_get_size(reader, &size, &error), &error);
	check_all(reader);
	assert_failure(SGZ_E_UNSUPPORTED, sgz_reader_seek(reader, 0, &error),
		       &error);
	sgz_reader_close(reader);
	close(ends[0]);
	assert_int_equal(waitpid(child, &end, 0), child);
	assert_int_equal(end, 0);
}

static void
test_reader__from_memory(void **state)
{
	struct sgz_reader *first = open_bytes(&bgzf);
	struct sgz_reader *second = open_bytes(&bgzf);

	(void)state;
	/* the bytes may be shared by readers */
	check_at(first, 5000);
	check_all(second);
	check_at(first, 90000);
	errno = 0;
	assert_int_equal(sgz_reader_get_fd(first), -1);
	assert_int_equal(errno, EBADF);
	sgz_reader_close(first);
	sgz_reader_close(second);
}

static void
test_reader__open_failures(void **state)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	assert_failure(SGZ_E_IO,
		       sgz_reader_open("missing", NULL, &reader, &error),
		       &error);
	assert_int_equal(error.sys_errno, ENOENT);
	assert_non_null(strstr(error.text, "missing"));
	assert_failure(SGZ_E_IO, sgz_reader_open(".", NULL, &reader, &error),
		       &error);
	assert_int_equal(error.sys_errno, EISDIR);
	put_file("empty", "", 0);
	assert_failure(SGZ_E_TRUNCATED,
		       sgz_reader_open("empty", NULL, &reader, &error), &error);
	assert_non_null(strstr(error.text, "empty"));
	put_file("plain", "plain text\n", 11);
	assert_failure(SGZ_E_FORMAT,
		       sgz_reader_open("plain", NULL, &reader, &error), &error);
	assert_non_null(strstr(error.text, "plain"));
	assert_true(error.offset == 0);
	assert_failure(SGZ_E_IO,
		       sgz_reader_open_fd(9999, NULL, &reader, &error), &error);
	assert_int_equal(error.sys_errno, EBADF);
	assert_null(reader);
}

static void
test_reader__null_arguments_are_invalid(void **state)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t n;

	(void)state;
	assert_failure(SGZ_E_INVALID,
		       sgz_reader_open(NULL, NULL, &reader, &error), &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_reader_open_fd(-1, NULL, &reader, &error), &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_reader_open_memory(NULL, 5, NULL, &reader, &error),
		       &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_reader_open_source(NULL, NULL, &reader, &error),
		       &error);
	assert_null(reader);
	/* NULL and 0 is an empty file */
	assert_failure(SGZ_E_TRUNCATED,
		       sgz_reader_open_memory(NULL, 0, NULL, &reader, &error),
		       &error);
	reader = open_bytes(&bgzf);
	assert_ok(sgz_reader_read(reader, NULL, 0, &n, &error), &error);
	assert_int_equal(n, 0);
	sgz_reader_close(reader);
}

static void
test_reader__reads_of_any_size_agree(void **state)
{
	static const size_t sizes[] = { 1,     2,	 7,
					8999,  9000,	 9001,
					65536, TEXT_LEN, TEXT_LEN + 1 };
	const struct bytes *files[] = { &bgzf, &gzip };
	unsigned char *part = malloc(TEXT_LEN + 1);

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct sgz_reader *reader = open_bytes(files[i % 2]);
		struct sgz_error error = SGZ_ERROR_INIT;
		size_t done = 0;
		size_t n = 0;

		if (is_slow() && sizes[i] < 1000)
			goto next;
		for (;;) {
			assert_ok(sgz_reader_read(reader, part, sizes[i], &n,
						  &error),
				  &error);
			if (n == 0)
				break;
			/* fewer only at the end */
			if (n < sizes[i])
				assert_int_equal(done + n, TEXT_LEN);
			assert_memory_equal(part, text + done, n);
			done += n;
			assert_true(sgz_reader_tell(reader) == done);
		}
		assert_int_equal(done, TEXT_LEN);
next:
		sgz_reader_close(reader);
	}
	free(part);
}

static void
test_reader__peek_lends_and_consume_moves(void **state)
{
	const struct bytes *files[] = { &bgzf, &gzip };
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sgz_reader *reader = open_bytes(files[i]);
		size_t done = 0;

		for (;;) {
			const void *borrowed = NULL;
			const void *again = NULL;
			size_t len = 0;
			size_t len_again = 0;

			assert_ok(sgz_reader_peek(reader, &borrowed, &len,
						  &error),
				  &error);
			assert_true(sgz_reader_tell(reader) == done);
			if (len == 0)
				break;
			assert_memory_equal(borrowed, text + done, len);
			/* a part of it: the rest stays borrowed */
			sgz_reader_consume(reader, len / 3);
			assert_memory_equal(borrowed, text + done, len);
			done += len / 3;
			assert_true(sgz_reader_tell(reader) == done);
			assert_ok(sgz_reader_peek(reader, &again, &len_again,
						  &error),
				  &error);
			assert_int_equal(len_again, len - len / 3);
			/* more than were borrowed: no further than those */
			sgz_reader_consume(reader, SIZE_MAX);
			done += len_again;
			assert_true(sgz_reader_tell(reader) == done);
			sgz_reader_consume(reader, 1);
			assert_true(sgz_reader_tell(reader) == done);
		}
		assert_int_equal(done, TEXT_LEN);
		sgz_reader_close(reader);
	}
}

/* The length of the line at @at, with its end. */
static size_t
line_len(size_t at)
{
	size_t len = 0;

	while (at + len < TEXT_LEN && text[at + len] != '\n')
		len++;
	return len + (at + len < TEXT_LEN);
}

static void
test_reader__lines_are_those_of_the_text(void **state)
{
	const struct bytes *files[] = { &bgzf, &gzip };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_buffer line = SGZ_BUFFER_INIT;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sgz_reader *reader = open_bytes(files[i]);
		size_t at = 0;

		for (;;) {
			assert_ok(sgz_reader_read_line(reader, '\n', &line,
						       &error),
				  &error);
			if (line.len == 0)
				break;
			assert_int_equal(line.len, line_len(at));
			assert_memory_equal(line.data, text + at, line.len);
			assert_int_equal(line.data[line.len], 0);
			assert_true(line.capacity > line.len);
			at += line.len;
			assert_true(sgz_reader_tell(reader) == at);
		}
		assert_int_equal(at, TEXT_LEN);
		sgz_reader_close(reader);
	}
	sgz_buffer_release(&line);
}

static void
test_reader__lines_are_lent_across_blocks(void **state)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes file = { NULL, 0, 0 };

	(void)state;
	/* lines far longer and far shorter than blocks */
	for (size_t block = 1; block < 40000; block *= 9) {
		struct sgz_reader *reader;
		size_t all = block < 10 ? 2000 : TEXT_LEN;
		size_t at = 0;

		file.len = 0;
		add_bgzf(&file, text, all, block);
		reader = open_bytes(&file);
		for (;;) {
			const char *line = NULL;
			size_t len = 0;
			size_t wanted = line_len(at);

			assert_ok(sgz_reader_next_line(reader, '\n', &line,
						       &len, &error),
				  &error);
			if (len == 0)
				break;
			if (wanted > all - at)
				wanted = all - at;
			assert_int_equal(len, wanted);
			assert_memory_equal(line, text + at, len);
			at += len;
			assert_true(sgz_reader_tell(reader) == at);
		}
		assert_int_equal(at, all);
		sgz_reader_close(reader);
	}
	bytes_free(&file);
}

static void
test_reader__lines_with_other_delimiters(void **state)
{
	static const char data[] = "a\0bc\0\0d\xff"
				   "e\n";
	static const struct {
		int delimiter;
		size_t lens[6];
	} cases[] = {
		{ 0, { 2, 3, 1, 4, 0 } },
		{ 0xff, { 8, 2, 0 } },
		{ 'z', { 10, 0 } },
	};
	struct bytes file = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_buffer line = SGZ_BUFFER_INIT;

	(void)state;
	add_bgzf(&file, data, 10, 4);
	for (size_t i = 0; i < 3; i++) {
		struct sgz_reader *reader = open_bytes(&file);
		size_t at = 0;

		for (const size_t *len = cases[i].lens;; len++) {
			assert_ok(sgz_reader_read_line(reader,
						       cases[i].delimiter,
						       &line, &error),
				  &error);
			assert_int_equal(line.len, *len);
			if (*len == 0)
				break;
			assert_memory_equal(line.data, data + at, *len);
			at += *len;
		}
		sgz_reader_close(reader);
	}
	sgz_buffer_release(&line);
	bytes_free(&file);
}

static void
test_reader__a_delimiter_is_a_byte(void **state)
{
	static const int wrong[] = { -1, 256, 1000, INT32_MIN };
	struct sgz_reader *reader = open_bytes(&bgzf);
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_buffer line = SGZ_BUFFER_INIT;
	const char *borrowed;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_failure(
			SGZ_E_INVALID,
			sgz_reader_read_line(reader, wrong[i], &line, &error),
			&error);
		assert_failure(SGZ_E_INVALID,
			       sgz_reader_next_line(reader, wrong[i], &borrowed,
						    &n, &error),
			       &error);
	}
	/* a wrong argument does not stick */
	check_all(reader);
	sgz_reader_close(reader);
	sgz_buffer_release(&line);
}

static void
test_reader__a_line_has_a_limit(void **state)
{
	struct counter counter;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	struct sgz_buffer line;
	struct bytes file = { NULL, 0, 0 };
	char *endless = calloc(1, 1000000);
	const char *borrowed;
	size_t n;

	(void)state;
	counter_init(&counter);
	add_bgzf(&file, endless, 1000000, 60000);
	sgz_buffer_init(&line, &counter.allocator);
	options.line_limit = 100000;
	options.allocator = &counter.allocator;
	assert_ok(sgz_reader_open_memory(file.data, file.len, &options, &reader,
					 &error),
		  &error);
	assert_failure(SGZ_E_LIMIT,
		       sgz_reader_read_line(reader, '\n', &line, &error),
		       &error);
	assert_true(counter.peak < 700000 + POOL_PEAK);
	sgz_buffer_release(&line);
	sgz_reader_close(reader);
	assert_none_live(&counter);
	assert_ok(sgz_reader_open_memory(file.data, file.len, &options, &reader,
					 &error),
		  &error);
	assert_failure(
		SGZ_E_LIMIT,
		sgz_reader_next_line(reader, '\n', &borrowed, &n, &error),
		&error);
	sgz_reader_close(reader);
	/* exactly the limit is allowed */
	options.line_limit = 1000000;
	options.allocator = NULL;
	assert_ok(sgz_reader_open_memory(file.data, file.len, &options, &reader,
					 &error),
		  &error);
	assert_ok(sgz_reader_read_line(reader, '\n', &line, &error), &error);
	assert_int_equal(line.len, 1000000);
	sgz_reader_close(reader);
	sgz_buffer_release(&line);
	free(endless);
	bytes_free(&file);
}

static void
test_reader__a_short_line_has_a_limit_too(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	struct sgz_buffer line = SGZ_BUFFER_INIT;
	struct bytes file = { NULL, 0, 0 };
	const char *borrowed;
	size_t n;

	(void)state;
	add_bgzf(&file, "1234\n12345\n", 11, 1000);
	options.line_limit = 5;
	for (int lend = 0; lend <= 1; lend++) {
		assert_ok(sgz_reader_open_memory(file.data, file.len, &options,
						 &reader, &error),
			  &error);
		for (int i = 0; i < 2; i++)
			assert_failure(i == 0 ? SGZ_OK : SGZ_E_LIMIT,
				       lend ? sgz_reader_next_line(reader, '\n',
								   &borrowed,
								   &n, &error) :
					      sgz_reader_read_line(reader, '\n',
								   &line,
								   &error),
				       &error);
		sgz_reader_close(reader);
		/* text in a buffer is a C string, after a failure too */
		assert_true(line.data == NULL || line.data[line.len] == 0);
	}
	sgz_buffer_release(&line);
	bytes_free(&file);
}

static void
test_reader__seeks_anywhere(void **state)
{
	const struct bytes *files[] = { &bgzf, &gzip };
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sgz_reader *reader = open_bytes(files[i]);
		uint64_t at = 1;
		uint64_t size = 0;

		for (int n = 0; n < (is_slow() ? 10 : 200); n++) {
			at = (at * 7919 + 12345) % TEXT_LEN;
			check_at(reader, at);
		}
		check_at(reader, 0);
		check_at(reader, BLOCK_LEN);
		check_at(reader, BLOCK_LEN - 1);
		check_at(reader, TEXT_LEN);
		check_at(reader, 17);
		/* where it is already */
		check_at(reader, sgz_reader_tell(reader));
		assert_ok(sgz_reader_get_size(reader, &size, &error), &error);
		assert_true(size == TEXT_LEN);
		assert_ok(sgz_reader_seek(reader, 0, &error), &error);
		check_all(reader);
		sgz_reader_close(reader);
	}
}

static void
test_reader__any_mix_of_calls_gives_the_same_bytes(void **state)
{
	const struct bytes *files[] = { &bgzf, &gzip };
	unsigned char *part = malloc(TEXT_LEN);
	struct sgz_error error = SGZ_ERROR_INIT;
	uint32_t seed = 7;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sgz_reader *reader = open_bytes(files[i]);
		size_t at = 0;

		for (int n = 0; n < (is_slow() ? 40 : 2000); n++) {
			const void *borrowed = NULL;
			const char *line = NULL;
			size_t len = 0;
			size_t want;

			seed = seed * 1664525u + 1013904223u;
			/* mostly small steps, and some of many blocks */
			want = (seed >> 8) % (n % 5 == 0 ? TEXT_LEN : 3000);
			switch (seed >> 29) {
			case 0: /* a little back, or to anywhere */
				at = n % 4 == 0 ? want :
						  at - (at < want ? at : want);
				assert_ok(sgz_reader_seek(reader, at, &error),
					  &error);
				break;
			case 1:
				assert_ok(sgz_reader_peek(reader, &borrowed,
							  &len, &error),
					  &error);
				assert_memory_equal(borrowed, text + at, len);
				sgz_reader_consume(reader, len / 2);
				at += len / 2;
				break;
			case 2:
				assert_ok(sgz_reader_next_line(reader, '\n',
							       &line, &len,
							       &error),
					  &error);
				assert_int_equal(len, line_len(at));
				assert_memory_equal(line, text + at, len);
				at += len;
				break;
			default:
				assert_ok(sgz_reader_read(reader, part, want,
							  &len, &error),
					  &error);
				assert_int_equal(len,
						 TEXT_LEN - at < want ?
							 TEXT_LEN - at :
							 want);
				assert_memory_equal(part, text + at, len);
				at += len;
			}
			assert_true(sgz_reader_tell(reader) == at);
		}
		sgz_reader_close(reader);
	}
	free(part);
}

static void
test_reader__seek_beyond_the_end_leaves_the_position(void **state)
{
	const struct bytes *files[] = { &bgzf, &gzip };
	static const uint64_t beyond[] = { TEXT_LEN + 1, UINT64_MAX,
					   1ull << 63 };
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sgz_reader *reader = open_bytes(files[i]);

		for (size_t n = 0; n < 3; n++) {
			unsigned char part[10];
			size_t len = 0;

			assert_ok(sgz_reader_seek(reader, 12345, &error),
				  &error);
			assert_failure(
				SGZ_E_RANGE,
				sgz_reader_seek(reader, beyond[n], &error),
				&error);
			assert_true(sgz_reader_tell(reader) == 12345);
			assert_ok(
				sgz_reader_read(reader, part, 10, &len, &error),
				&error);
			assert_memory_equal(part, text + 12345, 10);
		}
		sgz_reader_close(reader);
	}
}

static void
test_reader__size_keeps_the_position(void **state)
{
	const struct bytes *files[] = { &bgzf, &gzip };
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sgz_reader *reader = open_bytes(files[i]);
		uint64_t size = 0;

		check_at(reader, 4321);
		assert_ok(sgz_reader_get_size(reader, &size, &error), &error);
		assert_true(size == TEXT_LEN);
		assert_true(sgz_reader_tell(reader) == 4371);
		size = 0;
		assert_ok(sgz_reader_get_size(reader, &size, &error), &error);
		assert_true(size == TEXT_LEN);
		assert_ok(sgz_reader_seek(reader, 0, &error), &error);
		check_all(reader);
		sgz_reader_close(reader);
	}
}

static void
test_reader__header_is_that_of_the_last_byte(void **state)
{
	struct sgz_reader *reader = open_bytes(&gzip);
	struct sgz_error error = SGZ_ERROR_INIT;
	const struct sgz_header *header = sgz_reader_get_header(reader);
	unsigned char *part = malloc(TEXT_LEN);
	size_t n;

	(void)state;
	assert_true(header->offset == 0);
	assert_string_equal(header->name, "first");
	assert_null(header->comment);
	assert_null(header->extra);
	assert_int_equal(header->extra_len, 0);
	assert_int_equal(header->prefix.id1, 0x1f);
	assert_int_equal(header->prefix.mtime, 0x04030201);
	assert_int_equal(header->prefix.os, 3);
	/* at the member's end it is still that one */
	assert_ok(sgz_reader_read(reader, part, TEXT_LEN / 2, &n, &error),
		  &error);
	assert_string_equal(sgz_reader_get_header(reader)->name, "first");
	assert_ok(sgz_reader_read(reader, part, 1, &n, &error), &error);
	header = sgz_reader_get_header(reader);
	assert_string_equal(header->name, "second");
	assert_string_equal(header->comment, "remark");
	assert_int_equal(header->extra_len, 5);
	assert_memory_equal(header->extra, "ab\1\0c", 5);
	assert_true(header->offset > 0);
	assert_ok(sgz_reader_read(reader, part, TEXT_LEN, &n, &error), &error);
	assert_int_equal(n, TEXT_LEN / 2 - 1);
	assert_string_equal(sgz_reader_get_header(reader)->name, "second");
	free(part);
	sgz_reader_close(reader);
}

static void
test_reader__header_moves_on_with_a_byte_and_not_before(void **state)
{
	struct sgz_reader *reader = open_bytes(&gzip);
	struct sgz_error error = SGZ_ERROR_INIT;
	unsigned char *part = malloc(TEXT_LEN / 2);
	const void *borrowed;
	size_t n;

	(void)state;
	assert_ok(sgz_reader_read(reader, part, TEXT_LEN / 2, &n, &error),
		  &error);
	assert_ok(sgz_reader_peek(reader, &borrowed, &n, &error), &error);
	assert_true(n > 0);
	/* borrowed, and not yet read */
	assert_string_equal(sgz_reader_get_header(reader)->name, "first");
	sgz_reader_consume(reader, 1);
	assert_string_equal(sgz_reader_get_header(reader)->name, "second");
	free(part);
	sgz_reader_close(reader);
}

static void
test_reader__header_holds_nothing_of_those_before(void **state)
{
	static const char *const names[] = { "1", NULL, NULL, "4" };
	struct bytes file = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;

	(void)state;
	for (int i = 0; i < 4; i++)
		add_member_with(&file, text, 10, i == 0 ? "ab\1\0c" : NULL, 5,
				names[i], i == 1 ? "remark" : NULL);
	reader = open_bytes(&file);
	for (int i = 0; i < 4; i++) {
		const struct sgz_header *header;
		unsigned char part[10];
		size_t n;

		assert_ok(sgz_reader_read(reader, part, 10, &n, &error),
			  &error);
		header = sgz_reader_get_header(reader);
		assert_int_equal(header->extra_len, i == 0 ? 5 : 0);
		assert_int_equal(header->extra != NULL, i == 0);
		assert_int_equal(header->comment != NULL, i == 1);
		if (names[i] == NULL)
			assert_null(header->name);
		else
			assert_string_equal(header->name, names[i]);
	}
	sgz_reader_close(reader);
	bytes_free(&file);
}

static void
test_reader__header_of_a_block_is_shown_in_place(void **state)
{
	struct sgz_reader *reader = open_bytes(&bgzf);
	const struct sgz_header *header = sgz_reader_get_header(reader);
	const struct sgz_subfield *field = sgz_subfield_next(header, NULL);
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	assert_int_equal(header->extra_len, 6);
	assert_memory_equal(header->extra, bgzf.data + 12, 6);
	assert_non_null(field);
	assert_int_equal(field->si1, 'B');
	assert_int_equal(field->si2, 'C');
	assert_int_equal(sgz_subfield_len(field), 2);
	assert_null(header->name);
	assert_ok(sgz_reader_seek(reader, BLOCK_LEN + 1, &error), &error);
	header = sgz_reader_get_header(reader);
	assert_int_equal(header->prefix.id1, 0x1f);
	assert_int_equal(header->extra_len, 6);
	sgz_reader_close(reader);
}

static void
test_reader__header_that_fails_is_not_shown(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;

	(void)state;
	add_member_with(&file, text, 100, NULL, 0, "good", NULL);
	add_member_with(&file, text, 100, NULL, 0, "bad", NULL);
	/* within the second one's name */
	for (size_t i = 0; i < file.len - 2; i++)
		if (memcmp(file.data + i, "bad", 3) == 0)
			file.len = i + 2;
	reader = open_bytes(&file);
	assert_failure(SGZ_E_TRUNCATED, read_all(reader, &back, &error),
		       &error);
	assert_int_equal(back.len, 100);
	assert_string_equal(sgz_reader_get_header(reader)->name, "good");
	sgz_reader_close(reader);
	bytes_free(&back);
	bytes_free(&file);
}

static void
test_reader__header_crc_is_read_over(void **state)
{
	static const unsigned char front[] = {
		0x1f, 0x8b, 8, 2, 0, 0, 0, 0, 0, 3, 0, 0,
	};
	struct bytes plain = { NULL, 0, 0 };
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	uint32_t crc = sgz_crc32(0, front, 10);

	(void)state;
	add_member(&plain, "checked", 7);
	bytes_add(&file, front, sizeof(front));
	file.data[10] = (unsigned char)crc;
	file.data[11] = (unsigned char)(crc >> 8);
	bytes_add(&file, plain.data + 10, plain.len - 10);
	assert_ok(inflate_all(&file, NULL, &back, &error), &error);
	assert_int_equal(back.len, 7);
	bytes_free(&plain);
	bytes_free(&file);
	bytes_free(&back);
}

static void
test_reader__empty_members_and_blocks_are_no_end(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;

	(void)state;
	add_eof_block(&file);
	add_block(&file, "one", 3);
	add_eof_block(&file);
	add_eof_block(&file);
	add_block(&file, "two", 3);
	add_eof_block(&file);
	assert_ok(inflate_all(&file, NULL, &back, &error), &error);
	assert_int_equal(back.len, 6);
	assert_memory_equal(back.data, "onetwo", 6);
	reader = open_bytes(&file);
	for (uint64_t at = 6; at <= 6; at--) {
		char byte = 0;
		size_t n = 0;

		assert_ok(sgz_reader_seek(reader, at, &error), &error);
		assert_ok(sgz_reader_read(reader, &byte, 1, &n, &error),
			  &error);
		assert_int_equal(n, at < 6);
		if (n > 0)
			assert_int_equal(byte, "onetwo"[at]);
	}
	sgz_reader_close(reader);
	file.len = 0;
	back.len = 0;
	add_member(&file, "", 0);
	add_member(&file, "one", 3);
	add_member(&file, "", 0);
	assert_ok(inflate_all(&file, NULL, &back, &error), &error);
	assert_int_equal(back.len, 3);
	bytes_free(&file);
	bytes_free(&back);
}

static void
test_reader__a_block_may_hold_all_of_64_kib(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;
	uint64_t size = 0;

	(void)state;
	add_bgzf(&file, text, TEXT_LEN, SGZ_BLOCK_MAX);
	assert_ok(inflate_all(&file, NULL, &back, &error), &error);
	assert_int_equal(back.len, TEXT_LEN);
	assert_memory_equal(back.data, text, TEXT_LEN);
	reader = open_bytes(&file);
	assert_ok(sgz_reader_get_size(reader, &size, &error), &error);
	assert_true(size == TEXT_LEN);
	check_at(reader, 2 * SGZ_BLOCK_MAX - 1);
	check_at(reader, SGZ_BLOCK_MAX);
	sgz_reader_close(reader);
	bytes_free(&back);
	bytes_free(&file);
}

static void
test_reader__a_block_may_have_other_subfields(void **state)
{
	/* BC is the second one here; the third is empty */
	static const unsigned char extra[] = {
		'A', 'p', 3, 0, 1, 2, 3, 'B', 'C', 2, 0, 0, 0, 'z', 'z', 0, 0,
	};
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;
	uint64_t size = 0;
	size_t bsize;

	(void)state;
	add_member_with(&file, text, 5000, extra, sizeof(extra), NULL, NULL);
	bsize = file.len - 1;
	file.data[12 + 11] = (unsigned char)bsize;
	file.data[12 + 12] = (unsigned char)(bsize >> 8);
	add_eof_block(&file);
	assert_int_equal(sgz_detect(file.data, file.len), SGZ_FORMAT_BGZF);
	assert_ok(inflate_all(&file, NULL, &back, &error), &error);
	assert_int_equal(back.len, 5000);
	assert_memory_equal(back.data, text, 5000);
	reader = open_bytes(&file);
	assert_int_equal(sgz_reader_get_format(reader), SGZ_FORMAT_BGZF);
	assert_ok(sgz_reader_get_size(reader, &size, &error), &error);
	assert_true(size == 5000);
	sgz_reader_close(reader);
	/* one byte less of it, and BSIZE cannot be believed */
	file.data[12 + 11] -= 1;
	assert_true(inflate_all(&file, NULL, &back, &error) < 0);
	bytes_free(&back);
	bytes_free(&file);
}

static void
test_reader__blocks_and_members_may_be_mixed(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	add_block(&file, "one", 3);
	add_member(&file, "two", 3);
	add_block(&file, "three", 5);
	add_eof_block(&file);
	assert_ok(inflate_all(&file, NULL, &back, &error), &error);
	assert_int_equal(back.len, 11);
	assert_memory_equal(back.data, "onetwothree", 11);
	bytes_free(&file);
	bytes_free(&back);
}

static void
test_reader__a_failure_is_held_back_and_sticks(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	unsigned char *part = malloc(TEXT_LEN);
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;
	const struct sgz_error *stuck;
	uint64_t bad;
	size_t n = 0;

	(void)state;
	add_block(&file, text, 5000);
	bad = file.len;
	add_block(&file, text + 5000, 5000);
	/* the CRC of the second block */
	file.data[file.len - 8] ^= 1;
	add_eof_block(&file);
	reader = open_bytes(&file);
	/* the good bytes are not lost */
	assert_ok(sgz_reader_read(reader, part, TEXT_LEN, &n, &error), &error);
	assert_int_equal(n, 5000);
	assert_memory_equal(part, text, 5000);
	for (int i = 0; i < 3; i++) {
		const void *borrowed = NULL;

		assert_failure(SGZ_E_CRC,
			       sgz_reader_read(reader, part, 1, &n, &error),
			       &error);
		assert_true((uint64_t)error.offset >= bad);
		assert_failure(SGZ_E_CRC,
			       sgz_reader_peek(reader, &borrowed, &n, &error),
			       &error);
	}
	stuck = sgz_reader_get_error(reader);
	assert_non_null(stuck);
	assert_int_equal(stuck->status, SGZ_E_CRC);
	assert_string_equal(stuck->text, error.text);
	assert_true(sgz_reader_tell(reader) == 5000);
	/* one that fails changes nothing */
	assert_failure(SGZ_E_RANGE, sgz_reader_seek(reader, 1u << 30, &error),
		       &error);
	assert_failure(SGZ_E_CRC, sgz_reader_read(reader, part, 1, &n, &error),
		       &error);
	assert_int_equal(sgz_reader_get_error(reader)->status, SGZ_E_CRC);
	/* a seek that succeeds unsticks it */
	assert_ok(sgz_reader_seek(reader, 100, &error), &error);
	assert_null(sgz_reader_get_error(reader));
	assert_ok(sgz_reader_read(reader, part, 10, &n, &error), &error);
	assert_memory_equal(part, text + 100, 10);
	sgz_reader_close(reader);
	free(part);
	bytes_free(&file);
}

static void
test_reader__skip_crc_skips_that_check_alone(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	options.skip_crc = 1;
	add_block(&file, text, 5000);
	file.data[file.len - 8] ^= 1;
	add_eof_block(&file);
	assert_failure(SGZ_E_CRC, inflate_all(&file, NULL, &back, &error),
		       &error);
	back.len = 0;
	assert_ok(inflate_all(&file, &options, &back, &error), &error);
	assert_int_equal(back.len, 5000);
	/* ISIZE is still compared */
	file.data[file.len - 28 - 4] ^= 1;
	assert_failure(SGZ_E_LENGTH,
		       inflate_all(&file, &options, &back, &error), &error);
	bytes_free(&file);
	bytes_free(&back);
}

/* What it skips in reading, it skips on the way back from elsewhere. */
static void
test_reader__skip_crc_holds_after_work_aside(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	char part[100];
	size_t n;

	(void)state;
	options.skip_crc = 1;
	add_block(&file, text, 5000);
	file.data[file.len - 8] ^= 1;
	add_block(&file, text + 5000, 5000);
	add_eof_block(&file);
	assert_ok(sgz_reader_open_memory(file.data, file.len, &options, &reader,
					 &error),
		  &error);
	assert_ok(sgz_reader_read(reader, part, sizeof(part), &n, &error),
		  &error);
	assert_failure(SGZ_E_CRC, sgz_index_build(reader, true, &index, &error),
		       &error);
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	sgz_index_unref(index);
	assert_true(sgz_reader_tell(reader) == sizeof(part));
	assert_ok(read_all(reader, &back, &error), &error);
	assert_int_equal(back.len, 10000 - sizeof(part));
	assert_memory_equal(back.data, text + sizeof(part), back.len);
	sgz_reader_close(reader);
	bytes_free(&file);
	bytes_free(&back);
}

static void
test_reader__bgzf_without_its_end_is_truncated(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	add_block(&file, text, 5000);
	assert_failure(SGZ_E_TRUNCATED, inflate_all(&file, NULL, &back, &error),
		       &error);
	assert_int_equal(back.len, 5000);
	back.len = 0;
	options.allow_no_eof = 1;
	assert_ok(inflate_all(&file, &options, &back, &error), &error);
	assert_int_equal(back.len, 5000);
	bytes_free(&file);
	bytes_free(&back);
}

/* Build a file: B a block, M a member, E the end marker, Z zeros. */
static void
add_parts(struct bytes *file, const char *parts)
{
	static const unsigned char zeros[100];

	for (; *parts != '\0'; parts++) {
		if (*parts == 'B')
			add_block(file, text, 1000);
		else if (*parts == 'M')
			add_member(file, text, 1000);
		else if (*parts == 'E')
			add_eof_block(file);
		else
			bytes_add(file, zeros, sizeof(zeros));
	}
}

/* Is @file read to its end, after a seek to @offset? */
static enum sgz_status
read_from(const struct bytes *file, uint64_t offset)
{
	struct sgz_reader *reader = open_bytes(file);
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	enum sgz_status status;

	assert_ok(sgz_reader_seek(reader, offset, &error), &error);
	status = read_all(reader, &back, &error);
	sgz_reader_close(reader);
	bytes_free(&back);
	return status;
}

static void
test_reader__the_last_member_says_whether_the_end_is_marked(void **state)
{
	static const struct {
		const char *parts;
		enum sgz_status status;
	} cases[] = {
		/* BGZF throughout */
		{ "BE", SGZ_OK },
		{ "B", SGZ_E_TRUNCATED },
		{ "BEB", SGZ_E_TRUNCATED },
		{ "BZ", SGZ_E_TRUNCATED },
		/* a plain member is whole by itself, whatever comes before */
		{ "BM", SGZ_OK },
		{ "BEM", SGZ_OK },
		{ "EM", SGZ_OK },
		{ "BMM", SGZ_OK },
		{ "BMZ", SGZ_OK },
		{ "MBM", SGZ_OK },
		/* a block is not, whatever comes before */
		{ "MB", SGZ_E_TRUNCATED },
		{ "MBE", SGZ_OK },
		{ "BMB", SGZ_E_TRUNCATED },
		{ "BMBE", SGZ_OK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes file = { NULL, 0, 0 };

		add_parts(&file, cases[i].parts);
		for (uint64_t offset = 0; offset <= 1000; offset += 500)
			assert_int_equal(read_from(&file, offset),
					 cases[i].status);
		bytes_free(&file);
	}
}

static void
test_reader__a_small_read_size_will_do(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	for (size_t size = 1; size < 100000; size = size * 9 + 1) {
		const char *paths[] = { "t.bgz", "t.gz" };

		for (int i = 0; i < 2; i++) {
			struct sgz_reader *reader = NULL;

			options.read_size = size;
			assert_ok(sgz_reader_open(paths[i], &options, &reader,
						  &error),
				  &error);
			check_all(reader);
			sgz_reader_close(reader);
		}
	}
}

static void
test_reader__errors_name_the_file(void **state)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes back = { NULL, 0, 0 };

	(void)state;
	bgzf.data[bgzf.len - 28 - 8] ^= 1;
	put_file("bad.bgz", bgzf.data, bgzf.len);
	assert_ok(sgz_reader_open("bad.bgz", NULL, &reader, &error), &error);
	assert_failure(SGZ_E_CRC, read_all(reader, &back, &error), &error);
	assert_non_null(strstr(error.text, "bad.bgz"));
	assert_true(error.offset > 0);
	sgz_reader_close(reader);
	bytes_free(&back);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct CMUnitTest tests[] = {
	IN_DIR(test_reader__from_a_path),
	IN_DIR(test_reader__closes_what_it_opened),
	IN_DIR(test_reader__from_a_descriptor_that_stays_open),
	IN_DIR(test_reader__offsets_count_from_the_descriptors_position),
	IN_DIR(test_reader__from_a_pipe),
	IN_DIR(test_reader__from_memory),
	IN_DIR(test_reader__open_failures),
	IN_DIR(test_reader__null_arguments_are_invalid),
	IN_DIR(test_reader__reads_of_any_size_agree),
	IN_DIR(test_reader__peek_lends_and_consume_moves),
	IN_DIR(test_reader__lines_are_those_of_the_text),
	IN_DIR(test_reader__lines_are_lent_across_blocks),
	IN_DIR(test_reader__lines_with_other_delimiters),
	IN_DIR(test_reader__a_delimiter_is_a_byte),
	IN_DIR(test_reader__a_line_has_a_limit),
	IN_DIR(test_reader__a_short_line_has_a_limit_too),
	IN_DIR(test_reader__seeks_anywhere),
	IN_DIR(test_reader__any_mix_of_calls_gives_the_same_bytes),
	IN_DIR(test_reader__seek_beyond_the_end_leaves_the_position),
	IN_DIR(test_reader__size_keeps_the_position),
	IN_DIR(test_reader__header_is_that_of_the_last_byte),
	IN_DIR(test_reader__header_moves_on_with_a_byte_and_not_before),
	IN_DIR(test_reader__header_holds_nothing_of_those_before),
	IN_DIR(test_reader__header_of_a_block_is_shown_in_place),
	IN_DIR(test_reader__header_that_fails_is_not_shown),
	IN_DIR(test_reader__header_crc_is_read_over),
	IN_DIR(test_reader__empty_members_and_blocks_are_no_end),
	IN_DIR(test_reader__a_block_may_hold_all_of_64_kib),
	IN_DIR(test_reader__a_block_may_have_other_subfields),
	IN_DIR(test_reader__blocks_and_members_may_be_mixed),
	IN_DIR(test_reader__a_failure_is_held_back_and_sticks),
	IN_DIR(test_reader__skip_crc_skips_that_check_alone),
	IN_DIR(test_reader__skip_crc_holds_after_work_aside),
	IN_DIR(test_reader__bgzf_without_its_end_is_truncated),
	IN_DIR(test_reader__the_last_member_says_whether_the_end_is_marked),
	IN_DIR(test_reader__a_small_read_size_will_do),
	IN_DIR(test_reader__errors_name_the_file),
};

RUN("reader", tests)
