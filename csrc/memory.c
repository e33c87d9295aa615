/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Allocators, and buffers that grow. */
#define SGZ_MEMORY_C
#include "internal.h"

#include <stdatomic.h>
#include <stdlib.h>

static void *
libc_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return malloc(size);
}

static void *
libc_realloc(void *ctx, void *ptr, size_t size)
{
	(void)ctx;
	return realloc(ptr, size);
}

static void
libc_free(void *ctx, void *ptr)
{
	(void)ctx;
	free(ptr);
}

/* A macro, because two initialisers need a constant expression. */
#define LIBC_ALLOCATOR                                    \
	{                                                 \
		libc_alloc, libc_realloc, libc_free, NULL \
	}

const struct sgz_allocator sgz_allocator_libc = LIBC_ALLOCATOR;

/* The library's only global state, and the number of its allocated blocks. */
static struct sgz_allocator default_allocator = LIBC_ALLOCATOR;
static atomic_size_t default_blocks;

bool
sgz_allocator_is_whole(const struct sgz_allocator *allocator)
{
	return allocator == NULL ||
		(allocator->alloc != NULL && allocator->realloc != NULL &&
		 allocator->free != NULL);
}

enum sgz_status
sgz_allocator_check(const struct sgz_allocator *allocator,
		    struct sgz_error *error)
{
	if (sgz_allocator_is_whole(allocator))
		return SGZ_OK;
	return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
			     "an allocator needs all three functions");
}

enum sgz_status
sgz_allocator_set_default(const struct sgz_allocator *allocator,
			  struct sgz_error *error)
{
	size_t alive = atomic_load(&default_blocks);
	enum sgz_status status;

	if (allocator == NULL)
		allocator = &sgz_allocator_libc;
	status = sgz_allocator_check(allocator, error);
	if (status != SGZ_OK)
		return status;
	if (alive != 0)
		return sgz_error_set(error, SGZ_E_STATE, 0, NULL, -1,
				     "%zu blocks of the default allocator "
				     "are alive",
				     alive);
	default_allocator = *allocator;
	return SGZ_OK;
}

void
sgz_memory_init(struct sgz_memory *memory,
		const struct sgz_allocator *allocator)
{
	memory->counted = allocator == NULL;
	memory->allocator = memory->counted ? default_allocator : *allocator;
}

void *
sgz_memory_alloc(const struct sgz_memory *memory, size_t size)
{
	void *ptr = memory->allocator.alloc(memory->allocator.ctx, size);

	if (ptr != NULL && memory->counted)
		atomic_fetch_add_explicit(&default_blocks, 1,
					  memory_order_relaxed);
	return ptr;
}

void *
sgz_memory_resize(const struct sgz_memory *memory, void *ptr, size_t size)
{
	if (ptr == NULL)
		return sgz_memory_alloc(memory, size);
	return memory->allocator.realloc(memory->allocator.ctx, ptr, size);
}

void
sgz_memory_free(const struct sgz_memory *memory, void *ptr)
{
	if (ptr == NULL)
		return;
	memory->allocator.free(memory->allocator.ctx, ptr);
	if (memory->counted)
		atomic_fetch_sub_explicit(&default_blocks, 1,
					  memory_order_release);
}

static void *
lent_alloc(void *ctx, size_t size)
{
	return sgz_memory_alloc(ctx, size);
}

static void *
lent_realloc(void *ctx, void *ptr, size_t size)
{
	return sgz_memory_resize(ctx, ptr, size);
}

static void
lent_free(void *ctx, void *ptr)
{
	sgz_memory_free(ctx, ptr);
}

void
sgz_memory_lend(const struct sgz_memory *memory, struct sgz_allocator *lent)
{
	lent->alloc = lent_alloc;
	lent->realloc = lent_realloc;
	lent->free = lent_free;
	/* the three above do not change it */
	lent->ctx = (void *)(uintptr_t)memory;
}

char *
sgz_memory_copy_text(const struct sgz_memory *memory, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = sgz_memory_alloc(memory, size);

	if (copy != NULL)
		memcpy(copy, text, size);
	return copy;
}

void *
sgz_alloc(size_t size)
{
	struct sgz_memory memory;

	if (size == 0)
		return NULL;
	sgz_memory_init(&memory, NULL);
	return sgz_memory_alloc(&memory, size);
}

void
sgz_free(void *ptr)
{
	struct sgz_memory memory;

	sgz_memory_init(&memory, NULL);
	sgz_memory_free(&memory, ptr);
}

void
sgz_buffer_init(struct sgz_buffer *buffer,
		const struct sgz_allocator *allocator)
{
	buffer->data = NULL;
	buffer->len = 0;
	buffer->capacity = 0;
	buffer->allocator = allocator;
}

void
sgz_buffer_release(struct sgz_buffer *buffer)
{
	struct sgz_memory memory;

	if (buffer == NULL)
		return;
	sgz_memory_init(&memory, buffer->allocator);
	sgz_memory_free(&memory, buffer->data);
	sgz_buffer_init(buffer, buffer->allocator);
}

/* Make room for @more bytes after the content, and for the NUL. */
static bool
buffer_reserve(struct sgz_buffer *buffer, size_t more)
{
	enum {
		LEAST = 128
	};
	struct sgz_memory memory;
	size_t need, capacity = buffer->capacity;
	unsigned char *data;

	if (__builtin_add_overflow(buffer->len, more, &need) ||
	    __builtin_add_overflow(need, 1, &need))
		return false;
	if (need <= capacity)
		return true;
	/* grow by half, so that the cost per appended byte does not grow */
	if (__builtin_add_overflow(capacity, capacity / 2, &capacity) ||
	    capacity < need)
		capacity = need;
	if (capacity < LEAST)
		capacity = LEAST;
	sgz_memory_init(&memory, buffer->allocator);
	data = sgz_memory_resize(&memory, buffer->data, capacity);
	if (data == NULL)
		return false;
	data[buffer->len] = '\0';
	buffer->data = data;
	buffer->capacity = capacity;
	return true;
}

bool
sgz_buffer_append(struct sgz_buffer *buffer, const void *data, size_t len)
{
	if (!buffer_reserve(buffer, len))
		return false;
	if (len > 0)
		memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
	buffer->data[buffer->len] = '\0';
	return true;
}
