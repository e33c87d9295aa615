/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 20: its programs, in processes of their own. */
#include "helper.h"

#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* FERRULE_PLUGINS is the folder in which they were built. */
static void
find(const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", FERRULE_PLUGINS, name);
}

int
linking_run(const char *name)
{
	char path[4096];
	char *argv[] = { path, NULL };
	int status = 0;
	pid_t child;

	find(name, path, sizeof(path));
	if (posix_spawn(&child, path, NULL, NULL, argv, environ) != 0 ||
	    waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

void
linking_lay(const char *name)
{
	char path[4096];

	find(name, path, sizeof(path));
	if (symlink(path, name) != 0)
		perror(name);
}
