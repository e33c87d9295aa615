/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Options and calls of a writer: what it writes is the same with a pool and
 * without, it can be read back, and options that are refused leave nothing.
 */
#include "fuzz.h"

enum {
	/* bytes of text that are enough */
	MOST = 300000
};

struct plan {
	struct sgz_options options;
	struct bytes rest;
};

static void
make_plan(struct plan *plan, struct bytes from)
{
	unsigned int flags = take_byte(&from);

	sgz_options_init(&plan->options, sizeof(plan->options));
	plan->options.level = (int)(take_byte(&from) % 16) - 1;
	plan->options.format = flags & 3;
	plan->options.build_index = flags >> 2 & 1;
	plan->options.reserved = flags >> 3 == 31;
	if (flags >> 3 & 1)
		plan->options.block_size = (uint32_t)take_size(&from);
	if (flags >> 4 & 1)
		plan->options.progress_interval = (uint32_t)take_size(&from);
	plan->rest = from;
}

static unsigned int given, given_back;

static void
release(void *ctx)
{
	given_back++;
	free(ctx);
}

static enum sgz_status
write_owned(struct sgz_writer *writer, const void *data, size_t len,
	    struct sgz_error *error)
{
	void *copy = malloc(len + 1);
	const struct sgz_owned owned = { copy, len, release, copy };

	CHECK(copy != NULL);
	if (len > 0)
		memcpy(copy, data, len);
	given++;
	return sgz_writer_write_owned(writer, &owned, error);
}

/* One call; what it writes is added to @text. */
static enum sgz_status
operate(struct sgz_writer *writer, struct bytes *from, struct log *text,
	struct sgz_error *error)
{
	unsigned int kind = take_byte(from);
	size_t len = take_size(from);
	enum sgz_status status;
	char said[64];

	switch (kind % 5) {
	case 0:
		return sgz_writer_flush(writer, error);
	case 1:
		/* the same bytes again and again, to have many of them */
		len = len < from->len ? len : from->len;
		for (unsigned int i = 0; i < kind / 4 && text->len < MOST;
		     i++) {
			status = sgz_writer_write(writer, from->at, len, error);
			if (status != SGZ_OK)
				return status;
			log_bytes(text, from->at, len);
		}
		return SGZ_OK;
	case 2:
		snprintf(said, sizeof(said), "%zu and %u\n", len, kind);
		log_bytes(text, said, strlen(said));
		return sgz_writer_printf(writer, error, "%zu and %u\n", len,
					 kind);
	case 3:
		len = len < from->len ? len : from->len;
		log_bytes(text, from->at, len);
		status = write_owned(writer, from->at, len, error);
		break;
	default:
		len = len < from->len ? len : from->len;
		log_bytes(text, from->at, len);
		status = sgz_writer_write(writer, from->at, len, error);
		break;
	}
	from->at += len;
	from->len -= len;
	return status;
}

static void
play(const struct plan *plan, bool with_pool, struct log *log, struct log *text,
     struct sgz_buffer *buffer)
{
	struct sgz_options options = plan->options;
	struct bytes rest = plan->rest;
	struct sgz_writer *writer = NULL;
	struct sgz_error error;
	enum sgz_status status;

	if (with_pool)
		options.pool = the_pool();
	status = sgz_writer_open_memory(buffer, &options, &writer, &error);
	if (!log_status(log, status, &error)) {
		CHECK(writer == NULL);
		return;
	}
	for (int i = 0;
	     i < 40 && rest.len > 0 && text->len < MOST && status == SGZ_OK;
	     i++)
		status = operate(writer, &rest, text, &error);
	if (status == SGZ_OK)
		status = sgz_writer_finish(writer, &error);
	log_status(log, status, &error);
	CHECK(status == SGZ_OK);
	CHECK(sgz_writer_tell(writer) == text->len);
	sgz_writer_free(writer);
	log_bytes(log, buffer->data, buffer->len);
}

static void
read_back(const struct sgz_buffer *buffer, const struct log *text)
{
	struct sgz_reader *reader = NULL;
	struct sgz_error error;
	static unsigned char to[1 << 16];
	size_t sum = 0, got = 1;

	CHECK(sgz_reader_open_memory(buffer->data, buffer->len, NULL, &reader,
				     &error) == SGZ_OK);
	while (got > 0) {
		CHECK(sgz_reader_read(reader, to, sizeof(to), &got, &error) ==
		      SGZ_OK);
		CHECK(got <= text->len - sum);
		CHECK(got == 0 || memcmp(to, text->data + sum, got) == 0);
		sum += got;
	}
	CHECK(sum == text->len);
	sgz_reader_close(reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct log alone = { NULL, 0, 0 }, pooled = { NULL, 0, 0 };
	struct log text = { NULL, 0, 0 }, again = { NULL, 0, 0 };
	struct sgz_buffer one = SGZ_BUFFER_INIT, other = SGZ_BUFFER_INIT;
	struct plan plan;

	make_plan(&plan, (struct bytes){ data, len });
	given = given_back = 0;
	play(&plan, false, &alone, &text, &one);
	play(&plan, true, &pooled, &again, &other);
	CHECK(given == given_back);
	CHECK(logs_are_equal(&alone, &pooled));
	CHECK(logs_are_equal(&text, &again));
	if (one.len > 0)
		read_back(&one, &text);
	sgz_buffer_release(&one);
	sgz_buffer_release(&other);
	free(alone.data);
	free(pooled.data);
	free(text.data);
	free(again.data);
	return 0;
}
