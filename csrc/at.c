/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading at an offset, by any thread. Of the reader this uses what does not
 * change after it was opened, the index, and what `struct sgz_at` guards by its
 * lock.
 */
#include "at.h"

#include "reader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum {
	/* kept blocks lie in sets of so many: the least used one goes */
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
	void *decoder;
	unsigned char in[BGZF_BLOCK_SIZE];
	/* for the beginning of a block */
	unsigned char out[BGZF_BLOCK_SIZE + SGZ_CODEC_PART_SLACK];
};

/* A block that was used lately, under its number in the index. */
struct kept {
	struct sgz_block *block;
	size_t entry;
	uint64_t used;
};

struct sgz_at {
	const struct sgz_memory *memory;
	/*
	 * The process whose threads share what follows. In a child of it the
	 * lock may be held for ever: there, nothing is shared.
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
sgz_at_new(const struct sgz_memory *memory, size_t cache_size, size_t count)
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
	if (desk->decoder != NULL)
		SGZ_CODEC_BLOCKS->free_decoder(desk->decoder);
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
	desk->decoder = SGZ_CODEC_BLOCKS->new_decoder(at->memory);
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
	/* of its first byte in the input */
	uint64_t start;
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

/* The length of the header at @at, and BSIZE + 1; 0: it is no block's. */
static size_t
measure(const unsigned char *at, size_t len, size_t *size_out)
{
	size_t header_len;
	int32_t bsize;

	if (len < BGZF_HEADER_SIZE)
		return 0;
	*size_out = 1u + get_le16(at + BGZF_HEADER_SIZE - 2);
	if (sgz_bgzf_is_plain(at))
		return BGZF_HEADER_SIZE;
	/* other subfields, but neither a name nor a comment nor a CRC */
	header_len = PREFIX_SIZE + 2u + get_le16(at + PREFIX_SIZE);
	if (at[0] != 0x1f || at[1] != 0x8b || at[2] != METHOD_DEFLATE ||
	    at[3] != FLAG_EXTRA || header_len > len)
		return 0;
	bsize = sgz_header_find_bsize(at + PREFIX_SIZE + 2,
				      header_len - PREFIX_SIZE - 2);
	*size_out = (size_t)(bsize + 1);
	return bsize >= 0 ? header_len : 0;
}

/*
 * Read the block that the index's entry number @entry says is there; believe
 * nothing. packed->len is 0 at the end of the data.
 */
static enum sgz_status
load(const struct sgz_reader *reader, struct desk *desk, size_t entry,
     struct packed *packed, struct sgz_error *error)
{
	size_t count, len, header_len, size = 0;
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
		if (len == 0 && entry + 1 == count)
			return SGZ_OK;
		header_len = measure(at, len, &size);
		if (header_len == 0 || size < header_len + TRAILER_SIZE)
			return raise_index(reader, packed->start,
					   "no block starts here", error);
		if (len < size)
			return sgz_reader_raise(reader, error, SGZ_E_TRUNCATED,
						(int64_t)packed->start,
						"the input ends within a "
						"block");
		packed->at = at + header_len;
		packed->size = size - header_len;
		packed->len = get_le32(at + size - 4);
		/* indexes do not list empty blocks */
		if (packed->len > 0)
			break;
		packed->start += size;
	}
	if (packed->len > SGZ_BLOCK_MAX ||
	    (entry + 1 < count &&
	     packed->len != entries[entry + 1].offset - packed->offset))
		return raise_index(reader, packed->start,
				   "the block's length is not what it says",
				   error);
	return SGZ_OK;
}

static enum sgz_status
raise_refused(const struct sgz_reader *reader, const struct packed *packed,
	      struct sgz_error *error)
{
	return sgz_reader_raise(reader, error, SGZ_E_DATA,
				(int64_t)packed->start,
				"the block is corrupt: its deflate stream, its "
				"length or its CRC-32");
}

/* Load and unpack a block; *block_out is NULL at the end. */
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
			      !reader->options.skip_crc)) {
		sgz_block_unref(block);
		return raise_refused(reader, &packed, error);
	}
	*block_out = block;
	return SGZ_OK;
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

/* Unpack what is wanted of a block that is not to be kept. */
static enum sgz_status
unpack_part(struct sgz_reader *reader, struct desk *desk,
	    const struct packed *packed, const struct part *part,
	    struct sgz_error *error)
{
	bool is_whole = part->skip == 0 && part->len == packed->len;
	unsigned char *to = is_whole ? part->to : desk->out;
	bool good = reader->options.stop_early && !is_whole &&
		SGZ_CODEC_BLOCKS->decode_part(desk->decoder, packed->at,
					      packed->size, to,
					      part->skip + part->len);

	if (!good)
		good = sgz_block_unpack(desk->decoder, packed->at, packed->size,
					to, is_whole ? 0 : UNPACK_SLACK,
					!reader->options.skip_crc);
	if (!good)
		return raise_refused(reader, packed, error);
	if (!is_whole)
		memcpy(part->to, to + part->skip, part->len);
	return SGZ_OK;
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
