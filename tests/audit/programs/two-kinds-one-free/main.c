// To the compiler both kinds are the same.
#include <stdint.h>

uint64_t *
error_new(void);
uint64_t *
span_new(void);
void
object_free(uint64_t *object);
void
span_free(uint64_t *span);

int
main(void)
{
	object_free(error_new());
#ifdef TWIN
	span_free(span_new());
#else
	object_free(span_new());
#endif
	return 0;
}
