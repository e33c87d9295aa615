// The half that is still in C.
#include <stdint.h>
#include <stdlib.h>

struct context {
	uint64_t screens[3];
};

void
context_delete(struct context **context);

static __attribute__((noinline)) struct context *
context_new(void)
{
	struct context *made = calloc(1, sizeof(*made)); // CALLOC

	__asm__ volatile("" : "+r"(made));
	return made;
}

int
main(void)
{
	struct context *context = context_new();

	context_delete(&context);
	return context != NULL;
}
