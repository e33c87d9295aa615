/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An answer becomes a lane: the compilers, and what they print. */
#include "learn.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Of what a tool prints so much is kept. */
#define OUTPUT_KEPT ((size_t)64 << 10)

int
run_tool(const char *const *words, struct text *output)
{
	posix_spawn_file_actions_t actions;
	char buffer[4096];
	int status = 0, pipes[2], error;
	ssize_t got;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		die("cannot make a pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 2);
	error = posix_spawnp(&pid, words[0], &actions, NULL,
			     (char *const *)(uintptr_t)words, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	if (error != 0)
		die("%s: cannot be started: %s", words[0], strerror(error));
	while ((got = read(pipes[0], buffer, sizeof(buffer))) != 0) {
		if (got < 0 && errno != EINTR)
			break;
		if (got > 0 && output->len < OUTPUT_KEPT)
			text_add(output, buffer, (size_t)got);
	}
	close(pipes[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static bool
is_rust(const struct exercise *exercise)
{
	return strcmp(exercise->language, "rust") == 0;
}

static const char *
tool(const char *variable, const char *name)
{
	const char *set = getenv(variable);

	return set != NULL && set[0] != '\0' ? set : name;
}

bool
answer_compile(const struct exercise *exercise, const struct course *course,
	       const char *source, const char *work, struct text *output)
{
	char *out = xasprintf("%s/libanswer.a", work);
	char *include = xasprintf("-I%s", course->include[0]);
	const char *const rust[] = {
		tool("RUSTC", "rustc"),
		"--edition=2024",
		"--crate-type=staticlib",
		"--crate-name=answer",
		"-Copt-level=1",
		"-Cdebug-assertions=on",
		"-Cdebuginfo=limited",
		"-o",
		out,
		source,
		NULL,
	};
	const char *const c[] = {
		tool("CC", "cc"),
		"-std=c11",
		"-D_XOPEN_SOURCE=700",
		"-O1",
		"-g",
		"-fno-omit-frame-pointer",
		"-fno-builtin-free",
		"-fno-builtin-malloc",
		"-Wall",
		"-Wextra",
		"-fPIC",
		include,
		"-c",
		"-o",
		out,
		source,
		NULL,
	};
	bool done = run_tool(is_rust(exercise) ? rust : c, output) == 0;

	free(include);
	free(out);
	return done;
}

bool
answer_link(const struct exercise *exercise, const struct course *course,
	    const char *work, bool expected, const char *lane,
	    struct text *output)
{
	char *grade = xasprintf("%s/grade.c", exercise->folder);
	char *answer = xasprintf("%s/libanswer.a", work);
	char *name = xasprintf("-DEXERCISE=\"%s\"", exercise->name);
	char *file = xasprintf("-DANSWER=\"%s\"", exercise->answer);
	char *first = xasprintf("-I%s", course->include[0]);
	char *second = xasprintf("-I%s", course->include[1]);
	char *folder = xasprintf("-L%s", course->library);
	char *rpath = xasprintf("-Wl,-rpath,%s", course->library);
	const char *const words[] = {
		tool("CC", "cc"),
		"-std=c11",
		"-D_XOPEN_SOURCE=700",
		"-O1",
		"-g",
		"-fno-omit-frame-pointer",
		"-fPIC",
		"-shared",
		name,
		file,
		expected ? "-DEXPECTED=1" : "-DEXPECTED=0",
		first,
		second,
		"-o",
		lane,
		grade,
		answer,
		folder,
		"-lsgz",
		rpath,
		"-Wl,-z,defs",
		"-Wl,--gc-sections",
		"-lgcc_s",
		"-lpthread",
		"-lm",
		"-ldl",
		NULL,
	};
	bool done = run_tool(words, output) == 0;

	free(grade);
	free(answer);
	free(name);
	free(file);
	free(first);
	free(second);
	free(folder);
	free(rpath);
	return done;
}
