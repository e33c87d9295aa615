/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Any calls in any order, held against the plain bytes that they read.
 *
 * SGZ_TEST_SEED repeats a run; each says what its seed was.
 */
#include "support.h"
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define TEXT_LEN 300000

static unsigned char *text;
static uint64_t seed;

static uint32_t
roll(uint32_t sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % sides;
}

/* Small numbers mostly, and now and then one of up to @most. */
static size_t
roll_size(size_t most)
{
	size_t size = roll(4) == 0 ? roll((uint32_t)most) : roll(2000);

	return size < most ? size : most;
}

/* A reader, and what is known of it. */
struct game {
	struct sgz_reader *reader;
	struct bytes file;
	/* these bytes lie in a block whose CRC-32 is wrong */
	size_t bad_from;
	size_t bad_to;
	bool blocks_only;
	bool can_seek;
	size_t at;
	/* less came than there is: the next call has to say why */
	bool cut;
	/* a call failed, and no seek has succeeded since */
	bool stuck;
	/* in the source and the observer; 0: never */
	uint32_t fail_in;
	uint32_t cancel_in;
	/* the source */
	size_t source_at;
	int closed;
	int observed;
	int released;
	struct sgz_index *index;
	struct sgz_buffer line;
	struct counter counter;
};

/* Where the bytes end that can be read from @at on. */
static size_t
readable_end(const struct game *game, size_t at)
{
	if (at >= game->bad_to)
		return TEXT_LEN;
	return at < game->bad_from ? game->bad_from : at;
}

/* The source and the observer */

static bool
is_due(uint32_t *in)
{
	return *in > 0 && --*in == 0;
}

static int64_t
game_read(void *ctx, void *data, size_t len)
{
	struct game *game = ctx;
	size_t left = game->file.len - game->source_at;

	if (is_due(&game->fail_in))
		return -EIO;
	if (roll(3) == 0)
		len = 1 + roll((uint32_t)len);
	len = len < left ? len : left;
	memcpy(data, game->file.data + game->source_at, len);
	game->source_at += len;
	return (int64_t)len;
}

static int64_t
game_seek(void *ctx, int64_t offset, int whence)
{
	struct game *game = ctx;
	size_t to = (size_t)offset;

	if (whence == SEEK_CUR)
		to += game->source_at;
	if (whence == SEEK_END)
		to += game->file.len;
	assert_true(to <= game->file.len);
	game->source_at = to;
	/* it has moved by then, which the library cannot know */
	return is_due(&game->fail_in) ? -EIO : (int64_t)to;
}

static void
game_close(void *ctx)
{
	struct game *game = ctx;

	game->closed++;
}

static int
game_event(void *ctx, const struct sgz_event *event)
{
	struct game *game = ctx;
	uint64_t size;

	(void)event;
	assert_int_equal(sgz_reader_get_size(game->reader, &size, NULL),
			 SGZ_E_STATE);
	return is_due(&game->cancel_in) ? 77 : 0;
}

static void
game_release(void *ctx)
{
	struct game *game = ctx;

	game->released++;
}

/* Judging */

/* A call failed. It may, if something gave it a reason; where it is stays. */
static void
check_refusal(struct game *game, enum sgz_status status,
	      const struct sgz_error *error, bool sticks)
{
	assert_failure(status, status, error);
	assert_true(sgz_reader_tell(game->reader) == game->at);
	if (status == SGZ_E_CALLBACK)
		assert_int_equal(error->sys_errno, EIO);
	else if (status == SGZ_E_CANCELLED)
		assert_int_equal(error->sys_errno, 77);
	else if (status != SGZ_E_CRC || game->bad_from == game->bad_to)
		assert_ok(status, error);
	game->stuck = sticks || sgz_reader_get_error(game->reader) != NULL;
	game->cut = false;
	if (sticks)
		assert_int_equal(sgz_reader_get_error(game->reader)->status,
				 status);
}

/* A call gave @len bytes at @data, and @wanted of them are there. */
static void
check_bytes(struct game *game, const void *data, size_t len, size_t wanted)
{
	assert_false(game->stuck);
	assert_true(len <= wanted);
	if (len > 0)
		assert_memory_equal(data, text + game->at, len);
	/* what was held back has to come now, be it of the file or not */
	assert_false(game->cut && wanted > 0);
	game->cut = len < wanted;
	game->at += len;
	if (wanted == 0)
		assert_true(game->at == TEXT_LEN);
	assert_true(sgz_reader_tell(game->reader) == game->at);
}

/* The calls */

static void
play_read(struct game *game)
{
	static unsigned char data[TEXT_LEN];
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t want = 1 + roll_size(TEXT_LEN - 1);
	size_t most = readable_end(game, game->at) - game->at;
	size_t len = SIZE_MAX;
	enum sgz_status status =
		sgz_reader_read(game->reader, data, want, &len, &error);

	if (status != SGZ_OK)
		check_refusal(game, status, &error, true);
	else
		check_bytes(game, data, len, want < most ? want : most);
}

static void
play_peek(struct game *game)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	const void *borrowed = NULL;
	size_t most = readable_end(game, game->at) - game->at;
	size_t len = SIZE_MAX;
	enum sgz_status status =
		sgz_reader_peek(game->reader, &borrowed, &len, &error);

	if (status != SGZ_OK) {
		check_refusal(game, status, &error, true);
		return;
	}
	assert_true(len <= most && (len > 0 || game->at == TEXT_LEN));
	assert_false(game->stuck || game->cut);
	if (len > 0)
		assert_memory_equal(borrowed, text + game->at, len);
	for (int i = 0; i < 2; i++) {
		size_t part = roll_size(len + 1);

		if (i == 1 && roll(3) == 0)
			part = SIZE_MAX;
		sgz_reader_consume(game->reader, part);
		part = part < len ? part : len;
		game->at += part;
		len -= part;
		assert_true(sgz_reader_tell(game->reader) == game->at);
	}
}

static void
play_line(struct game *game)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t end = readable_end(game, game->at);
	const unsigned char *found =
		memchr(text + game->at, '\n', end - game->at);
	const char *line = NULL;
	size_t wanted = end - game->at;
	size_t len = SIZE_MAX;
	enum sgz_status status;

	if (found != NULL)
		wanted = (size_t)(found - (text + game->at)) + 1;
	if (roll(2) == 0) {
		status = sgz_reader_next_line(game->reader, '\n', &line, &len,
					      &error);
	} else {
		status = sgz_reader_read_line(game->reader, '\n', &game->line,
					      &error);
		line = (const char *)game->line.data;
		len = game->line.len;
	}
	if (status != SGZ_OK)
		check_refusal(game, status, &error, true);
	else
		check_bytes(game, line, len, wanted);
}

static void
play_seek(struct game *game)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	bool beyond = roll(20) == 0;
	size_t to = roll(3) == 0 ? game->at + roll(3000) : roll(TEXT_LEN + 1);
	enum sgz_status status;

	if (!game->can_seek) {
		beyond = false;
		to = game->at + roll(5000);
	}
	to = to < TEXT_LEN ? to : TEXT_LEN;
	if (beyond)
		to = TEXT_LEN + 1 + roll(1000);
	status = sgz_reader_seek(game->reader, to, &error);
	if (status == SGZ_E_RANGE) {
		assert_true(beyond);
		assert_failure(SGZ_E_RANGE, status, &error);
		assert_true(sgz_reader_tell(game->reader) == game->at);
		game->stuck = sgz_reader_get_error(game->reader) != NULL;
		game->cut = false;
	} else if (status != SGZ_OK) {
		check_refusal(game, status, &error, true);
	} else {
		assert_false(beyond);
		assert_true(sgz_reader_tell(game->reader) == to);
		assert_null(sgz_reader_get_error(game->reader));
		game->at = to;
		game->stuck = game->cut = false;
	}
}

static void
play_size(struct game *game)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	uint64_t size = 1;
	enum sgz_status status =
		sgz_reader_get_size(game->reader, &size, &error);

	game->cut = false;
	if (status == SGZ_OK)
		assert_true(size == TEXT_LEN);
	else if (game->can_seek)
		check_refusal(game, status, &error, false);
	else
		assert_failure(SGZ_E_UNSUPPORTED, status, &error);
	assert_true(sgz_reader_tell(game->reader) == game->at);
}

static void
play_index(struct game *game)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_index *index = NULL;
	enum sgz_status status =
		sgz_index_build(game->reader, roll(2) == 0, &index, &error);

	game->cut = false;
	if (status == SGZ_OK) {
		assert_true(game->blocks_only && game->can_seek);
		sgz_index_unref(game->index);
		game->index = index;
	} else if (status == SGZ_E_UNSUPPORTED) {
		assert_false(game->blocks_only && game->can_seek);
	} else {
		check_refusal(game, status, &error, false);
	}
	assert_true(sgz_reader_tell(game->reader) == game->at);
	index = roll(3) == 0 ? NULL : game->index;
	status = sgz_reader_set_index(game->reader, index, &error);
	if (status != SGZ_OK)
		assert_failure(SGZ_E_CALLBACK, status, &error);
	assert_true(sgz_reader_tell(game->reader) == game->at);
}

static void
play_trouble(struct game *game)
{
	const struct sgz_observer observer = { game_event, game_release, game,
					       roll(2) == 0 ? SGZ_EVENT_ALL :
							      roll(16) };
	struct sgz_error error = SGZ_ERROR_INIT;
	int released = game->released;

	switch (roll(4)) {
	case 0:
		game->fail_in = roll(12);
		break;
	case 1:
		game->cancel_in = roll(40);
		break;
	case 2:
		assert_ok(sgz_reader_set_observer(game->reader, &observer,
						  &error),
			  &error);
		assert_true(game->released <= released + 1);
		game->observed++;
		break;
	default:
		assert_ok(sgz_reader_set_observer(game->reader, NULL, &error),
			  &error);
	}
}

static void
play(struct game *game, int rounds)
{
	static void (*const calls[])(struct game *) = {
		play_read, play_read,  play_peek, play_line,	play_line,
		play_seek, play_index, play_size, play_trouble,
	};

	for (int i = 0; i < rounds; i++) {
		const struct sgz_header *header;

		calls[roll(sizeof(calls) / sizeof(calls[0]))](game);
		header = sgz_reader_get_header(game->reader);
		assert_true(header->offset < game->file.len);
		assert_int_equal(header->prefix.id1, 0x1f);
		/* nothing mends one that cannot go back: a new game */
		if (game->stuck && !game->can_seek)
			break;
	}
}

/* The files and the inputs */

static void
make_file(struct game *game, int kind)
{
	size_t block_size = 1000 + roll(64000);
	size_t half = roll(TEXT_LEN);
	size_t from = 0;

	switch (kind) {
	case 0: /* blocks */
		add_bgzf(&game->file, text, TEXT_LEN, block_size);
		break;
	case 1: /* blocks, some empty, one broken */
		while (from < TEXT_LEN) {
			size_t part = 1 + roll((uint32_t)block_size);

			part = part < TEXT_LEN - from ? part : TEXT_LEN - from;
			add_block(&game->file, text + from, part);
			if (game->bad_from == game->bad_to && roll(6) == 0) {
				game->bad_from = from;
				game->bad_to = from + part;
				game->file.data[game->file.len - 8] ^= 1;
			}
			if (roll(3) == 0)
				add_eof_block(&game->file);
			from += part;
		}
		add_eof_block(&game->file);
		break;
	case 2: /* members */
		add_member(&game->file, text, half);
		add_member_with(&game->file, text + half, TEXT_LEN - half, NULL,
				0, "name", NULL);
		break;
	default: /* blocks, then a member */
		add_bgzf(&game->file, text, half, block_size);
		add_member(&game->file, text + half, TEXT_LEN - half);
		add_eof_block(&game->file);
	}
	game->blocks_only = kind < 2;
}

static void
open_game(struct game *game, int way)
{
	const struct sgz_source source = { game_read,
					   way == 3 ? NULL : game_seek,
					   game_close, game };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	int fd;

	options.allocator = &game->counter.allocator;
	options.progress_interval = roll(100000);
	options.read_size = 1 + roll_size(100000);
	game->can_seek = way != 3;
	switch (way) {
	case 0:
		assert_ok(sgz_reader_open_memory(game->file.data,
						 game->file.len, &options,
						 &game->reader, &error),
			  &error);
		break;
	case 1:
		put_file("game", game->file.data, game->file.len);
		fd = open("game", O_RDONLY);
		assert_true(fd >= 0);
		assert_ok(
			sgz_reader_open_fd(fd, &options, &game->reader, &error),
			&error);
		break;
	default:
		assert_ok(sgz_reader_open_source(&source, &options,
						 &game->reader, &error),
			  &error);
	}
}

static void
end_game(struct game *game, int way)
{
	int fd = sgz_reader_get_fd(game->reader);

	sgz_reader_close(game->reader);
	assert_int_equal(game->closed, way >= 2);
	assert_int_equal(game->released, game->observed);
	if (fd >= 0)
		assert_int_equal(close(fd), 0);
	sgz_index_unref(game->index);
	sgz_buffer_release(&game->line);
	assert_none_live(&game->counter);
	bytes_free(&game->file);
}

static void
test_model__any_calls_in_any_order(void **state)
{
	int games = is_slow() ? 16 : 400;
	clock_t end = clock() + CLOCKS_PER_SEC * 3 / 2;

	(void)state;
	/* all kinds and ways at least once, and then for as long as it takes */
	for (int i = 0; i < games && (i < 16 || clock() < end); i++) {
		struct game game = { .closed = 0 };

		counter_init(&game.counter);
		make_file(&game, i % 4);
		open_game(&game, i / 4 % 4);
		play(&game, is_slow() ? 20 : 60);
		end_game(&game, i / 4 % 4);
	}
}

static int
setup(void **state)
{
	const char *given = getenv("SGZ_TEST_SEED");

	(void)state;
	enter_dir();
	text = make_text(TEXT_LEN);
	seed = given != NULL ? strtoull(given, NULL, 10) :
			       (uint64_t)time(NULL) ^ (uint64_t)getpid() << 20;
	printf("# SGZ_TEST_SEED=%llu\n", (unsigned long long)seed);
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

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(test_model__any_calls_in_any_order,
					setup, teardown),
};

RUN("model", tests)
