/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lanes: finds them in a folder, and reads their tables. */
#include "lanes.h"

#include "ledger.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* ---- in a sandbox: a lane is loaded ---- */

const char *
lane_open(const char *path, struct loaded_lane *lane_out)
{
	static char problem[512];
	ferrule_lane_fn *enter = NULL;

	lane_out->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (lane_out->handle == NULL) {
		snprintf(problem, sizeof(problem), "cannot load the lane: %s",
			 dlerror());
		return problem;
	}
	/* POSIX: a function's address comes back as an object's */
	lane_out->code = dlsym(lane_out->handle, "ferrule_lane");
	if (lane_out->code == NULL)
		return "is not a lane: it has no function ferrule_lane()";
	*(const void **)&enter = lane_out->code;
	lane_out->table = enter(&ledger_host);
	return NULL;
}

/* ---- in a sandbox: a lane's table is read ---- */

#define LANE_LESSONS 512u
#define LANE_TEXT 256u
#define LANE_PATH 4096u
/* At most this many bytes of its output are shown. */
#define LAST_WORDS 300u

enum lane_stage {
	LANE_LOADING,
	LANE_READING, /* its table, whose pointers may be invalid */
	LANE_READ,
};

/* What the sandbox reports about a lane. */
struct lane_log {
	uint32_t stage;
	char failure[512];
	uint32_t is_refused, abi, order;
	uint64_t lesson_count; /* as the lane has it; kept are: */
	char name[LANE_TEXT];
	char title[LANE_TEXT];
	struct {
		uint32_t has_function;
		char name[LANE_TEXT];
		char source[LANE_PATH];
	} lessons[LANE_LESSONS];
};

/* Copy @text. If it is too long, it fills all of @room, without a NUL. */
static void
copy_text(char *room, size_t size, const char *text)
{
	if (text != NULL)
		memcpy(room, text, strnlen(text, size));
}

static void
describe(void *ctx, void *log_)
{
	struct loaded_lane lane = { 0 };
	struct lane_log *log = log_;
	const struct ferrule_lane *table;
	const struct ferrule_lesson *lesson;
	const char *failure = lane_open(ctx, &lane);
	size_t i;

	table = lane.table;
	if (failure != NULL)
		snprintf(log->failure, sizeof(log->failure), "%s", failure);
	log->is_refused = failure == NULL && table == NULL;
	log->stage = LANE_READING;
	if (table != NULL) {
		log->abi = table->abi;
		/* the table of another interface version is different */
		if (table->abi != FERRULE_ABI)
			table = NULL;
	}
	if (table != NULL) {
		log->order = table->order;
		log->lesson_count = table->lesson_count;
		copy_text(log->name, LANE_TEXT, table->name);
		copy_text(log->title, LANE_TEXT,
			  table->title != NULL ? table->title : table->name);
	}
	for (i = 0; i < log->lesson_count && i < LANE_LESSONS; i++) {
		lesson = &table->lessons[i];
		log->lessons[i].has_function = lesson->run != NULL;
		copy_text(log->lessons[i].name, LANE_TEXT, lesson->name);
		copy_text(log->lessons[i].source, LANE_PATH, lesson->source);
	}
	log->stage = LANE_READ;
}

/* ---- in the driver: the results are checked ---- */

/* The end of the output of a lane that could not be loaded, or "". */
static char *
last_words(const struct sandbox *sandbox)
{
	size_t from =
		sandbox->output_len - MIN(sandbox->output_len, LAST_WORDS);
	size_t len = sandbox->output_len - from;
	struct text text = { 0 };

	while (len > 0 && sandbox->output[from + len - 1] == '\n')
		len--;
	if (len > 0)
		text_addf(&text, "; it printed: ");
	text_add_escaped(&text, sandbox->output + from, len);
	return text_take(&text);
}

static void
check_end(const char *path, const struct sandbox *sandbox)
{
	const struct lane_log *log = sandbox->log;
	const char *when = log->stage == LANE_LOADING ?
		"while it was loaded" :
		"while its table was read";
	const struct stacks *stacks = sandbox->stacks;
	const char *in = stacks->count > 0 ? ", in " : "";
	char *printed = last_words(sandbox);
	struct text text = { 0 };

	if (sandbox->timed_out)
		die("%s: still ran after %.0f seconds %s%s%s%s", path,
		    sandbox->seconds, when, in, stacks->threads[0].words,
		    printed);
	if (WIFSIGNALED(sandbox->wait_status))
		die("%s: crashed %s: %s%s%s%s", path, when,
		    strsignal(WTERMSIG(sandbox->wait_status)), in,
		    stacks->threads[0].words, printed);
	if (log->stage != LANE_READ || sandbox->wait_status != 0)
		die("%s: ended the program %s, with exit code %d%s", path, when,
		    WEXITSTATUS(sandbox->wait_status), printed);
	if (strnlen(log->failure, sizeof(log->failure)) == sizeof(log->failure))
		die("%s: the lane overwrote the memory of its report", path);
	text_add_escaped(&text, log->failure, strlen(log->failure));
	if (text.len > 0)
		die("%s: %s", path, text.data);
	free(text.data);
	free(printed);
}

/*
 * A copy of @text, which must be a line of printable text of at most @size - 1
 * bytes. NULL if it is empty and @optional.
 */
static char *
take_text(const char *path, const char *what, const char *text, size_t size,
	  bool optional)
{
	struct text clean = { 0 };
	size_t len = strnlen(text, size);
	bool good;

	if (len == size)
		die("%s: %s has more than %zu bytes", path, what, size - 1);
	if (len == 0 && optional)
		return NULL;
	if (len == 0)
		die("%s: %s is missing", path, what);
	text_add_escaped(&clean, text, len);
	good = strcmp(clean.data, text) == 0;
	if (!good)
		die("%s: %s is not printable text: \"%s\"", path, what,
		    clean.data);
	return text_take(&clean);
}

static void
take_lesson(struct lane *lane, const struct lane_log *log, size_t at)
{
	char *what = xasprintf("the name of lesson %zu of its table", at);
	char *source = xasprintf("the source of lesson %zu of its table", at);
	struct lane_lesson *lesson = &lane->lessons[at];
	size_t i;

	lesson->name = take_text(lane->path, what, log->lessons[at].name,
				 LANE_TEXT, false);
	lesson->source = take_text(lane->path, source, log->lessons[at].source,
				   LANE_PATH, true);
	if (strchr(lesson->name, '/') != NULL)
		die("%s: lesson %zu of its table has a name that no folder can "
		    "have: %s",
		    lane->path, at, lesson->name);
	if (!log->lessons[at].has_function)
		die("%s: lesson %zu of its table has no function", lane->path,
		    at);
	for (i = 0; i < at; i++)
		if (strcmp(lane->lessons[i].name, lesson->name) == 0)
			die("%s: has the lesson %s twice", lane->path,
			    lesson->name);
	free(what);
	free(source);
}

static void
take_table(struct lane *lane, const struct lane_log *log)
{
	size_t i;

	if (log->is_refused)
		die("%s: refused: it was not built for lane interface %u: "
		    "build it again",
		    lane->path, FERRULE_ABI);
	if (log->abi != FERRULE_ABI)
		die("%s: was built for lane interface %u, not %u: build it "
		    "again",
		    lane->path, log->abi, FERRULE_ABI);
	lane->name =
		take_text(lane->path, "its name", log->name, LANE_TEXT, false);
	lane->title = take_text(lane->path, "its title", log->title, LANE_TEXT,
				false);
	lane->order = log->order;
	if (log->lesson_count > LANE_LESSONS)
		die("%s: its table says that it has %s lessons; at most %u "
		    "are allowed",
		    lane->path, with_commas(log->lesson_count), LANE_LESSONS);
	lane->lesson_count = (size_t)log->lesson_count;
	lane->lessons = xcalloc(lane->lesson_count, sizeof(*lane->lessons));
	for (i = 0; i < lane->lesson_count; i++)
		take_lesson(lane, log, i);
}

static void
lane_release(struct lane *lane)
{
	size_t i;

	for (i = 0; i < lane->lesson_count; i++) {
		free(lane->lessons[i].name);
		free(lane->lessons[i].source);
	}
	free(lane->lessons);
	free(lane->path);
	free(lane->name);
	free(lane->title);
}

static void
check_others(const struct lanes *lanes, const struct lane *lane)
{
	const struct lane *other;
	size_t i;

	for (i = 0; i < lanes->count; i++) {
		other = &lanes->items[i];
		if (strcmp(other->name, lane->name) == 0)
			die("%s: is called \"%s\", as is %s", lane->path,
			    lane->name, other->path);
		if (other->order == 0 && lane->order == 0)
			die("%s: has order 0, which is the C lane's place, and "
			    "%s has it too",
			    lane->path, other->path);
	}
}

static bool
same_file(const char *one, const char *two)
{
	struct stat first, second;

	return stat(one, &first) == 0 && stat(two, &second) == 0 &&
		first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/*
 * Meson builds each crate in lanes/, and so may its author: another build of a
 * lane that was found takes its place. It has the same name and order.
 */
static void
take_place(struct lanes *lanes, const struct lane *lane, size_t found)
{
	struct lane *other;
	size_t i;

	for (i = 0; i < lanes->count; i++) {
		other = &lanes->items[i];
		if (other->nth >= found || other->order != lane->order ||
		    strcmp(other->name, lane->name) != 0)
			continue;
		if (!same_file(lane->path, other->path))
			fprintf(stderr, "The lane \"%s\" is %s, not %s\n",
				lane->name, lane->path, other->path);
		lane_release(other);
		*other = lanes->items[--lanes->count];
		return;
	}
}

static int
by_order(const void *a, const void *b)
{
	const struct lane *left = a;
	const struct lane *right = b;

	if (left->order != right->order)
		return left->order < right->order ? -1 : 1;
	return strcmp(left->name, right->name);
}

/* An absolute path, because a sandbox has another current folder. */
static char *
absolute(const char *path)
{
	char *here, *absolute;

	if (access(path, R_OK) != 0)
		die("%s: cannot load the lane: %s", path, strerror(errno));
	if (path[0] == '/')
		return xstrdup(path);
	here = getcwd(NULL, 0);
	if (here == NULL)
		die("the current folder: %s", strerror(errno));
	absolute = xasprintf("%s/%s", here, path);
	free(here);
	return absolute;
}

void
lanes_load(struct lanes *lanes, const struct list *paths, size_t found,
	   const struct sandbox_options *options)
{
	struct sandbox *sandboxes = xcalloc(paths->count, sizeof(*sandboxes));
	struct sandbox **all = xcalloc(paths->count, sizeof(*all));
	struct lane lane;
	size_t i;

	for (i = 0; i < paths->count; i++) {
		sandboxes[i] = (struct sandbox){
			.title = xasprintf("the lane %s", paths->items[i]),
			.run = describe,
			.ctx = absolute(paths->items[i]),
			.log_size = sizeof(struct lane_log),
		};
		all[i] = &sandboxes[i];
	}
	sandboxes_run(all, paths->count, options);
	for (i = 0; i < paths->count; i++) {
		lane = (struct lane){ .path = sandboxes[i].ctx, .nth = i };
		check_end(lane.path, &sandboxes[i]);
		take_table(&lane, sandboxes[i].log);
		if (i >= found)
			take_place(lanes, &lane, found);
		check_others(lanes, &lane);
		sandbox_release(&sandboxes[i]);
		lanes->items = xrealloc(lanes->items,
					(lanes->count + 1) * sizeof(lane));
		lanes->items[lanes->count++] = lane;
	}
	if (lanes->count > 0)
		qsort(lanes->items, lanes->count, sizeof(lane), by_order);
	free(sandboxes);
	free(all);
}

/* ---- choosing ---- */

void
lanes_select(struct lanes *lanes, const struct list *names)
{
	struct text have = { 0 };
	size_t i, j, kept = 0;

	for (i = 0; i < names->count; i++) {
		for (j = 0; j < lanes->count; j++)
			if (strcmp(lanes->items[j].name, names->items[i]) == 0)
				break;
		if (j < lanes->count)
			continue;
		for (j = 0; j < lanes->count; j++)
			text_addf(&have, " %s", lanes->items[j].name);
		die("no lane is called \"%s\"; there are:%s", names->items[i],
		    text_take(&have));
	}
	for (i = 0; i < lanes->count; i++) {
		struct lane *lane = &lanes->items[i];

		/* the others are compared with the C lane */
		if (names->count == 0 || lane->order == 0 ||
		    list_has(names, lane->name))
			lanes->items[kept++] = *lane;
		else
			lane_release(lane);
	}
	lanes->count = kept;
}

void
lanes_lessons(const struct lanes *lanes, struct list *names)
{
	const struct lane *lane;
	size_t i, j;

	for (i = 0; i < lanes->count; i++) {
		lane = &lanes->items[i];
		for (j = 0; j < lane->lesson_count; j++)
			if (!list_has(names, lane->lessons[j].name))
				list_add(names, xstrdup(lane->lessons[j].name));
	}
	list_sort(names);
}

const struct lane_lesson *
lane_lesson(const struct lane *lane, const char *name)
{
	size_t i;

	for (i = 0; i < lane->lesson_count; i++)
		if (strcmp(lane->lessons[i].name, name) == 0)
			return &lane->lessons[i];
	return NULL;
}

void
lanes_release(struct lanes *lanes)
{
	size_t i;

	for (i = 0; i < lanes->count; i++)
		lane_release(&lanes->items[i]);
	free(lanes->items);
	*lanes = (struct lanes){ 0 };
}
