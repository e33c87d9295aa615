// It allocates pages.
#include <stdlib.h>

void *
alloc_aligned(size_t pages);

void *
alloc_aligned(size_t pages)
{
	void *made = aligned_alloc(4096, pages * 4096); // ALIGNED

	__asm__ volatile("" : "+r"(made));
	return made;
}
