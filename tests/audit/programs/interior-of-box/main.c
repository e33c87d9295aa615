// The host.
#include <dlfcn.h>
#include <stddef.h>

int
main(void)
{
	void *plugin = dlopen("liblib.so", RTLD_NOW);
	void *(*make)(void);
	void (*end)(void *index);

	if (plugin == NULL)
		return 3;
	*(void **)&make = dlsym(plugin, "index_new");
	*(void **)&end = dlsym(plugin, "index_free");
	end(make());
	dlclose(plugin);
	return 0;
}
