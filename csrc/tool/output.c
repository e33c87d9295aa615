/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Output: a file that appears only when it is complete, or standard output. */
#include "tool.h"
/* the only internal part of the library that is used here */
#define SGZ_MEMORY_C
#include "../internal.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct output {
	const char *name;
	/* a file of ours has a descriptor in it; standard output has not */
	struct sgz_new_file file;
	int fd;
	bool imitates_times;
	struct timespec times[2];
};

/* Signals that end a process. SIGXFSZ is ignored: the write fails instead. */
static const int caught_signals[] = {
	SIGHUP,	 SIGINT,  SIGQUIT, SIGPIPE, SIGALRM,   SIGTERM,
	SIGUSR1, SIGUSR2, SIGXCPU, SIGPROF, SIGVTALRM,
};

#define CAUGHT_COUNT (sizeof(caught_signals) / sizeof(caught_signals[0]))

/* The files that a signal removes: data and index. Blocked signals protect
 * it. */
static const struct sgz_new_file *volatile pending[2];

#define PENDING_COUNT (sizeof(pending) / sizeof(pending[0]))

/* POSIX allows these calls in a handler: unlinkat(), signal(), raise(). */
static void
on_signal(int number)
{
	for (size_t i = 0; i < PENDING_COUNT; i++)
		if (pending[i] != NULL)
			sgz_new_file_drop(pending[i]);
	signal(number, SIG_DFL);
	raise(number);
}

void
output_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction old;

	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < CAUGHT_COUNT; i++) {
		/* if our parent ignored it (nohup does), it stays ignored */
		if (sigaction(caught_signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(caught_signals[i], &action, NULL);
	}
}

/* Block these signals, or unblock them. */
static void
hold_signals(bool hold)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < CAUGHT_COUNT; i++)
		sigaddset(&set, caught_signals[i]);
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

/* Register or remove @file: a signal removes the temporary name of a file. */
static void
set_pending(const struct sgz_new_file *file, bool is_pending)
{
	const struct sgz_new_file *old = is_pending ? NULL : file;

	for (size_t i = 0; i < PENDING_COUNT; i++) {
		if (pending[i] == old) {
			pending[i] = is_pending ? file : NULL;
			return;
		}
	}
}

static bool
ask_person(const char *path)
{
	char answer[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	fprintf(stderr, "sgz: %s exists; replace it? (y/n) ", path);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
		(answer[0] == 'y' || answer[0] == 'Y');
}

/* May a new file be at @path, and may it replace one? */
static bool
may_replace(const char *path, bool force, bool *replace_out)
{
	struct stat stat;

	*replace_out = force;
	if (lstat(path, &stat) != 0)
		return true;
	if (S_ISDIR(stat.st_mode)) {
		complain(path, "is a directory");
		return false;
	}
	/* a device or a pipe is written to, not replaced */
	if (!S_ISREG(stat.st_mode) && !S_ISLNK(stat.st_mode)) {
		*replace_out = true;
		return true;
	}
	if (!force && !ask_person(path)) {
		complain(path, "exists already: use -f to replace it");
		return false;
	}
	*replace_out = true;
	return true;
}

struct output *
output_new(void)
{
	static struct sgz_memory memory;
	struct output *output = calloc(1, sizeof(*output));

	if (output == NULL) {
		complain("(output)", "%s", strerror(ENOMEM));
		return NULL;
	}
	sgz_memory_init(&memory, NULL);
	output->file = (struct sgz_new_file)SGZ_NEW_FILE_INIT(&memory);
	output->fd = -1;
	return output;
}

void
output_open_stdout(struct output *output)
{
	output->name = "(stdout)";
	output->fd = STDOUT_FILENO;
}

static bool
open_file(struct output *output, const char *path, unsigned int flags)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	enum sgz_status status;

	output->name = path;
	hold_signals(true);
	status = sgz_new_file_open(&output->file, path, flags, &error);
	set_pending(&output->file, true);
	hold_signals(false);
	if (status < 0)
		complain_error(NULL, &error);
	output->fd = output->file.fd;
	return status >= 0;
}

bool
output_open(struct output *output, const char *path, bool force)
{
	bool replace;

	return may_replace(path, force, &replace) &&
		open_file(output, path,
			  SGZ_NEW_FILE_REPLACE_LINK |
				  (replace ? 0 : SGZ_NEW_FILE_EXCLUSIVE));
}

/* The same, for a @path made from the input's name: only files are allowed. */
static bool
output_open_derived(struct output *output, const char *path, bool force)
{
	struct stat stat;

	if (lstat(path, &stat) == 0 && !S_ISREG(stat.st_mode) &&
	    !S_ISLNK(stat.st_mode) && !S_ISDIR(stat.st_mode)) {
		complain(path, "is not a regular file: use -c or -o");
		return false;
	}
	return output_open(output, path, force);
}

/* The same, for the @path of -o: replace a file there, and follow links. */
static bool
output_open_named(struct output *output, const char *path)
{
	return open_file(output, path, 0);
}

struct output *
output_for(const struct args *args, const char *target)
{
	struct output *output = output_new();
	bool open = output != NULL;

	if (open && target == NULL)
		output_open_stdout(output);
	else if (open && args->output_name != NULL)
		open = output_open_named(output, target);
	else if (open)
		open = output_open_derived(output, target, args->force);
	if (open)
		return output;
	output_close(output);
	return NULL;
}

int
output_fd(const struct output *output)
{
	return output->fd;
}

const char *
output_name(const struct output *output)
{
	return output->name;
}

bool
output_write(struct output *output, const void *data, size_t len)
{
	struct sgz_error error = SGZ_ERROR_INIT;

	if (sgz_fd_write_all(output->fd, data, len, output->name, &error) >= 0)
		return true;
	complain_error(NULL, &error);
	return false;
}

/* Is it a new file, not a device or standard output? */
static bool
is_new_file(const struct output *output)
{
	return output->file.dir >= 0;
}

void
output_imitate(struct output *output, const struct stat *like, bool times)
{
	/* a pipe or a device has no useful owner, mode or times */
	if (!is_new_file(output) || !S_ISREG(like->st_mode))
		return;
	sgz_new_file_imitate(&output->file, like);
	output->imitates_times = times;
	output->times[0] = like->st_atim;
	output->times[1] = like->st_mtim;
}

/* Was standard output written without error? Some report it only at close(). */
static bool
check_stdout(const struct output *output)
{
	int copy = dup(output->fd);

	if (copy >= 0 && close(copy) == 0)
		return true;
	complain(output->name, "%s", strerror(errno));
	return false;
}

bool
output_commit(struct output *output, bool sync)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	enum sgz_status status;

	if (output->file.fd < 0)
		return check_stdout(output);
	/* set times last, since writing changes them */
	if (output->imitates_times)
		futimens(output->fd, output->times);
	/* fsync() may take long: signals are not blocked here */
	if (sync && is_new_file(output) && fsync(output->fd) != 0) {
		complain(output->name, "%s", strerror(errno));
		return false;
	}
	hold_signals(true);
	status =
		sgz_new_file_commit(&output->file, false, output->name, &error);
	hold_signals(false);
	if (status < 0)
		complain_error(NULL, &error);
	return status >= 0;
}

void
output_close(struct output *output)
{
	if (output == NULL)
		return;
	hold_signals(true);
	set_pending(&output->file, false);
	sgz_new_file_close(&output->file);
	hold_signals(false);
	free(output);
}
