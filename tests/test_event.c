/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Events: what an observer is told, how it cancels, when it is released. */
#include "support.h"

struct watcher {
	int members;
	int blocks;
	int progress;
	int logs;
	int others;
	int releases;
	uint64_t compressed; /* where the next block must start */
	uint64_t offset;
	uint64_t last_done;
	uint64_t total;
	int cancel_at; /* the event that is answered by `answer`; 0: none */
	int answer;
	int events;
	struct sgz_reader *reader; /* to use from in here */
	struct sgz_writer *writer;
	char name[32]; /* of the last member */
};

static void
watch_reader(struct sgz_reader *reader)
{
	struct sgz_error error;
	struct sgz_observer none = { NULL, NULL, NULL, 0 };
	struct sgz_buffer line = SGZ_BUFFER_INIT;
	struct sgz_index *index = NULL;
	const void *borrowed;
	const char *text;
	char byte;
	size_t n;

	assert_failure(SGZ_E_STATE,
		       sgz_reader_read(reader, &byte, 1, &n, &error), &error);
	assert_failure(SGZ_E_STATE,
		       sgz_reader_peek(reader, &borrowed, &n, &error), &error);
	assert_failure(SGZ_E_STATE, sgz_reader_seek(reader, 0, &error), &error);
	assert_failure(SGZ_E_STATE,
		       sgz_reader_read_line(reader, '\n', &line, &error),
		       &error);
	assert_failure(SGZ_E_STATE,
		       sgz_reader_next_line(reader, '\n', &text, &n, &error),
		       &error);
	assert_failure(SGZ_E_STATE, sgz_reader_set_index(reader, NULL, &error),
		       &error);
	assert_failure(SGZ_E_STATE,
		       sgz_index_build(reader, false, &index, &error), &error);
	assert_failure(SGZ_E_STATE,
		       sgz_reader_set_observer(reader, NULL, &error), &error);
	assert_failure(SGZ_E_STATE,
		       sgz_reader_set_observer(reader, &none, &error), &error);
	/* ignored, or we would crash later */
	sgz_reader_close(reader);
	sgz_buffer_release(&line);
}

static void
watch_writer(struct sgz_writer *writer)
{
	struct sgz_error error;

	assert_failure(SGZ_E_STATE, sgz_writer_write(writer, "x", 1, &error),
		       &error);
	assert_failure(SGZ_E_STATE, sgz_writer_flush(writer, &error), &error);
	assert_failure(SGZ_E_STATE, sgz_writer_finish(writer, &error), &error);
	assert_failure(SGZ_E_STATE,
		       sgz_writer_set_observer(writer, NULL, &error), &error);
	sgz_writer_free(writer);
}

static int
watch(void *ctx, const struct sgz_event *event)
{
	struct watcher *watcher = ctx;
	const struct sgz_event_block *block = &event->data.block;

	assert_int_equal(watcher->releases, 0);
	assert_int_equal(event->reserved, 0);
	watcher->events++;
	switch (event->kind) {
	case SGZ_EVENT_MEMBER:
		watcher->members++;
		assert_non_null(event->data.member);
		if (event->data.member->name != NULL)
			snprintf(watcher->name, sizeof(watcher->name), "%s",
				 event->data.member->name);
		break;
	case SGZ_EVENT_BLOCK:
		watcher->blocks++;
		assert_true(block->compressed_offset == watcher->compressed);
		assert_true(block->offset == watcher->offset);
		watcher->compressed += block->compressed_len;
		watcher->offset += block->len;
		break;
	case SGZ_EVENT_PROGRESS:
		watcher->progress++;
		assert_true(event->data.progress.done >= watcher->last_done);
		watcher->last_done = event->data.progress.done;
		watcher->total = event->data.progress.compressed_total;
		break;
	case SGZ_EVENT_LOG:
		watcher->logs++;
		assert_non_null(event->data.log.text);
		assert_null(strchr(event->data.log.text, '\n'));
		break;
	default:
		watcher->others++;
	}
	if (watcher->reader != NULL)
		watch_reader(watcher->reader);
	if (watcher->writer != NULL)
		watch_writer(watcher->writer);
	return watcher->events == watcher->cancel_at ? watcher->answer : 0;
}

static void
release(void *ctx)
{
	struct watcher *watcher = ctx;

	watcher->releases++;
}

static struct sgz_observer
observer_of(struct watcher *watcher, uint32_t mask)
{
	struct sgz_observer observer = { watch, release, watcher, mask };

	return observer;
}

static void
observe(struct sgz_reader *reader, struct watcher *watcher, uint32_t mask)
{
	struct sgz_observer observer = observer_of(watcher, mask);
	struct sgz_error error = SGZ_ERROR_INIT;

	assert_ok(sgz_reader_set_observer(reader, &observer, &error), &error);
	/* the library made a copy */
	memset(&observer, 0, sizeof(observer));
}

#define SAMPLE_LEN 100000

/* A BGZF file with 11 blocks, the last one empty. */
static struct bytes
sample(void)
{
	struct bytes file = { NULL, 0, 0 };
	unsigned char *text = make_text(SAMPLE_LEN);

	add_bgzf(&file, text, SAMPLE_LEN, SAMPLE_LEN / 10);
	free(text);
	return file;
}

static void
test_event__blocks_read_are_told_in_order(void **state)
{
	struct bytes file = sample();
	struct bytes back = { NULL, 0, 0 };
	struct watcher watcher = { 0 };
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	observe(reader, &watcher, SGZ_EVENT_BIT(SGZ_EVENT_BLOCK));
	assert_ok(read_all(reader, &back, &error), &error);
	assert_true(watcher.offset == SAMPLE_LEN);
	assert_true(watcher.blocks == 10 || watcher.blocks == 11);
	if (watcher.blocks == 11)
		assert_true(watcher.compressed == file.len);
	assert_int_equal(watcher.events, watcher.blocks);
	assert_int_equal(watcher.releases, 0);
	sgz_reader_close(reader);
	assert_int_equal(watcher.releases, 1);
	bytes_free(&back);
	bytes_free(&file);
}

static void
test_event__members_are_told_with_their_header(void **state)
{
	struct bytes file = { NULL, 0, 0 };
	struct bytes back = { NULL, 0, 0 };
	struct watcher watcher = { 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;

	(void)state;
	add_member(&file, "one", 3);
	add_member_with(&file, "two", 3, NULL, 0, "second", NULL);
	add_member_with(&file, "three", 5, NULL, 0, "third", NULL);
	reader = open_bytes(&file);
	observe(reader, &watcher, SGZ_EVENT_BIT(SGZ_EVENT_MEMBER));
	assert_ok(read_all(reader, &back, &error), &error);
	/* the first began when the reader was opened, before the observer */
	assert_true(watcher.members == 2 || watcher.members == 3);
	assert_string_equal(watcher.name, "third");
	assert_int_equal(watcher.blocks, 0);
	sgz_reader_close(reader);
	bytes_free(&back);
	bytes_free(&file);
}

static void
test_event__progress_keeps_its_interval(void **state)
{
	struct bytes file = sample();
	struct watcher watcher = { 0 };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	struct bytes back = { NULL, 0, 0 };

	(void)state;
	options.progress_interval = 30000;
	assert_ok(sgz_reader_open_memory(file.data, file.len, &options, &reader,
					 &error),
		  &error);
	observe(reader, &watcher, SGZ_EVENT_BIT(SGZ_EVENT_PROGRESS));
	assert_ok(read_all(reader, &back, &error), &error);
	assert_in_range(watcher.progress, 2, 4);
	assert_true(watcher.total == file.len);
	/* the last one tells that all is done */
	assert_true(watcher.last_done == SAMPLE_LEN);
	sgz_reader_close(reader);
	bytes_free(&back);
	bytes_free(&file);
}

static void
test_event__a_writer_tells_blocks_and_progress(void **state)
{
	struct watcher watcher = { 0 };
	struct sgz_observer observer = observer_of(&watcher, SGZ_EVENT_ALL);
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	unsigned char *text = make_text(SAMPLE_LEN);

	(void)state;
	options.block_size = 10000;
	options.progress_interval = 20000;
	assert_ok(sgz_writer_open_memory(&buffer, &options, &writer, &error),
		  &error);
	assert_ok(sgz_writer_set_observer(writer, &observer, &error), &error);
	watcher.writer = writer;
	assert_ok(sgz_writer_write(writer, text, SAMPLE_LEN, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	assert_true(watcher.offset == SAMPLE_LEN);
	assert_true(watcher.blocks == 10 || watcher.blocks == 11);
	assert_in_range(watcher.progress, 3, 6);
	assert_true(watcher.total == SGZ_UNKNOWN);
	assert_true(watcher.last_done == SAMPLE_LEN);
	sgz_writer_free(writer);
	assert_int_equal(watcher.releases, 1);
	sgz_buffer_release(&buffer);
	free(text);
}

static void
test_event__an_answer_cancels_the_read(void **state)
{
	struct bytes file = sample();

	(void)state;
	for (int at = 1; at <= 10; at++) {
		struct watcher watcher = { .cancel_at = at, .answer = 40 + at };
		struct sgz_reader *reader = open_bytes(&file);
		struct sgz_error error = SGZ_ERROR_INIT;
		struct bytes back = { NULL, 0, 0 };

		observe(reader, &watcher, SGZ_EVENT_BIT(SGZ_EVENT_BLOCK));
		assert_failure(SGZ_E_CANCELLED, read_all(reader, &back, &error),
			       &error);
		assert_int_equal(error.sys_errno, 40 + at);
		assert_int_equal(watcher.events, at);
		/* it sticks, and the observer is not asked again */
		assert_failure(SGZ_E_CANCELLED, read_all(reader, &back, &error),
			       &error);
		assert_int_equal(watcher.events, at);
		/* until a seek succeeds */
		watcher.compressed = 0;
		watcher.offset = 0;
		back.len = 0;
		assert_ok(sgz_reader_seek(reader, 0, &error), &error);
		assert_null(sgz_reader_get_error(reader));
		watcher.compressed = 0;
		watcher.offset = 0;
		assert_ok(sgz_reader_set_observer(reader, NULL, &error),
			  &error);
		assert_ok(read_all(reader, &back, &error), &error);
		assert_int_equal(back.len, SAMPLE_LEN);
		sgz_reader_close(reader);
		bytes_free(&back);
	}
	bytes_free(&file);
}

static void
test_event__a_read_that_is_cancelled_hands_out_nothing(void **state)
{
	struct bytes file = sample();
	unsigned char *text = make_text(SAMPLE_LEN);
	unsigned char *part = malloc(SAMPLE_LEN);
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t sizes[] = { SAMPLE_LEN, 15000, 100 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct watcher watcher = { .cancel_at = 1, .answer = 7 };
		struct sgz_reader *reader = open_bytes(&file);
		size_t len = 0;

		observe(reader, &watcher, SGZ_EVENT_BIT(SGZ_EVENT_BLOCK));
		/* at once, not in the next call */
		assert_failure(
			SGZ_E_CANCELLED,
			sgz_reader_read(reader, part, sizes[i], &len, &error),
			&error);
		assert_int_equal(len, 0);
		assert_ok(sgz_reader_set_observer(reader, NULL, &error),
			  &error);
		assert_ok(sgz_reader_seek(reader, 5, &error), &error);
		assert_ok(sgz_reader_read(reader, part, 100, &len, &error),
			  &error);
		assert_int_equal(len, 100);
		assert_memory_equal(part, text + 5, 100);
		sgz_reader_close(reader);
	}
	free(part);
	free(text);
	bytes_free(&file);
}

static void
test_event__a_negative_answer_is_kept_as_it_is(void **state)
{
	struct bytes file = sample();
	struct bytes back = { NULL, 0, 0 };
	struct watcher watcher = { .cancel_at = 1, .answer = -5 };
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	observe(reader, &watcher, SGZ_EVENT_BIT(SGZ_EVENT_BLOCK));
	assert_failure(SGZ_E_CANCELLED, read_all(reader, &back, &error),
		       &error);
	assert_int_equal(error.sys_errno, -5);
	sgz_reader_close(reader);
	bytes_free(&back);
	bytes_free(&file);
}

static void
test_event__an_answer_cancels_the_write(void **state)
{
	struct watcher watcher = { .cancel_at = 3, .answer = 9 };
	struct sgz_observer observer =
		observer_of(&watcher, SGZ_EVENT_BIT(SGZ_EVENT_BLOCK));
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	unsigned char *text = make_text(SAMPLE_LEN);

	(void)state;
	options.block_size = 10000;
	assert_ok(sgz_writer_open_memory(&buffer, &options, &writer, &error),
		  &error);
	assert_ok(sgz_writer_set_observer(writer, &observer, &error), &error);
	assert_failure(SGZ_E_CANCELLED,
		       sgz_writer_write(writer, text, SAMPLE_LEN, &error),
		       &error);
	assert_int_equal(error.sys_errno, 9);
	assert_failure(SGZ_E_CANCELLED, sgz_writer_finish(writer, &error),
		       &error);
	sgz_writer_free(writer);
	assert_int_equal(watcher.releases, 1);
	sgz_buffer_release(&buffer);
	free(text);
}

static void
test_event__the_reader_is_out_of_reach_from_within(void **state)
{
	struct bytes file = sample();
	struct bytes back = { NULL, 0, 0 };
	struct watcher watcher = { 0 };
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	observe(reader, &watcher, SGZ_EVENT_ALL);
	watcher.reader = reader;
	assert_ok(read_all(reader, &back, &error), &error);
	assert_int_equal(back.len, SAMPLE_LEN);
	assert_int_equal(watcher.releases, 0);
	sgz_reader_close(reader);
	assert_int_equal(watcher.releases, 1);
	bytes_free(&back);
	bytes_free(&file);
}

static void
test_event__a_new_observer_releases_the_old_one(void **state)
{
	struct bytes file = sample();
	struct watcher first = { 0 };
	struct watcher second = { 0 };
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	observe(reader, &first, SGZ_EVENT_ALL);
	observe(reader, &second, SGZ_EVENT_ALL);
	assert_int_equal(first.releases, 1);
	assert_int_equal(second.releases, 0);
	assert_ok(sgz_reader_set_observer(reader, NULL, &error), &error);
	assert_int_equal(second.releases, 1);
	assert_ok(sgz_reader_set_observer(reader, NULL, &error), &error);
	sgz_reader_close(reader);
	assert_int_equal(first.releases, 1);
	assert_int_equal(second.releases, 1);
	bytes_free(&file);
}

static void
test_event__a_refused_observer_changes_nothing(void **state)
{
	struct bytes file = sample();
	struct watcher first = { 0 };
	struct watcher refused = { 0 };
	struct sgz_observer broken = observer_of(&refused, SGZ_EVENT_ALL);
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;

	(void)state;
	broken.event = NULL;
	observe(reader, &first, SGZ_EVENT_ALL);
	assert_failure(SGZ_E_INVALID,
		       sgz_reader_set_observer(reader, &broken, &error),
		       &error);
	assert_int_equal(first.releases, 0);
	sgz_reader_close(reader);
	assert_int_equal(first.releases, 1);
	assert_ok(sgz_writer_open_memory(&buffer, NULL, &writer, &error),
		  &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_writer_set_observer(writer, &broken, &error),
		       &error);
	sgz_writer_free(writer);
	assert_int_equal(refused.releases, 0);
	sgz_buffer_release(&buffer);
	bytes_free(&file);
}

static void
test_event__release_may_be_null(void **state)
{
	struct bytes file = sample();
	struct watcher watcher = { 0 };
	struct sgz_observer observer = observer_of(&watcher, SGZ_EVENT_ALL);
	struct sgz_reader *reader = open_bytes(&file);

	(void)state;
	observer.release = NULL;
	assert_int_equal(sgz_reader_set_observer(reader, &observer, NULL),
			 SGZ_OK);
	sgz_reader_close(reader);
	assert_int_equal(watcher.releases, 0);
	bytes_free(&file);
}

static void
test_event__zeros_at_the_end_are_logged_and_passed_over(void **state)
{
	static const char zeros[3000];
	struct bytes file = sample();
	struct bytes back = { NULL, 0, 0 };
	struct watcher watcher = { 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;

	(void)state;
	/* as on a tape, or a disk in whole sectors */
	bytes_add(&file, zeros, sizeof(zeros));
	reader = open_bytes(&file);
	observe(reader, &watcher, SGZ_EVENT_BIT(SGZ_EVENT_LOG));
	assert_ok(read_all(reader, &back, &error), &error);
	assert_int_equal(back.len, SAMPLE_LEN);
	assert_int_equal(watcher.logs, 1);
	sgz_reader_close(reader);
	/* unless there is something behind them */
	bytes_add(&file, "x", 1);
	assert_failure(SGZ_E_TRAILING, inflate_all(&file, NULL, &back, &error),
		       &error);
	bytes_free(&back);
	bytes_free(&file);
}

static void
test_event__a_mask_of_nothing_is_told_nothing(void **state)
{
	struct bytes file = sample();
	struct bytes back = { NULL, 0, 0 };
	struct watcher watcher = { 0 };
	struct sgz_reader *reader = open_bytes(&file);
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	observe(reader, &watcher, 0);
	assert_ok(read_all(reader, &back, &error), &error);
	assert_int_equal(watcher.events, 0);
	sgz_reader_close(reader);
	bytes_free(&back);
	bytes_free(&file);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_event__blocks_read_are_told_in_order),
	cmocka_unit_test(test_event__members_are_told_with_their_header),
	cmocka_unit_test(test_event__progress_keeps_its_interval),
	cmocka_unit_test(test_event__a_writer_tells_blocks_and_progress),
	cmocka_unit_test(test_event__an_answer_cancels_the_read),
	cmocka_unit_test(
		test_event__a_read_that_is_cancelled_hands_out_nothing),
	cmocka_unit_test(test_event__a_negative_answer_is_kept_as_it_is),
	cmocka_unit_test(test_event__an_answer_cancels_the_write),
	cmocka_unit_test(test_event__the_reader_is_out_of_reach_from_within),
	cmocka_unit_test(test_event__a_new_observer_releases_the_old_one),
	cmocka_unit_test(test_event__a_refused_observer_changes_nothing),
	cmocka_unit_test(test_event__release_may_be_null),
	cmocka_unit_test(
		test_event__zeros_at_the_end_are_logged_and_passed_over),
	cmocka_unit_test(test_event__a_mask_of_nothing_is_told_nothing),
};

RUN("event", tests)
