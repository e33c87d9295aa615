/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An answer becomes a lane: the compilers, and what they print. */
#include "learn.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Of what a tool prints so much is kept. */
#define OUTPUT_KEPT ((size_t)64 << 10)

int
run_tool(struct list *words, struct text *output)
{
	posix_spawn_file_actions_t actions;
	char buffer[4096];
	int status = 0, pipes[2], error;
	ssize_t got;
	pid_t pid;

	list_add(words, NULL);
	if (pipe2(pipes, O_CLOEXEC) != 0)
		die("cannot make a pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 2);
	error = posix_spawnp(&pid, words->items[0], &actions, NULL,
			     words->items, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	if (error != 0)
		die("%s: cannot be started: %s", words->items[0],
		    strerror(error));
	while ((got = read(pipes[0], buffer, sizeof(buffer))) != 0) {
		if (got < 0 && errno != EINTR)
			break;
		if (got > 0 && output->len < OUTPUT_KEPT)
			text_add(output, buffer, (size_t)got);
	}
	close(pipes[0]);
	list_release(words);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static const char *
tool(const char *variable, const char *name)
{
	const char *set = getenv(variable);

	return set != NULL && set[0] != '\0' ? set : name;
}

/* Add the words, which end with NULL. */
static void
add(struct list *words, const char *word, ...)
{
	va_list more;

	va_start(more, word);
	for (; word != NULL; word = va_arg(more, const char *))
		list_add(words, xstrdup(word));
	va_end(more);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* ---- C ---- */

static void
add_c_compiler(struct list *words, const struct build *build)
{
	add(words, tool("CC", "cc"), "-std=c11", "-D_XOPEN_SOURCE=700", "-O1",
	    "-g", "-fno-omit-frame-pointer", "-fno-builtin-free",
	    "-fno-builtin-malloc", "-fPIC", NULL);
	list_add(words, xasprintf("-I%s", build->course->include[0]));
	list_add(words, xasprintf("-I%s", build->from));
	list_add(words, xasprintf("-I%s", build->exercise->folder));
}

static bool
compile_c(const struct build *build, const char *source, const char *object,
	  struct text *output)
{
	struct list words = { 0 };

	add_c_compiler(&words, build);
	add(&words, "-w", "-c", "-o", NULL);
	list_add(&words, xasprintf("%s/%s.o", build->work, object));
	list_add(&words, xstrdup(source));
	return run_tool(&words, output) == 0;
}

/* ---- Rust ---- */

static void
add_rust_compiler(struct list *words, const char *kind, const char *name)
{
	add(words, tool("RUSTC", "rustc"), "--edition=2024", "-Awarnings",
	    "-Copt-level=1", "-Cdebug-assertions=on", "-Cdebuginfo=limited",
	    NULL);
	list_add(words, xasprintf("--crate-type=%s", kind));
	list_add(words, xasprintf("--crate-name=%s", name));
}

/* The answer as a crate that another one uses. */
static void
add_answer(struct list *words, const struct build *build)
{
	add(words, "--extern", NULL);
	list_add(words, xasprintf("answer=%s/libanswer.rlib", build->work));
}

static bool
compile_rust(const struct build *build, const char *source, struct text *output)
{
	bool used = build->exercise->grade != NULL;
	struct list words = { 0 };

	add_rust_compiler(&words, used ? "rlib" : "staticlib", "answer");
	add(&words, "-o", NULL);
	list_add(
		&words,
		xasprintf("%s/libanswer.%s", build->work, used ? "rlib" : "a"));
	list_add(&words, xstrdup(source));
	return run_tool(&words, output) == 0;
}

/* The Rust program that calls an answer in Rust. */
static bool
compile_grade(const struct build *build, struct text *output)
{
	struct list words = { 0 };

	add_rust_compiler(&words, "staticlib", "grade");
	add_answer(&words, build);
	add(&words, "-o", NULL);
	list_add(&words, xasprintf("%s/libgrade.a", build->work));
	list_add(&words, xstrdup(build->exercise->grade));
	return run_tool(&words, output) == 0;
}

int
misuse_compile(const struct build *build, const char *file, struct text *output)
{
	struct list words = { 0 };

	add_rust_compiler(&words, "lib", "misuse");
	add_answer(&words, build);
	add(&words, "--emit=metadata", "-o", NULL);
	list_add(&words, xasprintf("%s/misuse.rmeta", build->work));
	list_add(&words, xstrdup(file));
	return run_tool(&words, output);
}

/* ---- an answer ---- */

static bool
compile_file(const struct build *build, const char *name, struct text *output)
{
	char *source = xasprintf("%s/%s", build->from, name);
	bool done = true;

	if (ends_with(name, ".rs"))
		done = compile_rust(build, source, output);
	else if (ends_with(name, ".c"))
		done = compile_c(build, source, name, output);
	free(source);
	return done;
}

bool
answer_compile(const struct build *build, struct text *output)
{
	const struct exercise *exercise = build->exercise;
	size_t i;

	if (build->expected && exercise->reference != NULL)
		return compile_c(build, exercise->reference, "reference",
				 output);
	for (i = 0; i < exercise->files.count; i++)
		if (!compile_file(build, exercise->files.items[i], output))
			return false;
	return exercise->grade == NULL || compile_grade(build, output);
}

/* What the compilers made. */
static void
add_objects(struct list *words, const struct build *build)
{
	const struct exercise *exercise = build->exercise;
	const char *name;
	size_t i;

	if (build->expected && exercise->reference != NULL) {
		list_add(words, xasprintf("%s/reference.o", build->work));
		return;
	}
	for (i = 0; i < exercise->files.count; i++) {
		name = exercise->files.items[i];
		if (ends_with(name, ".c"))
			list_add(words,
				 xasprintf("%s/%s.o", build->work, name));
		else if (ends_with(name, ".rs"))
			list_add(words,
				 xasprintf("%s/lib%s.a", build->work,
					   exercise->grade != NULL ? "grade" :
								     "answer"));
	}
}

bool
answer_link(const struct build *build, const char *lane, struct text *output)
{
	const struct exercise *exercise = build->exercise;
	struct list words = { 0 };
	size_t i;

	add_c_compiler(&words, build);
	add(&words, "-shared",
	    build->expected ? "-DEXPECTED=1" : "-DEXPECTED=0", NULL);
	list_add(&words, xasprintf("-I%s", build->course->include[1]));
	list_add(&words, xasprintf("-DEXERCISE=\"%s\"", exercise->name));
	list_add(&words,
		 xasprintf("-DANSWER=\"%s\"", exercise->files.items[0]));
	add(&words, "-o", lane, NULL);
	list_add(&words, xasprintf("%s/grade.c", exercise->folder));
	for (i = 0; i < exercise->parts.count; i++)
		list_add(&words,
			 xasprintf("%s/%s", exercise->folder,
				   exercise->parts.items[i]));
	add_objects(&words, build);
	list_add(&words, xasprintf("-L%s", build->course->library));
	list_add(&words, xasprintf("-Wl,-rpath,%s", build->course->library));
	add(&words, "-lsgz", NULL);
	for (i = 0; i < exercise->link.count; i++)
		list_add(&words, xstrdup(exercise->link.items[i]));
	/* a function of the answer may be called as one of libc is */
	add(&words, "-Wl,-Bsymbolic", "-Wl,-z,defs", "-Wl,--gc-sections",
	    "-lgcc_s", "-lpthread", "-lm", "-ldl", NULL);
	return run_tool(&words, output) == 0;
}
