/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An answer becomes a lane: how the compilers are called. */
#include "learn.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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
	return run_tool(build->course, &words, build->work, output) == 0;
}

/* A header by itself: it is C, and includes what it needs. */
static bool
check_header_file(const struct build *build, const char *header,
		  struct text *output)
{
	struct list words = { 0 };

	add_c_compiler(&words, build);
	add(&words, "-w", "-x", "c", "-fsyntax-only", NULL);
	list_add(&words, xstrdup(header));
	return run_tool(build->course, &words, build->work, output) == 0;
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
	return run_tool(build->course, &words, build->work, output) == 0;
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
	return run_tool(build->course, &words, build->work, output) == 0;
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
	return run_tool(build->course, &words, build->work, output);
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
	else if (ends_with(name, ".h"))
		done = check_header_file(build, source, output);
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

/* What is ours and is linked as libraries are: from an archive, of which the
 * linker takes what is missing by then. */
static bool
add_archive(struct list *words, const struct build *build, struct text *output)
{
	const struct exercise *exercise = build->exercise;
	char *archive = xasprintf("%s/libarchive.a", build->work);
	struct list ar = { 0 };
	char *source, *object;
	bool done = true;
	size_t i;

	if (exercise->archive.count == 0)
		goto out;
	add(&ar, tool("AR", "ar"), "rcs", archive, NULL);
	for (i = 0; done && i < exercise->archive.count; i++) {
		source = xasprintf("%s/%s", exercise->folder,
				   exercise->archive.items[i]);
		object = xasprintf("archived_%s", exercise->archive.items[i]);
		done = compile_c(build, source, object, output);
		list_add(&ar, xasprintf("%s/%s.o", build->work, object));
		free(source);
		free(object);
	}
	done = done && run_tool(build->course, &ar, build->work, output) == 0;
	list_add(words, xstrdup(archive));
out:
	list_release(&ar);
	free(archive);
	return done;
}

bool
answer_link(const struct build *build, const char *lane, struct text *output)
{
	const struct exercise *exercise = build->exercise;
	struct list words = { 0 };
	size_t i;

	add_c_compiler(&words, build);
	add(&words, "-shared", "-Werror=implicit-function-declaration",
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
	if (!add_archive(&words, build, output)) {
		list_release(&words);
		return false;
	}
	list_add(&words, xasprintf("-L%s", build->course->library));
	list_add(&words, xasprintf("-Wl,-rpath,%s", build->course->library));
	add(&words, "-lsgz", NULL);
	for (i = 0; i < exercise->link.count; i++)
		list_add(&words, xstrdup(exercise->link.items[i]));
	/* a function of the answer may be called as one of libc is */
	add(&words, "-Wl,-Bsymbolic", "-Wl,-z,defs", "-Wl,--gc-sections",
	    "-lgcc_s", "-lpthread", "-lm", "-ldl", NULL);
	return run_tool(build->course, &words, build->work, output) == 0;
}
