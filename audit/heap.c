/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The heap beneath us: that of the C library, or of a library that the program
 * is linked with. */
#include "audit.h"

#include "heap.h"
#include "objects.h"

#include <dlfcn.h>
#include <stddef.h>

static size_t
usable_size(void *ptr)
{
	static size_t (*real)(void *ptr);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "malloc_usable_size");
	return real != NULL ? real(ptr) : 0;
}

struct heap heap = {
	.malloc = heap_malloc,
	.calloc = heap_calloc,
	.realloc = heap_realloc,
	.memalign = heap_memalign,
	.free = heap_free,
	.malloc_usable_size = usable_size,
};

static void *
next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

bool
heap_find(void)
{
	void *found = next("malloc");

	if (!objects_own((uintptr_t)dlsym(RTLD_DEFAULT, "malloc")))
		return false;
	/* that of the C library has two names */
	if (found == NULL || (uintptr_t)found == (uintptr_t)heap_malloc)
		return true;
	/* a library's heap: jemalloc, tcmalloc, mimalloc */
	*(void **)&heap.calloc = next("calloc");
	*(void **)&heap.realloc = next("realloc");
	*(void **)&heap.memalign = next("memalign");
	*(void **)&heap.free = next("free");
	*(void **)&heap.malloc = found;
	return heap.calloc != NULL && heap.realloc != NULL && heap.free != NULL;
}
