/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A codec whose answers are drawn from the input: lengths, statuses and bytes.
 * No lie of it may reach a reader, what it made is freed, and with a pool all
 * is the same as without.
 */
#include "fuzz.h"

#include <stdatomic.h>
#include <zlib.h>

enum {
	ANSWERS = 16,
	OPERATIONS = 8,
	/* bytes of text that are enough */
	MOST = 1 << 15,
	RAW = -15,
	/* a small window: to allocate a large one takes long */
	SMALL_RAW = -9,
};

/* What the codec does with a block. */
enum deed {
	HONEST = 0, /* and all numbers up to LAST_HONEST */
	FILLS_ROOM, /* it may write to all of its room */
	LAST_HONEST = 6,
	SAYS_NO_ROOM,
	SAYS_CORRUPT,
	SAYS_BROKEN,
	SAYS_ANYTHING,
	GIVES_NO_LENGTH,
	GIVES_ANY_LENGTH,
	GIVES_A_NEAR_LENGTH,
	CHANGES_A_BYTE,
	CALLS_IT_CORRUPT,
};

struct answer {
	uint8_t deed; /* of 16 */
	uint8_t detail;
};

struct plan {
	struct answer answers[ANSWERS];
	bool no_encoder;
	bool no_decoder;
	bool has_part;
	struct sgz_options options;
	uint8_t operations[3 * OPERATIONS];
	struct bytes rest;
};

/* A codec has no context: this is the plan of the input that is run. */
static const struct plan *now;
static atomic_int live;

/* An encoder or decoder; one thread at a time uses it. */
struct coder {
	const struct sgz_allocator *allocator;
	atomic_int users;
};

static void *
new_coder(bool fails, const struct sgz_allocator *allocator)
{
	struct coder *coder = NULL;

	if (!fails)
		coder = allocator->alloc(allocator->ctx, sizeof(*coder));
	if (coder == NULL)
		return NULL;
	coder->allocator = allocator;
	atomic_init(&coder->users, 0);
	atomic_fetch_add(&live, 1);
	return coder;
}

static void *
new_encoder(int32_t level, const struct sgz_allocator *allocator)
{
	CHECK(level >= 1 && level <= 9);
	return new_coder(now->no_encoder, allocator);
}

static void *
new_decoder(const struct sgz_allocator *allocator)
{
	return new_coder(now->no_decoder, allocator);
}

static void
free_coder(void *ctx)
{
	struct coder *coder = ctx;
	const struct sgz_allocator *allocator = coder->allocator;

	CHECK(atomic_load(&coder->users) == 0);
	atomic_fetch_sub(&live, 1);
	allocator->free(allocator->ctx, coder);
}

static void
enter(struct coder *coder)
{
	CHECK(atomic_fetch_add(&coder->users, 1) == 0);
}

static enum sgz_codec_answer
leave(struct coder *coder, enum sgz_codec_answer answer)
{
	CHECK(atomic_fetch_sub(&coder->users, 1) == 1);
	return answer;
}

/* It depends on the block alone: not on the thread, and not on the order. */
static struct answer
choose(const void *in, size_t len)
{
	return now->answers[crc32(0, in, (uInt)len) % ANSWERS];
}

/* What @answer makes of a block that was done honestly, or was not. */
static enum sgz_codec_answer
reply(struct answer answer, enum sgz_codec_answer honest, unsigned char *out,
      size_t len, size_t room, size_t *length)
{
	static const size_t lengths[] = { 0, 1, 65535, 65536, SIZE_MAX };

	switch (answer.deed) {
	case FILLS_ROOM:
		memset(out + len, answer.detail, room - len);
		return honest;
	case SAYS_NO_ROOM:
		return SGZ_CODEC_NO_ROOM;
	case SAYS_CORRUPT:
		return SGZ_CODEC_CORRUPT;
	case SAYS_BROKEN:
		return SGZ_CODEC_BROKEN;
	case SAYS_ANYTHING:
		return (enum sgz_codec_answer)(answer.detail + 4);
	case GIVES_ANY_LENGTH:
		*length = lengths[answer.detail % 5] - answer.detail / 5;
		return SGZ_CODEC_DONE;
	case GIVES_A_NEAR_LENGTH:
		*length += (size_t)(answer.detail % 8) - 4;
		return honest;
	case CHANGES_A_BYTE:
		if (len > 0)
			out[answer.detail % len] ^= answer.detail | 1;
		return honest;
	case CALLS_IT_CORRUPT:
		return SGZ_CODEC_CORRUPT;
	default:
		return honest;
	}
}

static enum sgz_codec_answer
compress_honestly(const void *in, size_t in_len, void *out, size_t room,
		  size_t *made_out)
{
	z_stream stream = { .next_in = (Bytef *)in, .avail_in = (uInt)in_len };
	int rc;

	CHECK(deflateInit2(&stream, 1, Z_DEFLATED, SMALL_RAW, 1, 0) == Z_OK);
	stream.next_out = out;
	stream.avail_out = (uInt)room;
	rc = deflate(&stream, Z_FINISH);
	*made_out = stream.total_out;
	deflateEnd(&stream);
	return rc == Z_STREAM_END ? SGZ_CODEC_DONE : SGZ_CODEC_NO_ROOM;
}

static enum sgz_codec_answer
compress_block(void *encoder, const void *in, size_t in_len, void *out,
	       size_t room, size_t *made_out)
{
	struct answer answer = choose(in, in_len);
	enum sgz_codec_answer honest;
	size_t made = 0;

	enter(encoder);
	CHECK(in_len >= 1 && in_len <= SGZ_BLOCK_MAX);
	/* one that claims too much gives out what lay there before */
	memset(out, 0, room);
	honest = compress_honestly(in, in_len, out, room, &made);
	honest = reply(answer, honest, out, made, room, &made);
	if (answer.deed != GIVES_NO_LENGTH)
		*made_out = made;
	return leave(encoder, honest);
}

/* Inflate up to @out_len bytes; a whole block makes no more and no fewer. */
static enum sgz_codec_answer
inflate_honestly(const void *in, size_t in_len, void *out, size_t out_len,
		 bool is_whole, size_t *used_out)
{
	unsigned char none;
	z_stream stream = { .next_in = (Bytef *)in, .avail_in = (uInt)in_len };
	bool is_done;
	int rc;

	CHECK(inflateInit2(&stream, RAW) == Z_OK);
	stream.next_out = out_len > 0 ? out : &none;
	stream.avail_out = (uInt)out_len;
	rc = inflate(&stream, is_whole ? Z_FINISH : Z_SYNC_FLUSH);
	is_done = stream.total_out == out_len &&
		(!is_whole || rc == Z_STREAM_END);
	*used_out = stream.total_in;
	inflateEnd(&stream);
	return is_done ? SGZ_CODEC_DONE : SGZ_CODEC_CORRUPT;
}

static enum sgz_codec_answer
decompress_block(void *decoder, const void *in, size_t in_len, void *out,
		 size_t out_len, size_t room, size_t *used_out)
{
	struct answer answer = choose(in, in_len);
	enum sgz_codec_answer honest;
	size_t used = 0;

	enter(decoder);
	CHECK(out_len <= SGZ_BLOCK_MAX && room >= out_len);
	honest = inflate_honestly(in, in_len, out, out_len, true, &used);
	honest = reply(answer, honest, out, out_len, room, &used);
	if (answer.deed != GIVES_NO_LENGTH)
		*used_out = used;
	return leave(decoder, honest);
}

/* Nobody can check these bytes, so they are right, or refused. */
static enum sgz_codec_answer
decompress_part(void *decoder, const void *in, size_t in_len, void *out,
		size_t need)
{
	struct answer answer = choose(in, in_len);
	enum sgz_codec_answer honest;
	unsigned char *behind = (unsigned char *)out + need;
	size_t used;

	enter(decoder);
	honest = inflate_honestly(in, in_len, out, need, false, &used);
	memset(behind, answer.detail, SGZ_CODEC_PART_SLACK);
	if (answer.deed > LAST_HONEST)
		honest = (enum sgz_codec_answer)(answer.detail | 1);
	return leave(decoder, honest);
}

static struct sgz_codec *
make_codec(void)
{
	const struct sgz_codec_vtable functions = {
		.size = sizeof(functions),
		.abi = SGZ_CODEC_ABI,
		.level_least = 1,
		.level_most = 9,
		.level_default = 1,
		.name = "fuzz",
		.version = "1",
		.new_encoder = new_encoder,
		.compress_block = compress_block,
		.free_encoder = free_coder,
		.new_decoder = new_decoder,
		.decompress_block = decompress_block,
		.decompress_part = now->has_part ? decompress_part : NULL,
		.free_decoder = free_coder,
	};
	struct sgz_codec *codec = NULL;

	CHECK(sgz_codec_new(&functions, NULL, &codec, NULL) == SGZ_OK);
	return codec;
}

static void
make_plan(struct plan *plan, struct bytes from)
{
	unsigned int flags = take_byte(&from);

	sgz_options_init(&plan->options, sizeof(plan->options));
	plan->has_part = flags & 1;
	plan->options.stop_early = flags >> 1 & 1;
	plan->options.cache_size = (flags >> 2 & 1) * 300000;
	/* they fail for want of memory: seldom, or nothing else is run */
	plan->no_encoder = flags >> 3 == 30;
	plan->no_decoder = flags >> 3 == 31;
	plan->options.block_size = (uint32_t)take_size(&from) | 64;
	for (size_t i = 0; i < ANSWERS; i++) {
		plan->answers[i].deed = (uint8_t)(take_byte(&from) % 16);
		plan->answers[i].detail = (uint8_t)take_byte(&from);
	}
	for (size_t i = 0; i < sizeof(plan->operations); i++)
		plan->operations[i] = (uint8_t)take_byte(&from);
	plan->rest = from;
}

static bool
is_honest(const struct plan *plan)
{
	for (size_t i = 0; i < ANSWERS; i++)
		if (plan->answers[i].deed > LAST_HONEST)
			return false;
	return !plan->no_encoder && !plan->no_decoder;
}

/* Only the codec, or memory, may be to blame. */
static bool
log_outcome(struct log *log, enum sgz_status status,
	    const struct sgz_error *error)
{
	CHECK(status == SGZ_OK || status == SGZ_E_CALLBACK ||
	      (status == SGZ_E_NOMEM && now->no_encoder));
	if (status == SGZ_E_CALLBACK)
		CHECK(strstr(error->text, "the codec fuzz") != NULL);
	return log_status(log, status, error);
}

/* Write the input again and again. */
static void
write_all(struct sgz_codec *codec, bool with_pool, struct log *log,
	  struct sgz_buffer *file)
{
	struct sgz_options options = now->options;
	struct sgz_writer *writer = NULL;
	struct sgz_error error;
	enum sgz_status status;
	unsigned int times = now->operations[0] % 16 + 1;

	options.codec = codec;
	if (with_pool)
		options.pool = the_pool();
	status = sgz_writer_open_memory(file, &options, &writer, &error);
	if (status == SGZ_E_INVALID) {
		log_status(log, status, &error);
		return;
	}
	log_outcome(log, status, &error);
	for (size_t i = 0;
	     i < times && status == SGZ_OK && i * now->rest.len < MOST; i++)
		status = sgz_writer_write(writer, now->rest.at, now->rest.len,
					  &error);
	if (status == SGZ_OK)
		status = sgz_writer_finish(writer, &error);
	log_outcome(log, status, &error);
	sgz_writer_free(writer);
	CHECK(atomic_load(&live) == 0);
	/* how far a failed one came depends on the pool */
	if (status == SGZ_OK)
		log_bytes(log, file->data, file->len);
	CHECK(status == SGZ_OK || !is_honest(now));
}

/* Read @file to its end, or to a failure. */
static enum sgz_status
read_all(const struct bytes *file, const struct sgz_options *options,
	 struct log *text, struct sgz_error *error)
{
	static unsigned char to[5000];
	struct sgz_reader *reader = NULL;
	size_t got = 1;
	enum sgz_status status = sgz_reader_open_memory(
		file->at, file->len, options, &reader, error);

	while (status == SGZ_OK && got > 0 && text->len < 8 * MOST) {
		got = 0;
		status = sgz_reader_read(reader, to, sizeof(to), &got, error);
		if (status == SGZ_OK)
			log_bytes(text, to, got);
	}
	sgz_reader_close(reader);
	CHECK(atomic_load(&live) == 0);
	return status;
}

/* Reads in no order. */
static void
read_about(const struct bytes *file, const struct sgz_options *options,
	   struct log *log)
{
	static unsigned char to[3000];
	struct sgz_reader *reader = NULL;
	struct sgz_error error;
	enum sgz_status status;
	size_t got;

	if (!log_status(log,
			sgz_reader_open_memory(file->at, file->len, options,
					       &reader, &error),
			&error))
		return;
	for (size_t i = 0; i < OPERATIONS; i++) {
		const uint8_t *from = now->operations + 3 * i;
		size_t number = from[1] | (size_t)from[2] << 8;

		got = 0;
		if (from[0] % 4 == 0)
			status = sgz_reader_seek(reader, number, &error);
		else if (from[0] % 4 == 1)
			status = sgz_reader_read(reader, to, number % 3000,
						 &got, &error);
		else
			status = sgz_reader_read_at(reader, number, to,
						    from[0] * 11u, &got,
						    &error);
		if (log_status(log, status, &error))
			log_bytes(log, to, got);
	}
	sgz_reader_close(reader);
	CHECK(atomic_load(&live) == 0);
}

/* No lie is read: what is given out is what zlib gives out, or its start. */
static void
compare_reads(const struct bytes *file, struct sgz_codec *codec)
{
	struct sgz_options plain = now->options, lying = now->options;
	struct log truth = { NULL, 0, 0 };
	struct sgz_error error;
	enum sgz_status wanted, status[2];
	struct log about[2] = { { NULL, 0, 0 }, { NULL, 0, 0 } };
	size_t lens[2], both;

	/* without it no byte is given out that was not checked */
	plain.stop_early = 0;
	wanted = read_all(file, &plain, &truth, &error);
	lying.codec = codec;
	for (size_t i = 0; i < 2; i++) {
		struct log text = { NULL, 0, 0 };

		lying.pool = i == 0 ? NULL : the_pool();
		lying.stop_early = 0;
		status[i] = read_all(file, &lying, &text, &error);
		lens[i] = text.len;
		/*
		 * In a file that zlib refuses it may lie about the length of a
		 * stream, so that its bytes are taken: their CRC-32 is right.
		 */
		CHECK(text.len <= truth.len || wanted != SGZ_OK);
		both = text.len < truth.len ? text.len : truth.len;
		CHECK(both == 0 || memcmp(text.data, truth.data, both) == 0);
		if (status[i] == SGZ_E_CALLBACK)
			CHECK(strstr(error.text, "the codec fuzz") != NULL);
		else if (wanted == SGZ_OK && !now->no_decoder)
			CHECK(status[i] == SGZ_OK && text.len == truth.len);
		if (is_honest(now))
			CHECK(status[i] == wanted);
		free(text.data);
		lying.stop_early = now->options.stop_early;
		read_about(file, &lying, &about[i]);
	}
	CHECK(status[0] == status[1] && lens[0] == lens[1]);
	CHECK(logs_are_equal(&about[0], &about[1]));
	free(about[0].data);
	free(about[1].data);
	free(truth.data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct log alone = { NULL, 0, 0 }, pooled = { NULL, 0, 0 };
	struct sgz_buffer one = SGZ_BUFFER_INIT, other = SGZ_BUFFER_INIT;
	struct sgz_codec *codec;
	struct bytes file;
	struct plan plan;

	make_plan(&plan, (struct bytes){ data, len });
	now = &plan;
	codec = make_codec();
	write_all(codec, false, &alone, &one);
	write_all(codec, true, &pooled, &other);
	CHECK(logs_are_equal(&alone, &pooled));
	/* what it wrote, and the input itself as a file */
	file = (struct bytes){ one.data, one.len };
	compare_reads(&file, codec);
	compare_reads(&plan.rest, codec);
	sgz_codec_unref(codec);
	sgz_buffer_release(&one);
	sgz_buffer_release(&other);
	free(alone.data);
	free(pooled.data);
	return 0;
}
