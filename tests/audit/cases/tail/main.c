// As in the library: the last action of a function is a call.
#include <stdint.h>
#include <stdlib.h>

uint64_t *
make(void);
void
take(uint64_t *block);

static __attribute__((noinline)) void
give_back(uint64_t *block)
{
	if (block != NULL)
		free(block); // FREE
}

static __attribute__((noinline)) uint64_t *
get(void)
{
	return malloc(8); // MALLOC
}

int
main(void)
{
#ifdef TWIN
	give_back(get());
	take(make());
#else
	give_back(make());
	take(get());
#endif
	return 0;
}
