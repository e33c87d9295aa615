/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An answer becomes a lane: how the compilers are called. */
#include "learn.h"

#include <stdlib.h>
#include <string.h>

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
	bool done = run_tool(course, is_rust(exercise) ? rust : c, work,
			     output) == 0;

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
	bool done = run_tool(course, words, work, output) == 0;

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
