/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* BGZF blocks, from bytes and to bytes. */
#include "block.h"

enum {
	/* 01 | len | ~len | in front of stored bytes */
	STORED_EXTRA = 5
};

bool
sgz_bgzf_is_plain(const unsigned char *at)
{
	static const unsigned char start[4] = { 0x1f, 0x8b, 0x08, FLAG_EXTRA };
	static const unsigned char extra[6] = { 6, 0, 'B', 'C', 2, 0 };

	return memcmp(at, start, sizeof(start)) == 0 &&
		memcmp(at + PREFIX_SIZE, extra, sizeof(extra)) == 0;
}

bool
sgz_block_unpack(void *decoder, const unsigned char *in, size_t in_len,
		 unsigned char *to, size_t slack, bool check_crc)
{
	const struct sgz_codec *codec = SGZ_CODEC_BLOCKS;
	const unsigned char *trailer = in + in_len - TRAILER_SIZE;
	size_t len = get_le32(trailer + 4);
	/* the codec may look into the trailer, which keeps it on its fast
	 * path, but must not need it */
	struct sgz_codec_work work = {
		.in = in,
		.in_len = in_len,
		.out = to,
		.out_len = len + slack,
	};

	codec->reset_decoder(decoder);
	return codec->decode(decoder, &work, true) == SGZ_CODEC_END &&
		work.out == to + len && work.in == trailer &&
		(!check_crc || codec->crc32(0, to, len) == get_le32(trailer));
}

/*
 * One stored deflate block:
 *
 *   | 01 | len | ~len | bytes ... |
 */
static size_t
store(unsigned char *to, const unsigned char *data, size_t len)
{
	to[0] = 1;
	put_le16(to + 1, (uint32_t)len);
	put_le16(to + 3, ~(uint32_t)len);
	memcpy(to + STORED_EXTRA, data, len);
	return len + STORED_EXTRA;
}

size_t
sgz_block_pack(void *encoder, const unsigned char *data, size_t len,
	       unsigned char *to)
{
	const struct sgz_codec *codec = SGZ_CODEC_BLOCKS;
	struct sgz_codec_work work = {
		.in = data,
		.in_len = len,
		.out = to + BGZF_HEADER_SIZE,
		.out_len = DEFLATE_MOST,
	};
	size_t packed = 0, size;

	if (encoder != NULL) {
		codec->reset_encoder(encoder);
		if (codec->encode(encoder, &work, SGZ_CODEC_FINISH) ==
		    SGZ_CODEC_END)
			packed = DEFLATE_MOST - work.out_len;
	}
	if (packed == 0 && len + STORED_EXTRA <= DEFLATE_MOST)
		packed = store(to + BGZF_HEADER_SIZE, data, len);
	if (packed == 0)
		return 0;
	size = BGZF_HEADER_SIZE + packed + TRAILER_SIZE;
	memcpy(to, sgz_bgzf_eof, BGZF_HEADER_SIZE);
	put_le16(to + BGZF_HEADER_SIZE - 2, (uint32_t)size - 1);
	put_le32(to + size - 8, codec->crc32(0, data, len));
	put_le32(to + size - 4, (uint32_t)len);
	return size;
}

/* Contexts */

static struct sgz_contexts *
new_contexts(const struct sgz_memory *memory, size_t count,
	     void (*free_one)(void *context))
{
	struct sgz_contexts *contexts = sgz_memory_alloc(
		memory, sizeof(*contexts) + count * sizeof(contexts->all[0]));

	if (contexts == NULL)
		return NULL;
	contexts->memory = memory;
	contexts->count = 0;
	contexts->free_one = free_one;
	return contexts;
}

/* Add @context, or free all: no memory. */
static bool
add_context(struct sgz_contexts **contexts, void *context)
{
	struct sgz_contexts *to = *contexts;

	if (context == NULL) {
		sgz_contexts_free(to);
		*contexts = NULL;
		return false;
	}
	to->all[to->count].context = context;
	atomic_init(&to->all[to->count].taken, false);
	to->count++;
	return true;
}

struct sgz_contexts *
sgz_contexts_new_decoders(const struct sgz_memory *memory, size_t count)
{
	const struct sgz_codec *codec = SGZ_CODEC_BLOCKS;
	struct sgz_contexts *contexts =
		new_contexts(memory, count, codec->free_decoder);

	for (size_t i = 0; contexts != NULL && i < count; i++)
		if (!add_context(&contexts, codec->new_decoder(memory)))
			break;
	return contexts;
}

struct sgz_contexts *
sgz_contexts_new_encoders(const struct sgz_memory *memory, size_t count,
			  int level)
{
	const struct sgz_codec *codec = SGZ_CODEC_BLOCKS;
	struct sgz_contexts *contexts =
		new_contexts(memory, count, codec->free_encoder);

	for (size_t i = 0; contexts != NULL && i < count; i++)
		if (!add_context(&contexts, codec->new_encoder(memory, level)))
			break;
	return contexts;
}

void
sgz_contexts_free(struct sgz_contexts *contexts)
{
	if (contexts == NULL)
		return;
	for (size_t i = 0; i < contexts->count; i++)
		contexts->free_one(contexts->all[i].context);
	sgz_memory_free(contexts->memory, contexts);
}

void *
sgz_contexts_take(struct sgz_contexts *contexts)
{
	size_t i = 0;

	while (atomic_exchange(&contexts->all[i].taken, true))
		i = (i + 1) % contexts->count;
	return contexts->all[i].context;
}

void
sgz_contexts_put(struct sgz_contexts *contexts, void *context)
{
	size_t i = 0;

	while (contexts->all[i].context != context)
		i++;
	atomic_store(&contexts->all[i].taken, false);
}
