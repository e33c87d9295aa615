/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The code of a lesson, step by step, from tools/reader.py. */
#include "source.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Start the reader on @path. Returns its standard output, or -1. */
static int
start_reader(const char *path, pid_t *pid_out)
{
	const char *const argv[] = { "python3", FERRULE_READER, "source", path,
				     NULL };
	posix_spawn_file_actions_t actions;
	int pipes[2];
	int rc;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
	rc = posix_spawnp(pid_out, argv[0], &actions, NULL, (char *const *)argv,
			  environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	if (rc == 0)
		return pipes[0];
	close(pipes[0]);
	return -1;
}

static json_t *
ask_reader(const char *path)
{
	json_t *source;
	pid_t pid;
	int fd;

	if (access(path, R_OK) != 0)
		return NULL;
	fd = start_reader(path, &pid);
	if (fd < 0)
		return NULL;
	source = json_loadfd(fd, 0, NULL);
	close(fd);
	waitpid(pid, NULL, 0);
	return source;
}

const json_t *
source_get(json_t *readings, const char *path)
{
	json_t *sources = json_object_get(readings, "sources");
	json_t *source = json_object_get(sources, path);

	if (source == NULL) {
		source = ask_reader(path);
		json_object_set_new(sources, path, source);
	}
	return source;
}

const char *
source_find(const json_t *source, const char *step, size_t nth)
{
	const char *name;
	json_t *part;
	size_t i;

	json_array_foreach(json_object_get(source, "parts"), i, part)
	{
		name = json_string_value(json_object_get(part, "step"));
		if (name != NULL && strcmp(name, step) == 0 && nth-- == 0)
			return json_string_value(json_object_get(part, "text"));
	}
	return NULL;
}

bool
source_calls(const json_t *source, const char *function)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(source, "calls"), i, name)
	{
		if (strcmp(json_string_value(name), function) == 0)
			return true;
	}
	return false;
}
