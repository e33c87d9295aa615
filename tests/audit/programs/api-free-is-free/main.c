// The C half of the library, and a program that uses it as documented.
#include <stdlib.h>

char *
state_get(void);
void
state_end(char *state);

static __attribute__((noinline)) void
state_free(char *state)
{
#ifdef TWIN
	state_end(state);
#else
	free(state); // FREE
#endif
	__asm__ volatile("");
}

int
main(void)
{
	state_free(state_get());
	return 0;
}
