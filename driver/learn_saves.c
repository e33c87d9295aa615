/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The watch: has the answer been saved? */
#include "learn_watch.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Seconds: a save is several changes, one soon after the other. */
#define REST 0.05
/* But whoever saves again and again is not waited for. */
#define PATIENCE 0.5
#define TICK 0.5
/* An editor may take the file away for a moment. */
#define AWAY 1.0

/* The file systems on which others change files, and inotify says nothing. */
static const struct {
	unsigned long type;
	const char *why;
} blind[] = {
	{ 0x6969, "it is on NFS" },
	{ 0x01021997, "it is on 9p" },
	{ 0x517b, "it is on SMB" },
	{ 0xfe534d42, "it is on SMB" },
	{ 0xff534d42, "it is on CIFS" },
	{ 0x65735546, "it is on FUSE" },
	{ 0x53464846, "it is on a Windows drive" },
	{ 0x786f4256, "it is on a VirtualBox share" },
	{ 0xbacbacbc, "it is on a VMware share" },
	{ 0x7c7c6673, "it is on a Parallels share" },
	{ 0x00c36400, "it is on Ceph" },
	{ 0x0bd00bd3, "it is on Lustre" },
	{ 0x5346414f, "it is on AFS" },
};

static bool
is_answer(const struct exercise *exercise, const char *name)
{
	return words_have(&exercise->files, name);
}

static char *
answer_path(const struct saves *saves, size_t at)
{
	return xasprintf("%s/%s", saves->folder,
			 saves->exercise->files.items[at]);
}

/* ---- what is in it ---- */

/* Append the files of the answer that lie in @folder, each with its length.
 * Returns the name of one that is not there, or NULL. */
static const char *
add_files(struct text *all, const struct words *files, const char *folder)
{
	char *path, *text;
	size_t i, len;

	for (i = 0; i < files->count; i++) {
		path = xasprintf("%s/%s", folder, files->items[i]);
		text = read_file(path, &len);
		free(path);
		if (text == NULL)
			return files->items[i];
		text_addf(all, "%zu\n", len);
		text_add(all, text, len);
		free(text);
	}
	return NULL;
}

static bool
text_equal(const struct text *a, const struct text *b)
{
	return a->len == b->len &&
		(a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

bool
saves_read(struct saves *saves)
{
	struct text all = { 0 };

	saves->missing =
		add_files(&all, &saves->exercise->files, saves->folder);
	if (saves->missing != NULL) {
		free(all.data);
		return false;
	}
	free(saves->known.data);
	saves->known = all;
	return true;
}

bool
saves_untouched(const struct saves *saves)
{
	const struct exercise *exercise = saves->exercise;
	struct text all = { 0 };
	bool same = add_files(&all, &exercise->files, exercise->folder) ==
			NULL &&
		text_equal(&all, &saves->known);

	free(all.data);
	return same;
}

/* Is the answer another than it was? -1: it is not there. */
static int
read_again(struct saves *saves)
{
	struct text before = saves->known;
	int changed;

	saves->known = (struct text){ 0 };
	if (!saves_read(saves)) {
		saves->known = before;
		return -1;
	}
	changed = !text_equal(&before, &saves->known);
	free(before.data);
	return changed;
}

static void
mix(uint64_t *sum, uint64_t value)
{
	*sum = (*sum ^ value) * 0x100000001b3;
}

/* Without reading it: false if it looks as it did. */
static bool
looks_changed(struct saves *saves)
{
	uint64_t sum = 0xcbf29ce484222325;
	struct stat found;
	char *path;
	size_t i;

	for (i = 0; i < saves->exercise->files.count; i++) {
		path = answer_path(saves, i);
		if (stat(path, &found) != 0)
			found = (struct stat){ 0 };
		free(path);
		mix(&sum, (uint64_t)found.st_size);
		mix(&sum, (uint64_t)found.st_ino);
		mix(&sum, (uint64_t)found.st_mtim.tv_sec);
		mix(&sum, (uint64_t)found.st_mtim.tv_nsec);
	}
	if (sum == saves->seen)
		return false;
	saves->seen = sum;
	return true;
}

/* ---- watching ---- */

/* Why inotify is not enough here, or NULL. */
static const char *
blindness(const struct saves *saves)
{
	const char *forced = getenv("FERRULE_POLL");
	struct statfs found;
	struct stat file;
	char *path;
	size_t i;

	if (forced != NULL && forced[0] != '\0' && strcmp(forced, "0") != 0)
		return "FERRULE_POLL is set";
	for (i = 0; i < saves->exercise->files.count; i++) {
		path = answer_path(saves, i);
		file.st_mode = 0;
		(void)lstat(path, &file);
		free(path);
		if (S_ISLNK(file.st_mode))
			return "a file is a link";
	}
	if (statfs(saves->folder, &found) == 0)
		for (i = 0; i < ARRAY_SIZE(blind); i++)
			if ((unsigned long)found.f_type == blind[i].type)
				return blind[i].why;
	return NULL;
}

/* The folder, and not the file: an editor may put another file there. */
static void
watch_folder(struct saves *saves)
{
	saves->watch = inotify_add_watch(
		saves->inotify, saves->folder,
		IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
			IN_DELETE | IN_MOVE_SELF | IN_ONLYDIR);
	if (saves->watch < 0 && errno != ENOENT && saves->polls == NULL)
		saves->polls = "no watch of inotify is left";
}

void
saves_begin(struct saves *saves, const char *dir,
	    const struct exercise *exercise, bool poll, bool still)
{
	*saves = (struct saves){
		.exercise = exercise,
		.folder = xasprintf("%s/%s", dir, exercise->name),
		.inotify = -1,
		.watch = -1,
	};
	if (!still) {
		saves->polls = poll ? "--poll was given" : blindness(saves);
		saves->tick_at = now() + TICK;
		saves->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (saves->inotify >= 0)
			watch_folder(saves);
		else if (saves->polls == NULL)
			saves->polls = "no inotify is left";
	}
	/* what changes from here on is not missed */
	looks_changed(saves);
	if (!saves_read(saves) && !still)
		saves->gone = now();
}

void
saves_end(struct saves *saves)
{
	if (saves->inotify >= 0)
		close(saves->inotify);
	free(saves->known.data);
	free(saves->folder);
	*saves = (struct saves){ .inotify = -1, .watch = -1 };
}

static void
note_change(struct saves *saves)
{
	double time = now();

	if (saves->look_at == 0)
		saves->changed = time;
	saves->look_at = MIN(time + REST, saves->changed + PATIENCE);
}

void
saves_take(struct saves *saves)
{
	_Alignas(struct inotify_event) char bytes[4096];
	const struct inotify_event *event;
	ssize_t got, at;

	while ((got = read(saves->inotify, bytes, sizeof(bytes))) > 0) {
		for (at = 0; at < got;
		     at += (ssize_t)(sizeof(*event) + event->len)) {
			event = (const void *)(bytes + at);
			if ((event->mask & IN_Q_OVERFLOW) != 0 ||
			    (event->len > 0 &&
			     is_answer(saves->exercise, event->name)))
				note_change(saves);
			if ((event->mask & IN_MOVE_SELF) != 0)
				inotify_rm_watch(saves->inotify, event->wd);
			/* the folder is gone */
			if ((event->mask & IN_IGNORED) != 0 &&
			    event->wd == saves->watch) {
				saves->watch = -1;
				note_change(saves);
			}
		}
	}
}

/* Each half second: what inotify does not see. */
static void
tick(struct saves *saves)
{
	if (saves->inotify >= 0 && saves->watch < 0)
		watch_folder(saves);
	if (looks_changed(saves) && saves->look_at == 0)
		note_change(saves);
}

static bool
needs_tick(const struct saves *saves)
{
	return saves->tick_at > 0 &&
		(saves->polls != NULL || saves->watch < 0 || saves->gone > 0);
}

enum save
saves_look(struct saves *saves)
{
	double time = now();
	bool was_gone = saves->gone > 0, look;
	int changed;

	if (needs_tick(saves) && time >= saves->tick_at) {
		saves->tick_at = time + TICK;
		tick(saves);
	}
	look = saves->look_at > 0 && time >= saves->look_at;
	if (look) {
		saves->look_at = 0;
		changed = read_again(saves);
		saves->gone = changed >= 0 ? 0 : was_gone ? saves->gone : time;
		if (changed > 0 || (changed == 0 && was_gone && saves->told)) {
			saves->told = false;
			return changed > 0 ? SAVE_NEW : SAVE_BACK;
		}
	}
	if (saves->gone > 0 && !saves->told && time >= saves->gone + AWAY) {
		saves->told = true;
		return SAVE_GONE;
	}
	return SAVE_NONE;
}

static double
sooner(double a, double b)
{
	return a == 0 ? b : b == 0 ? a : MIN(a, b);
}

double
saves_due(const struct saves *saves)
{
	double due =
		sooner(saves->look_at, needs_tick(saves) ? saves->tick_at : 0);

	return saves->gone > 0 && !saves->told ?
		sooner(due, saves->gone + AWAY) :
		due;
}
