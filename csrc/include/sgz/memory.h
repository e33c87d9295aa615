/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where memory comes from, and buffers that cross the boundary. */
#ifndef SGZ_MEMORY_H
#define SGZ_MEMORY_H

#include <sgz/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A memory allocator: three functions and what they work on.
 *
 * Every byte that the library allocates, its codecs' included, comes from one of
 * these: the one in sgz_options when it is set there, else the default.
 */
struct sgz_allocator {
	/**
	 * Allocate @size bytes (never 0), aligned for any C object.
	 *
	 * Ownership: transfers the block to the library
	 * Lifetime: the block stays valid until `free` or `realloc` takes it
	 * Threads: called by the thread that called the library
	 * Errors: NULL when there is no memory
	 * Re-entry: must not call the library
	 */
	void *(*alloc)(void *ctx, size_t size);
	/**
	 * Resize a block to @size bytes (never 0), keeping its contents.
	 *
	 * @ptr is never NULL.
	 *
	 * Ownership: transfers @ptr back and the new block to the library;
	 *   on failure @ptr stays with the library, unchanged
	 * Lifetime: @ptr is dead after success
	 * Threads: called by the thread that called the library
	 * Errors: NULL when there is no memory
	 * Re-entry: must not call the library
	 */
	void *(*realloc)(void *ctx, void *ptr, size_t size);
	/**
	 * Free a block of this allocator.
	 *
	 * @ptr is never NULL.
	 *
	 * Ownership: transfers @ptr back
	 * Lifetime: @ptr is dead afterwards
	 * Threads: called by the thread that called the library
	 * Errors: none; it must not fail
	 * Re-entry: must not call the library
	 */
	void (*free)(void *ctx, void *ptr);
	/* passed to all three; must outlive every block */
	void *ctx;
};

/* malloc, realloc and free of the C library that libsgz is linked with. */
extern SGZ_API const struct sgz_allocator sgz_allocator_libc;

/**
 * Make a copy of @allocator the default for all that is allocated from now on.
 *
 * NULL puts sgz_allocator_libc back.
 *
 * Ownership: copies the struct; borrows its ctx
 * Lifetime: ctx must stay valid until another default is set, or the program
 *   ends
 * Threads: no other call into the library may run at the same time
 * Errors: SGZ_E_STATE while a block of the former default is alive,
 *   SGZ_E_INVALID if one of the functions is NULL
 */
SGZ_API enum sgz_status
sgz_allocator_set_default(const struct sgz_allocator *allocator,
			  struct sgz_error *error);

/**
 * Allocate @size bytes from the default allocator.
 *
 * Ownership: transfers the block to the caller, who gives it to sgz_free()
 * Lifetime: until sgz_free()
 * Threads: any thread, if the default allocator allows it
 * Errors: NULL when there is no memory or @size is 0
 */
SGZ_API void *
sgz_alloc(size_t size);

/**
 * Free what the library handed out "to be freed with sgz_free()".
 *
 * Neither free() nor another language's allocator will do: the block belongs
 * to the default allocator.
 *
 * Ownership: transfers @ptr to the library; NULL is allowed
 * Lifetime: @ptr is dead afterwards
 * Threads: any thread, if the default allocator allows it
 * Errors: none
 */
SGZ_API void
sgz_free(void *ptr);

/*
 * Bytes that grow, placed by the caller and grown by the library.
 *
 *   data ──► | len bytes of content | NUL | spare ... |
 *            |<------------- capacity --------------->|
 *
 * The byte after the content is always 0 once data is set, so that text in it
 * is a C string. Start with SGZ_BUFFER_INIT or sgz_buffer_init().
 */
struct sgz_buffer {
	unsigned char *data; /* NULL until something is put in */
	size_t len;
	size_t capacity;
	/* NULL means the default; set it before the first use only */
	const struct sgz_allocator *allocator;
};

#define SGZ_BUFFER_INIT          \
	{                        \
		NULL, 0, 0, NULL \
	}

/**
 * Make @buffer empty, to grow from @allocator (NULL: from the default).
 *
 * What it held before is forgotten, not freed.
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
 * Free what @buffer holds and make it empty again.
 *
 * Ownership: transfers buffer->data to the library; the struct itself stays
 *   with the caller; NULL is allowed
 * Lifetime: pointers into buffer->data are dead afterwards
 * Threads: one thread at a time per buffer
 * Errors: none
 */
SGZ_API void
sgz_buffer_release(struct sgz_buffer *buffer);

#ifdef __cplusplus
}
#endif

#endif
