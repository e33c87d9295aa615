/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The watch: a grading in a process of its own, which can end at any time. */
#include "learn_watch.h"

#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Seconds until what does not end is killed. */
#define PATIENCE 1.0
/* Of what it prints so much is kept. */
#define OUTPUT_KEPT ((size_t)64 << 10)

/* It has no terminal: nothing that it does can reach the screen. */
static _Noreturn void
become_grading(const struct child *child, const char *const *words, int output)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		_exit(EXIT_NOT_RUN);
	setenv("TMPDIR", child->tmp, 1);
	execv("/proc/self/exe", (char *const *)(uintptr_t)words);
	dprintf(STDERR_FILENO, "/proc/self/exe: cannot be started: %s\n",
		strerror(errno));
	_exit(EXIT_NOT_RUN);
}

void
child_begin(struct child *child, const struct learn_settings *settings,
	    const char *name)
{
	/* the last three may be left out */
	const char *const words[] = {
		"ferrule",
		"learn",
		"--exercises",
		settings->exercises,
		"--dir",
		settings->dir,
		"--brief",
		"run",
		name,
		settings->drift != NULL ? "--drift" : NULL,
		settings->drift,
		NULL,
	};
	int pipes[2];

	/* what a killed grading leaves becomes ours */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	child->tmp = scratch_make("ferrule-watch");
	free(text_take(&child->text));
	child->kill_at = 0;
	if (pipe2(pipes, O_CLOEXEC) != 0)
		die("cannot make a pipe: %s", strerror(errno));
	child->pid = fork();
	if (child->pid < 0)
		die("cannot start a process: %s", strerror(errno));
	if (child->pid == 0)
		become_grading(child, words, pipes[1]);
	close(pipes[1]);
	child->output = pipes[0];
	fcntl(child->output, F_SETFL, O_NONBLOCK);
}

static void
signal_child(const struct child *child, int number)
{
	/* its session may not be there yet */
	if (kill(-child->pid, number) != 0)
		kill(child->pid, number);
}

void
child_stop(struct child *child)
{
	if (child->pid == 0 || child->kill_at > 0)
		return;
	signal_child(child, SIGTERM);
	child->kill_at = now() + PATIENCE;
}

void
child_read(struct child *child)
{
	char bytes[4096];
	ssize_t got;

	while ((got = read(child->output, bytes, sizeof(bytes))) > 0)
		if (child->text.len < OUTPUT_KEPT)
			text_add(&child->text, bytes, (size_t)got);
	if (got == 0) {
		close(child->output);
		child->output = -1;
	}
}

/* Kill what has become ours. */
static void
kill_rest(void)
{
	char *list = read_file("/proc/thread-self/children", NULL);
	char *at = list, *end;
	pid_t pid;

	while (at != NULL && (pid = (pid_t)strtol(at, &end, 10)) > 0) {
		kill(pid, SIGKILL);
		at = end;
	}
	free(list);
}

/* Wait for what has become ours. Most of it ends by itself. */
static void
reap_rest(void)
{
	const struct timespec moment = { .tv_nsec = 5 * 1000 * 1000 };
	double end = now() + PATIENCE;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0 &&
	       now() < end + PATIENCE) {
		if (pid > 0)
			continue;
		if (now() >= end)
			kill_rest();
		nanosleep(&moment, NULL);
	}
}

bool
child_ended(struct child *child, int *code_out)
{
	siginfo_t found = { 0 };
	int status = 0;

	if (child->pid == 0)
		return false;
	if (child->kill_at > 0 && now() >= child->kill_at) {
		signal_child(child, SIGKILL);
		child->kill_at = now() + PATIENCE;
	}
	if (waitid(P_PID, (id_t)child->pid, &found,
		   WEXITED | WNOHANG | WNOWAIT) != 0 ||
	    found.si_pid == 0)
		return false;
	kill(-child->pid, SIGKILL); /* its compilers */
	waitpid(child->pid, &status, 0);
	reap_rest();
	if (child->output >= 0)
		child_read(child);
	if (child->output >= 0)
		close(child->output);
	child->output = -1;
	child->pid = 0;
	scratch_remove(child->tmp);
	child->tmp = NULL;
	*code_out = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return true;
}

void
child_end(struct child *child)
{
	const struct timespec moment = { .tv_nsec = 5 * 1000 * 1000 };
	int code;

	child_stop(child);
	while (child->pid != 0 && !child_ended(child, &code)) {
		if (child->output >= 0)
			child_read(child);
		nanosleep(&moment, NULL);
	}
	free(text_take(&child->text));
}
