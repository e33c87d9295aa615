/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writers: four kinds of output, blocks, headers, and the end that can fail. */
#include "support.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#define TEXT_LEN 300000

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
	leave_dir();
	free(text);
	return 0;
}

/* What zlib itself, which knows nothing of blocks, makes of @data. */
static void
check_gzip(const void *data, size_t len, const void *wanted, size_t wanted_len)
{
	z_stream z = { 0 };
	unsigned char *out = malloc(wanted_len + 1);
	int rc = Z_OK;

	assert_int_equal(inflateInit2(&z, 31), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = (uInt)wanted_len + 1;
	while (z.avail_in > 0) {
		rc = inflate(&z, Z_NO_FLUSH);
		if (rc == Z_STREAM_END && z.avail_in > 0)
			inflateReset(&z);
		else if (rc != Z_OK)
			break;
	}
	assert_int_equal(rc, Z_STREAM_END);
	assert_int_equal(z.avail_out, 1);
	if (wanted_len > 0)
		assert_memory_equal(out, wanted, wanted_len);
	inflateEnd(&z);
	free(out);
}

/* Write the text, and finish, to memory. */
static struct sgz_buffer
write_text(const struct sgz_options *options, size_t len)
{
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	assert_ok(sgz_writer_open_memory(&buffer, options, &writer, &error),
		  &error);
	assert_ok(sgz_writer_write(writer, text, len, &error), &error);
	assert_true(sgz_writer_tell(writer) == len);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	assert_true(sgz_writer_tell(writer) == len);
	sgz_writer_free(writer);
	return buffer;
}

static void
test_writer__blocks_have_the_form_of_bgzf(void **state)
{
	static const unsigned char front[] = { 0x1f, 0x8b, 8, 4 };
	static const unsigned char extra[] = { 6, 0, 'B', 'C', 2, 0 };
	static const size_t lens[] = { 0, 1, 65279, 65280, 65281, TEXT_LEN };

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct sgz_buffer buffer = write_text(NULL, lens[i]);
		struct bytes eof = { NULL, 0, 0 };
		size_t at = 0;
		size_t blocks = 0;
		size_t size = 0;

		while (at < buffer.len) {
			assert_memory_equal(buffer.data + at, front, 4);
			assert_memory_equal(buffer.data + at + 10, extra, 6);
			size = (size_t)buffer.data[at + 16] +
				((size_t)buffer.data[at + 17] << 8) + 1;
			at += size;
			blocks++;
		}
		assert_int_equal(at, buffer.len);
		assert_int_equal(blocks, (lens[i] + 65279) / 65280 + 1);
		add_eof_block(&eof);
		assert_int_equal(size, eof.len);
		assert_memory_equal(buffer.data + at - size, eof.data, eof.len);
		check_gzip(buffer.data, buffer.len, text, lens[i]);
		bytes_free(&eof);
		sgz_buffer_release(&buffer);
	}
}

static void
test_writer__every_level_and_block_size(void **state)
{
	static const uint32_t sizes[] = { 1, 100, 65280, SGZ_BLOCK_MAX };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	unsigned char *noise = malloc(150000);
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < 150000; i++) {
		seed = seed * 1664525u + 1013904223u;
		noise[i] = (unsigned char)(seed >> 24);
	}
	for (int level = -1; level <= 9; level += is_slow() ? 5 : 1) {
		for (size_t i = 0; i < 4; i++) {
			size_t len = sizes[i] == 1 ? 300 : 150000;
			struct sgz_buffer buffer;
			struct sgz_writer *writer = NULL;
			struct sgz_error error = SGZ_ERROR_INIT;
			struct bytes back = { NULL, 0, 0 };
			struct bytes file;

			options.level = level;
			options.block_size = sizes[i];
			buffer = write_text(&options, len);
			check_gzip(buffer.data, buffer.len, text, len);
			sgz_buffer_release(&buffer);
			/* what cannot be compressed has to fit as well */
			assert_ok(sgz_writer_open_memory(&buffer, &options,
							 &writer, &error),
				  &error);
			assert_ok(sgz_writer_write(writer, noise, len, &error),
				  &error);
			assert_ok(sgz_writer_finish(writer, &error), &error);
			sgz_writer_free(writer);
			check_gzip(buffer.data, buffer.len, noise, len);
			file.data = buffer.data;
			file.len = buffer.len;
			assert_ok(inflate_all(&file, NULL, &back, &error),
				  &error);
			assert_int_equal(back.len, len);
			bytes_free(&back);
			sgz_buffer_release(&buffer);
		}
	}
	free(noise);
}

static void
test_writer__gzip_is_one_member(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer;

	(void)state;
	options.format = SGZ_FORMAT_GZIP;
	buffer = write_text(&options, TEXT_LEN);
	assert_int_equal(sgz_detect(buffer.data, buffer.len), SGZ_FORMAT_GZIP);
	check_gzip(buffer.data, buffer.len, text, TEXT_LEN);
	sgz_buffer_release(&buffer);
	buffer = write_text(&options, 0);
	check_gzip(buffer.data, buffer.len, text, 0);
	sgz_buffer_release(&buffer);
}

static void
test_writer__gzip_of_what_cannot_be_compressed(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t len = is_slow() ? 300000 : 3000000;
	unsigned char *noise = malloc(len);
	uint32_t seed = 5;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525u + 1013904223u;
		noise[i] = (unsigned char)(seed >> 24);
	}
	options.format = SGZ_FORMAT_GZIP;
	for (int level = 0; level <= 9; level += 9) {
		options.level = level;
		assert_ok(sgz_writer_open_memory(&buffer, &options, &writer,
						 &error),
			  &error);
		assert_ok(sgz_writer_write(writer, noise, len, &error), &error);
		assert_ok(sgz_writer_finish(writer, &error), &error);
		sgz_writer_free(writer);
		check_gzip(buffer.data, buffer.len, noise, len);
		sgz_buffer_release(&buffer);
	}
	free(noise);
}

static void
test_writer__the_cut_of_writes_does_not_show(void **state)
{
	struct sgz_buffer whole = write_text(NULL, TEXT_LEN);

	(void)state;
	for (size_t part = 1; part < TEXT_LEN; part = part * 6 + 1) {
		struct sgz_buffer buffer = SGZ_BUFFER_INIT;
		struct sgz_writer *writer = NULL;
		struct sgz_error error = SGZ_ERROR_INIT;
		size_t at = 0;

		assert_ok(
			sgz_writer_open_memory(&buffer, NULL, &writer, &error),
			&error);
		while (at < TEXT_LEN) {
			size_t n = TEXT_LEN - at < part ? TEXT_LEN - at : part;

			assert_ok(
				sgz_writer_write(writer, text + at, n, &error),
				&error);
			at += n;
		}
		assert_ok(sgz_writer_write(writer, NULL, 0, &error), &error);
		assert_ok(sgz_writer_finish(writer, &error), &error);
		sgz_writer_free(writer);
		assert_int_equal(buffer.len, whole.len);
		assert_memory_equal(buffer.data, whole.data, whole.len);
		sgz_buffer_release(&buffer);
	}
	sgz_buffer_release(&whole);
}

static void
test_writer__memory_is_appended_to(void **state)
{
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes file;
	struct bytes back = { NULL, 0, 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sgz_writer *writer = NULL;

		assert_ok(
			sgz_writer_open_memory(&buffer, NULL, &writer, &error),
			&error);
		assert_ok(sgz_writer_write(writer, "text", 4, &error), &error);
		assert_ok(sgz_writer_finish(writer, &error), &error);
		sgz_writer_free(writer);
		assert_int_equal(buffer.data[buffer.len], 0);
	}
	file.data = buffer.data;
	file.len = buffer.len;
	assert_ok(inflate_all(&file, NULL, &back, &error), &error);
	assert_int_equal(back.len, 8);
	assert_memory_equal(back.data, "texttext", 8);
	bytes_free(&back);
	sgz_buffer_release(&buffer);
}

static void
test_writer__printf_writes_what_printf_would(void **state)
{
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes file;
	struct bytes back = { NULL, 0, 0 };
	char *wide = malloc(100001);

	(void)state;
	assert_ok(sgz_writer_open_memory(&buffer, NULL, &writer, &error),
		  &error);
	assert_ok(sgz_writer_printf(writer, &error, "%s=%d%%\n", "x", -5),
		  &error);
	/* an empty format is a warning, an empty argument is not */
	assert_ok(sgz_writer_printf(writer, &error, "%s", ""), &error);
	/* larger than anything on a stack, and than a block */
	assert_ok(sgz_writer_printf(writer, &error, "%100000d", 7), &error);
	assert_true(sgz_writer_tell(writer) == 100006);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	file.data = buffer.data;
	file.len = buffer.len;
	assert_ok(inflate_all(&file, NULL, &back, &error), &error);
	snprintf(wide, 100001, "%100000d", 7);
	assert_int_equal(back.len, 100006);
	assert_memory_equal(back.data, "x=-5%\n", 6);
	assert_memory_equal(back.data + 6, wide, 100000);
	free(wide);
	bytes_free(&back);
	sgz_buffer_release(&buffer);
}

static void
test_writer__printf_of_what_cannot_be_formatted(void **state)
{
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	/* no such character in the C locale */
	wchar_t wrong[] = { 0x7fffffff, 0 };

	(void)state;
	assert_ok(sgz_writer_open_memory(&buffer, NULL, &writer, &error),
		  &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_printf(writer, &error, "%ls", wrong), &error);
	/* that was the arguments' fault: the writer goes on */
	assert_ok(sgz_writer_write(writer, "x", 1, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	sgz_buffer_release(&buffer);
}

/* It is formatted twice if it is long, and %n can make it longer between. */
static void
test_writer__printf_of_what_changes_meanwhile(void **state)
{
	struct {
		char front[600];
		int len;
		char end[4];
	} changing;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_buffer out = SGZ_BUFFER_INIT;

	(void)state;
	memset(&changing, 0, sizeof(changing));
	memset(changing.front, 'a', sizeof(changing.front));
	assert_ok(sgz_writer_open_memory(&out, NULL, &writer, &error), &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_printf(writer, &error, "%s%n",
					 (const char *)&changing,
					 &changing.len),
		       &error);
	assert_true(sgz_writer_tell(writer) == 0);
	sgz_writer_free(writer);
	sgz_buffer_release(&out);
}

static void
test_writer__flush_makes_all_of_it_readable(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	options.allow_no_eof = 1;
	options.build_index = 1;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct bytes file;
	struct bytes back = { NULL, 0, 0 };

	assert_ok(sgz_writer_open_memory(&buffer, &options, &writer, &error),
		  &error);
	assert_ok(sgz_writer_write(writer, text, 1000, &error), &error);
	assert_ok(sgz_writer_flush(writer, &error), &error);
	file.data = buffer.data;
	file.len = buffer.len;
	assert_ok(inflate_all(&file, &options, &back, &error), &error);
	assert_int_equal(back.len, 1000);
	/* nothing new: no empty block, which would mark the end */
	assert_ok(sgz_writer_flush(writer, &error), &error);
	assert_int_equal(buffer.len, file.len);
	assert_ok(sgz_writer_write(writer, text + 1000, 500, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	check_gzip(buffer.data, buffer.len, text, 1500);
	bytes_free(&back);
	sgz_buffer_release(&buffer);
}

static void
test_writer__flush_of_gzip(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	z_stream z = { 0 };
	unsigned char out[2000];

	(void)state;
	options.format = SGZ_FORMAT_GZIP;
	assert_ok(sgz_writer_open_memory(&buffer, &options, &writer, &error),
		  &error);
	assert_ok(sgz_writer_write(writer, text, 1000, &error), &error);
	assert_ok(sgz_writer_flush(writer, &error), &error);
	assert_int_equal(inflateInit2(&z, 31), Z_OK);
	z.next_in = buffer.data;
	z.avail_in = (uInt)buffer.len;
	z.next_out = out;
	z.avail_out = sizeof(out);
	inflate(&z, Z_SYNC_FLUSH);
	assert_int_equal(z.total_out, 1000);
	inflateEnd(&z);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	check_gzip(buffer.data, buffer.len, text, 1000);
	sgz_buffer_release(&buffer);
}

static void
test_writer__header_is_written_for_gzip(void **state)
{
	static const unsigned char extra[] = { 'A', 'p', 1, 0, 9 };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_header header = { 0 };
	const struct sgz_header *back;
	struct bytes file;
	char name[] = "name\xff.txt";

	(void)state;
	options.format = SGZ_FORMAT_GZIP;
	assert_ok(sgz_writer_open_memory(&buffer, &options, &writer, &error),
		  &error);
	header.name = name;
	header.comment = "remark";
	header.extra = extra;
	header.extra_len = sizeof(extra);
	header.prefix.mtime = 0x01020304;
	assert_ok(sgz_writer_set_header(writer, &header, &error), &error);
	/* it was copied */
	memset(name, 'x', sizeof(name) - 1);
	assert_ok(sgz_writer_write(writer, text, 100, &error), &error);
	assert_failure(SGZ_E_STATE,
		       sgz_writer_set_header(writer, &header, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	check_gzip(buffer.data, buffer.len, text, 100);
	file.data = buffer.data;
	file.len = buffer.len;
	reader = open_bytes(&file);
	back = sgz_reader_get_header(reader);
	assert_string_equal(back->name, "name\xff.txt");
	assert_string_equal(back->comment, "remark");
	assert_int_equal(back->extra_len, sizeof(extra));
	assert_memory_equal(back->extra, extra, sizeof(extra));
	assert_int_equal(back->prefix.mtime, 0x01020304);
	sgz_reader_close(reader);
	sgz_buffer_release(&buffer);
}

static void
test_writer__header_refusals(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_header header = { 0 };
	unsigned char *extra = calloc(1, 65540);

	(void)state;
	header.name = "name";
	assert_ok(sgz_writer_open_memory(&buffer, &options, &writer, &error),
		  &error);
	assert_failure(SGZ_E_UNSUPPORTED,
		       sgz_writer_set_header(writer, &header, &error), &error);
	sgz_writer_free(writer);
	options.format = SGZ_FORMAT_GZIP;
	assert_ok(sgz_writer_open_memory(&buffer, &options, &writer, &error),
		  &error);
	/* 65,536 bytes, all of them empty subfields */
	header.extra = extra;
	header.extra_len = 65536;
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_set_header(writer, &header, &error), &error);
	/* subfields that do not fill it, or do more than that */
	header.extra_len = 5;
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_set_header(writer, &header, &error), &error);
	extra[2] = 2;
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_set_header(writer, &header, &error), &error);
	/* what would make a BGZF block of it, and what would not quite */
	memcpy(extra, "BC\2\0\xff\xff", 6);
	header.extra_len = 6;
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_set_header(writer, &header, &error), &error);
	memcpy(extra, "BC\3\0\xff\xff\xff", 7);
	header.extra_len = 7;
	assert_ok(sgz_writer_set_header(writer, &header, &error), &error);
	/* a length, and nothing that is so long */
	header.extra = NULL;
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_set_header(writer, &header, &error), &error);
	header.extra = extra;
	/* the most that there can be */
	memset(extra, 0, 4);
	extra[2] = 0xfb;
	extra[3] = 0xff;
	header.extra_len = 65535;
	assert_ok(sgz_writer_set_header(writer, &header, &error), &error);
	assert_ok(sgz_writer_write(writer, text, 100, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	check_gzip(buffer.data, buffer.len, text, 100);
	free(extra);
	sgz_buffer_release(&buffer);
}

/* What the file system that the tests see can do, from best to worst. */
static enum {
	CAN_ALL,
	/* no files without a name */
	NO_TMPFILE,
	/* nor hard links, as FAT */
	NO_LINKS,
	ABILITIES,
} abilities;

int
__real_linkat(int from_dir, const char *from, int to_dir, const char *to,
	      int flags);
int
__wrap_linkat(int from_dir, const char *from, int to_dir, const char *to,
	      int flags);
int
__real_openat64(int dir, const char *path, int flags, mode_t mode);
int
__wrap_openat64(int dir, const char *path, int flags, mode_t mode);

int
__wrap_linkat(int from_dir, const char *from, int to_dir, const char *to,
	      int flags)
{
	if (abilities >= NO_LINKS) {
		errno = EPERM;
		return -1;
	}
	return __real_linkat(from_dir, from, to_dir, to, flags);
}

/* With 64-bit offsets, openat() is this. The mode is never left out. */
int
__wrap_openat64(int dir, const char *path, int flags, mode_t mode)
{
	if (abilities >= NO_TMPFILE && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return __real_openat64(dir, path, flags, mode);
}

/* Run @body, which leaves its directory empty, on each file system. */
static void
on_each_file_system(void (*body)(void))
{
	for (int can = CAN_ALL; can < ABILITIES; can++) {
		abilities = can;
		body();
		abilities = CAN_ALL;
		assert_int_equal(count_files(), 0);
	}
}

static void
replace_at_the_end(void)
{
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes file;
	char path[] = "out.gz";

	put_file("out.gz", "old", 3);
	assert_ok(sgz_writer_open(path, NULL, &writer, &error), &error);
	memset(path, 'x', sizeof(path) - 1);
	assert_ok(sgz_writer_write(writer, text, TEXT_LEN, &error), &error);
	file = get_file("out.gz");
	assert_int_equal(file.len, 3);
	bytes_free(&file);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	file = get_file("out.gz");
	check_gzip(file.data, file.len, text, TEXT_LEN);
	sgz_writer_free(writer);
	assert_int_equal(count_files(), 1);
	bytes_free(&file);
	assert_int_equal(unlink("out.gz"), 0);
}

static void
test_writer__a_path_gets_its_file_at_the_end(void **state)
{
	(void)state;
	on_each_file_system(replace_at_the_end);
}

static void
leave_unfinished(void)
{
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	assert_ok(sgz_writer_open("out.gz", NULL, &writer, &error), &error);
	assert_ok(sgz_writer_write(writer, text, TEXT_LEN, &error), &error);
	/* a file without a name cannot be left behind, whatever happens */
	assert_int_equal(count_files(), abilities == CAN_ALL ? 0 : 1);
	sgz_writer_free(writer);
}

static void
test_writer__what_was_not_finished_leaves_no_file(void **state)
{
	(void)state;
	on_each_file_system(leave_unfinished);
	sgz_writer_free(NULL);
}

static void
test_writer__a_killed_process_leaves_no_file(void **state)
{
	struct sgz_writer *writer = NULL;
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		if (sgz_writer_open("out.gz", NULL, &writer, NULL) != SGZ_OK ||
		    sgz_writer_write(writer, text, TEXT_LEN, NULL) != SGZ_OK ||
		    sgz_writer_flush(writer, NULL) != SGZ_OK)
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(count_files(), 0);
}

static void
check_modes(void)
{
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct stat stat_out;
	mode_t mask = umask(027);

	assert_ok(sgz_writer_open("out.gz", NULL, &writer, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	assert_int_equal(stat("out.gz", &stat_out), 0);
	assert_int_equal(stat_out.st_mode & 0777, 0640);
	/* and one that is replaced gives its own to the new one */
	assert_int_equal(chmod("out.gz", 0600), 0);
	assert_ok(sgz_writer_open("out.gz", NULL, &writer, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	assert_int_equal(stat("out.gz", &stat_out), 0);
	assert_int_equal(stat_out.st_mode & 0777, 0600);
	umask(mask);
	assert_int_equal(unlink("out.gz"), 0);
}

static void
test_writer__a_new_file_has_the_usual_mode(void **state)
{
	(void)state;
	on_each_file_system(check_modes);
}

/* Only root can make such a file, and only root can take it from its owner. */
static void
replace_another_owners(void)
{
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct stat stat_out;

	put_file("out.gz", "old", 3);
	assert_int_equal(chown("out.gz", 4321, 8765), 0);
	assert_int_equal(chmod("out.gz", 0750), 0);
	assert_ok(sgz_writer_open("out.gz", NULL, &writer, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	assert_int_equal(stat("out.gz", &stat_out), 0);
	assert_int_equal(stat_out.st_uid, 4321);
	assert_int_equal(stat_out.st_gid, 8765);
	assert_int_equal(stat_out.st_mode & 0777, 0750);
	assert_int_equal(unlink("out.gz"), 0);
}

static void
test_writer__a_replaced_file_keeps_its_owner(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	on_each_file_system(replace_another_owners);
}

/* Of every byte that it takes, the library says that an allocator gave it. */
char *
__real_realpath(const char *path, char *resolved);
char *
__wrap_realpath(const char *path, char *resolved);

char *
__wrap_realpath(const char *path, char *resolved)
{
	assert_non_null(resolved);
	return __real_realpath(path, resolved);
}

/* "Beside it" is where it was when the writer was opened. */
static void
test_writer__the_working_directory_may_change(void **state)
{
	static const char *const paths[] = { "out.gz", "./out.gz",
					     "../a/out.gz" };
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		for (int finish = 0; finish <= 1; finish++) {
			assert_int_equal(mkdir("a", 0777), 0);
			assert_int_equal(mkdir("b", 0777), 0);
			assert_int_equal(chdir("a"), 0);
			assert_ok(sgz_writer_open(paths[i], NULL, &writer,
						  &error),
				  &error);
			assert_int_equal(chdir("../b"), 0);
			put_file("out.gz", "other", 5);
			assert_int_equal(rename("../a", "../c"), 0);
			if (finish)
				assert_ok(sgz_writer_finish(writer, &error),
					  &error);
			sgz_writer_free(writer);
			assert_int_equal(count_files(), 1);
			assert_int_equal(remove("out.gz"), 0);
			assert_int_equal(chdir("../c"), 0);
			assert_int_equal(count_files(), finish);
			if (finish)
				assert_int_equal(remove("out.gz"), 0);
			assert_int_equal(chdir(".."), 0);
			assert_int_equal(rmdir("b"), 0);
			assert_int_equal(rmdir("c"), 0);
		}
	}
}

static void
finish_exclusively(void)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes file;

	options.exclusive = 1;
	for (int late = 0; late <= 1; late++) {
		assert_ok(sgz_writer_open("out.gz", &options, &writer, &error),
			  &error);
		assert_ok(sgz_writer_write(writer, text, 100, &error), &error);
		if (late)
			put_file("out.gz", "other", 5);
		assert_failure(late ? SGZ_E_EXISTS : SGZ_OK,
			       sgz_writer_finish(writer, &error), &error);
		sgz_writer_free(writer);
		assert_int_equal(count_files(), 1);
		file = get_file("out.gz");
		if (late)
			assert_int_equal(file.len, 5);
		else
			check_gzip(file.data, file.len, text, 100);
		bytes_free(&file);
		assert_int_equal(remove("out.gz"), 0);
	}
}

static void
test_writer__exclusive_takes_no_name_that_is_taken(void **state)
{
	(void)state;
	on_each_file_system(finish_exclusively);
}

static void
test_writer__a_link_stays_a_link(void **state)
{
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct stat stat_out;
	struct bytes file;

	(void)state;
	put_file("real", "old", 3);
	assert_int_equal(symlink("real", "link.gz"), 0);
	assert_ok(sgz_writer_open("link.gz", NULL, &writer, &error), &error);
	assert_ok(sgz_writer_write(writer, text, 100, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	assert_int_equal(lstat("link.gz", &stat_out), 0);
	assert_true(S_ISLNK(stat_out.st_mode));
	file = get_file("real");
	check_gzip(file.data, file.len, text, 100);
	assert_int_equal(count_files(), 2);
	bytes_free(&file);
}

static void
test_writer__exclusive_does_not_replace(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes file;

	(void)state;
	options.exclusive = 1;
	put_file("out.gz", "old", 3);
	assert_failure(SGZ_E_EXISTS,
		       sgz_writer_open("out.gz", &options, &writer, &error),
		       &error);
	assert_non_null(strstr(error.text, "out.gz"));
	assert_null(writer);
	/* one that comes in between is found as well */
	unlink("out.gz");
	assert_ok(sgz_writer_open("out.gz", &options, &writer, &error), &error);
	put_file("out.gz", "new", 3);
	assert_failure(SGZ_E_EXISTS, sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	file = get_file("out.gz");
	assert_int_equal(file.len, 3);
	assert_int_equal(count_files(), 1);
	bytes_free(&file);
	/* and none is right */
	unlink("out.gz");
	assert_ok(sgz_writer_open("out.gz", &options, &writer, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	assert_int_equal(count_files(), 1);
}

static void
test_writer__sync_writes_the_same(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes file;

	(void)state;
	options.sync = 1;
	assert_ok(sgz_writer_open("out.gz", &options, &writer, &error), &error);
	assert_ok(sgz_writer_write(writer, text, 100, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	file = get_file("out.gz");
	check_gzip(file.data, file.len, text, 100);
	bytes_free(&file);
}

static void
test_writer__open_failures(void **state)
{
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	assert_failure(SGZ_E_IO,
		       sgz_writer_open("no/such/dir", NULL, &writer, &error),
		       &error);
	assert_int_equal(error.sys_errno, ENOENT);
	assert_non_null(strstr(error.text, "no/such/dir"));
	assert_failure(SGZ_E_IO, sgz_writer_open(".", NULL, &writer, &error),
		       &error);
	assert_failure(SGZ_E_IO, sgz_writer_open("", NULL, &writer, &error),
		       &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_open(NULL, NULL, &writer, &error), &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_open_fd(-1, NULL, &writer, &error), &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_open_memory(NULL, NULL, &writer, &error),
		       &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_open_sink(NULL, NULL, &writer, &error),
		       &error);
	assert_null(writer);
	assert_int_equal(count_files(), 0);
}

static void
test_writer__a_descriptor_is_written_from_its_position(void **state)
{
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	int fd = open("out", O_RDWR | O_CREAT | O_EXCL, 0600);
	struct bytes file;

	(void)state;
	assert_int_equal(write(fd, "front", 5), 5);
	assert_ok(sgz_writer_open_fd(fd, NULL, &writer, &error), &error);
	assert_ok(sgz_writer_write(writer, text, 1000, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	assert_int_equal(write(fd, "back", 4), 4);
	close(fd);
	file = get_file("out");
	assert_memory_equal(file.data, "front", 5);
	check_gzip(file.data + 5, file.len - 9, text, 1000);
	bytes_free(&file);
}

static void
test_writer__a_device_is_written_directly(void **state)
{
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct stat stat_out;

	(void)state;
	assert_ok(sgz_writer_open("/dev/null", NULL, &writer, &error), &error);
	assert_ok(sgz_writer_write(writer, text, TEXT_LEN, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	assert_int_equal(stat("/dev/null", &stat_out), 0);
	assert_true(S_ISCHR(stat_out.st_mode));
}

static void
test_writer__a_full_disk_is_reported(void **state)
{
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	enum sgz_status status;

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		return;
	assert_ok(sgz_writer_open("/dev/full", NULL, &writer, &error), &error);
	status = sgz_writer_write(writer, text, TEXT_LEN, &error);
	if (status == SGZ_OK)
		status = sgz_writer_finish(writer, &error);
	assert_failure(SGZ_E_IO, status, &error);
	assert_int_equal(error.sys_errno, ENOSPC);
	assert_non_null(strstr(error.text, "/dev/full"));
	/* it sticks */
	assert_failure(SGZ_E_IO, sgz_writer_write(writer, "x", 1, &error),
		       &error);
	assert_failure(SGZ_E_IO, sgz_writer_finish(writer, &error), &error);
	assert_int_equal(sgz_writer_get_error(writer)->status, SGZ_E_IO);
	sgz_writer_free(writer);
}

static void
test_writer__a_file_over_the_limit_leaves_the_old_one(void **state)
{
	pid_t child;
	int end;
	struct bytes file;

	(void)state;
	put_file("out.gz", "old", 3);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct rlimit limit = { 4096, 4096 };
		struct sgz_writer *writer = NULL;
		struct sgz_error error = SGZ_ERROR_INIT;
		enum sgz_status status;

		signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
		    sgz_writer_open("out.gz", NULL, &writer, &error) != SGZ_OK)
			_exit(10);
		status = sgz_writer_write(writer, text, TEXT_LEN, &error);
		if (status == SGZ_OK)
			status = sgz_writer_finish(writer, &error);
		if (status != SGZ_E_IO || error.sys_errno != EFBIG)
			_exit(11);
		sgz_writer_free(writer);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &end, 0), child);
	assert_true(WIFEXITED(end));
	assert_int_equal(WEXITSTATUS(end), 0);
	file = get_file("out.gz");
	assert_int_equal(file.len, 3);
	assert_int_equal(count_files(), 1);
	bytes_free(&file);
}

static void
test_writer__a_closed_pipe_is_reported(void **state)
{
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	enum sgz_status status;
	int ends[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_ok(sgz_writer_open_fd(ends[1], NULL, &writer, &error), &error);
	status = sgz_writer_write(writer, text, TEXT_LEN, &error);
	if (status == SGZ_OK)
		status = sgz_writer_finish(writer, &error);
	assert_failure(SGZ_E_IO, status, &error);
	assert_int_equal(error.sys_errno, EPIPE);
	sgz_writer_free(writer);
	close(ends[1]);
	signal(SIGPIPE, SIG_DFL);
}

static void
test_writer__nothing_goes_on_after_the_finish(void **state)
{
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t len;

	(void)state;
	assert_ok(sgz_writer_open_memory(&buffer, NULL, &writer, &error),
		  &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	len = buffer.len;
	assert_failure(SGZ_E_STATE, sgz_writer_write(writer, "x", 1, &error),
		       &error);
	assert_failure(SGZ_E_STATE, sgz_writer_printf(writer, &error, "%d", 1),
		       &error);
	assert_failure(SGZ_E_STATE, sgz_writer_flush(writer, &error), &error);
	assert_failure(SGZ_E_STATE, sgz_writer_finish(writer, &error), &error);
	assert_null(sgz_writer_get_error(writer));
	assert_true(sgz_writer_tell(writer) == 0);
	/* the buffer is the caller's again */
	assert_int_equal(buffer.len, len);
	sgz_buffer_release(&buffer);
	sgz_writer_free(writer);
}

static void
test_writer__index_is_that_of_the_file(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_index *written;
	struct sgz_index *built = NULL;
	struct sgz_reader *reader;
	const struct sgz_index_entry *a;
	const struct sgz_index_entry *b;
	size_t a_count = 0;
	size_t b_count = 0;
	struct bytes file;

	(void)state;
	options.build_index = 1;
	options.block_size = 10000;
	assert_ok(sgz_writer_open_memory(&buffer, &options, &writer, &error),
		  &error);
	assert_ok(sgz_writer_write(writer, text, TEXT_LEN, &error), &error);
	assert_null(sgz_writer_ref_index(writer));
	assert_ok(sgz_writer_finish(writer, &error), &error);
	written = sgz_writer_ref_index(writer);
	assert_non_null(written);
	/* each call gives a reference */
	sgz_index_unref(sgz_writer_ref_index(writer));
	sgz_writer_free(writer);
	file.data = buffer.data;
	file.len = buffer.len;
	reader = open_bytes(&file);
	assert_ok(sgz_index_build(reader, true, &built, &error), &error);
	a = sgz_index_get_entries(written, &a_count);
	b = sgz_index_get_entries(built, &b_count);
	assert_int_equal(a_count, b_count);
	assert_memory_equal(a, b, a_count * sizeof(*a));
	sgz_index_unref(written);
	sgz_index_unref(built);
	sgz_reader_close(reader);
	sgz_buffer_release(&buffer);
}

static void
test_writer__index_of_a_large_file(void **state)
{
	/* more than what is put together before it is written */
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_index *written;
	struct sgz_index *built = NULL;
	size_t a_count = 0;
	size_t b_count = 0;
	const struct sgz_index_entry *a;
	const struct sgz_index_entry *b;

	(void)state;
	options.build_index = 1;
	options.level = 0;
	assert_ok(sgz_writer_open("out.gz", &options, &writer, &error), &error);
	for (int i = 0; i < 10; i++)
		assert_ok(sgz_writer_write(writer, text, TEXT_LEN, &error),
			  &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	written = sgz_writer_ref_index(writer);
	sgz_writer_free(writer);
	assert_ok(sgz_reader_open("out.gz", NULL, &reader, &error), &error);
	assert_ok(sgz_index_build(reader, false, &built, &error), &error);
	a = sgz_index_get_entries(written, &a_count);
	b = sgz_index_get_entries(built, &b_count);
	assert_int_equal(a_count, (10 * TEXT_LEN + 65279) / 65280);
	assert_int_equal(a_count, b_count);
	assert_memory_equal(a, b, a_count * sizeof(*a));
	sgz_index_unref(written);
	sgz_index_unref(built);
	sgz_reader_close(reader);
}

static void
test_writer__no_index_without_the_option(void **state)
{
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;

	(void)state;
	assert_int_equal(sgz_writer_open_memory(&buffer, NULL, &writer, NULL),
			 SGZ_OK);
	assert_int_equal(sgz_writer_finish(writer, NULL), SGZ_OK);
	assert_null(sgz_writer_ref_index(writer));
	sgz_writer_free(writer);
	sgz_buffer_release(&buffer);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct CMUnitTest tests[] = {
	IN_DIR(test_writer__blocks_have_the_form_of_bgzf),
	IN_DIR(test_writer__every_level_and_block_size),
	IN_DIR(test_writer__gzip_is_one_member),
	IN_DIR(test_writer__gzip_of_what_cannot_be_compressed),
	IN_DIR(test_writer__the_cut_of_writes_does_not_show),
	IN_DIR(test_writer__memory_is_appended_to),
	IN_DIR(test_writer__printf_writes_what_printf_would),
	IN_DIR(test_writer__printf_of_what_cannot_be_formatted),
	IN_DIR(test_writer__printf_of_what_changes_meanwhile),
	IN_DIR(test_writer__flush_makes_all_of_it_readable),
	IN_DIR(test_writer__flush_of_gzip),
	IN_DIR(test_writer__header_is_written_for_gzip),
	IN_DIR(test_writer__header_refusals),
	IN_DIR(test_writer__a_path_gets_its_file_at_the_end),
	IN_DIR(test_writer__what_was_not_finished_leaves_no_file),
	IN_DIR(test_writer__a_new_file_has_the_usual_mode),
	IN_DIR(test_writer__a_replaced_file_keeps_its_owner),
	IN_DIR(test_writer__a_killed_process_leaves_no_file),
	IN_DIR(test_writer__the_working_directory_may_change),
	IN_DIR(test_writer__exclusive_takes_no_name_that_is_taken),
	IN_DIR(test_writer__a_link_stays_a_link),
	IN_DIR(test_writer__exclusive_does_not_replace),
	IN_DIR(test_writer__sync_writes_the_same),
	IN_DIR(test_writer__open_failures),
	IN_DIR(test_writer__a_descriptor_is_written_from_its_position),
	IN_DIR(test_writer__a_device_is_written_directly),
	IN_DIR(test_writer__a_full_disk_is_reported),
	IN_DIR(test_writer__a_file_over_the_limit_leaves_the_old_one),
	IN_DIR(test_writer__a_closed_pipe_is_reported),
	IN_DIR(test_writer__nothing_goes_on_after_the_finish),
	IN_DIR(test_writer__index_is_that_of_the_file),
	IN_DIR(test_writer__index_of_a_large_file),
	IN_DIR(test_writer__no_index_without_the_option),
};

RUN("writer", tests)
