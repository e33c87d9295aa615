/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Inputs and outputs that are not ready: waited for, or asked again. */
#include "support.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#define TEXT_LEN 150000

static unsigned char *text;

/* A source that has nothing at every other call. */
struct drip {
	const struct bytes *file;
	size_t at;
	size_t most;
	/* the first header has to be there at once */
	bool opened;
	bool dry;
	int waits;
};

static int64_t
drip_read(void *ctx, void *data, size_t len)
{
	struct drip *drip = ctx;
	size_t left = drip->file->len - drip->at;

	drip->dry = drip->opened && !drip->dry;
	if (drip->dry) {
		drip->waits++;
		return -EAGAIN;
	}
	len = len < left ? len : left;
	len = len < drip->most ? len : drip->most;
	if (len > 0)
		memcpy(data, drip->file->data + drip->at, len);
	drip->at += len;
	return (int64_t)len;
}

static struct sgz_reader *
open_drip(struct drip *drip)
{
	const struct sgz_source source = { drip_read, NULL, NULL, drip };
	struct sgz_reader *reader = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	assert_ok(sgz_reader_open_source(&source, NULL, &reader, &error),
		  &error);
	drip->opened = true;
	return reader;
}

/* Is the call to be made again? Then nothing may have changed. */
static bool
is_waiting(const struct sgz_reader *reader, uint64_t before,
	   const struct sgz_error *error)
{
	if (error->status != SGZ_E_CALLBACK || error->sys_errno != EAGAIN)
		return false;
	assert_true(sgz_reader_tell(reader) == before);
	assert_null(sgz_reader_get_error(reader));
	return true;
}

/* How a step reads: bytes to @to, or the end, or a failure. */
typedef enum sgz_status
read_fn(struct sgz_reader *reader, struct bytes *to, size_t *len_out,
	struct sgz_error *error);

static enum sgz_status
read_up_to(struct sgz_reader *reader, struct bytes *to, size_t most,
	   size_t *len_out, struct sgz_error *error)
{
	static unsigned char part[200000];
	enum sgz_status status =
		sgz_reader_read(reader, part, most, len_out, error);

	if (status == SGZ_OK)
		bytes_add(to, part, *len_out);
	return status;
}

static enum sgz_status
read_few(struct sgz_reader *reader, struct bytes *to, size_t *len_out,
	 struct sgz_error *error)
{
	return read_up_to(reader, to, 7, len_out, error);
}

static enum sgz_status
read_many(struct sgz_reader *reader, struct bytes *to, size_t *len_out,
	  struct sgz_error *error)
{
	return read_up_to(reader, to, 200000, len_out, error);
}

static enum sgz_status
read_peek(struct sgz_reader *reader, struct bytes *to, size_t *len_out,
	  struct sgz_error *error)
{
	const void *data;
	enum sgz_status status = sgz_reader_peek(reader, &data, len_out, error);

	if (status != SGZ_OK)
		return status;
	if (*len_out > 1000)
		*len_out = 1000;
	bytes_add(to, data, *len_out);
	sgz_reader_consume(reader, *len_out);
	return SGZ_OK;
}

/* A bar goes behind each line: where they end is compared, too. */
static enum sgz_status
read_borrowed_line(struct sgz_reader *reader, struct bytes *to, size_t *len_out,
		   struct sgz_error *error)
{
	const char *line;
	enum sgz_status status =
		sgz_reader_next_line(reader, '\n', &line, len_out, error);

	if (status != SGZ_OK)
		return status;
	bytes_add(to, line, *len_out);
	bytes_add(to, "|", 1);
	return SGZ_OK;
}

static enum sgz_status
read_own_line(struct sgz_reader *reader, struct bytes *to, size_t *len_out,
	      struct sgz_error *error)
{
	struct sgz_buffer line;
	enum sgz_status status;

	sgz_buffer_init(&line, NULL);
	status = sgz_reader_read_line(reader, '\n', &line, error);
	*len_out = line.len;
	if (status == SGZ_OK) {
		bytes_add(to, line.data, line.len);
		bytes_add(to, "|", 1);
	}
	sgz_buffer_release(&line);
	return status;
}

static read_fn *const ways[] = {
	read_few, read_many, read_peek, read_borrowed_line, read_own_line,
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* Read all, again and again where there is nothing yet. */
static void
read_whole(struct sgz_reader *reader, read_fn *read, struct bytes *to,
	   struct sgz_error *error)
{
	size_t len = 1;

	while (len > 0) {
		uint64_t before = sgz_reader_tell(reader);

		if (read(reader, to, &len, error) == SGZ_OK) {
			*error = (struct sgz_error)SGZ_ERROR_INIT;
			continue;
		}
		if (!is_waiting(reader, before, error))
			break;
		len = 1;
	}
}

/* With waits or without, the same bytes come, and the same end. */
static void
check_way(const struct bytes *file, read_fn *read, size_t most)
{
	struct drip drip = { .file = file, .most = most };
	struct sgz_reader *readers[2] = { open_bytes(file), open_drip(&drip) };
	size_t there = drip.at;
	struct bytes back[2] = { { NULL, 0, 0 }, { NULL, 0, 0 } };
	struct sgz_error errors[2] = { SGZ_ERROR_INIT, SGZ_ERROR_INIT };

	for (int i = 0; i < 2; i++) {
		read_whole(readers[i], read, &back[i], &errors[i]);
		sgz_reader_close(readers[i]);
	}
	/* a small file is there as a whole with its first header */
	assert_true(drip.waits > 0 || there == file->len);
	assert_int_equal(errors[1].status, errors[0].status);
	assert_true(errors[1].offset == errors[0].offset);
	assert_int_equal(back[1].len, back[0].len);
	assert_memory_equal(back[1].data, back[0].data, back[0].len);
	bytes_free(&back[0]);
	bytes_free(&back[1]);
}

static void
check_file(const struct bytes *file)
{
	static const size_t sizes[] = { 1, 3, 17, 1000, 70000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		/* a byte at a time takes long, and is enough once */
		if (sizes[i] < 1000 && file->len > 20000)
			continue;
		for (size_t way = 0; way < WAYS; way++)
			check_way(file, ways[way], sizes[i]);
	}
}

static void
add_named(struct bytes *file, size_t len)
{
	static unsigned char extra[304] = { 'X', 'Y', 44, 1 };
	static char name[500], comment[500];

	memset(name, 'n', sizeof(name) - 1);
	memset(comment, 'c', sizeof(comment) - 1);
	add_member_with(file, text, len, extra, sizeof(extra), name, comment);
}

static void
test_wait__a_source_is_asked_again(void **state)
{
	struct bytes file = { NULL, 0, 0 };

	(void)state;
	add_bgzf(&file, text, TEXT_LEN, 30000);
	check_file(&file);
	file.len = 0;
	add_member(&file, text, TEXT_LEN);
	check_file(&file);
	/* one of everything, small enough for a byte at a time */
	file.len = 0;
	add_block(&file, text, 900);
	add_named(&file, 1200);
	add_named(&file, 0);
	add_block(&file, text, 700);
	add_eof_block(&file);
	check_file(&file);
	bytes_free(&file);
}

static void
test_wait__a_failure_after_a_wait_is_the_same_failure(void **state)
{
	static const unsigned char zeros[40];
	static const char *const tails[] = { "", "x", "\x1f\x8b\x08" };
	struct bytes file = { NULL, 0, 0 };

	(void)state;
	/* zeros behind the last member, and what may not follow them */
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		file.len = 0;
		add_named(&file, 300);
		bytes_add(&file, zeros, sizeof(zeros));
		bytes_add(&file, tails[i], strlen(tails[i]));
		check_file(&file);
	}
	/* cut in each place of a second member, and damaged in some */
	file.len = 0;
	add_block(&file, text, 900);
	add_named(&file, 50);
	for (size_t len = file.len - 1; len > file.len - 1500; len -= 31) {
		struct bytes cut = { file.data, len, 0 };

		check_way(&cut, read_many, 5);
		check_way(&cut, read_borrowed_line, 5);
	}
	file.data[file.len - 6] ^= 1;
	check_file(&file);
	bytes_free(&file);
}

static void
test_wait__a_seek_forward_goes_on(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct drip drip = { .file = &file, .most = 1000 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;
	struct bytes rest = { NULL, 0, 0 };

	(void)state;
	add_bgzf(&file, text, TEXT_LEN, 9000);
	reader = open_drip(&drip);
	while (sgz_reader_seek(reader, 100001, &error) != SGZ_OK) {
		assert_int_equal(error.sys_errno, EAGAIN);
		assert_true(sgz_reader_tell(reader) <= 100001);
	}
	read_whole(reader, read_many, &rest, &error);
	assert_int_equal(error.status, SGZ_OK);
	assert_int_equal(rest.len, TEXT_LEN - 100001);
	assert_memory_equal(rest.data, text + 100001, rest.len);
	sgz_reader_close(reader);
	bytes_free(&rest);
	bytes_free(&file);
}

static void
test_wait__a_source_that_fails_still_sticks(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct drip drip = { .file = &file, .most = 1000 };
	const struct sgz_source source = { drip_read, NULL, NULL, &drip };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;

	(void)state;
	add_bgzf(&file, text, TEXT_LEN, 9000);
	/* what an open took is lost: it fails, and says why */
	drip.opened = true;
	assert_failure(SGZ_E_CALLBACK,
		       sgz_reader_open_source(&source, NULL, &reader, &error),
		       &error);
	assert_int_equal(error.sys_errno, EAGAIN);
	assert_null(reader);
	bytes_free(&file);
}

/* One end of a pipe that does not block, and a thread that uses the other. */
struct pipe_work {
	int fd;
	struct bytes *bytes;
};

static void *
write_slowly(void *ctx)
{
	struct pipe_work *work = ctx;

	for (size_t at = 0; at < work->bytes->len; at += 4000) {
		size_t len = work->bytes->len - at;

		len = len < 4000 ? len : 4000;
		usleep(200);
		if (write(work->fd, work->bytes->data + at, len) !=
		    (ssize_t)len)
			break;
	}
	close(work->fd);
	return NULL;
}

static void *
read_slowly(void *ctx)
{
	struct pipe_work *work = ctx;
	unsigned char part[50000];
	ssize_t got;

	usleep(20000);
	while ((got = read(work->fd, part, sizeof(part))) > 0) {
		bytes_add(work->bytes, part, (size_t)got);
		usleep(200);
	}
	close(work->fd);
	return NULL;
}

/* The end that does not block; the other is @mine's, in a thread. */
static int
start_pipe(struct pipe_work *mine, bool writes, pthread_t *thread)
{
	int fds[2];
	int other;

	assert_int_equal(pipe(fds), 0);
	mine->fd = fds[writes ? 1 : 0];
	other = fds[writes ? 0 : 1];
	assert_int_equal(fcntl(other, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(pthread_create(thread, NULL,
					writes ? write_slowly : read_slowly,
					mine),
			 0);
	return other;
}

static void
test_wait__a_descriptor_is_waited_for(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct pipe_work work = { -1, &file };
	struct sgz_reader *reader = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	pthread_t thread;
	int fd;

	(void)state;
	add_bgzf(&file, text, TEXT_LEN, 9000);
	fd = start_pipe(&work, true, &thread);
	assert_ok(sgz_reader_open_fd(fd, NULL, &reader, &error), &error);
	assert_ok(read_all(reader, &back, &error), &error);
	assert_int_equal(back.len, TEXT_LEN);
	assert_memory_equal(back.data, text, TEXT_LEN);
	sgz_reader_close(reader);
	close(fd);
	pthread_join(thread, NULL);
	bytes_free(&back);
	bytes_free(&file);
}

static void
test_wait__an_index_is_waited_for(void **state)
{
	struct sgz_index_entry entries[1000];
	struct sgz_index *index = NULL;
	struct sgz_index *loaded = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes file = { NULL, 0, 0 };
	struct pipe_work work = { -1, &file };
	size_t count;
	pthread_t thread;
	int fd;

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		entries[i] = (struct sgz_index_entry){ i * 100, i * 200 };
	assert_ok(sgz_index_from_entries(entries, 1000, NULL, &index, &error),
		  &error);
	fd = start_pipe(&work, false, &thread);
	assert_ok(sgz_index_save_fd(index, fd, &error), &error);
	close(fd);
	pthread_join(thread, NULL);
	assert_int_equal(file.len, 8 + 999 * 16);
	fd = start_pipe(&work, true, &thread);
	assert_ok(sgz_index_load_fd(fd, NULL, &loaded, &error), &error);
	assert_memory_equal(sgz_index_get_entries(loaded, &count), entries,
			    sizeof(entries));
	assert_int_equal(count, 1000);
	close(fd);
	pthread_join(thread, NULL);
	sgz_index_unref(index);
	sgz_index_unref(loaded);
	bytes_free(&file);
}

static void
test_wait__a_full_pipe_is_waited_for(void **state)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct pipe_work work = { -1, &file };
	pthread_t thread;
	int fd;

	(void)state;
	options.level = 0;
	fd = start_pipe(&work, false, &thread);
	assert_ok(sgz_writer_open_fd(fd, &options, &writer, &error), &error);
	for (int i = 0; i < 4; i++)
		assert_ok(sgz_writer_write(writer, text, TEXT_LEN, &error),
			  &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	close(fd);
	pthread_join(thread, NULL);
	assert_ok(inflate_all(&file, NULL, &back, &error), &error);
	assert_int_equal(back.len, 4 * TEXT_LEN);
	assert_memory_equal(back.data + 3 * TEXT_LEN, text, TEXT_LEN);
	bytes_free(&file);
	bytes_free(&back);
}

static int
setup(void **state)
{
	(void)state;
	text = make_text(TEXT_LEN);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(text);
	return 0;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_wait__a_source_is_asked_again),
	cmocka_unit_test(test_wait__a_failure_after_a_wait_is_the_same_failure),
	cmocka_unit_test(test_wait__a_seek_forward_goes_on),
	cmocka_unit_test(test_wait__a_source_that_fails_still_sticks),
	cmocka_unit_test(test_wait__a_descriptor_is_waited_for),
	cmocka_unit_test(test_wait__an_index_is_waited_for),
	cmocka_unit_test(test_wait__a_full_pipe_is_waited_for),
};

int
main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("wait", tests, setup, teardown);
}
