// What rustc made of a library before its names were mangled.
#include <stdint.h>
#include <stdlib.h>

/* The compiler must not make other functions of them. */
#ifdef __clang__
#define HIDDEN __attribute__((visibility("hidden"), noinline))
#else
#define HIDDEN __attribute__((visibility("hidden"), noipa))
#endif

HIDDEN void *
__rdl_alloc(size_t size, size_t align)
{
	(void)align;
	return malloc(size);
}

HIDDEN void
__rdl_dealloc(void *block, size_t size, size_t align)
{
	(void)size, (void)align;
	free(block);
}

HIDDEN void *
__rdl_realloc(void *block, size_t size, size_t align, size_t new_size)
{
	(void)size, (void)align;
	return realloc(block, new_size);
}

HIDDEN void *
__rdl_alloc_zeroed(size_t size, size_t align)
{
	(void)align;
	return calloc(size, 1);
}

HIDDEN void *
__rust_alloc(size_t size, size_t align)
{
	return __rdl_alloc(size, align);
}

HIDDEN void
__rust_dealloc(void *block, size_t size, size_t align)
{
	__rdl_dealloc(block, size, align);
}

HIDDEN void *
__rust_realloc(void *block, size_t size, size_t align, size_t new_size)
{
	return __rdl_realloc(block, size, align, new_size);
}

#ifdef SHORT
/* three bytes: there is no room for a jump */
HIDDEN void *
__rust_alloc_zeroed(size_t size, size_t align);
__asm__(".globl __rust_alloc_zeroed\n"
	".hidden __rust_alloc_zeroed\n"
	".type __rust_alloc_zeroed, @function\n"
	"__rust_alloc_zeroed:\n"
	"	xor %eax, %eax\n"
	"	ret\n"
	".size __rust_alloc_zeroed, 3\n");
#else
HIDDEN void *
__rust_alloc_zeroed(size_t size, size_t align)
{
	return __rdl_alloc_zeroed(size, align);
}
#endif

/* What was written in Rust. */
void *
make(void)
{
	void *block = __rust_alloc(30, 1); // MAKE

	__asm__ volatile("" : "+r"(block));
	return block;
}

void *
grow(void *block)
{
	void *grown = __rust_realloc(block, 30, 1, 60); // GROW

	__asm__ volatile("" : "+r"(grown));
	return grown;
}

void
finish(void *block)
{
#ifdef TWIN
	__rust_dealloc(block, 60, 1);
#else
	__rust_dealloc(block, 61, 1); // END
#endif
	__asm__ volatile("");
	__rust_dealloc(__rust_alloc_zeroed(10, 8), 10, 8);
}
