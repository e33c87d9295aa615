/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Any bytes as a file, read in any way: with a pool everything is the same as
 * without, errors too; and reading at offsets gives what reading in a row does.
 */
#include "fuzz.h"

enum {
	OPERATIONS = 12,
	/* a few bytes can hold megabytes: this much of them is enough */
	MOST = 1 << 21,
	INPUT_MEMORY = 0,
	INPUT_FILE,
	INPUT_SOURCE,
};

struct plan {
	struct sgz_options options;
	unsigned int input;
	size_t part;
	uint8_t operations[3 * OPERATIONS];
	struct bytes file;
};

static void
make_plan(struct plan *plan, struct bytes from)
{
	unsigned int flags = take_byte(&from);
	size_t limit = take_size(&from);

	sgz_options_init(&plan->options, sizeof(plan->options));
	plan->input = flags % 3;
	plan->options.skip_crc = flags >> 2 & 1;
	plan->options.allow_no_eof = flags >> 3 & 1;
	plan->options.stop_early = flags >> 4 & 1;
	plan->options.cache_size = (flags >> 5 & 1) * 300000;
	if (flags >> 6 & 1)
		plan->options.header_limit = plan->options.line_limit =
			limit + 1;
	plan->part = take_byte(&from) % 97 + 1;
	if (flags >> 7 & 1)
		plan->options.read_size = 512 + plan->part;
	for (size_t i = 0; i < sizeof(plan->operations); i++)
		plan->operations[i] = (uint8_t)take_byte(&from);
	plan->file = from;
}

/* A source that gives a few bytes at a time. */
struct feed {
	struct bytes left;
	size_t part;
};

static int64_t
feed_read(void *ctx, void *data, size_t len)
{
	struct feed *feed = ctx;
	size_t part = len < feed->part ? len : feed->part;

	if (part > feed->left.len)
		part = feed->left.len;
	if (part > 0)
		memcpy(data, feed->left.at, part);
	feed->left.at += part;
	feed->left.len -= part;
	return (int64_t)part;
}

/* Read up to @len bytes, or to the end, or to the first failure. */
static bool
read_on(struct sgz_reader *reader, size_t len, struct log *log)
{
	static unsigned char to[1 << 16];
	struct sgz_error error;

	while (len > 0) {
		size_t want = len < sizeof(to) ? len : sizeof(to), got = 0;
		enum sgz_status status =
			sgz_reader_read(reader, to, want, &got, &error);

		if (!log_status(log, status, &error))
			return false;
		CHECK(got <= want);
		log_bytes(log, to, got);
		if (got == 0)
			return true;
		len -= got;
	}
	return true;
}

static void
read_at(struct sgz_reader *reader, uint64_t offset, struct log *log)
{
	static unsigned char to[70000];
	struct sgz_block *block = NULL;
	struct sgz_error error;
	size_t got = 0, len;

	if (log_status(log,
		       sgz_reader_read_at(reader, offset, to, sizeof(to), &got,
					  &error),
		       &error))
		log_bytes(log, to, got);
	if (!log_status(log,
			sgz_reader_ref_block(reader, offset, &block, &error),
			&error) ||
	    block == NULL)
		return;
	CHECK(sgz_block_get_offset(block) <= offset);
	log_bytes(log, sgz_block_get_data(block, &len), 1);
	CHECK(len > 0 && len <= SGZ_BLOCK_MAX);
	CHECK(offset - sgz_block_get_offset(block) < len);
	sgz_block_unref(block);
}

static void
build_index(struct sgz_reader *reader, bool verify, struct log *log)
{
	struct sgz_index *index = NULL;
	struct sgz_error error;
	size_t count;

	if (!log_status(log, sgz_index_build(reader, verify, &index, &error),
			&error))
		return;
	log_bytes(log, sgz_index_get_entries(index, &count), sizeof(uint64_t));
	log_number(log, count);
	log_status(log, sgz_reader_set_index(reader, index, &error), &error);
	sgz_index_unref(index);
}

/* One operation of three bytes. */
static void
operate(struct sgz_reader *reader, const uint8_t *from, struct log *log)
{
	size_t number = from[1] | (size_t)from[2] << 8;
	struct sgz_error error;
	const char *line;
	const void *data;
	size_t len = 0;

	switch (from[0] % 8) {
	case 0:
		read_on(reader, number, log);
		break;
	case 1:
		if (log_status(log,
			       sgz_reader_next_line(reader, '\n', &line, &len,
						    &error),
			       &error))
			log_bytes(log, line, len);
		break;
	case 2:
		/* how much is lent may depend on the pool: the bytes not */
		if (log_status(log,
			       sgz_reader_peek(reader, &data, &len, &error),
			       &error))
			log_bytes(log, data, len > 0);
		break;
	case 3:
		log_status(log, sgz_reader_seek(reader, number, &error),
			   &error);
		break;
	case 4:
		log_status(log, sgz_reader_seek(reader, 16 * number, &error),
			   &error);
		break;
	case 5:
		build_index(reader, number & 1, log);
		break;
	case 6:
		read_at(reader, number, log);
		break;
	default:
		read_on(reader, MOST / OPERATIONS, log);
		break;
	}
	log_number(log, sgz_reader_tell(reader));
}

static void
play(const struct plan *plan, bool with_pool, struct log *log)
{
	struct sgz_options options = plan->options;
	struct feed feed = { plan->file, plan->part };
	const struct sgz_source source = { .read = feed_read, .ctx = &feed };
	struct sgz_reader *reader = NULL;
	struct sgz_error error;
	enum sgz_status status;
	int fd = -1;

	if (with_pool)
		options.pool = the_pool();
	if (plan->input == INPUT_FILE) {
		fd = file_of(plan->file.at, plan->file.len);
		status = sgz_reader_open_fd(fd, &options, &reader, &error);
	} else if (plan->input == INPUT_SOURCE) {
		status = sgz_reader_open_source(&source, &options, &reader,
						&error);
	} else {
		status = sgz_reader_open_memory(plan->file.at, plan->file.len,
						&options, &reader, &error);
	}
	if (plan->input != INPUT_FILE || status == SGZ_OK)
		log_status(log, status, &error);
	for (size_t i = 0; reader != NULL && i < OPERATIONS; i++)
		operate(reader, plan->operations + 3 * i, log);
	sgz_reader_close(reader);
	if (fd >= 0)
		close(fd);
}

/* What is at offsets is what comes in a row. */
static void
compare_at(const struct plan *plan)
{
	struct log whole = { NULL, 0, 0 };
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	struct sgz_error error;
	unsigned char to[300];
	size_t got;

	if (sgz_reader_open_memory(plan->file.at, plan->file.len, NULL, &reader,
				   &error) != SGZ_OK)
		return;
	got = 1;
	while (got > 0 && whole.len < MOST) {
		if (sgz_reader_read(reader, to, sizeof(to), &got, &error) !=
		    SGZ_OK)
			goto out;
		log_bytes(&whole, to, got);
	}
	if (got > 0 || sgz_index_build(reader, true, &index, &error) != SGZ_OK)
		goto out;
	CHECK(sgz_reader_set_index(reader, index, &error) == SGZ_OK);
	for (size_t i = 0; i < sizeof(plan->operations); i++) {
		size_t at = (size_t)plan->operations[i] * whole.len / 255;
		size_t want = whole.len - at < sizeof(to) ? whole.len - at :
							    sizeof(to);

		CHECK(sgz_reader_read_at(reader, at, to, sizeof(to), &got,
					 &error) == SGZ_OK);
		CHECK(got == want);
		CHECK(want == 0 || memcmp(to, whole.data + at, want) == 0);
	}
out:
	sgz_index_unref(index);
	sgz_reader_close(reader);
	free(whole.data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct log alone = { NULL, 0, 0 }, pooled = { NULL, 0, 0 };
	struct plan plan;

	make_plan(&plan, (struct bytes){ data, len });
	play(&plan, false, &alone);
	play(&plan, true, &pooled);
	CHECK(logs_are_equal(&alone, &pooled));
	free(alone.data);
	free(pooled.data);
	compare_at(&plan);
	return 0;
}
