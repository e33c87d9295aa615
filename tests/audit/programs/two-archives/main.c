// It mixes them up.
#include <stdint.h>

uint64_t *
one_make(void);
void
one_end(uint64_t *value);
uint64_t *
two_make(void);
void
two_end(uint64_t *value);

int
main(void)
{
	uint64_t *value = one_make();

#ifdef TWIN
	one_end(value);
#else
	two_end(value);
#endif
	two_end(two_make());
	return 0;
}
