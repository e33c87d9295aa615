/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A plugin in C. It owns the blocks that it allocates until it returns them. */
#include <stdlib.h>

__attribute__((visibility("default"))) void *
plugin_make(size_t size);
__attribute__((visibility("default"))) void
plugin_forget(void);

void *
plugin_make(size_t size)
{
	char *block = malloc(size);

	if (block != NULL)
		block[0] = 1;
	return block;
}

void
plugin_forget(void)
{
	void *volatile block = malloc(81);

	(void)block;
}
