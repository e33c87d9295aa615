// The library.
#include <stdlib.h>
#include <string.h>

void *
matrix_new(void);
void *
matrix_copy(const void *matrix);
void
matrix_free(void *matrix);

void *
matrix_new(void)
{
	void *made = malloc(100); // MALLOC

	return memset(made, 0, 100);
}

void *
matrix_copy(const void *matrix)
{
	return memcpy(matrix_new(), matrix, 100);
}

void
matrix_free(void *matrix)
{
	free(matrix); // FREE
	__asm__ volatile("");
}
