// The engine: a context has a value.
#include <stdlib.h>

struct context {
	void *value;
};

struct context *
context_new(void);
void *
context_value(struct context *context);
void
value_free(void *value);
void
context_free(struct context *context);

struct context *
context_new(void)
{
	struct context *made = malloc(sizeof(*made));

	made->value = malloc(88); // VALUE
	return made;
}

void *
context_value(struct context *context)
{
	return context->value;
}

void
value_free(void *value)
{
	free(value); // FREE_VALUE
	__asm__ volatile("");
}

void
context_free(struct context *context)
{
	free(context->value); // FREE_ALL
	free(context);
	__asm__ volatile("");
}
