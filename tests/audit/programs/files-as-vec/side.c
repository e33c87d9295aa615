// The C library: a shared object.
#include <stdint.h>
#include <stdlib.h>

size_t
list_files(uint16_t **files_out);
void
free_files(uint16_t *files);

size_t
list_files(uint16_t **files_out)
{
	uint16_t *made = malloc(6 * sizeof(*made)); // MALLOC
	uint16_t i;

	for (i = 0; i < 6; i++)
		made[i] = i;
	*files_out = made;
	return 6;
}

void
free_files(uint16_t *files)
{
	free(files);
}
