/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A ring of segments that a pool decompresses. */
#include "ahead.h"

#include "block.h"
#include "pool.h"

enum {
	/* blocks in a segment: enough to make its cost in locks small */
	BLOCKS_MOST = 8,
	/* compressed bytes of a segment that are worth reading for */
	SEGMENT_SIZE = 160 << 10,
	OUT_SIZE = BLOCKS_MOST * BGZF_BLOCK_SIZE + UNPACK_SLACK,
};

/* A block in a segment; @at is where its deflate stream starts. */
struct ahead_block {
	uint64_t offset;
	const unsigned char *at;
	size_t size;
	unsigned char *to;
	bool is_good;
};

/*
 *   in                    own              len
 *   | block | block | ... | part of a block |
 */
struct segment {
	struct sgz_task task;
	struct sgz_ahead *ahead;
	unsigned char *in;
	unsigned char *out;
	/* compressed offset of in[0] */
	uint64_t offset;
	size_t len;
	/* bytes in blocks of its own; the next segment starts with the rest */
	size_t own;
	/* it has no room for more blocks: the window ends at @own */
	bool is_cut;
	bool check_crc;
	/* the thread that uses the reader decompresses these blocks itself */
	bool is_taken;
	size_t count;
	struct ahead_block blocks[BLOCKS_MOST];
};

struct sgz_ahead {
	struct sgz_feeder feeder;
	struct sgz_memory memory;
	struct sgz_pool *pool;
	struct sgz_input *input;
	struct sgz_contexts *decoders;
	struct sgz_task_ring ring;
	struct segment *segments;
	unsigned char *bytes;
	/* the input's own buffer, while its window is the first segment */
	unsigned char *window;
	bool check_crc;
	/* behind the last segment there is no plain block */
	bool halted;
	/* the input has ended behind the last segment, or failed there */
	bool ended;
	bool failed;
	struct sgz_error error;
};

static struct segment *
segment_at(const struct sgz_ahead *ahead, size_t i)
{
	/* the task is its first member */
	return (struct segment *)(void *)sgz_task_at(&ahead->ring, i);
}

static bool
is_memory(const struct sgz_ahead *ahead)
{
	return ahead->input->buffer == NULL;
}

static void
unpack(struct sgz_task *task)
{
	struct segment *segment = (struct segment *)(void *)task;
	struct sgz_contexts *decoders = segment->ahead->decoders;
	struct sgz_coder *decoder = sgz_contexts_take(decoders);

	for (size_t i = 0; i < segment->count; i++) {
		struct ahead_block *block = &segment->blocks[i];

		/* the slack lies where the next block goes */
		block->is_good = sgz_block_unpack(
			decoder, block->at, block->size, block->to,
			UNPACK_SLACK, segment->check_crc);
	}
	sgz_contexts_put(decoders, decoder);
}

/* Making segments */

static void
add_block(struct segment *segment, size_t at, size_t size, size_t *made)
{
	const unsigned char *start = segment->in + at;
	size_t len = get_le32(start + size - 4);
	struct ahead_block *block;

	/* an empty block takes no time */
	if (len == 0)
		return;
	block = &segment->blocks[segment->count++];
	block->offset = segment->offset + at;
	block->at = start + BGZF_HEADER_SIZE;
	block->size = size - BGZF_HEADER_SIZE;
	block->to = segment->out + *made;
	*made += len;
}

/* Find the blocks that @segment has as a whole. */
static void
find_blocks(struct sgz_ahead *ahead, struct segment *segment)
{
	size_t at = 0, made = 0;

	segment->count = 0;
	segment->is_cut = false;
	while (segment->len - at >= BGZF_HEADER_SIZE) {
		const unsigned char *start = segment->in + at;
		size_t size = 1u + get_le16(start + BGZF_HEADER_SIZE - 2);

		ahead->halted = !sgz_bgzf_is_plain(start) ||
			size < BGZF_HEADER_SIZE + TRAILER_SIZE;
		if (ahead->halted || segment->len - at < size)
			break;
		ahead->halted = get_le32(start + size - 4) > SGZ_BLOCK_MAX;
		if (ahead->halted)
			break;
		/* only where another segment follows: it has the rest */
		segment->is_cut = segment->count == BLOCKS_MOST;
		if (segment->is_cut)
			break;
		add_block(segment, at, size, &made);
		at += size;
	}
	segment->own = at;
}

/* Read more into @segment, unless that may wait. */
static void
read_more(struct sgz_ahead *ahead, struct segment *segment)
{
	struct sgz_input *input = ahead->input;
	bool goes_on = !input->adrift;

	while (goes_on && segment->len < SEGMENT_SIZE && !ahead->ended &&
	       !ahead->failed && sgz_input_is_ready(input)) {
		size_t want = SEGMENT_SIZE - segment->len, got = 0;
		enum sgz_status status;

		if (want > input->read_size)
			want = input->read_size;
		status = sgz_input_read(input, segment->in + segment->len, want,
					&got, &ahead->error);
		segment->len += got;
		input->beyond += got;
		ahead->ended = status == SGZ_OK && got == 0;
		ahead->failed = status != SGZ_OK && !input->blocked;
		/* a source that gives less than it could may have to wait */
		goes_on = status == SGZ_OK && (input->fd >= 0 || got == want);
	}
	input->blocked = false;
}

/* Copy the part of a memory that comes next: a worker must not see @data. */
static void
copy_memory(struct sgz_ahead *ahead, struct segment *segment)
{
	const struct sgz_input *input = ahead->input;
	size_t left = (size_t)(input->offset_end - segment->offset);

	segment->len = left < SEGMENT_SIZE ? left : SEGMENT_SIZE;
	memcpy(segment->in, input->end - left, segment->len);
	ahead->ended = segment->len == left;
}

/*
 * Make one more segment, from the compressed @offset on; its first @len bytes
 * are at @data. False: there are no more bytes for it now.
 */
static bool
make_segment(struct sgz_ahead *ahead, uint64_t offset,
	     const unsigned char *data, size_t len, bool is_cut)
{
	struct segment *segment = segment_at(ahead, ahead->ring.count);

	segment->offset = offset;
	segment->len = len;
	if (is_memory(ahead)) {
		copy_memory(ahead, segment);
	} else {
		memcpy(segment->in, data, len);
		read_more(ahead, segment);
		if (segment->len == len && !is_cut)
			return false;
	}
	find_blocks(ahead, segment);
	/* nothing is copied if there is no block to decompress */
	if (is_memory(ahead) && segment->own == 0)
		return false;
	segment->check_crc = ahead->check_crc;
	segment->is_taken = false;
	ahead->ring.count++;
	sgz_pool_submit(ahead->pool, &segment->task);
	return true;
}

/* Make segments until the ring is full. */
static void
make_segments(struct sgz_ahead *ahead)
{
	struct sgz_task_ring *ring = &ahead->ring;
	bool made = ring->count > 0;

	while (made && ring->count < ring->size && !ahead->halted) {
		const struct segment *last = segment_at(ahead, ring->count - 1);

		/* an input that gives so little is not worth the copies */
		made = last->own > 0 &&
			make_segment(ahead, last->offset + last->own,
				     last->in + last->own,
				     last->len - last->own, last->is_cut);
	}
}

/* Using them up */

static void
drop_first(struct sgz_ahead *ahead)
{
	struct sgz_task_ring *ring = &ahead->ring;

	sgz_pool_settle(ahead->pool, sgz_task_at(ring, 0));
	ring->first = (ring->first + 1) % ring->size;
	ring->count--;
}

/* Let the window be the segment @next, and leave the position as it is. */
static void
move_window(struct sgz_ahead *ahead, const struct segment *next)
{
	struct sgz_input *input = ahead->input;
	uint64_t position = sgz_input_offset(input);
	uint64_t read_to = input->offset_end + input->beyond;
	size_t len = next->is_cut ? next->own : next->len;

	if (ahead->window == NULL)
		ahead->window = input->buffer;
	input->begin = input->buffer = next->in;
	input->at = next->in + (position - next->offset);
	input->end = next->in + len;
	input->offset_end = next->offset + len;
	input->beyond = read_to - input->offset_end;
}

/* Give the input its own buffer back. If @keep, copy what is ready into it. */
static void
leave_window(struct sgz_ahead *ahead, bool keep)
{
	struct sgz_input *input = ahead->input;
	size_t ready = keep ? sgz_input_ready(input) : 0;

	if (ahead->window == NULL)
		return;
	if (!keep) {
		input->beyond += sgz_input_ready(input);
		input->offset_end -= sgz_input_ready(input);
	}
	memcpy(ahead->window, input->at, ready);
	input->begin = input->at = input->buffer = ahead->window;
	input->end = input->buffer + ready;
	ahead->window = NULL;
}

/* Move the window on until it has @want bytes ready, or there are no more. */
static void
move_on(struct sgz_ahead *ahead, size_t want)
{
	struct sgz_input *input = ahead->input;

	while (sgz_input_ready(input) < want) {
		size_t next = ahead->window != NULL ? 1 : 0;
		const struct segment *segment;

		if (ahead->ring.count <= next)
			make_segments(ahead);
		if (ahead->ring.count <= next)
			return;
		segment = segment_at(ahead, next);
		if (sgz_input_offset(input) < segment->offset) {
			/* a scan of block headers needs bytes of two segments
			 * at once; it can seek */
			sgz_ahead_stop(ahead);
			return;
		}
		move_window(ahead, segment);
		if (next == 1)
			drop_first(ahead);
		make_segments(ahead);
	}
}

/* The feeder's turn(): the window has fewer than @want bytes ready. */
static enum sgz_status
turn(struct sgz_feeder *feeder, size_t want, struct sgz_error *error)
{
	/* the feeder is its first member */
	struct sgz_ahead *ahead = (struct sgz_ahead *)(void *)feeder;
	struct sgz_input *input = ahead->input;

	if (!sgz_pool_is_here(ahead->pool))
		return sgz_error_set_forked(error, input->name);
	move_on(ahead, want);
	if (sgz_input_ready(input) >= want)
		return SGZ_OK;
	/* from here on the input reads for itself, until the next start */
	leave_window(ahead, true);
	while (ahead->ring.count > 0)
		drop_first(ahead);
	input->ended = input->ended || ahead->ended;
	if (!ahead->failed)
		return SGZ_OK;
	ahead->failed = false;
	if (error != NULL)
		*error = ahead->error;
	return ahead->error.status;
}

bool
sgz_ahead_is_active(const struct sgz_ahead *ahead)
{
	return ahead->ring.count > 0;
}

void
sgz_ahead_start(struct sgz_ahead *ahead, uint64_t offset, bool check_crc)
{
	struct sgz_input *input = ahead->input;
	size_t rest = (size_t)(input->offset_end - offset);

	/* the rest of the window has to fit into a segment */
	if (ahead->failed || (!is_memory(ahead) && rest > SEGMENT_SIZE))
		return;
	ahead->halted = false;
	ahead->ended = input->ended;
	ahead->check_crc = check_crc;
	if (!make_segment(ahead, offset, input->end - rest, rest, rest > 0))
		return;
	if (!is_memory(ahead)) {
		input->end -= rest;
		input->offset_end -= rest;
		input->beyond += rest;
		input->ended = false;
	}
	make_segments(ahead);
}

const unsigned char *
sgz_ahead_find(struct sgz_ahead *ahead, uint64_t offset)
{
	struct segment *first = segment_at(ahead, 0);
	const struct ahead_block *found = NULL;

	while (is_memory(ahead) && ahead->ring.count > 0 &&
	       first->offset + first->own <= offset) {
		/* the one behind it starts where it ends */
		if (ahead->ring.count == 1)
			make_segments(ahead);
		drop_first(ahead);
		make_segments(ahead);
		first = segment_at(ahead, 0);
	}
	if (ahead->ring.count == 0 || first->is_taken ||
	    (!is_memory(ahead) && ahead->window == NULL))
		return NULL;
	for (size_t i = 0; found == NULL && i < first->count; i++)
		if (first->blocks[i].offset == offset)
			found = &first->blocks[i];
	if (found == NULL)
		return NULL;
	/* to decompress it where it is wanted is cheaper than a copy */
	if (!sgz_task_is_done(&first->task))
		first->is_taken = sgz_pool_take(ahead->pool, &first->task);
	if (first->is_taken)
		return NULL;
	sgz_pool_finish(ahead->pool, &ahead->ring);
	return found->is_good ? found->to : NULL;
}

void
sgz_ahead_stop(struct sgz_ahead *ahead)
{
	struct sgz_input *input = ahead->input;

	bool was_active = ahead->ring.count > 0;

	leave_window(ahead, false);
	while (ahead->ring.count > 0)
		drop_first(ahead);
	ahead->ended = ahead->failed = false;
	if (!was_active || is_memory(ahead))
		return;
	/* the file stands `beyond` the window */
	input->adrift = true;
	input->ended = false;
}

static void
stop(struct sgz_feeder *feeder)
{
	sgz_ahead_stop((struct sgz_ahead *)(void *)feeder);
}

void
sgz_ahead_free(struct sgz_ahead *ahead)
{
	struct sgz_memory memory;

	if (ahead == NULL)
		return;
	memory = ahead->memory;
	leave_window(ahead, false);
	while (ahead->ring.count > 0)
		drop_first(ahead);
	ahead->input->feeder = NULL;
	sgz_contexts_free(ahead->decoders);
	sgz_memory_free(&memory, ahead->ring.tasks);
	sgz_memory_free(&memory, ahead->segments);
	sgz_memory_free(&memory, ahead->bytes);
	sgz_memory_free(&memory, ahead);
}

static void
init_segments(struct sgz_ahead *ahead)
{
	for (size_t i = 0; i < ahead->ring.size; i++) {
		struct segment *segment = &ahead->segments[i];

		memset(segment, 0, sizeof(*segment));
		segment->task.run = unpack;
		segment->ahead = ahead;
		segment->in = ahead->bytes + i * (SEGMENT_SIZE + OUT_SIZE);
		segment->out = segment->in + SEGMENT_SIZE;
		ahead->ring.tasks[i] = &segment->task;
	}
}

struct sgz_ahead *
sgz_ahead_new(const struct sgz_memory *memory, struct sgz_pool *pool,
	      struct sgz_codec *codec, struct sgz_input *input)
{
	size_t threads = sgz_pool_get_threads(pool);
	/* one for each thread, one that waits for it, and the one in use */
	size_t size = 2 * threads + 2;
	struct sgz_ahead *ahead = sgz_memory_alloc(memory, sizeof(*ahead));

	if (ahead == NULL)
		return NULL;
	memset(ahead, 0, sizeof(*ahead));
	ahead->feeder.turn = turn;
	ahead->feeder.stop = stop;
	ahead->memory = *memory;
	ahead->pool = pool;
	ahead->input = input;
	ahead->ring.size = size;
	ahead->ring.tasks =
		sgz_memory_alloc(memory, size * sizeof(ahead->ring.tasks[0]));
	ahead->segments =
		sgz_memory_alloc(memory, size * sizeof(ahead->segments[0]));
	ahead->bytes = sgz_memory_alloc(
		memory, size * (size_t)(SEGMENT_SIZE + OUT_SIZE));
	ahead->decoders =
		sgz_contexts_new_decoders(codec, &ahead->memory, threads);
	if (ahead->ring.tasks == NULL || ahead->segments == NULL ||
	    ahead->bytes == NULL || ahead->decoders == NULL) {
		sgz_ahead_free(ahead);
		return NULL;
	}
	init_segments(ahead);
	input->feeder = &ahead->feeder;
	return ahead;
}
