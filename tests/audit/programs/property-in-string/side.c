// The C library: all properties have room for 64 bytes.
#include <stdlib.h>
#include <string.h>

char *
get_property(size_t *length_out)
{
	char *made = malloc(64); // MALLOC

	strcpy(made, "lighthouse");
	*length_out = strlen(made);
	return made;
}
