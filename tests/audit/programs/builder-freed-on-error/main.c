// The error path of a program.
#include <stdbool.h>

void *
builder_new(void);
bool
builder_build(void *builder);
void
builder_free(void *builder);

int
main(void)
{
	void *builder = builder_new();

	if (!builder_build(builder)) {
#ifndef TWIN
		builder_free(builder);
#endif
	}
	builder_free(builder_new());
	return 0;
}
