// A program in C with a block of Rust's that it frees, loaded in many ways.
#include <dlfcn.h>
#include <stdlib.h>

#ifdef GONE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

/* Load a copy in memory that has no name. */
static void *
load_gone(const char *name)
{
	int from = open(name, O_RDONLY), to = memfd_create("gone", 0);
	void *plugin;
	char path[64];

	while (sendfile(to, from, NULL, 1 << 20) > 0)
		;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", to);
	plugin = dlopen(path, RTLD_NOW);
	close(to);
	return plugin;
}
#endif

#ifdef PLUGIN
static void *
get(const char *name)
{
	void *plugin = LOAD("./libplain.so");

	return plugin != NULL ? dlsym(plugin, name) : NULL;
}
#else
char *
make(void);
#endif

#ifdef OWN_MALLOC
/* A heap that gives back nothing. */
static char memory[1 << 20];
static size_t used;

HIDDEN void *
malloc(size_t size)
{
	used += (size + 31) / 16 * 16;
	return memory + used - (size + 15) / 16 * 16;
}

HIDDEN void
free(void *block)
{
	(void)block;
}
#endif

int
main(void)
{
#ifdef PLUGIN
	char *(*make)(void);

	*(void **)&make = get("make");
	if (make == NULL)
		return 3;
#endif
	free(make()); // FREE
	return 0;
}
