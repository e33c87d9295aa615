// It is right: it gives back what it was given.
#include <stddef.h>
#include <stdint.h>

int32_t *
samples_new(void);
void
samples_free(int32_t *samples, size_t length);

int
main(void)
{
	samples_free(samples_new(), 3);
	return 0;
}
