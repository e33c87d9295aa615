/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The C lane: what the others are held against. */
#include "border.h"
#include "rows.h"
#include <sgz.h>
#include <stdlib.h>

struct state {
	struct sgz_reader *reader;
	struct sgz_reader *failed;
	struct sgz_writer *writer;
	struct sgz_buffer buffer;
};

static uint64_t
empty(void *state, uint64_t n)
{
	uint64_t sum = 0;

	(void)state;
	for (uint64_t i = 0; i < n; i++)
		sum += opaque(sgz_version_number());
	return sum;
}

static uint64_t
by_value(void *state, uint64_t n)
{
	struct border_span span = { 0, UINT32_MAX };

	(void)state;
	for (uint64_t i = 0; i < n; i++) {
		span = border_shift(span, 1);
		span.start = (uint32_t)opaque(span.start);
	}
	return span.start - span.end;
}

static const char *
opaque_text(const char *text)
{
	__asm__ volatile("" : "+r"(text));
	return text;
}

static uint64_t
string_in(void *state, uint64_t n)
{
	uint64_t sum = 0;

	(void)state;
	for (uint64_t i = 0; i < n; i++)
		sum += opaque(border_sum(opaque_text("a name")));
	return sum;
}

static uint64_t
str_in(void *state, uint64_t n)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_codec *codec;
	uint64_t sum = 0;

	(void)state;
	for (uint64_t i = 0; i < n; i++) {
		if (sgz_codec_load(opaque_text("zlib"), NULL, &codec, &error) !=
		    SGZ_OK)
			break;
		sgz_codec_unref(codec);
		sum++;
	}
	return sum;
}

static uint64_t
string_out(void *state, uint64_t n)
{
	uint64_t sum = 0;

	(void)state;
	for (uint64_t i = 0; i < n; i++) {
		enum sgz_status status = (int)opaque((unsigned)SGZ_E_CRC);
		const char *name = sgz_status_name(status);

		sum += name != NULL ? (unsigned char)*name : 0;
	}
	return sum;
}

static uint64_t
read_bytes(void *state, uint64_t n)
{
	struct state *s = state;
	struct sgz_error error = SGZ_ERROR_INIT;
	unsigned char bytes[CALLS_BYTES];
	uint64_t sum = 0;
	size_t len;

	for (uint64_t i = 0; i < n; i++) {
		if (sgz_reader_read(s->reader, bytes, sizeof(bytes), &len,
				    &error) != SGZ_OK ||
		    len == 0)
			break;
		sum += bytes[0];
	}
	return sum;
}

static uint64_t
answer(void *ctx, uint64_t value)
{
	uint64_t *sum = ctx;

	/* where Rust panics */
	if (value == UINT64_MAX)
		return 0;
	*sum += value;
	return value;
}

static uint64_t
callback(void *state, uint64_t n)
{
	uint64_t answers = 0;
	uint64_t sum = 0;

	(void)state;
	for (uint64_t i = 0; i < n; i++)
		answers += opaque(border_ask(answer, &sum, opaque(i)));
	return sum + answers;
}

static uint64_t
error_path(void *state, uint64_t n)
{
	struct state *s = state;
	struct sgz_error error = SGZ_ERROR_INIT;
	unsigned char bytes[CALLS_BYTES];
	uint64_t sum = 0;
	size_t len;

	for (uint64_t i = 0; i < n; i++)
		if (sgz_reader_read(s->failed, bytes, sizeof(bytes), &len,
				    &error) != SGZ_OK)
			sum += (unsigned char)error.text[0];
	return sum;
}

static uint64_t
owned(void *state, uint64_t n)
{
	struct state *s = state;
	struct sgz_error error = SGZ_ERROR_INIT;
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		unsigned char *bytes = calloc(1, CALLS_BYTES);
		struct sgz_owned owned = { bytes, CALLS_BYTES, free, bytes };

		if (bytes == NULL)
			break;
		bytes[0] = (unsigned char)i;
		if (sgz_writer_write_owned(s->writer, &owned, &error) != SGZ_OK)
			break;
		sum++;
	}
	return sum;
}

uint64_t
export_c(uint64_t value)
{
	if (value == UINT64_MAX)
		abort();
	return value + 1;
}

static void
reset(void *state)
{
	struct state *s = state;
	const void *data;
	size_t len;

	if (sgz_reader_seek(s->reader, 0, NULL) != SGZ_OK ||
	    sgz_reader_peek(s->reader, &data, &len, NULL) != SGZ_OK ||
	    sgz_writer_flush(s->writer, NULL) != SGZ_OK)
		abort();
}

static void
close_all(void *state)
{
	struct state *s = state;

	sgz_writer_free(s->writer);
	sgz_buffer_release(&s->buffer);
	sgz_reader_close(s->failed);
	sgz_reader_close(s->reader);
	free(s);
}

static void *
open_all(const struct calls_input *input)
{
	struct state *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	sgz_buffer_init(&s->buffer, NULL);
	if (sgz_reader_open_memory(input->file, input->file_len, NULL,
				   &s->reader, NULL) == SGZ_OK &&
	    sgz_reader_open_memory(input->damaged, input->damaged_len, NULL,
				   &s->failed, NULL) == SGZ_OK &&
	    sgz_writer_open_memory(&s->buffer, NULL, &s->writer, NULL) ==
		    SGZ_OK)
		return s;
	close_all(s);
	return NULL;
}

const struct calls_lane calls_c = {
	.open = open_all,
	.reset = reset,
	.close = close_all,
	.run = {
		[CALLS_EMPTY] = empty,
		[CALLS_STRUCT] = by_value,
		[CALLS_STRING_IN] = string_in,
		[CALLS_STR_IN] = str_in,
		[CALLS_STRING_OUT] = string_out,
		[CALLS_READ] = read_bytes,
		[CALLS_CALLBACK] = callback,
		[CALLS_ERROR] = error_path,
		[CALLS_OWNED] = owned,
		[CALLS_EXPORT] = border_use_c,
	},
};
