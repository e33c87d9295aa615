// Two faults in one: who owns the list, and by what it is freed.
#include <stdint.h>
#include <stdlib.h>

void *
proplist_new(void);
uint64_t
proplist_iterate(void *list);
void
proplist_free(void *list);

int
main(void)
{
	void *list = proplist_new();
	int bad = proplist_iterate(list) != 5;

#ifdef TWIN
	proplist_free(list);
#else
	free(list); // FREE
#endif
	return bad;
}
