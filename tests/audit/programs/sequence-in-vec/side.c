// The C library.
#include <stdlib.h>
#include <string.h>

char *
fetch_sequence(size_t length)
{
	char *made = malloc(length); // MALLOC

	return memset(made, 'N', length);
}
