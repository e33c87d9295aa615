// A program that frees texts as the header says.
#include <stdlib.h>

char *
get_address(void);
char *
get_name(void);

static __attribute__((noinline)) void
str_unref(char *text)
{
	free(text); // FREE
	__asm__ volatile("");
}

int
main(void)
{
	str_unref(get_address());
	str_unref(get_name());
	return 0;
}
