/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a learner has done: one file in the learner's folder. */
#include "learn.h"

#include "data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
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
	json_t *root = json_pack("{s:O, s:O, s:O*}", "passed", progress->passed,
				 "hints", progress->hints, "current",
				 progress->current);

	if (root == NULL ||
	    json_dump_file(root, new, JSON_INDENT(1) | JSON_SORT_KEYS) != 0 ||
	    rename(new, progress->path) != 0)
		die("%s: cannot write: %s", progress->path, strerror(errno));
	json_decref(root);
	free(new);
}

static void
progress_load(struct progress *progress)
{
	json_t *root = data_load(progress->path);

	progress->current = NULL;
	if (json_unpack(root, "{s:O, s:O, s?O}", "passed", &progress->passed,
			"hints", &progress->hints, "current",
			&progress->current) != 0)
		die("%s: it has no progress", progress->path);
	json_decref(root);
}

static void
progress_forget(struct progress *progress)
{
	json_decref(progress->passed);
	json_decref(progress->hints);
	json_decref(progress->current);
}

void
progress_renew(struct progress *progress)
{
	if (access(progress->path, R_OK) != 0)
		return; /* what is known is the best that there is */
	progress_forget(progress);
	progress_load(progress);
}

/* A change is made to what the file says now: the watch and a grading write it,
 * each when it wants to. Returns a lock, which progress_save() gives up. */
static int
progress_change(struct progress *progress)
{
	char *folder = xstrdup(progress->path);
	int lock;

	*strrchr(folder, '/') = '\0';
	lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* some file systems have no locks: then it is good luck */
	if (lock >= 0)
		flock(lock, LOCK_EX);
	free(folder);
	progress_renew(progress);
	return lock;
}

static void
progress_save(const struct progress *progress, int lock)
{
	progress_write(progress);
	if (lock >= 0)
		close(lock);
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
	progress->path = xasprintf("%s/" PROGRESS, dir);
	if (access(progress->path, F_OK) != 0)
		die("%s: no exercises here. Begin with 'ferrule learn init "
		    "FOLDER', and go on in that folder",
		    dir);
	progress_load(progress);
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
	int lock;

	if (progress_has(progress, name))
		return;
	lock = progress_change(progress);
	if (!progress_has(progress, name))
		json_array_append_new(progress->passed, json_string(name));
	progress_save(progress, lock);
}

size_t
progress_hint(struct progress *progress, const char *name)
{
	int lock = progress_change(progress);
	json_int_t shown =
		json_integer_value(json_object_get(progress->hints, name));

	shown = shown < 0 ? 1 : MIN(shown + 1, HINTS);
	json_object_set_new(progress->hints, name, json_integer(shown));
	progress_save(progress, lock);
	return (size_t)shown;
}

const char *
progress_current(const struct progress *progress)
{
	return json_string_value(progress->current);
}

void
progress_at(struct progress *progress, const char *name)
{
	int lock = progress_change(progress);

	json_decref(progress->current);
	progress->current = json_string(name);
	progress_save(progress, lock);
}

void
progress_release(struct progress *progress)
{
	progress_forget(progress);
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
