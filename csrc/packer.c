/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A ring of blocks that a pool compresses. */
#include "packer.h"

#include "block.h"
#include "pool.h"

struct slot {
	struct sgz_task task;
	struct sgz_packer *packer;
	size_t len;
	size_t size;
	/* its own room, or what @owner owns */
	const unsigned char *data;
	struct sgz_owner *owner;
	unsigned char *room;
	unsigned char *block;
};

struct sgz_packer {
	struct sgz_memory memory;
	struct sgz_pool *pool;
	/* NULL for level 0 */
	struct sgz_contexts *encoders;
	struct sgz_task_ring ring;
	struct slot *slots;
	unsigned char *bytes;
};

void
sgz_owned_release(const struct sgz_owned *owned, unsigned char *busy)
{
	unsigned char former = *busy;

	if (owned->release == NULL)
		return;
	*busy = 1;
	owned->release(owned->ctx);
	*busy = former;
}

void
sgz_owner_unref(struct sgz_owner *owner)
{
	if (owner == NULL || --owner->users > 0)
		return;
	sgz_owned_release(&owner->owned, owner->busy);
	sgz_memory_free(owner->memory, owner);
}

static struct slot *
slot_of(struct sgz_task *task)
{
	/* the task is its first member */
	return (struct slot *)(void *)task;
}

static void
pack(struct sgz_task *task)
{
	struct slot *slot = slot_of(task);
	struct sgz_contexts *encoders = slot->packer->encoders;
	struct sgz_coder *encoder =
		encoders != NULL ? sgz_contexts_take(encoders) : NULL;

	slot->size =
		sgz_block_pack(encoder, slot->data, slot->len, slot->block);
	if (encoder != NULL)
		sgz_contexts_put(encoders, encoder);
}

void
sgz_packer_free(struct sgz_packer *packer)
{
	struct sgz_memory memory;

	if (packer == NULL)
		return;
	memory = packer->memory;
	for (size_t i = 0; i < packer->ring.count; i++)
		sgz_pool_settle(packer->pool, sgz_task_at(&packer->ring, i));
	while (packer->ring.count > 0)
		sgz_packer_drop_first(packer);
	sgz_contexts_free(packer->encoders);
	sgz_memory_free(&memory, packer->ring.tasks);
	sgz_memory_free(&memory, packer->slots);
	sgz_memory_free(&memory, packer->bytes);
	sgz_memory_free(&memory, packer);
}

struct sgz_packer *
sgz_packer_new(const struct sgz_memory *memory, struct sgz_pool *pool,
	       struct sgz_codec *codec, int32_t level, size_t block_size)
{
	size_t threads = sgz_pool_get_threads(pool);
	/* one for each thread, and one more that waits for it */
	size_t size = 2 * threads + 2;
	size_t each = block_size + BGZF_BLOCK_SIZE;
	struct sgz_packer *packer = sgz_memory_alloc(memory, sizeof(*packer));

	if (packer == NULL)
		return NULL;
	memset(packer, 0, sizeof(*packer));
	packer->memory = *memory;
	packer->pool = pool;
	packer->ring.size = size;
	packer->ring.tasks =
		sgz_memory_alloc(memory, size * sizeof(packer->ring.tasks[0]));
	packer->slots =
		sgz_memory_alloc(memory, size * sizeof(packer->slots[0]));
	packer->bytes = sgz_memory_alloc(memory, size * each);
	if (level != 0)
		packer->encoders = sgz_contexts_new_encoders(
			codec, &packer->memory, threads, level);
	if (packer->ring.tasks == NULL || packer->slots == NULL ||
	    packer->bytes == NULL || (level != 0 && packer->encoders == NULL)) {
		sgz_packer_free(packer);
		return NULL;
	}
	for (size_t i = 0; i < size; i++) {
		struct slot *slot = &packer->slots[i];

		memset(slot, 0, sizeof(*slot));
		slot->task.run = pack;
		slot->packer = packer;
		slot->room = packer->bytes + i * each;
		slot->block = slot->room + block_size;
		packer->ring.tasks[i] = &slot->task;
	}
	return packer;
}

unsigned char *
sgz_packer_get_room(struct sgz_packer *packer)
{
	struct sgz_task_ring *ring = &packer->ring;

	if (ring->count == ring->size)
		return NULL;
	return slot_of(sgz_task_at(ring, ring->count))->room;
}

static void
submit(struct sgz_packer *packer, const unsigned char *data, size_t len,
       struct sgz_owner *owner)
{
	struct sgz_task_ring *ring = &packer->ring;
	struct slot *slot = slot_of(sgz_task_at(ring, ring->count));

	slot->data = data != NULL ? data : slot->room;
	slot->len = len;
	slot->owner = owner;
	ring->count++;
	sgz_pool_submit(packer->pool, &slot->task);
}

void
sgz_packer_submit(struct sgz_packer *packer, size_t len)
{
	submit(packer, NULL, len, NULL);
}

void
sgz_packer_submit_owned(struct sgz_packer *packer, const unsigned char *data,
			size_t len, struct sgz_owner *owner)
{
	owner->users++;
	submit(packer, data, len, owner);
}

bool
sgz_packer_is_empty(const struct sgz_packer *packer)
{
	return packer->ring.count == 0;
}

void
sgz_packer_get_first(struct sgz_packer *packer, struct sgz_packed *packed_out)
{
	struct slot *slot = slot_of(sgz_task_at(&packer->ring, 0));

	sgz_pool_finish(packer->pool, &packer->ring);
	packed_out->data = slot->data;
	packed_out->len = slot->len;
	packed_out->block = slot->block;
	packed_out->size = slot->size;
}

void
sgz_packer_drop_first(struct sgz_packer *packer)
{
	struct sgz_task_ring *ring = &packer->ring;
	struct slot *slot = slot_of(sgz_task_at(ring, 0));

	sgz_owner_unref(slot->owner);
	slot->owner = NULL;
	ring->first = (ring->first + 1) % ring->size;
	ring->count--;
}
