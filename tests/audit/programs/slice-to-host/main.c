// The host: it loads the plugin by its name.
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct reply {
	uint32_t *items;
	size_t count;
};

#ifndef TWIN
static __attribute__((noinline)) void
host_free(void *block)
{
	free(block); // FREE
	__asm__ volatile("");
}
#endif

int
main(void)
{
	void *plugin = dlopen("liblib.so", RTLD_NOW);
	struct reply (*get)(void), reply;
	void (*end)(struct reply);

	if (plugin == NULL)
		return 3;
	*(void **)&get = dlsym(plugin, "reply");
	*(void **)&end = dlsym(plugin, "reply_end");
	reply = get();
#ifdef TWIN
	end(reply);
#else
	host_free(reply.items);
#endif
	return reply.count == 6 && end != NULL ? 0 : 1;
}
