// The decoder owns the context that it was given.
#include <stdint.h>
#include <stdlib.h>

typedef uint64_t (*reader)(void *context);

void
decoder_new(reader read, void *context);
uint64_t
decoder_free(void);

static reader kept;
static void *kept_context;

void
decoder_new(reader read, void *context)
{
	kept = read;
	kept_context = context;
}

uint64_t
decoder_free(void)
{
	uint64_t last = kept(kept_context);

	free(kept_context); // FREE
	return last;
}
