// The heap has memory that it got before; the audit can get none.
#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>

#define LARGE ((size_t)8 << 20)

void *
make(void);

int
main(void)
{
	struct rlimit none = { 0, 0 };
	int i;

	if (make() == NULL)
		return 3;
	mallopt(M_MMAP_THRESHOLD, 2 * LARGE);
	mallopt(M_TRIM_THRESHOLD, 2 * LARGE);
	free(malloc(LARGE));
	setrlimit(RLIMIT_AS, &none);
	for (i = 0; i < 1000; i++)
		if (malloc(4000) == NULL)
			return 3;
	return 0;
}
