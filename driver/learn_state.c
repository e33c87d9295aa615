/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a learner has done: one file in the learner's folder. */
#include "learn.h"

#include "data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRESS ".ferrule-learn.json"
#define EXPECTED ".ferrule-solutions"

void
make_folder(const char *path)
{
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		die("%s: cannot make a folder: %s", path, strerror(errno));
}

char *
expected_folder(const char *dir)
{
	char *path = xasprintf("%s/" EXPECTED, dir);

	make_folder(path);
	return path;
}

/* The file is complete, or as it was. */
static void
progress_write(const struct progress *progress)
{
	char *new = xasprintf("%s.new", progress->path);
	json_t *root = json_pack("{s:O, s:O}", "passed", progress->passed,
				 "hints", progress->hints);

	if (root == NULL ||
	    json_dump_file(root, new, JSON_INDENT(1) | JSON_SORT_KEYS) != 0 ||
	    rename(new, progress->path) != 0)
		die("%s: cannot write: %s", progress->path, strerror(errno));
	json_decref(root);
	free(new);
}

void
progress_begin(const char *dir)
{
	struct progress progress = {
		.path = xasprintf("%s/" PROGRESS, dir),
		.passed = json_array(),
		.hints = json_object(),
	};

	if (access(progress.path, F_OK) != 0)
		progress_write(&progress);
	progress_release(&progress);
}

void
progress_read(struct progress *progress, const char *dir)
{
	json_t *root;

	progress->path = xasprintf("%s/" PROGRESS, dir);
	if (access(progress->path, F_OK) != 0)
		die("%s: no exercises here. Begin with 'ferrule learn init "
		    "FOLDER', and go on in that folder",
		    dir);
	root = data_load(progress->path);
	if (json_unpack(root, "{s:O, s:O}", "passed", &progress->passed,
			"hints", &progress->hints) != 0)
		die("%s: it has no progress", progress->path);
	json_decref(root);
}

bool
progress_has(const struct progress *progress, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(progress->passed, i, item)
	{
		if (json_is_string(item) &&
		    strcmp(json_string_value(item), name) == 0)
			return true;
	}
	return false;
}

void
progress_pass(struct progress *progress, const char *name)
{
	if (progress_has(progress, name))
		return;
	json_array_append_new(progress->passed, json_string(name));
	progress_write(progress);
}

size_t
progress_hint(struct progress *progress, const char *name)
{
	json_int_t shown =
		json_integer_value(json_object_get(progress->hints, name));

	shown = shown < 0 ? 1 : MIN(shown + 1, HINTS);
	json_object_set_new(progress->hints, name, json_integer(shown));
	progress_write(progress);
	return (size_t)shown;
}

void
progress_release(struct progress *progress)
{
	json_decref(progress->passed);
	json_decref(progress->hints);
	free(progress->path);
}

void
file_copy(const char *from, const char *to, bool over)
{
	size_t len;
	char *text = read_file(from, &len);
	char *new = xasprintf("%s.new", to);
	FILE *file;

	if (text == NULL)
		die("%s: cannot read: %s", from, strerror(errno));
	if (over || access(to, F_OK) != 0) {
		file = fopen(new, "w");
		if (file == NULL || fwrite(text, 1, len, file) != len ||
		    fclose(file) != 0 || rename(new, to) != 0)
			die("%s: cannot write: %s", to, strerror(errno));
	}
	free(text);
	free(new);
}
