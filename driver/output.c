/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writing a file that is complete, or as it was before. */
#include "output.h"

#include "util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The destination of what is written. */
struct output {
	FILE *file;
	char *path; /* NULL: stdout */
	/* the new file in the same folder, or NULL if `path` is written
	 * directly: a device, a pipe or a link must not be replaced by a
	 * file */
	char *temporary;
};

static FILE *
open_beside(const char *path, char **name_out)
{
	char *name = xasprintf("%s.XXXXXX", path);
	FILE *file = NULL;
	mode_t mask;
	int fd = mkstemp(name);
	int failure;

	if (fd >= 0) {
		mask = umask(0);
		umask(mask);
		fchmod(fd, 0666 & ~mask);
		file = fdopen(fd, "w");
	}
	if (file == NULL) {
		failure = errno;
		free(name);
		errno = failure;
		return NULL;
	}
	*name_out = name;
	return file;
}

static void
output_open(struct output *output, const char *path)
{
	struct stat st;

	*output = (struct output){ .file = stdout };
	if (strcmp(path, "-") == 0)
		return;
	output->path = xstrdup(path);
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		output->file = fopen(output->path, "w");
	else
		output->file = open_beside(output->path, &output->temporary);
	if (output->file == NULL)
		die("%s: cannot write: %s", path, strerror(errno));
}

/* Give the file its name if @good. Returns whether everything succeeded. */
static bool
output_close(struct output *output, bool good)
{
	int failure;

	good = fflush(output->file) == 0 && !ferror(output->file) && good;
	failure = errno;
	if (output->path != NULL && fclose(output->file) != 0 && good) {
		failure = errno;
		good = false;
	}
	if (good && output->temporary != NULL &&
	    rename(output->temporary, output->path) != 0) {
		failure = errno;
		good = false;
	}
	if (!good && output->temporary != NULL)
		unlink(output->temporary);
	free(output->temporary);
	free(output->path);
	errno = failure;
	return good;
}

void
output_check(const char *path)
{
	struct output output;

	if (strcmp(path, "-") == 0)
		return;
	output_open(&output, path);
	output_close(&output, false);
}

void
output_write(const char *path, output_fn *write, const void *data)
{
	struct output output;
	bool good;

	output_open(&output, path);
	errno = 0;
	good = write(data, output.file);
	if (!output_close(&output, good))
		die("%s: cannot write: %s", path,
		    errno != 0 ? strerror(errno) : "the report failed");
}
