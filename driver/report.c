/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Shared by all reports: common texts, and writing files. */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *
report_summary(const struct run *run)
{
	static const enum verdict bad[] = {
		VERDICT_CRASHED,
		VERDICT_TIMEOUT,
		VERDICT_DIVERGED,
		VERDICT_LEAKED,
	};
	struct text text = { 0 };
	size_t i, j, count;

	text_addf(&text, "%zu cell%s: %zu as expected", run->cell_count,
		  run->cell_count == 1 ? "" : "s", run_expected(run));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		for (count = 0, j = 0; j < run->cell_count; j++)
			count += run->cells[j].verdict == bad[i];
		if (count > 0)
			text_addf(&text, ", %zu %s", count,
				  verdict_name(bad[i]));
	}
	return text_take(&text);
}

char *
report_sample(const struct run *run)
{
	if (run->input.len == run->input.size)
		return xasprintf("sample: all of its %s byte%s",
				 with_commas(run->input.len),
				 run->input.len == 1 ? "" : "s");
	return xasprintf("sample: first %s of %s bytes",
			 with_commas(run->input.len),
			 with_commas(run->input.size));
}

/* The destination of a report. */
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
report_check_path(const char *path)
{
	struct output output;

	if (strcmp(path, "-") == 0)
		return;
	output_open(&output, path);
	output_close(&output, false);
}

void
report_write(const struct run *run, const char *path, report_fn *report)
{
	struct output output;
	bool good;

	output_open(&output, path);
	errno = 0;
	good = report(run, output.file);
	if (!output_close(&output, good))
		die("%s: cannot write: %s", path,
		    errno != 0 ? strerror(errno) : "the report failed");
}
