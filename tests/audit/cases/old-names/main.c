// Uses the library.
#include <stdlib.h>

void *
make(void);
void *
grow(void *block);
void
finish(void *block);

int
main(void)
{
	void *block = make();

#ifdef TWIN
	finish(grow(block));
#else
	free(block); // FREE
	__asm__ volatile("");
#endif
	finish(grow(make()));
	return 0;
}
