/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 16: where the plugins are, and whether one is loaded. */
#include "helper.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* FERRULE_PLUGINS is the folder in which they were built. */
static void
lay(const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", FERRULE_PLUGINS, name);
	if (symlink(path, name) != 0)
		perror(name);
}

void
plugins_lay(void)
{
	lay("plugin_c.so");
	lay("plugin_abi.so");
	lay("plugin_rs.so");
}

bool
plugins_is_mapped(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[4096];
	bool found = false;

	if (maps == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), maps) != NULL)
		found = strstr(line, name) != NULL;
	fclose(maps);
	return found;
}

void
plugins_log(char *text, size_t size)
{
	FILE *log = fopen("plugins.log", "r");
	size_t got = 0;

	if (log != NULL) {
		got = fread(text, 1, size - 1, log);
		fclose(log);
		remove("plugins.log");
	}
	while (got > 0 && text[got - 1] == ' ')
		got--;
	text[got] = '\0';
}
