// It reads in steps.
#include <stdlib.h>
#include <string.h>

unsigned char *
read_all(void)
{
	unsigned char *buffer = NULL;
	size_t length;

	for (length = 32; length <= 96; length += 32) {
		buffer = realloc(buffer, length); // REALLOC
		memset(buffer + length - 32, 0, 32);
	}
	return buffer;
}
