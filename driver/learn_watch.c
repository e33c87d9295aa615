/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * ferrule learn watch: an answer is graded each time that it is saved.
 *
 * The grading is a process of its own, and the watch shows what it prints. So
 * nothing that happens in a grading ends the watch.
 */
#include "learn_watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void
take_signals(struct watch *watch)
{
	struct signalfd_siginfo info;

	while (read(watch->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			break;
		case SIGWINCH:
			screen_measure(&watch->screen);
			break;
		case SIGTSTP:
			terminal_suspend(false);
			screen_measure(&watch->screen);
			break;
		case SIGCONT:
			terminal_again();
			screen_measure(&watch->screen);
			break;
		case SIGINT:
			watch->done = true;
			break;
		default:
			watch->signal = (int)info.ssi_signo;
		}
	}
}

static void
take_verdict(struct watch *watch)
{
	bool stopped = watch->child.kill_at > 0;
	int code;

	if (!child_ended(&watch->child, &code))
		return;
	progress_renew(watch->progress);
	if (watch->again) {
		watch_grade(watch);
	} else if (!stopped) {
		watch->code = code;
		replace(&watch->note, NULL);
		replace(&watch->verdict, text_take(&watch->child.text));
	}
}

static void
take_saves(struct watch *watch)
{
	switch (saves_look(&watch->saves)) {
	case SAVE_NEW:
		watch_grade(watch);
		break;
	case SAVE_GONE:
	case SAVE_BACK:
		replace(&watch->note, NULL);
		break;
	case SAVE_NONE:
		break;
	}
}

/* Milliseconds until something is due though nothing comes; -1: never. */
static int
patience(const struct watch *watch)
{
	const double dues[] = {
		keys_due(&watch->keys),
		saves_due(&watch->saves),
		watch->child.pid != 0 ? watch->child.kill_at : 0,
	};
	double time = now(), least = -1, wait;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dues); i++) {
		if (dues[i] == 0)
			continue;
		wait = MAX(dues[i] - time, 0);
		if (least < 0 || wait < least)
			least = wait;
	}
	return least < 0 ? -1 : (int)(least * 1000) + 1;
}

static void
turn(struct watch *watch)
{
	struct pollfd polls[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = watch->signals, .events = POLLIN },
		{ .fd = watch->saves.inotify, .events = POLLIN },
		{ .fd = watch->child.output, .events = POLLIN },
	};
	int key;

	if (poll(polls, ARRAY_SIZE(polls), patience(watch)) < 0 &&
	    errno != EINTR)
		die("poll: %s", strerror(errno));
	if (polls[0].revents != 0 && !keys_read(&watch->keys))
		watch->done = true;
	if (polls[1].revents != 0)
		take_signals(watch);
	if (polls[2].revents != 0)
		saves_take(&watch->saves);
	if (polls[3].revents != 0)
		child_read(&watch->child);
	take_verdict(watch);
	take_saves(watch);
	while ((key = keys_take(&watch->keys)) != KEY_NONE && !watch->done)
		watch_key(watch, key);
}

static void
catch_signals(struct watch *watch)
{
	static const int signals[] = {
		SIGINT,	 SIGTERM, SIGHUP,  SIGQUIT,
		SIGCHLD, SIGCONT, SIGTSTP, SIGWINCH,
	};
	size_t i;

	sigemptyset(&watch->mask);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&watch->mask, signals[i]);
	signal(SIGCHLD, SIG_DFL); /* our parent may have ignored it */
	sigprocmask(SIG_BLOCK, &watch->mask, NULL);
	watch->signals = signalfd(-1, &watch->mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (watch->signals < 0)
		die("cannot watch for signals: %s", strerror(errno));
}

/* Where the learner was; or the first that is not solved. */
static const struct exercise *
begin_at(const struct course *course, const struct progress *progress)
{
	const char *current = progress_current(progress);
	const struct exercise *exercise, *first = NULL, *there = NULL;
	size_t i;

	for (i = 0; i < course->count; i++) {
		exercise = &course->exercises[i];
		if (current != NULL && strcmp(exercise->name, current) == 0)
			there = exercise;
		if (first == NULL && !progress_has(progress, exercise->name))
			first = exercise;
	}
	if (there != NULL &&
	    (first == NULL || !progress_has(progress, current)))
		return there;
	return first != NULL ? first : course->exercises;
}

int
learn_watch(const struct learn_settings *settings, const struct course *course,
	    const struct exercise *exercise, struct progress *progress)
{
	struct watch watch = {
		.settings = settings,
		.course = course,
		.progress = progress,
		.child = { .output = -1 },
		.saves = { .inotify = -1 },
	};

	if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1)
		die("learn watch needs a terminal. Without one, 'learn run' "
		    "grades an answer once");
	if (course->count == 0)
		die("there are no exercises");
	catch_signals(&watch);
	terminal_begin();
	screen_measure(&watch.screen);
	watch_choose(&watch,
		     exercise != NULL ? exercise : begin_at(course, progress));
	while (!watch.done && watch.signal == 0) {
		watch_draw(&watch);
		turn(&watch);
	}
	child_end(&watch.child);
	saves_end(&watch.saves);
	terminal_end();
	(void)!write(STDOUT_FILENO, "\n", 1);
	close(watch.signals);
	free(watch.verdict);
	free(watch.text);
	free(watch.note);
	if (watch.signal != 0) {
		signal(watch.signal, SIG_DFL);
		raise(watch.signal);
	}
	sigprocmask(SIG_UNBLOCK, &watch.mask, NULL);
	return EXIT_AS_EXPECTED;
}
