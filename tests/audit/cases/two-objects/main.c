// Loads plugins by their names alone: the RUNPATH of this program finds them.
#include <dlfcn.h>
#include <stdlib.h>

static void *
load(const char *name)
{
	void *plugin = dlopen(name, RTLD_NOW | RTLD_LOCAL);

	if (plugin == NULL)
		exit(3);
	return plugin;
}

int
main(void)
{
	int i;

	/* loaded, used, unloaded, and loaded again */
	for (i = 0; i < 2; i++) {
		void *one = load("libone.so"), *two = load("libtwo.so");
		long *(*make)(void);
		void (*end)(long *);

		*(void **)&make = dlsym(one, "make");
#ifdef TWIN
		*(void **)&end = dlsym(one, "end");
#else
		*(void **)&end = dlsym(two, "end");
#endif
		end(make());
		dlclose(two);
		dlclose(one);
	}
	return 0;
}
