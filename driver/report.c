/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What all reports share: their words, and how they reach the disk. */
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
		VERDICT_CRASHED, VERDICT_TIMEOUT, VERDICT_DIVERGED,
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

/* A new file beside @path, open for writing; NULL and errno if it can't be. */
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

void
report_check_path(const char *path)
{
	struct stat st;
	char *name;
	FILE *file;

	if (strcmp(path, "-") == 0)
		return;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		die("%s: cannot write: %s", path, strerror(EISDIR));
	file = open_beside(path, &name);
	if (file == NULL)
		die("%s: cannot write: %s", path, strerror(errno));
	fclose(file);
	unlink(name);
	free(name);
}

void
report_write(const struct run *run, const char *path, report_fn *report)
{
	bool to_stdout = strcmp(path, "-") == 0;
	char *name = NULL;
	FILE *file = to_stdout ? stdout : open_beside(path, &name);
	bool good;

	if (file == NULL)
		die("%s: cannot write: %s", path, strerror(errno));
	errno = 0;
	good = report(run, file) && fflush(file) == 0 && !ferror(file);
	if (!to_stdout) {
		good = fclose(file) == 0 && good;
		good = good && rename(name, path) == 0;
		if (!good) {
			int failure = errno;

			unlink(name);
			errno = failure;
		}
		free(name);
	}
	if (!good)
		die("%s: cannot write: %s", to_stdout ? "stdout" : path,
		    errno != 0 ? strerror(errno) : "the report failed");
}
