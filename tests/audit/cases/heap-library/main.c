// Each block of this program is from the library's heap.
#include <stdlib.h>

extern unsigned heap_calls;
void *
make(void);
void
unmake(void *block);

int
main(void)
{
	unsigned before = heap_calls;
	void *block = make();

	if (heap_calls == before)
		return 5;
#ifdef TWIN
	unmake(block);
#else
	free(block); // FREE
#endif
	return 0;
}
