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
sgz_block_unpack(struct sgz_coder *decoder, const unsigned char *in,
		 size_t in_len, unsigned char *to, size_t slack, bool check_crc)
{
	const unsigned char *trailer = in + in_len - TRAILER_SIZE;
	size_t len = get_le32(trailer + 4);

	/* the codec may look into the trailer, which keeps it on its fast
	 * path, but must not need it */
	if (!sgz_coder_unpack(decoder, in, in_len, to, len, len + slack))
		return false;
	if ((!check_crc && decoder->codec->is_built_in) ||
	    sgz_crc32(0, to, len) == get_le32(trailer))
		return true;
	sgz_coder_complain(decoder, "it made other bytes than zlib does");
	return false;
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
sgz_block_pack(struct sgz_coder *encoder, const unsigned char *data, size_t len,
	       unsigned char *to)
{
	size_t packed = 0, size;

	if (encoder != NULL) {
		packed = sgz_coder_pack(encoder, data, len,
					to + BGZF_HEADER_SIZE, DEFLATE_MOST);
		if (encoder->complaint != NULL)
			return 0;
	}
	if (packed == 0 && len + STORED_EXTRA <= DEFLATE_MOST)
		packed = store(to + BGZF_HEADER_SIZE, data, len);
	if (packed == 0)
		return 0;
	size = BGZF_HEADER_SIZE + packed + TRAILER_SIZE;
	memcpy(to, sgz_bgzf_eof, BGZF_HEADER_SIZE);
	put_le16(to + BGZF_HEADER_SIZE - 2, (uint32_t)size - 1);
	put_le32(to + size - 8, sgz_crc32(0, data, len));
	put_le32(to + size - 4, (uint32_t)len);
	return size;
}

/* Contexts */

static struct sgz_contexts *
new_contexts(const struct sgz_memory *memory, size_t count)
{
	struct sgz_contexts *contexts = sgz_memory_alloc(
		memory, sizeof(*contexts) + count * sizeof(contexts->all[0]));

	if (contexts == NULL)
		return NULL;
	contexts->memory = memory;
	contexts->count = 0;
	return contexts;
}

/* Add @context, or free all: no memory. */
static bool
add_context(struct sgz_contexts **contexts, struct sgz_coder *context)
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
sgz_contexts_new_decoders(struct sgz_codec *codec,
			  const struct sgz_memory *memory, size_t count)
{
	struct sgz_contexts *contexts = new_contexts(memory, count);

	for (size_t i = 0; contexts != NULL && i < count; i++)
		if (!add_context(&contexts,
				 sgz_coder_new_decoder(codec, memory)))
			break;
	return contexts;
}

struct sgz_contexts *
sgz_contexts_new_encoders(struct sgz_codec *codec,
			  const struct sgz_memory *memory, size_t count,
			  int32_t level)
{
	struct sgz_contexts *contexts = new_contexts(memory, count);

	for (size_t i = 0; contexts != NULL && i < count; i++)
		if (!add_context(&contexts,
				 sgz_coder_new_encoder(codec, memory, level)))
			break;
	return contexts;
}

void
sgz_contexts_free(struct sgz_contexts *contexts)
{
	if (contexts == NULL)
		return;
	for (size_t i = 0; i < contexts->count; i++)
		sgz_coder_free(contexts->all[i].context);
	sgz_memory_free(contexts->memory, contexts);
}

struct sgz_coder *
sgz_contexts_take(struct sgz_contexts *contexts)
{
	size_t i = 0;

	while (atomic_exchange(&contexts->all[i].taken, true))
		i = (i + 1) % contexts->count;
	return contexts->all[i].context;
}

void
sgz_contexts_put(struct sgz_contexts *contexts, struct sgz_coder *context)
{
	size_t i = 0;

	while (contexts->all[i].context != context)
		i++;
	atomic_store(&contexts->all[i].taken, false);
}
