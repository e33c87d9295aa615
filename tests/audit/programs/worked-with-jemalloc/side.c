// The library: a shared object.
#include <stdio.h>
#include <stdlib.h>

char *
read_column(size_t row);

char *
read_column(size_t row)
{
	char *made = malloc(8); // MALLOC

	snprintf(made, 8, "m%02zu", row);
	return made;
}
