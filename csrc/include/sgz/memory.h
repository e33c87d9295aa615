/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where memory comes from, and buffers that cross the boundary. */
#ifndef SGZ_MEMORY_H
#define SGZ_MEMORY_H

#include <sgz/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A memory allocator: three functions and their context.
 *
 * Every byte that the library allocates, its codecs' included, comes from an
 * allocator: the one in sgz_options if it is set there, else the default one.
 * Several threads may use it at the same time: the threads that use a handle
 * with this allocator, the threads of a pool, and a thread that drops the
 * last reference to something shared.
 */
struct sgz_allocator {
	/**
	 * Allocate @size bytes (never 0), aligned for any C object.
	 *
	 * Ownership: transfers the block to the library
	 * Lifetime: the block stays valid until it is passed to `free` or
	 *   `realloc`
	 * Threads: called by any thread, and by several at the same time
	 * Errors: NULL if there is no memory
	 * Re-entry: must not call the library
	 */
	void *(*alloc)(void *ctx, size_t size);
	/**
	 * Resize a block to @size bytes (never 0), keeping its contents.
	 *
	 * @ptr is never NULL.
	 *
	 * Ownership: transfers @ptr back to the allocator, and the new block to
	 *   the library; on failure @ptr stays with the library, unchanged
	 * Lifetime: @ptr is invalid after success
	 * Threads: called by any thread, and by several at the same time
	 * Errors: NULL if there is no memory
	 * Re-entry: must not call the library
	 */
	void *(*realloc)(void *ctx, void *ptr, size_t size);
	/**
	 * Free a block of this allocator.
	 *
	 * @ptr is never NULL.
	 *
	 * Ownership: transfers @ptr back to the allocator
	 * Lifetime: @ptr is invalid afterwards
	 * Threads: called by any thread, and by several at the same time
	 * Errors: none; it must not fail
	 * Re-entry: must not call the library
	 */
	void (*free)(void *ctx, void *ptr);
	/* passed to all three functions; must outlive every block */
	void *ctx;
};

/* malloc, realloc and free of the C library that libsgz is linked with. */
extern SGZ_API const struct sgz_allocator sgz_allocator_libc;

/**
 * Make a copy of @allocator the default for all later allocations.
 *
 * NULL restores sgz_allocator_libc.
 *
 * Ownership: copies the struct; borrows its ctx
 * Lifetime: ctx must stay valid until another default is set, or the program
 *   ends
 * Threads: no other call into the library may run at the same time
 * Errors: SGZ_E_STATE while a block of the previous default is allocated,
 *   SGZ_E_INVALID if one of the functions is NULL
 */
SGZ_API enum sgz_status
sgz_allocator_set_default(const struct sgz_allocator *allocator,
			  struct sgz_error *error);

/**
 * Allocate @size bytes from the default allocator.
 *
 * Ownership: transfers the block to the caller, who frees it with sgz_free()
 * Lifetime: until sgz_free()
 * Threads: any thread, at any time
 * Errors: NULL if there is no memory or @size is 0
 */
SGZ_API void *
sgz_alloc(size_t size);

/**
 * Free a block that has to be freed with sgz_free().
 *
 * Do not pass it to free() or to another language's allocator: it belongs to
 * the default allocator.
 *
 * Ownership: transfers @ptr to the library; NULL is allowed
 * Lifetime: @ptr is invalid afterwards
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API void
sgz_free(void *ptr);

/*
 * An array of bytes that grows. The caller owns the struct, and the library
 * allocates the memory.
 *
 *   data ──► | len bytes of content | NUL | spare ... |
 *            |<------------- capacity --------------->|
 *
 * The byte after the content is always 0 once data is set, so that text in it
 * is a C string. Start with SGZ_BUFFER_INIT or sgz_buffer_init().
 */
struct sgz_buffer {
	unsigned char *data; /* NULL until bytes are put in */
	size_t len;
	size_t capacity;
	/* NULL means the default; set it only before the first use */
	const struct sgz_allocator *allocator;
};

#define SGZ_BUFFER_INIT          \
	{                        \
		NULL, 0, 0, NULL \
	}

/**
 * Make @buffer empty, and let it grow with @allocator (NULL: the default).
 *
 * Memory that it held before is not freed.
 *
 * Ownership: borrows @allocator
 * Lifetime: @allocator must stay valid until sgz_buffer_release()
 * Threads: one thread at a time per buffer
 * Errors: none
 */
SGZ_API void
sgz_buffer_init(struct sgz_buffer *buffer,
		const struct sgz_allocator *allocator);

/**
 * Free the memory of @buffer and make it empty again.
 *
 * Ownership: transfers buffer->data to the library; the struct itself stays
 *   with the caller; NULL is allowed
 * Lifetime: pointers into buffer->data are invalid afterwards
 * Threads: one thread at a time per buffer
 * Errors: none
 */
SGZ_API void
sgz_buffer_release(struct sgz_buffer *buffer);

#ifdef __cplusplus
}
#endif

#endif
