/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Input: a file or standard input, and a reader over it. */
#include "tool.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often a reader reports: often enough for a progress line. */
#define PROGRESS_BYTES (1u << 20)

/* May an output replace the input file? */
static bool
check_replaceable(struct input *input, bool force)
{
	if (lstat(input->path, &input->entry) != 0) {
		complain(input->name, "%s", strerror(errno));
		return false;
	}
	if (!S_ISLNK(input->entry.st_mode))
		return true;
	if (!force) {
		complain(input->name,
			 "is a symbolic link: use -f to follow it and remove "
			 "it, or -c to keep it");
		return false;
	}
	if (leads_through_proc(input->path)) {
		complain(input->name, "names a descriptor, not a file: use -c");
		return false;
	}
	return true;
}

/* Keep the folder open, so that the right file is removed if it is renamed. */
static bool
open_folder(struct input *input)
{
	const char *slash = strrchr(input->path, '/');
	char *folder;

	/* a device, a FIFO or a socket is not removed */
	if (!S_ISREG(input->entry.st_mode) && !S_ISLNK(input->entry.st_mode))
		return true;
	folder = join_suffix(slash != NULL ? input->path : ".", "");
	if (folder == NULL)
		return false;
	if (slash != NULL)
		folder[slash - input->path + 1] = '\0';
	input->dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (input->dir < 0)
		complain(input->name, "%s", strerror(errno));
	free(folder);
	return input->dir >= 0;
}

bool
input_open(struct input *input, const char *path, bool stays, bool force)
{
	input->path = path;
	input->name = path != NULL ? path : "(stdin)";
	if (!stays && !check_replaceable(input, force))
		return false;
	/* O_NONBLOCK: open() must not wait for the writer of a FIFO */
	input->fd = path != NULL ?
		open(path,
		     O_RDONLY | O_CLOEXEC | (stays || force ? 0 : O_NONBLOCK)) :
		STDIN_FILENO;
	if (input->fd < 0 || fstat(input->fd, &input->stat) != 0) {
		complain(input->name, "%s", strerror(errno));
		return false;
	}
	if (S_ISDIR(input->stat.st_mode)) {
		complain(input->name, "is a directory");
		return false;
	}
	if (!stays && !force && !S_ISREG(input->stat.st_mode)) {
		complain(input->name, "not a regular file: use -c");
		return false;
	}
	return stays || open_folder(input);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Is the path still the file that was read, with the same content? */
static bool
is_unchanged(const struct input *input)
{
	struct stat entry, stat;

	if (fstatat(input->dir, base_name(input->path), &entry,
		    AT_SYMLINK_NOFOLLOW) != 0 ||
	    fstat(input->fd, &stat) != 0)
		return false;
	if (entry.st_dev != input->entry.st_dev ||
	    entry.st_ino != input->entry.st_ino)
		return false;
	/* only the link is removed, not its file */
	if (S_ISLNK(entry.st_mode))
		return true;
	return stat.st_dev == entry.st_dev && stat.st_ino == entry.st_ino &&
		stat.st_size == input->stat.st_size &&
		stat.st_mtim.tv_sec == input->stat.st_mtim.tv_sec &&
		stat.st_mtim.tv_nsec == input->stat.st_mtim.tv_nsec;
}

bool
input_finish(struct input *input, bool keep)
{
	bool good = true;

	if (input->dir >= 0 && !keep) {
		if (!is_unchanged(input)) {
			complain(input->name,
				 "has changed while it was read: it is not "
				 "removed");
			good = false;
		} else if (unlinkat(input->dir, base_name(input->path), 0) !=
			   0) {
			complain(input->name, "%s", strerror(errno));
			good = false;
		}
	}
	input_close(input);
	return good;
}

void
input_close(struct input *input)
{
	if (input->path != NULL && input->fd >= 0)
		close(input->fd);
	if (input->dir >= 0)
		close(input->dir);
	*input = (struct input)INPUT_INIT;
}

uint64_t
input_size(const struct input *input)
{
	return S_ISREG(input->stat.st_mode) ? (uint64_t)input->stat.st_size :
					      SGZ_UNKNOWN;
}

ssize_t
input_read(const struct input *input, void *data, size_t len)
{
	for (;;) {
		struct pollfd fd = { .fd = input->fd, .events = POLLIN };
		ssize_t got = read(input->fd, data, len);

		if (got >= 0 || (errno != EINTR && errno != EAGAIN))
			return got;
		if (errno == EAGAIN && poll(&fd, 1, -1) < 0 && errno != EINTR)
			return -1;
	}
}

/* The receiver of a reader's events. */
struct watch {
	char *name;
	struct sgz_observer next;
};

static int
on_event(void *ctx, const struct sgz_event *event)
{
	struct watch *watch = ctx;

	if (event->kind == SGZ_EVENT_PROGRESS)
		progress_update(event->data.progress.compressed_done,
				event->data.progress.done);
	else if (event->kind == SGZ_EVENT_LOG &&
		 event->data.log.level >= SGZ_LOG_WARNING)
		complain(watch->name, "%s", event->data.log.text);
	if ((watch->next.mask & SGZ_EVENT_BIT(event->kind)) == 0)
		return 0;
	return watch->next.event(watch->next.ctx, event);
}

static void
release_watch(void *ctx)
{
	struct watch *watch = ctx;

	free(watch->name);
	free(watch);
}

/* Set the observer of @reader; print a message and return false on failure. */
static bool
watch_reader(struct sgz_reader *reader, const char *name,
	     const struct sgz_observer *next)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct watch *watch = calloc(1, sizeof(*watch));
	struct sgz_observer observer = {
		.event = on_event,
		.release = release_watch,
		.ctx = watch,
		.mask = SGZ_EVENT_BIT(SGZ_EVENT_PROGRESS) |
			SGZ_EVENT_BIT(SGZ_EVENT_LOG),
	};

	if (watch == NULL || (watch->name = strdup(name)) == NULL) {
		free(watch);
		complain(name, "%s", strerror(ENOMEM));
		return false;
	}
	if (next != NULL) {
		watch->next = *next;
		observer.mask |= next->mask;
	}
	if (sgz_reader_set_observer(reader, &observer, &error) < 0) {
		complain_error(name, &error);
		release_watch(watch);
		return false;
	}
	return true;
}

static size_t
cache_size(const struct args *args)
{
	if (args->cache_size == SGZ_UNKNOWN)
		return 8 << 20;
	return args->cache_size < SIZE_MAX / 2 ? (size_t)args->cache_size :
						 SIZE_MAX / 2;
}

struct sgz_reader *
input_reader(const struct args *args, const struct input *input,
	     const struct sgz_observer *next)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;

	options.progress_interval = PROGRESS_BYTES;
	options.allow_no_eof = !args->require_eof;
	options.pool = args->pool;
	options.codec = args->codec;
	if (args->ranges_name != NULL)
		options.cache_size = cache_size(args);
	if (sgz_reader_open_fd(input->fd, &options, &reader, &error) < 0) {
		complain_error(input->name, &error);
		return NULL;
	}
	if (!watch_reader(reader, input->name, next)) {
		sgz_reader_close(reader);
		return NULL;
	}
	return reader;
}

struct sgz_index *
load_index(const char *name, struct sgz_error *error)
{
	struct sgz_index *index = NULL;

	if (is_dash(name))
		sgz_index_load_fd(STDIN_FILENO, NULL, &index, error);
	else
		sgz_index_load(name, NULL, &index, error);
	return index;
}

bool
is_index(const char *path)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct stat stat;
	struct sgz_index *index;

	if (lstat(path, &stat) != 0 || !S_ISREG(stat.st_mode))
		return false;
	index = load_index(path, &error);
	sgz_index_unref(index);
	return index != NULL;
}
