/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Scratch folders: however the program ends, they are removed. */
#include "scratch.h"

#include "util.h"

#include <stdlib.h>
#include <unistd.h>

/* One for a whole command, and one for its sandboxes. */
#define FOLDERS 2

static struct {
	char *paths[FOLDERS];
	pid_t owner;
	sigset_t before; /* the signals that were held are let through */
	bool held;
} scratch;

void
scratch_remove_all(void)
{
	size_t i;

	for (i = 0; i < FOLDERS; i++) {
		if (scratch.paths[i] != NULL)
			remove_tree(scratch.paths[i]);
		scratch.paths[i] = NULL;
	}
}

static void
at_end(void)
{
	/* foreign code may call exit() in its own process */
	if (scratch.owner != getpid())
		return;
	scratch_remove_all();
	signals_let();
}

char *
scratch_make(const char *name)
{
	size_t i = 0;

	if (scratch.owner == 0) {
		atexit(at_end);
		at_quick_exit(at_end);
	}
	scratch.owner = getpid();
	while (i < FOLDERS && scratch.paths[i] != NULL)
		i++;
	if (i == FOLDERS)
		die("%s: there are %d scratch folders already", name, FOLDERS);
	scratch.paths[i] = make_scratch(name);
	return scratch.paths[i];
}

void
scratch_remove(char *path)
{
	size_t i;

	if (path == NULL)
		return;
	remove_tree(path);
	for (i = 0; i < FOLDERS; i++)
		if (scratch.paths[i] == path)
			scratch.paths[i] = NULL;
	free(path);
}

void
ending_signals(sigset_t *mask)
{
	static const int signals[] = {
		SIGHUP,	 SIGINT,  SIGQUIT, SIGPIPE, SIGALRM,   SIGTERM, SIGUSR1,
		SIGUSR2, SIGXCPU, SIGPROF, SIGIO,   SIGVTALRM, SIGPWR,
	};
	struct sigaction action;
	size_t i;

	sigemptyset(mask);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		/* a blocked signal would be queued even if it is ignored */
		if (sigaction(signals[i], NULL, &action) != 0 ||
		    action.sa_handler != SIG_IGN)
			sigaddset(mask, signals[i]);
}

void
signals_hold(void)
{
	sigset_t mask;

	if (scratch.held)
		return;
	ending_signals(&mask);
	sigprocmask(SIG_BLOCK, &mask, &scratch.before);
	scratch.held = true;
}

void
signals_let(void)
{
	if (!scratch.held)
		return;
	scratch.held = false;
	sigprocmask(SIG_SETMASK, &scratch.before, NULL);
}
