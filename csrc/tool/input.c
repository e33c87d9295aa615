/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Input: a file or standard input, and a reader over it. */
#include "tool.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* How often a reader reports: more than often enough for a progress line. */
#define PROGRESS_BYTES (1u << 20)

bool
input_open(struct input *input, const char *path, bool any)
{
	input->path = path;
	input->name = path != NULL ? path : "(stdin)";
	/* O_NONBLOCK: a FIFO without a writer shall not hang the open */
	input->fd = path != NULL ?
		open(path, O_RDONLY | O_CLOEXEC | (any ? 0 : O_NONBLOCK)) :
		STDIN_FILENO;
	if (input->fd < 0 || fstat(input->fd, &input->stat) != 0) {
		complain(input->name, "%s", strerror(errno));
		return false;
	}
	if (S_ISDIR(input->stat.st_mode)) {
		complain(input->name, "is a directory");
		return false;
	}
	if (path != NULL && !any && !S_ISREG(input->stat.st_mode)) {
		complain(input->name, "not a regular file: use -c");
		return false;
	}
	return true;
}

void
input_close(struct input *input)
{
	if (input->path != NULL && input->fd >= 0)
		close(input->fd);
	input->fd = -1;
}

uint64_t
input_size(const struct input *input)
{
	return S_ISREG(input->stat.st_mode) ? (uint64_t)input->stat.st_size :
					      SGZ_UNKNOWN;
}

static int
on_event(void *ctx, const struct sgz_event *event)
{
	if (event->kind == SGZ_EVENT_PROGRESS)
		progress_update(event->data.progress.compressed_done,
				event->data.progress.done);
	else if (event->kind == SGZ_EVENT_LOG &&
		 event->data.log.level >= SGZ_LOG_WARNING)
		complain(ctx, "%s", event->data.log.text);
	return 0;
}

struct sgz_reader *
input_reader(const struct input *input, bool to_stdout)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_observer observer = { 0 };
	struct sgz_reader *reader = NULL;

	options.progress_interval = PROGRESS_BYTES;
	observer.event = on_event;
	observer.ctx = (void *)(uintptr_t)input->name;
	observer.mask = SGZ_EVENT_BIT(SGZ_EVENT_PROGRESS) |
		SGZ_EVENT_BIT(SGZ_EVENT_LOG);
	if (sgz_reader_open_fd(input->fd, &options, &reader, &error) < 0 ||
	    sgz_reader_set_observer(reader, &observer, &error) < 0) {
		complain_error(input->name, &error);
		sgz_reader_close(reader);
		return NULL;
	}
	progress_start(input->name, input_size(input), to_stdout);
	return reader;
}
