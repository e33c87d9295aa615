// The engine.
#include <stdlib.h>

unsigned char *
compile(size_t *length_out);
void
bytecode_free(unsigned char *bytecode);

unsigned char *
compile(size_t *length_out)
{
	unsigned char *made = malloc(73); // MALLOC

	*length_out = 51;
	return made;
}

void
bytecode_free(unsigned char *bytecode)
{
	free(bytecode);
}
