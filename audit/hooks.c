/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the program calls instead of its heap's functions.
 *
 *   C, libc ──► malloc() ───────────────────────────┐
 *   C++ ──────► operator new ───────────────────────┼─► the heap
 *   Rust ─────► __rust_alloc ─► patched ─► hook ─┐  │
 *                 the program's allocator ◄──────┘  │
 *                   └─ System: malloc(), nested ────┘
 *
 * Rust's own allocator runs within our hook. Most of them call malloc(): such a
 * call is nested, and the block that it returns is Rust's if the allocator
 * returns it, too.
 */
#include "audit.h"

#include "objects.h"
#include "start.h"
#include "util.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAP_ALIGN 16

/* A call of Rust's allocator that this thread is in. */
struct nest {
	struct nest *outer;
	void *moving; /* the block that it frees or resizes */
	void *got; /* the last block of the heap that was allocated in it */
	size_t got_size, got_align;
	uint32_t got_trace; /* 0: the stack is that of the outer call */
};

static __thread __attribute__((tls_model("initial-exec"))) struct nest *nest;
/* This thread changes it: a signal handler must leave it as it is. */
static __thread __attribute__((tls_model("initial-exec"))) atomic_bool changing;

/* ---- stacks ---- */

INLINED uint32_t
stack_of(const struct frame *frame)
{
	return audit_fast ? 0 : unwind_trace(frame);
}

/* ---- the two halves of each request ---- */

INLINED void *
allocated_as(void *ptr, size_t size, size_t align, uint32_t owner,
	     enum audit_form form, const struct frame *frame)
{
	struct request request = { .ptr = ptr,
				   .size = size,
				   .align = align,
				   .owner = owner,
				   .form = (uint8_t)form };

	if (unlikely(ptr == NULL))
		return NULL;
	request.trace = stack_of(frame);
	books_allocated(&request);
	return ptr;
}

INLINED void *
allocated(void *ptr, size_t size, size_t align, uint32_t owner,
	  const struct frame *frame)
{
	return allocated_as(ptr, size, align, owner, AUDIT_FORM_NONE, frame);
}

INLINED bool
freed_as(void *ptr, uint32_t owner, enum audit_form form,
	 const struct frame *frame)
{
	struct request request = { .ptr = ptr,
				   .owner = owner,
				   .form = (uint8_t)form };
	struct block old;

	request.trace = stack_of(frame);
	return books_freed(&request, &old);
}

INLINED bool
freed(void *ptr, uint32_t owner, const struct frame *frame)
{
	return freed_as(ptr, owner, AUDIT_FORM_NONE, frame);
}

/* ---- within Rust's allocator ---- */

/* The block that was got is not what the allocator returns: it is C's. */
static void
settle(struct nest *at, const struct frame *frame)
{
	struct request request = { .ptr = at->got,
				   .size = at->got_size,
				   .align = at->got_align,
				   .owner = AUDIT_C };

	if (at->got == NULL)
		return;
	request.trace = at->got_trace != 0 ? at->got_trace : stack_of(frame);
	books_allocated(&request);
	at->got = NULL;
}

static void
set_changing(bool on)
{
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&changing, on, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
}

INLINED bool
is_nested(void)
{
	return unlikely(nest != NULL) &&
		!atomic_load_explicit(&changing, memory_order_relaxed);
}

static void *
nested_got(void *ptr, size_t size, size_t align, const struct frame *frame)
{
	if (ptr == NULL)
		return NULL;
	set_changing(true);
	settle(nest, frame);
	nest->got = ptr;
	nest->got_size = size;
	nest->got_align = align;
	/* Rust's default allocator jumps to malloc(). Who does not come from
	 * there may be a signal handler. */
	nest->got_trace = objects_own(frame->pc) ? 0 : stack_of(frame);
	set_changing(false);
	return ptr;
}

/* Is it a block that is in no book while the allocator runs? */
static bool
nested_knows(void *ptr)
{
	struct nest *at;

	for (at = nest; at != NULL; at = at->outer) {
		if (at->moving == ptr)
			at->moving = NULL;
		else if (at->got == ptr)
			at->got = NULL;
		else
			continue;
		return true;
	}
	return false;
}

/* ---- C ---- */

/* In a signal handler whose thread holds a lock of the books. */
static void *
resize_by_copy(void *ptr, size_t size, const struct frame *frame)
{
	size_t old = heap.malloc_usable_size(ptr);
	void *new = heap.malloc(size);

	if (new == NULL)
		return NULL;
	memcpy(new, ptr, MIN(old, size));
	allocated(new, size, HEAP_ALIGN, AUDIT_C, frame);
	if (freed(ptr, AUDIT_C, frame))
		heap.free(ptr);
	return new;
}

static void *
resize(void *ptr, size_t size, const struct frame *frame)
{
	struct request request = { .ptr = ptr,
				   .owner = AUDIT_C,
				   .resize = size > 0 };
	struct block old;
	void *new;

	if (unlikely(books_busy()))
		return resize_by_copy(ptr, size, frame);
	request.trace = stack_of(frame);
	books_freed(&request, &old);
	new = heap.realloc(ptr, size);
	if (new == NULL) {
		if (size > 0)
			books_restore(&old);
		return NULL;
	}
	request.ptr = new;
	request.size = size;
	request.align = HEAP_ALIGN;
	books_allocated(&request);
	return new;
}

INLINED void *
c_allocated(void *ptr, size_t size, size_t align, const struct frame *frame)
{
	if (is_nested())
		return nested_got(ptr, size, align, frame);
	return allocated(ptr, size, align, AUDIT_C, frame);
}

HOOK void *
malloc(size_t size)
{
	struct frame frame = CALLER_FRAME();

	if (unlikely(!audit_ready()))
		return heap.malloc(size);
	return c_allocated(heap.malloc(size), size, HEAP_ALIGN, &frame);
}

HOOK void *
calloc(size_t count, size_t size)
{
	struct frame frame = CALLER_FRAME();

	if (unlikely(!audit_ready()))
		return heap.calloc(count, size);
	/* if the product is too large, there is no block */
	return c_allocated(heap.calloc(count, size), count * size, HEAP_ALIGN,
			   &frame);
}

HOOK void
free(void *ptr)
{
	struct frame frame = CALLER_FRAME();

	if (ptr == NULL)
		return;
	if (likely(audit_ready()) && (!is_nested() || !nested_knows(ptr)) &&
	    !freed(ptr, AUDIT_C, &frame))
		return;
	heap.free(ptr);
}

HOOK void *
realloc(void *ptr, size_t size)
{
	struct frame frame = CALLER_FRAME();

	if (unlikely(!audit_ready()))
		return heap.realloc(ptr, size);
	if (ptr == NULL)
		return c_allocated(heap.malloc(size), size, HEAP_ALIGN, &frame);
	if (is_nested() && nested_knows(ptr))
		return nested_got(heap.realloc(ptr, size), size, HEAP_ALIGN,
				  &frame);
	return resize(ptr, size, &frame);
}

HOOK void *
memalign(size_t align, size_t size)
{
	struct frame frame = CALLER_FRAME();

	if (unlikely(!audit_ready()))
		return heap.memalign(align, size);
	return c_allocated(heap.memalign(align, size), size, align, &frame);
}

HOOK void *
aligned_alloc(size_t align, size_t size)
{
	struct frame frame = CALLER_FRAME();

	if (unlikely(!audit_ready()))
		return heap.memalign(align, size);
	return c_allocated(heap.memalign(align, size), size, align, &frame);
}

HOOK void *
valloc(size_t size)
{
	struct frame frame = CALLER_FRAME();
	size_t page = (size_t)getpagesize();

	if (unlikely(!audit_ready()))
		return heap.memalign(page, size);
	return c_allocated(heap.memalign(page, size), size, page, &frame);
}

HOOK void *
pvalloc(size_t size)
{
	struct frame frame = CALLER_FRAME();
	size_t page = (size_t)getpagesize();

	size = (size + page - 1) / page * page;
	if (unlikely(!audit_ready()))
		return heap.memalign(page, size);
	return c_allocated(heap.memalign(page, size), size, page, &frame);
}

HOOK int
posix_memalign(void **ptr_out, size_t align, size_t size)
{
	struct frame frame = CALLER_FRAME();
	int saved = errno;
	void *ptr;

	if (align < sizeof(void *) || (align & (align - 1)) != 0)
		return EINVAL;
	ptr = audit_ready() ?
		c_allocated(heap.memalign(align, size), size, align, &frame) :
		heap.memalign(align, size);
	errno = saved;
	if (ptr == NULL)
		return ENOMEM;
	*ptr_out = ptr;
	return 0;
}

/* ---- C++ ---- */

/*
 * Operator new may not return NULL: then the real one is called, which calls
 * the program's handler and throws. What it gets, by malloc() or by another
 * operator new, is noted anew.
 */
#define CPP_NEW(name, symbol, form, align, parameters, arguments, get)         \
	HOOK void *name parameters __asm__(symbol);                            \
	HOOK void *name parameters                                             \
	{                                                                      \
		struct frame frame = CALLER_FRAME();                           \
		void *(*real)parameters;                                       \
		void *ptr;                                                     \
                                                                               \
		if (likely(audit_ready())) {                                   \
			ptr = get;                                             \
			if (likely(ptr != NULL))                               \
				return allocated_as(ptr, size, align,          \
						    AUDIT_CPP, form, &frame);  \
		}                                                              \
		*(void **)&real = dlsym(RTLD_NEXT, symbol);                    \
		ptr = real arguments;                                          \
		return audit_ready() ? allocated_as(ptr, size, align,          \
						    AUDIT_CPP, form, &frame) : \
				       ptr;                                    \
	}

#define CPP_DELETE(name, symbol, form, parameters)            \
	HOOK void name parameters __asm__(symbol);            \
	HOOK void name parameters                             \
	{                                                     \
		struct frame frame = CALLER_FRAME();          \
                                                              \
		CPP_UNUSED;                                   \
		if (ptr != NULL &&                            \
		    (!audit_ready() ||                        \
		     freed_as(ptr, AUDIT_CPP, form, &frame))) \
			heap.free(ptr);                       \
	}

#define ONE heap.malloc(size > 0 ? size : 1)
#define ONE_ALIGNED heap.memalign(align, size > 0 ? size : 1)

CPP_NEW(cpp_new, "_Znwm", AUDIT_FORM_ONE, HEAP_ALIGN, (size_t size), (size),
	ONE)
CPP_NEW(cpp_new_array, "_Znam", AUDIT_FORM_ARRAY, HEAP_ALIGN, (size_t size),
	(size), ONE)
CPP_NEW(cpp_new_nothrow, "_ZnwmRKSt9nothrow_t", AUDIT_FORM_ONE, HEAP_ALIGN,
	(size_t size, const void *tag), (size, tag), ONE)
CPP_NEW(cpp_new_array_nothrow, "_ZnamRKSt9nothrow_t", AUDIT_FORM_ARRAY,
	HEAP_ALIGN, (size_t size, const void *tag), (size, tag), ONE)
CPP_NEW(cpp_new_aligned, "_ZnwmSt11align_val_t", AUDIT_FORM_ONE_ALIGNED, align,
	(size_t size, size_t align), (size, align), ONE_ALIGNED)
CPP_NEW(cpp_new_array_aligned, "_ZnamSt11align_val_t", AUDIT_FORM_ARRAY_ALIGNED,
	align, (size_t size, size_t align), (size, align), ONE_ALIGNED)
CPP_NEW(cpp_new_aligned_nothrow, "_ZnwmSt11align_val_tRKSt9nothrow_t",
	AUDIT_FORM_ONE_ALIGNED, align,
	(size_t size, size_t align, const void *tag), (size, align, tag),
	ONE_ALIGNED)
CPP_NEW(cpp_new_array_aligned_nothrow, "_ZnamSt11align_val_tRKSt9nothrow_t",
	AUDIT_FORM_ARRAY_ALIGNED, align,
	(size_t size, size_t align, const void *tag), (size, align, tag),
	ONE_ALIGNED)

#define CPP_UNUSED (void)0
CPP_DELETE(cpp_delete, "_ZdlPv", AUDIT_FORM_ONE, (void *ptr))
CPP_DELETE(cpp_delete_array, "_ZdaPv", AUDIT_FORM_ARRAY, (void *ptr))
#undef CPP_UNUSED
#define CPP_UNUSED (void)size
CPP_DELETE(cpp_delete_sized, "_ZdlPvm", AUDIT_FORM_ONE,
	   (void *ptr, size_t size))
CPP_DELETE(cpp_delete_array_sized, "_ZdaPvm", AUDIT_FORM_ARRAY,
	   (void *ptr, size_t size))
#undef CPP_UNUSED
#define CPP_UNUSED (void)tag
CPP_DELETE(cpp_delete_nothrow, "_ZdlPvRKSt9nothrow_t", AUDIT_FORM_ONE,
	   (void *ptr, const void *tag))
CPP_DELETE(cpp_delete_array_nothrow, "_ZdaPvRKSt9nothrow_t", AUDIT_FORM_ARRAY,
	   (void *ptr, const void *tag))
#undef CPP_UNUSED
#define CPP_UNUSED (void)align
CPP_DELETE(cpp_delete_aligned, "_ZdlPvSt11align_val_t", AUDIT_FORM_ONE_ALIGNED,
	   (void *ptr, size_t align))
CPP_DELETE(cpp_delete_array_aligned, "_ZdaPvSt11align_val_t",
	   AUDIT_FORM_ARRAY_ALIGNED, (void *ptr, size_t align))
#undef CPP_UNUSED
#define CPP_UNUSED (void)align, (void)tag
CPP_DELETE(cpp_delete_aligned_nothrow, "_ZdlPvSt11align_val_tRKSt9nothrow_t",
	   AUDIT_FORM_ONE_ALIGNED, (void *ptr, size_t align, const void *tag))
CPP_DELETE(cpp_delete_array_aligned_nothrow,
	   "_ZdaPvSt11align_val_tRKSt9nothrow_t", AUDIT_FORM_ARRAY_ALIGNED,
	   (void *ptr, size_t align, const void *tag))
#undef CPP_UNUSED
#define CPP_UNUSED (void)size, (void)align
CPP_DELETE(cpp_delete_sized_aligned, "_ZdlPvmSt11align_val_t",
	   AUDIT_FORM_ONE_ALIGNED, (void *ptr, size_t size, size_t align))
CPP_DELETE(cpp_delete_array_sized_aligned, "_ZdaPvmSt11align_val_t",
	   AUDIT_FORM_ARRAY_ALIGNED, (void *ptr, size_t size, size_t align))

/* ---- Rust ---- */

/* The end of a call of Rust's allocator that allocated @ptr. */
static void *
rust_got(struct nest *own, void *ptr, size_t size, size_t align,
	 uint32_t object, const struct frame *frame)
{
	nest = own->outer;
	if (own->got != ptr)
		settle(own, frame);
	if (is_nested())
		/* an allocator that asks itself: it is the outer one's */
		return nested_got(ptr, size, align, frame);
	return allocated(ptr, size, align, AUDIT_RUST + object, frame);
}

void *
rust_alloc(size_t size, size_t align, uint32_t object)
{
	struct frame frame = CALLER_FRAME();
	struct nest own = { .outer = nest };
	void *ptr;

	if (unlikely(!audit_ready()))
		return rust_allocators[object].alloc(size, align);
	nest = &own;
	ptr = rust_allocators[object].alloc(size, align);
	return rust_got(&own, ptr, size, align, object, &frame);
}

void *
rust_alloc_zeroed(size_t size, size_t align, uint32_t object)
{
	struct frame frame = CALLER_FRAME();
	struct nest own = { .outer = nest };
	void *ptr;

	if (unlikely(!audit_ready()))
		return rust_allocators[object].alloc_zeroed(size, align);
	nest = &own;
	ptr = rust_allocators[object].alloc_zeroed(size, align);
	return rust_got(&own, ptr, size, align, object, &frame);
}

void
rust_dealloc(void *ptr, size_t size, size_t align, uint32_t object)
{
	struct frame frame = CALLER_FRAME();
	struct request request = { .ptr = ptr,
				   .size = size,
				   .align = align,
				   .owner = AUDIT_RUST + object };
	struct nest own = { .outer = nest, .moving = ptr };
	struct block old;

	if (unlikely(!audit_ready())) {
		rust_allocators[object].dealloc(ptr, size, align);
		return;
	}
	if (!is_nested() || !nested_knows(ptr)) {
		request.trace = stack_of(&frame);
		/* put off: the heap gets it later */
		if (!books_freed(&request, &old))
			return;
	}
	nest = &own;
	rust_allocators[object].dealloc(ptr, size, align);
	nest = own.outer;
	settle(&own, &frame);
}

void *
rust_realloc(void *ptr, size_t size, size_t align, size_t new_size,
	     uint32_t object)
{
	struct frame frame = CALLER_FRAME();
	struct request request = { .ptr = ptr,
				   .size = size,
				   .align = align,
				   .owner = AUDIT_RUST + object,
				   .resize = true };
	struct nest own = { .outer = nest, .moving = ptr };
	struct block old = { 0 };
	void *new;

	if (unlikely(!audit_ready()))
		return rust_allocators[object].realloc(ptr, size, align,
						       new_size);
	if (!is_nested() || !nested_knows(ptr)) {
		request.trace = stack_of(&frame);
		if (!books_freed(&request, &old)) {
			/* it is freed later, so it cannot be resized now */
			new = rust_alloc(new_size, align, object);
			if (new != NULL)
				memcpy(new, ptr, MIN(size, new_size));
			return new;
		}
	}
	nest = &own;
	new = rust_allocators[object].realloc(ptr, size, align, new_size);
	if (unlikely(new == NULL)) {
		nest = own.outer;
		books_restore(&old);
		return NULL;
	}
	return rust_got(&own, new, new_size, align, object, &frame);
}
