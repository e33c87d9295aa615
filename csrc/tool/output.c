/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Output: a file that is there as a whole or not at all, or standard output. */
#include "tool.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int caught_signals[] = { SIGINT, SIGTERM, SIGHUP };

#define CAUGHT_COUNT (sizeof(caught_signals) / sizeof(caught_signals[0]))

/* What a signal removes. Written only while these signals are held. */
static const char *volatile pending_temp;

/* Only what POSIX allows in a handler: unlink(), signal(), raise(). */
static void
on_signal(int number)
{
	const char *temp = pending_temp;

	if (temp != NULL)
		unlink(temp);
	signal(number, SIG_DFL);
	raise(number);
}

void
output_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction old;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < CAUGHT_COUNT; i++) {
		/* ignored by whoever started us, nohup(1) say: stays so */
		if (sigaction(caught_signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(caught_signals[i], &action, NULL);
	}
}

void
output_hold_signals(bool hold)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < CAUGHT_COUNT; i++)
		sigaddset(&set, caught_signals[i]);
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
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

bool
output_may_replace(const char *path, bool force, bool *replace_out)
{
	struct stat stat;

	*replace_out = force;
	if (lstat(path, &stat) != 0)
		return true;
	if (S_ISDIR(stat.st_mode)) {
		complain(path, "is a directory");
		return false;
	}
	if (!force && !ask_person(path)) {
		complain(path, "exists already: -f replaces it");
		return false;
	}
	*replace_out = true;
	return true;
}

char *
join_suffix(const char *path, const char *suffix)
{
	size_t size = strlen(path) + strlen(suffix) + 1;
	char *joined = malloc(size);

	if (joined == NULL) {
		complain(path, "%s", strerror(ENOMEM));
		return NULL;
	}
	snprintf(joined, size, "%s%s", path, suffix);
	return joined;
}

/* ".sgz-XXXXXX" beside @path: short, since @path's own name may be long. */
static char *
temp_template(const char *path)
{
	static const char pattern[] = ".sgz-XXXXXX";
	const char *slash = strrchr(path, '/');
	size_t dir_len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	char *temp = malloc(dir_len + sizeof(pattern));

	if (temp == NULL)
		return NULL;
	memcpy(temp, path, dir_len);
	memcpy(temp + dir_len, pattern, sizeof(pattern));
	return temp;
}

bool
output_open(struct output *output, const char *path, bool force)
{
	output->path = path;
	output->name = path != NULL ? path : "(stdout)";
	if (path == NULL) {
		output->fd = STDOUT_FILENO;
		return true;
	}
	if (!output_may_replace(path, force, &output->replace))
		return false;
	output->temp = temp_template(path);
	if (output->temp == NULL) {
		complain(output->name, "%s", strerror(ENOMEM));
		return false;
	}
	output_hold_signals(true);
	output->fd = mkostemp(output->temp, O_CLOEXEC);
	if (output->fd >= 0)
		pending_temp = output->temp;
	output_hold_signals(false);
	if (output->fd < 0) {
		complain(output->name, "%s", strerror(errno));
		return false;
	}
	return true;
}

bool
output_write(struct output *output, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(output->fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			complain(output->name, "%s", strerror(errno));
			return false;
		}
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Owner, mode and times of @like, as far as the system lets us. */
static void
copy_attributes(int fd, const struct stat *like)
{
	const struct timespec times[2] = { like->st_atim, like->st_mtim };
	mode_t mode = like->st_mode & 0777;

	/* a group that could not be given shall not get the group's rights */
	if (fchown(fd, (uid_t)-1, like->st_gid) != 0)
		mode &= ~(mode_t)070;
	if (fchown(fd, like->st_uid, (gid_t)-1) != 0)
		errno = 0;
	fchmod(fd, mode);
	futimens(fd, times);
}

/* Move @temp to @path; unless @replace, fail if something is there. */
static int
rename_to(const char *temp, const char *path, bool replace)
{
	struct stat stat;

	if (replace)
		return rename(temp, path);
	/* link() never replaces, which rename() always would */
	if (link(temp, path) == 0)
		return unlink(temp);
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return -1;
	/* a file system without hard links: the best that can be had */
	if (lstat(path, &stat) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(temp, path);
}

bool
output_commit(struct output *output, const struct stat *like, bool sync)
{
	int fd = output->fd;
	int rc;

	if (output->path == NULL)
		return true;
	copy_attributes(fd, like);
	if (sync && fsync(fd) != 0) {
		complain(output->name, "%s", strerror(errno));
		return false;
	}
	output->fd = -1;
	if (close(fd) != 0) {
		complain(output->name, "%s", strerror(errno));
		return false;
	}
	output_hold_signals(true);
	rc = rename_to(output->temp, output->path, output->replace);
	if (rc == 0) {
		pending_temp = NULL;
		free(output->temp);
		output->temp = NULL;
	}
	output_hold_signals(false);
	if (rc != 0)
		complain(output->name, "%s", strerror(errno));
	return rc == 0;
}

void
output_release(struct output *output)
{
	if (output->temp != NULL) {
		output_hold_signals(true);
		if (pending_temp == output->temp)
			unlink(output->temp);
		pending_temp = NULL;
		output_hold_signals(false);
	}
	if (output->path != NULL && output->fd >= 0)
		close(output->fd);
	free(output->temp);
	*output = (struct output)OUTPUT_INIT;
}

bool
save_index(const struct sgz_index *index, const char *path)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	enum sgz_status status;

	/* the library keeps its temporary file to itself, so no signal */
	output_hold_signals(true);
	status = sgz_index_save(index, path, &error);
	output_hold_signals(false);
	if (status < 0)
		complain_error(NULL, &error);
	return status >= 0;
}

bool
finish_input(struct input *input, const struct args *args)
{
	input_close(input);
	if (input->path == NULL || args->keep || args->to_stdout)
		return true;
	if (unlink(input->path) != 0) {
		complain(input->name, "%s", strerror(errno));
		return false;
	}
	return true;
}
