// C is the program: it frees what the library allocated, and the other way.
#include <stdint.h>
#include <stdlib.h>

struct point {
	int64_t x, y, z;
};
struct point *
make_point(void);
void
free_point(struct point *point);
void
keep_bytes(uint8_t *bytes, size_t len);

static __attribute__((noinline)) void
give_back(struct point *point)
{
#ifdef TWIN
	free_point(point);
#else
	free(point); // FREE
#endif
	__asm__ volatile("");
}

int
main(void)
{
	int i;

	for (i = 0; i < 3; i++)
		give_back(make_point());
	uint8_t *bytes = calloc(100, 1); // MALLOC
	keep_bytes(bytes, 100);
#ifdef TWIN
	free(bytes);
#endif
	return 0;
}
