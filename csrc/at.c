/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading at an offset, by any thread. This uses only the parts of the reader
 * that do not change after it was opened, its index, and what the lock of
 * `struct sgz_at` guards.
 */
#include "at.h"

#include "block.h"
#include "reader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum {
	/* blocks are kept in sets of so many: the one that was used least
	 * recently is replaced */
	WAYS = 4
};

struct sgz_block {
	struct sgz_memory memory;
	atomic_size_t references;
	uint64_t offset;
	size_t len;
	unsigned char data[];
};

/* What a thread needs while it reads a block; spare ones are kept. */
struct desk {
	struct desk *next;
	struct sgz_coder *decoder;
	unsigned char in[BGZF_BLOCK_SIZE];
	/* for the beginning of a block */
	unsigned char out[BGZF_BLOCK_SIZE + SGZ_CODEC_PART_SLACK];
};

/* A block that was used recently, and its number in the index. */
struct kept {
	struct sgz_block *block;
	size_t entry;
	uint64_t used;
};

struct sgz_at {
	const struct sgz_memory *memory;
	struct sgz_codec *codec;
	/*
	 * The process whose threads share what follows. In its child process
	 * the lock may be held for ever, so nothing is shared there.
	 */
	pid_t process;
	pthread_mutex_t lock;
	struct desk *spare;
	uint64_t uses;
	size_t sets;
	struct kept kept[];
};

/* Blocks */

const void *
sgz_block_get_data(const struct sgz_block *block, size_t *len_out)
{
	*len_out = block->len;
	return block->data;
}

uint64_t
sgz_block_get_offset(const struct sgz_block *block)
{
	return block->offset;
}

struct sgz_block *
sgz_block_ref(struct sgz_block *block)
{
	atomic_fetch_add_explicit(&block->references, 1, memory_order_relaxed);
	return block;
}

void
sgz_block_unref(struct sgz_block *block)
{
	struct sgz_memory memory;

	if (block == NULL ||
	    atomic_fetch_sub_explicit(&block->references, 1,
				      memory_order_acq_rel) != 1)
		return;
	memory = block->memory;
	sgz_memory_free(&memory, block);
}

struct sgz_block *
sgz_block_new(const struct sgz_memory *memory, uint64_t offset, size_t len)
{
	struct sgz_block *block =
		sgz_memory_alloc(memory, sizeof(*block) + len + UNPACK_SLACK);

	if (block == NULL)
		return NULL;
	block->memory = *memory;
	atomic_init(&block->references, 1);
	block->offset = offset;
	block->len = len;
	return block;
}

unsigned char *
sgz_block_get_room(struct sgz_block *block)
{
	return block->data;
}

struct sgz_block *
sgz_block_resize(struct sgz_block *block, size_t len)
{
	struct sgz_memory memory = block->memory;
	size_t size;

	if (__builtin_add_overflow(sizeof(*block), len, &size))
		return NULL;
	block = sgz_memory_resize(&memory, block, size);
	if (block != NULL)
		block->len = len;
	return block;
}

/* What is shared */

struct sgz_at *
sgz_at_new(const struct sgz_memory *memory, struct sgz_codec *codec,
	   size_t cache_size, size_t count)
{
	size_t sets = cache_size / (WAYS * SGZ_BLOCK_MAX);
	size_t size;
	struct sgz_at *at;

	if (sets > (count + WAYS - 1) / WAYS)
		sets = (count + WAYS - 1) / WAYS;
	size = sizeof(struct sgz_at) + sets * WAYS * sizeof(struct kept);
	at = sgz_memory_alloc(memory, size);
	if (at == NULL)
		return NULL;
	memset(at, 0, size);
	at->memory = memory;
	at->codec = codec;
	at->sets = sets;
	at->process = getpid();
	/* on Linux it asks for nothing that could be refused */
	(void)pthread_mutex_init(&at->lock, NULL);
	return at;
}

static bool
is_shared(const struct sgz_at *at)
{
	return at->process == getpid();
}

static void
free_desk(const struct sgz_memory *memory, struct desk *desk)
{
	sgz_coder_free(desk->decoder);
	sgz_memory_free(memory, desk);
}

void
sgz_at_free(struct sgz_at *at)
{
	if (at == NULL)
		return;
	while (at->spare != NULL) {
		struct desk *desk = at->spare;

		at->spare = desk->next;
		free_desk(at->memory, desk);
	}
	for (size_t i = 0; i < at->sets * WAYS; i++)
		sgz_block_unref(at->kept[i].block);
	if (is_shared(at))
		pthread_mutex_destroy(&at->lock);
	sgz_memory_free(at->memory, at);
}

/* A spare desk or a new one; NULL: no memory. */
static struct desk *
take_desk(struct sgz_at *at)
{
	struct desk *desk = NULL;

	if (is_shared(at)) {
		pthread_mutex_lock(&at->lock);
		desk = at->spare;
		if (desk != NULL)
			at->spare = desk->next;
		pthread_mutex_unlock(&at->lock);
	}
	if (desk != NULL)
		return desk;
	desk = sgz_memory_alloc(at->memory, sizeof(*desk));
	if (desk == NULL)
		return NULL;
	desk->decoder = sgz_coder_new_decoder(at->codec, at->memory);
	if (desk->decoder != NULL)
		return desk;
	sgz_memory_free(at->memory, desk);
	return NULL;
}

static void
put_desk(struct sgz_at *at, struct desk *desk)
{
	if (!is_shared(at)) {
		free_desk(at->memory, desk);
		return;
	}
	pthread_mutex_lock(&at->lock);
	desk->next = at->spare;
	at->spare = desk;
	pthread_mutex_unlock(&at->lock);
}

static struct kept *
set_of(struct sgz_at *at, size_t entry)
{
	return &at->kept[entry % at->sets * WAYS];
}

/* The block of @entry, with one more reference, or NULL. */
static struct sgz_block *
find_kept(struct sgz_at *at, size_t entry)
{
	struct sgz_block *block = NULL;
	struct kept *set;

	if (at->sets == 0 || !is_shared(at))
		return NULL;
	pthread_mutex_lock(&at->lock);
	set = set_of(at, entry);
	for (size_t i = 0; block == NULL && i < WAYS; i++)
		if (set[i].block != NULL && set[i].entry == entry) {
			set[i].used = ++at->uses;
			block = sgz_block_ref(set[i].block);
		}
	pthread_mutex_unlock(&at->lock);
	return block;
}

static void
keep(struct sgz_at *at, size_t entry, struct sgz_block *block)
{
	struct sgz_block *former;
	struct kept *set, *least;

	if (at->sets == 0 || !is_shared(at))
		return;
	sgz_block_ref(block);
	pthread_mutex_lock(&at->lock);
	least = set = set_of(at, entry);
	for (size_t i = 1; i < WAYS; i++)
		if (set[i].used < least->used)
			least = &set[i];
	former = least->block;
	least->block = block;
	least->entry = entry;
	least->used = ++at->uses;
	pthread_mutex_unlock(&at->lock);
	sgz_block_unref(former);
}

/* Finding and reading */

/* A block as it lies in the input. */
struct packed {
	uint64_t offset;
	/* of its first byte in the input, and of the one behind it */
	uint64_t start;
	uint64_t end;
	/* its deflate stream and trailer */
	const unsigned char *at;
	size_t size;
	size_t len;
};

static enum sgz_status
raise_index(const struct sgz_reader *reader, uint64_t start, const char *reason,
	    struct sgz_error *error)
{
	return sgz_reader_raise(reader, error, SGZ_E_INDEX, (int64_t)start,
				"the index is of another file: %s", reason);
}

/* Up to @len bytes of the input at @offset: in @to, or where they lie. */
static enum sgz_status
fetch(const struct sgz_reader *reader, uint64_t offset, unsigned char *to,
      size_t len, const unsigned char **at_out, size_t *len_out,
      struct sgz_error *error)
{
	const struct sgz_input *input = &reader->input;

	*at_out = to;
	if (input->fd >= 0)
		return sgz_input_pread(input, offset, to, len, len_out, error);
	/* begin, end and offset_end of a memory never change */
	*len_out = 0;
	if (offset < input->offset_end) {
		uint64_t left = input->offset_end - offset;

		*len_out = left < len ? (size_t)left : len;
		*at_out = input->end - left;
	}
	return SGZ_OK;
}

/* The end of the text at @start; 0: it has no NUL within @len bytes. */
static size_t
skip_text(const unsigned char *at, size_t start, size_t len)
{
	const unsigned char *nul = memchr(at + start, '\0', len - start);

	return nul != NULL ? (size_t)(nul - at) + 1 : 0;
}

/* The end of a header whose extra field ends at @end; 0: it is wrong. */
static size_t
skip_rest(const unsigned char *at, size_t end, size_t len)
{
	if (at[3] & FLAG_NAME)
		end = skip_text(at, end, len);
	if (end > 0 && (at[3] & FLAG_COMMENT))
		end = skip_text(at, end, len);
	if (end == 0 || !(at[3] & FLAG_HCRC))
		return end;
	if (len - end < 2 ||
	    (sgz_crc32(0, at, end) & 0xffff) != get_le16(at + end))
		return 0;
	return end + 2;
}

/* The length of the header at @at, and BSIZE + 1; 0: it is not a block's. */
static size_t
measure(const unsigned char *at, size_t len, size_t *size_out)
{
	size_t end;
	int32_t bsize;

	if (len < BGZF_HEADER_SIZE)
		return 0;
	*size_out = 1u + get_le16(at + BGZF_HEADER_SIZE - 2);
	if (sgz_bgzf_is_plain(at))
		return BGZF_HEADER_SIZE;
	end = PREFIX_SIZE + 2u + get_le16(at + PREFIX_SIZE);
	if (at[0] != 0x1f || at[1] != 0x8b || at[2] != METHOD_DEFLATE ||
	    !(at[3] & FLAG_EXTRA) || (at[3] & FLAG_RESERVED) || end > len)
		return 0;
	bsize = sgz_header_find_bsize(at + PREFIX_SIZE + 2,
				      end - PREFIX_SIZE - 2);
	*size_out = (size_t)(bsize + 1);
	return bsize >= 0 ? skip_rest(at, end, len) : 0;
}

/*
 * Does the data end here, @behind bytes after the last entry, where the input
 * has these @len bytes? What follows the last block is not looked at.
 */
static bool
is_end(const unsigned char *at, size_t len, uint64_t behind)
{
	return len == 0 ||
		(behind > 0 && (len < 2 || at[0] != 0x1f || at[1] != 0x8b));
}

/* Are these @len bytes the beginning of a block's header, and no more? */
static bool
is_cut(const unsigned char *at, size_t len)
{
	static const unsigned char start[] = { 0x1f, 0x8b, METHOD_DEFLATE,
					       FLAG_EXTRA };

	if (memcmp(at, start, len < sizeof(start) ? len : sizeof(start)) != 0)
		return false;
	return len < PREFIX_SIZE + 2 ||
		PREFIX_SIZE + 2u + get_le16(at + PREFIX_SIZE) > len;
}

static enum sgz_status
raise_end(const struct sgz_reader *reader, uint64_t end, const char *what,
	  struct sgz_error *error)
{
	return sgz_reader_raise(reader, error, SGZ_E_TRUNCATED, (int64_t)end,
				"the input ends within a %s", what);
}

/*
 * A block that is refused: the reason, as reading in sequence reports it. Where
 * zlib accepts what another codec refused, its bytes go to @to (or NULL).
 */
static enum sgz_status
judge(const struct sgz_reader *reader, const struct packed *packed,
      unsigned char *to, const struct sgz_coder *by, struct sgz_error *error)
{
	const struct sgz_refused block = {
		.start = (int64_t)packed->start,
		.in = packed->at,
		.in_len = packed->size,
		.check_crc = !reader->options.skip_crc,
		.by = by,
	};
	struct sgz_allocator lent;
	unsigned char *chunk = sgz_memory_alloc(&reader->memory, CHUNK_SIZE);
	struct sgz_zlib *zlib;
	enum sgz_status status;

	sgz_memory_lend(&reader->memory, &lent);
	zlib = sgz_zlib_new_decoder(&lent);
	if (chunk != NULL && zlib != NULL)
		status = sgz_reader_judge_block(reader, &block, zlib, chunk,
						error);
	else
		status = sgz_error_set_nomem(error, reader->input.name);
	if (status == SGZ_OK && to != NULL)
		memcpy(to, chunk, packed->len);
	sgz_zlib_free_decoder(zlib);
	sgz_memory_free(&reader->memory, chunk);
	return status;
}

/*
 * Find the parts of the block that has its first @len bytes at @at; @most were
 * wanted, so fewer are the last ones of the input.
 */
static enum sgz_status
enter_block(const struct sgz_reader *reader, const unsigned char *at,
	    size_t len, size_t most, struct packed *packed,
	    struct sgz_error *error)
{
	size_t size = 0;
	size_t header_len = measure(at, len, &size);
	bool is_end = len < most;

	if (header_len == 0 && is_end && is_cut(at, len))
		return raise_end(reader, packed->start + len, "header", error);
	if (header_len == 0 || size < header_len + TRAILER_SIZE)
		return raise_index(reader, packed->start,
				   "no block starts here", error);
	if (len < size && is_end)
		return raise_end(reader, packed->start + len, "block", error);
	if (len < size)
		return raise_index(reader, packed->start,
				   "the next block starts within this one",
				   error);
	packed->end = packed->start + size;
	packed->at = at + header_len;
	packed->size = size - header_len;
	packed->len = get_le32(at + size - 4);
	return SGZ_OK;
}

/*
 * Read the block that the index's entry number @entry says is there; believe
 * nothing. packed->len is 0 at the end of the data.
 */
static enum sgz_status
load(const struct sgz_reader *reader, struct desk *desk, size_t entry,
     struct packed *packed, struct sgz_error *error)
{
	size_t count, len;
	const struct sgz_index_entry *entries =
		sgz_index_get_entries(reader->index, &count);
	const unsigned char *at;
	enum sgz_status status;

	packed->offset = entries[entry].offset;
	packed->start = entries[entry].compressed_offset;
	for (;;) {
		size_t most = BGZF_BLOCK_SIZE;

		/* an index tells how long most blocks are at most */
		if (entry + 1 < count &&
		    entries[entry + 1].compressed_offset - packed->start < most)
			most = (size_t)(entries[entry + 1].compressed_offset -
					packed->start);
		status = fetch(reader, packed->start, desk->in, most, &at, &len,
			       error);
		if (status != SGZ_OK)
			return status;
		packed->len = 0;
		if (entry + 1 == count &&
		    is_end(at, len,
			   packed->start - entries[entry].compressed_offset))
			return SGZ_OK;
		status = enter_block(reader, at, len, most, packed, error);
		if (status != SGZ_OK)
			return status;
		/* indexes do not list empty blocks */
		if (packed->len > 0)
			break;
		packed->start = packed->end;
	}
	if (packed->len > SGZ_BLOCK_MAX)
		return sgz_reader_raise_isize(reader, (int64_t)packed->start,
					      packed->len, error);
	if (entry + 1 == count ||
	    packed->len == entries[entry + 1].offset - packed->offset)
		return SGZ_OK;
	/* whose fault is it, the block's or the index's? */
	status = judge(reader, packed, NULL, desk->decoder, error);
	if (status != SGZ_OK)
		return status;
	return raise_index(reader, packed->start,
			   "the block's length is not what it says", error);
}

/* Load and decompress a block; *block_out is NULL at the end. */
static enum sgz_status
make_block(struct sgz_reader *reader, struct desk *desk, size_t entry,
	   struct sgz_block **block_out, struct sgz_error *error)
{
	struct packed packed;
	struct sgz_block *block;
	enum sgz_status status = load(reader, desk, entry, &packed, error);

	*block_out = NULL;
	if (status != SGZ_OK || packed.len == 0)
		return status;
	block = sgz_block_new(&reader->memory, packed.offset, packed.len);
	if (block == NULL)
		return sgz_error_set_nomem(error, reader->input.name);
	if (!sgz_block_unpack(desk->decoder, packed.at, packed.size,
			      block->data, UNPACK_SLACK,
			      !reader->options.skip_crc))
		status = judge(reader, &packed, block->data, desk->decoder,
			       error);
	if (status == SGZ_OK)
		*block_out = block;
	else
		sgz_block_unref(block);
	return status;
}

/* May the reader be read at offsets? */
static enum sgz_status
check(struct sgz_reader *reader, struct sgz_error *error)
{
	if (reader->index == NULL)
		return sgz_reader_raise(reader, error, SGZ_E_UNSUPPORTED, -1,
					"the reader has no index");
	if (reader->input.source.read != NULL)
		return sgz_reader_raise(reader, error, SGZ_E_UNSUPPORTED, -1,
					"the input is a source");
	return SGZ_OK;
}

static enum sgz_status
ref_entry(struct sgz_reader *reader, size_t entry, struct sgz_block **block_out,
	  struct sgz_error *error)
{
	struct desk *desk;
	enum sgz_status status;

	*block_out = find_kept(reader->shared, entry);
	if (*block_out != NULL)
		return SGZ_OK;
	desk = take_desk(reader->shared);
	if (desk == NULL)
		return sgz_error_set_nomem(error, reader->input.name);
	status = make_block(reader, desk, entry, block_out, error);
	put_desk(reader->shared, desk);
	if (status == SGZ_OK && *block_out != NULL)
		keep(reader->shared, entry, *block_out);
	return status;
}

enum sgz_status
sgz_reader_ref_block(struct sgz_reader *reader, uint64_t offset,
		     struct sgz_block **block_out, struct sgz_error *error)
{
	struct sgz_block *block = NULL;
	enum sgz_status status = check(reader, error);

	if (status == SGZ_OK)
		status = ref_entry(reader,
				   sgz_index_locate(reader->index, offset),
				   &block, error);
	if (status != SGZ_OK)
		return status;
	if (block != NULL && offset - block->offset >= block->len) {
		sgz_block_unref(block);
		block = NULL;
	}
	*block_out = block;
	return SGZ_OK;
}

/* The part of a block that is wanted. */
struct part {
	unsigned char *to;
	size_t skip;
	size_t len;
};

/* Decompress what is wanted of a block that is not kept. */
static enum sgz_status
unpack_part(struct sgz_reader *reader, struct desk *desk,
	    const struct packed *packed, const struct part *part,
	    struct sgz_error *error)
{
	/* a codec that is not built in needs slack */
	bool is_direct = part->skip == 0 && part->len == packed->len &&
		desk->decoder->codec->is_built_in;
	unsigned char *to = is_direct ? part->to : desk->out;
	/* what is decompressed to its end can be checked as well */
	bool good = reader->options.stop_early &&
		part->skip + part->len < packed->len &&
		sgz_coder_unpack_part(desk->decoder, packed->at, packed->size,
				      to, part->skip + part->len);
	enum sgz_status status = SGZ_OK;

	if (!good)
		good = sgz_block_unpack(desk->decoder, packed->at, packed->size,
					to, is_direct ? 0 : UNPACK_SLACK,
					!reader->options.skip_crc);
	if (!good)
		status = judge(reader, packed, to, desk->decoder, error);
	if (status == SGZ_OK && !is_direct)
		memcpy(part->to, to + part->skip, part->len);
	return status;
}

/* Read from the block of @entry what is wanted; part->len of 0 is the end. */
static enum sgz_status
read_part(struct sgz_reader *reader, size_t entry, uint64_t offset,
	  struct part *part, struct sgz_error *error)
{
	struct packed packed = { 0 };
	struct sgz_block *block = NULL;
	struct desk *desk = NULL;
	uint64_t start;
	size_t len;
	enum sgz_status status = SGZ_OK;

	if (reader->options.cache_size > 0) {
		status = ref_entry(reader, entry, &block, error);
		len = block != NULL ? block->len : 0;
		start = block != NULL ? block->offset : offset;
	} else {
		desk = take_desk(reader->shared);
		if (desk == NULL)
			return sgz_error_set_nomem(error, reader->input.name);
		status = load(reader, desk, entry, &packed, error);
		len = packed.len;
		start = packed.offset;
	}
	if (status != SGZ_OK)
		goto out;
	part->skip = offset - start < len ? (size_t)(offset - start) : len;
	if (part->len > len - part->skip)
		part->len = len - part->skip;
	if (part->len > 0 && block != NULL)
		memcpy(part->to, block->data + part->skip, part->len);
	else if (part->len > 0)
		status = unpack_part(reader, desk, &packed, part, error);
out:
	if (desk != NULL)
		put_desk(reader->shared, desk);
	sgz_block_unref(block);
	return status;
}

enum sgz_status
sgz_reader_read_at(struct sgz_reader *reader, uint64_t offset, void *data,
		   size_t len, size_t *len_out, struct sgz_error *error)
{
	size_t sum = 0;
	enum sgz_status status = check(reader, error);

	while (status == SGZ_OK && sum < len) {
		struct part part = {
			.to = (unsigned char *)data + sum,
			.len = len - sum,
		};

		status = read_part(
			reader, sgz_index_locate(reader->index, offset + sum),
			offset + sum, &part, error);
		if (part.len == 0)
			break;
		sum += part.len;
	}
	if (status == SGZ_OK)
		*len_out = sum;
	return status;
}
