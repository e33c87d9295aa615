// The caller keeps what it allocated, until the library takes it.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

uint32_t
verify(uint8_t *proof, size_t length);

int
main(void)
{
	uint8_t *proof = malloc(128); // MALLOC
	uint32_t sum;

	memset(proof, 1, 128);
	sum = verify(proof, 128);
#ifdef TWIN
	free(proof);
#endif
	return sum != 128;
}
