// The test.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

uint32_t *
get_heights(size_t count);
void
heights_free(uint32_t *heights, size_t count);

static int
test_heights(void)
{
	uint32_t *heights = get_heights(16);
	int bad = heights[15] != 800000;

#ifdef TWIN
	heights_free(heights, 16);
#else
	free(heights); // FREE
#endif
	return bad;
}

int
main(void)
{
	return test_heights();
}
