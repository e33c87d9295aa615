/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lanes: found in a folder, loaded, and their tables checked. */
#include "lanes.h"

#include "ledger.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A lane that hangs while it is loaded is given up after so many seconds. */
#define LOAD_TIMEOUT 20

void
lanes_scan(const char *dir, struct list *paths)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;
	size_t before = paths->count;

	if (stream == NULL)
		die("%s: cannot look for lanes: %s", dir, strerror(errno));
	while ((entry = readdir(stream)) != NULL)
		if (fnmatch("ferrule_lane_*.so", entry->d_name, 0) == 0 ||
		    fnmatch("libferrule_lane_*.so", entry->d_name, 0) == 0)
			list_add(paths, xasprintf("%s/%s", dir, entry->d_name));
	closedir(stream);
	if (paths->count == before)
		die("%s: no lanes there (no file is named ferrule_lane_*.so)",
		    dir);
}

/* ---- loading ---- */

/* What `path` is called with: a name alone would be searched for. */
static char *
load_path(const char *path)
{
	return strchr(path, '/') != NULL ? xstrdup(path) :
					   xasprintf("./%s", path);
}

/*
 * Load the lane in a process of its own first: one that crashes while it is
 * loaded takes nobody with it.
 */
static void
try_load(const char *path)
{
	ferrule_lane_fn *enter = NULL;
	void *handle;
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("cannot fork: %s", strerror(errno));
	if (pid == 0) {
		alarm(LOAD_TIMEOUT);
		handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		if (handle != NULL)
			*(void **)&enter = dlsym(handle, "ferrule_lane");
		if (enter != NULL)
			enter(&ledger_host);
		/* what is wrong, but no crash, is found by the parent */
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("cannot wait: %s", strerror(errno));
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		die("%s: hung for %d seconds while it was loaded", path,
		    LOAD_TIMEOUT);
	if (WIFSIGNALED(status))
		die("%s: crashed while it was loaded: %s", path,
		    strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		die("%s: ended the program while it was loaded, with exit "
		    "code %d",
		    path, WEXITSTATUS(status));
}

static void
check_lesson(const char *path, const struct ferrule_lane *table, size_t at)
{
	const struct ferrule_lesson *lesson = &table->lessons[at];
	size_t i;

	if (lesson->name == NULL || lesson->name[0] == '\0' ||
	    lesson->run == NULL)
		die("%s: lesson %zu of its table has no name or no function",
		    path, at);
	for (i = 0; i < at; i++)
		if (strcmp(table->lessons[i].name, lesson->name) == 0)
			die("%s: has the lesson %s twice", path, lesson->name);
}

static void
check_table(const struct lanes *lanes, const char *path,
	    const struct ferrule_lane *table)
{
	const struct lane *lane;
	size_t i;

	if (table == NULL)
		die("%s: refused: it was built for another lane interface "
		    "than %u",
		    path, FERRULE_ABI);
	if (table->abi != FERRULE_ABI)
		die("%s: was built for lane interface %u, not %u", path,
		    table->abi, FERRULE_ABI);
	if (table->name == NULL || table->name[0] == '\0' ||
	    (table->lessons == NULL && table->lesson_count > 0))
		die("%s: its table has no name or no lessons", path);
	for (i = 0; i < table->lesson_count; i++)
		check_lesson(path, table, i);
	for (i = 0; i < lanes->count; i++) {
		lane = &lanes->items[i];
		if (strcmp(lane->table->name, table->name) == 0)
			die("%s: is called \"%s\", as is %s", path, table->name,
			    lane->path);
		if (table->order == 0 && lane->table->order == 0)
			die("%s: has the place of the C lane (order 0), as "
			    "has %s",
			    path, lane->path);
	}
}

static int
by_order(const void *a, const void *b)
{
	const struct ferrule_lane *left = ((const struct lane *)a)->table;
	const struct ferrule_lane *right = ((const struct lane *)b)->table;

	if (left->order != right->order)
		return left->order < right->order ? -1 : 1;
	return strcmp(left->name, right->name);
}

void
lanes_load(struct lanes *lanes, const char *path)
{
	struct lane lane = { .path = load_path(path) };
	ferrule_lane_fn *enter;

	if (access(lane.path, R_OK) != 0)
		die("%s: cannot load the lane: %s", path, strerror(errno));
	try_load(lane.path);
	lane.handle = dlopen(lane.path, RTLD_NOW | RTLD_LOCAL);
	if (lane.handle == NULL)
		die("%s: cannot load the lane: %s", path, dlerror());
	/* POSIX: a function's address comes back as an object's */
	*(void **)&enter = dlsym(lane.handle, "ferrule_lane");
	if (enter == NULL)
		die("%s: is no lane: it has no function ferrule_lane()", path);
	lane.table = enter(&ledger_host);
	check_table(lanes, path, lane.table);
	lanes->items =
		xrealloc(lanes->items, (lanes->count + 1) * sizeof(lane));
	lanes->items[lanes->count++] = lane;
	qsort(lanes->items, lanes->count, sizeof(lane), by_order);
}

/* ---- choosing ---- */

void
lanes_select(struct lanes *lanes, const struct list *names)
{
	struct text have = { 0 };
	size_t i, j, kept = 0;

	for (i = 0; i < names->count; i++) {
		for (j = 0; j < lanes->count; j++)
			if (strcmp(lanes->items[j].table->name,
				   names->items[i]) == 0)
				break;
		if (j < lanes->count)
			continue;
		for (j = 0; j < lanes->count; j++)
			text_addf(&have, " %s", lanes->items[j].table->name);
		die("no lane is called \"%s\"; there are:%s", names->items[i],
		    text_take(&have));
	}
	for (i = 0; i < lanes->count; i++) {
		struct lane *lane = &lanes->items[i];

		/* the C lane is what the others are compared with */
		if (names->count == 0 || lane->table->order == 0 ||
		    list_has(names, lane->table->name))
			lanes->items[kept++] = *lane;
		else
			free(lane->path);
	}
	lanes->count = kept;
}

void
lanes_lessons(const struct lanes *lanes, struct list *names)
{
	const struct ferrule_lane *table;
	size_t i, j;

	for (i = 0; i < lanes->count; i++) {
		table = lanes->items[i].table;
		for (j = 0; j < table->lesson_count; j++)
			if (!list_has(names, table->lessons[j].name))
				list_add(names,
					 xstrdup(table->lessons[j].name));
	}
	list_sort(names);
}

const struct ferrule_lesson *
lane_lesson(const struct lane *lane, const char *name)
{
	const struct ferrule_lane *table = lane->table;
	size_t i;

	for (i = 0; i < table->lesson_count; i++)
		if (strcmp(table->lessons[i].name, name) == 0)
			return &table->lessons[i];
	return NULL;
}

void
lanes_release(struct lanes *lanes)
{
	size_t i;

	/* they stay loaded: Rust's own libraries do not unload anyway */
	for (i = 0; i < lanes->count; i++)
		free(lanes->items[i].path);
	free(lanes->items);
	*lanes = (struct lanes){ 0 };
}
