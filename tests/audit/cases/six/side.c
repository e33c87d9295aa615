// The C side: it allocates by malloc() and frees by free().
#include <stdlib.h>
#include <string.h>

#ifdef TWIN
void
rust_free_text(char *text);
void
rust_free_box(void *box);
void
rust_free_slice(int *slice);
#endif

__attribute__((noinline)) void
side_free(void *block)
{
	free(block); // FREE
	__asm__ volatile("");
}

__attribute__((noinline)) void
side_grow(void *block)
{
	free(realloc(block, 40)); // GROW
	__asm__ volatile("");
}

/* Who gives back what Rust gave. */
void
side_take(char *text, void *box, int *slice)
{
#ifdef TWIN
	rust_free_text(text);
	rust_free_box(box);
	rust_free_slice(slice);
#else
	side_free(text);
	side_free(box);
	side_grow(slice);
#endif
	__asm__ volatile("");
}

char *
side_text(void)
{
	char *text = malloc(6); // COPY

	memcpy(text, "hello", 6);
	return text;
}

int *
side_array(void)
{
	int *array = calloc(6, sizeof(*array)); // ARRAY

	array[0] = 1;
	return array;
}

void *
side_struct(void)
{
	long *pair = malloc(2 * sizeof(*pair)); // STRUCT

	pair[0] = pair[1] = 7;
	return pair;
}
