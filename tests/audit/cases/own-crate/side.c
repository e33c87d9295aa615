// The C side. Rust that calls free() itself could be a copy of the allocator's
// functions, which only the debug information tells from them.
#include <stdlib.h>

void *
side_make(void)
{
	void *block = malloc(32); // MALLOC

	__asm__ volatile("" : "+r"(block));
	return block;
}

void
side_free(void *block)
{
	free(block); // FREE
	__asm__ volatile("");
}
