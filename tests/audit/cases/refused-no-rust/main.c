// Starts another program, and has no Rust itself.
#include <stdlib.h>

int
main(void)
{
	free(malloc(10));
	return 0;
}
