/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The watch: has the answer been saved? */
#include "learn_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
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
	return strcmp(name, exercise->answer) == 0;
}

static char *
answer_path(const struct saves *saves)
{
	return xasprintf("%s/%s", saves->folder, saves->exercise->answer);
}

/* ---- what is in it ---- */

bool
saves_read(struct saves *saves)
{
	char *path = answer_path(saves), *text;
	size_t len;

	text = read_file(path, &len);
	free(path);
	if (text == NULL)
		return false;
	free(text_take(&saves->known));
	text_add(&saves->known, text, len);
	free(text);
	return true;
}

bool
saves_untouched(const struct saves *saves)
{
	const struct exercise *exercise = saves->exercise;
	char *path = xasprintf("%s/%s", exercise->folder, exercise->answer);
	size_t len = 0;
	char *text = read_file(path, &len);
	bool same = text != NULL && len == saves->known.len &&
		memcmp(text, saves->known.data, len) == 0;

	free(text);
	free(path);
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
	changed = before.len != saves->known.len ||
		memcmp(before.data, saves->known.data, before.len) != 0;
	free(before.data);
	return changed;
}

/* Without reading it: false if it looks as it did. */
static bool
looks_changed(struct saves *saves)
{
	char *path = answer_path(saves);
	struct stat found = { 0 };
	bool changed;

	if (stat(path, &found) != 0)
		found = (struct stat){ 0 };
	free(path);
	changed = found.st_size != saves->seen.st_size ||
		found.st_ino != saves->seen.st_ino ||
		found.st_mtim.tv_sec != saves->seen.st_mtim.tv_sec ||
		found.st_mtim.tv_nsec != saves->seen.st_mtim.tv_nsec;
	saves->seen = found;
	return changed;
}

/* ---- watching ---- */

/* Why inotify is not enough for the file at @path. */
static const char *
blindness(const char *path)
{
	const char *forced = getenv("FERRULE_POLL");
	struct statfs found;
	struct stat link;
	size_t i;

	if (forced != NULL && forced[0] != '\0' && strcmp(forced, "0") != 0)
		return "FERRULE_POLL is set";
	if (lstat(path, &link) == 0 && S_ISLNK(link.st_mode))
		return "the file is a link";
	if (statfs(path, &found) == 0)
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
		saves->polls = "the system has no watch left";
}

void
saves_begin(struct saves *saves, const char *dir,
	    const struct exercise *exercise, bool poll, bool still)
{
	char *path;

	*saves = (struct saves){
		.exercise = exercise,
		.folder = xasprintf("%s/%s", dir, exercise->name),
		.inotify = -1,
		.watch = -1,
	};
	if (!still) {
		path = answer_path(saves);
		saves->polls = poll ? "--poll was given" : blindness(path);
		free(path);
		saves->tick_at = now() + TICK;
		saves->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (saves->inotify >= 0)
			watch_folder(saves);
		else if (saves->polls == NULL)
			saves->polls = "the system has no inotify left";
	}
	/* what changes from here on is not missed */
	looks_changed(saves);
	text_add(&saves->known, "", 0);
	if (!saves_read(saves) && !still)
		saves->gone = now();
}

void
saves_end(struct saves *saves)
{
	if (saves->inotify >= 0)
		close(saves->inotify);
	free(text_take(&saves->known));
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
