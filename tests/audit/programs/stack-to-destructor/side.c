// The destructor frees the key and what it lies in.
#include <stdint.h>
#include <stdlib.h>

uint64_t *
key_new(void);
void
key_free(uint64_t *key);

uint64_t *
key_new(void)
{
	return calloc(8, sizeof(uint64_t));
}

void
key_free(uint64_t *key)
{
	free(key); // FREE
	__asm__ volatile("");
}
