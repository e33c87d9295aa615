// The decoder.
#include <stdint.h>
#include <stdlib.h>

uint32_t *
decode(size_t width, size_t height);
void
decode_free(uint32_t *picture);

uint32_t *
decode(size_t width, size_t height)
{
	uint32_t *made = calloc(width * height, sizeof(*made)); // CALLOC

	__asm__ volatile("" : "+r"(made));
	return made;
}

void
decode_free(uint32_t *picture)
{
	free(picture);
}
