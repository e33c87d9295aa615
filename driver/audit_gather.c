/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One report of several programs. Each of them is run with --collect, and
 * leaves a folder:
 *
 *   DIR/NUMBER/PID-NUMBER     a log for each of its processes
 *   DIR/NUMBER/.program       a link to its file
 *   DIR/NUMBER/.kept/NAME     its file, if that will be removed
 */
#include "audit.h"

#include "util.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Rustdoc compiles to a folder for temporary files, runs, and removes it. */
static bool
is_temporary(const char *program)
{
	const char *named = getenv("TMPDIR");
	char *tmp = realpath(named != NULL && named[0] != '\0' ? named : "/tmp",
			     NULL);
	size_t len = tmp != NULL ? strlen(tmp) : 0;
	bool inside = len > 0 && strncmp(program, tmp, len) == 0 &&
		program[len] == '/';

	free(tmp);
	return inside;
}

/* A second name for its file, by which the report reads it. */
static void
keep_file(const char *program, const char *folder)
{
	char *dir = xasprintf("%s/.kept", folder);
	char *kept = xasprintf("%s%s", dir, strrchr(program, '/'));

	/* if it cannot be kept, the report has no names of it */
	if (mkdir(dir, 0700) == 0 && link(program, kept) < 0)
		rmdir(dir);
	free(kept);
	free(dir);
}

char *
audit_collect_folder(const char *dir, const char *program)
{
	char *folder = xasprintf("%s/%010.0f-XXXXXX", dir, now() * 1e3);
	char *path = realpath(program, NULL), *link_name;

	if (path == NULL)
		die("%s: %s", program, strerror(errno));
	if (mkdtemp(folder) == NULL)
		die("%s: cannot make a folder: %s", folder, strerror(errno));
	link_name = xasprintf("%s/.program", folder);
	if (symlink(path, link_name) < 0)
		die("%s: %s", link_name, strerror(errno));
	if (is_temporary(path))
		keep_file(path, folder);
	free(link_name);
	free(path);
	return folder;
}

/* The program of a run; NULL: the folder is none of ours. */
static char *
program_of(const char *folder)
{
	char *name = xasprintf("%s/.program", folder);
	char path[PATH_MAX];
	ssize_t len = readlink(name, path, sizeof(path) - 1);

	free(name);
	path[MAX(len, 0)] = '\0';
	return len > 0 ? xstrdup(path) : NULL;
}

static void
gather_run(struct audit_report *report, const char *folder)
{
	size_t processes = report->process_count;
	size_t not_checked = report->not_checked_count;
	char *program = program_of(folder), *reason = NULL;
	const char *prevents;

	if (program == NULL)
		return;
	prevents = audit_prevents(program, &reason);
	if (prevents != NULL)
		audit_add_not_checked(report, prevents, program, reason);
	else
		audit_read(report, folder);
	if (report->process_count == processes &&
	    report->not_checked_count == not_checked)
		audit_add_not_checked(
			report, "not-loaded", program,
			xstrdup("the audit was not loaded into it"));
	free(program);
}

void
audit_gather(struct audit_report *report, const char *dir, int status)
{
	struct list folders = audit_entries(dir);
	size_t i;

	for (i = 0; i < folders.count; i++)
		gather_run(report, folders.items[i]);
	if (folders.count == 0)
		audit_add_not_checked(report, "nothing-ran", "",
				      xstrdup("no program was run, so nothing "
					      "was audited"));
	list_release(&folders);
	/* what ran them all, as a shell has it */
	report->ran = true;
	report->status = status > 128 && status - 128 < NSIG ?
		W_EXITCODE(0, status - 128) :
		W_EXITCODE(status, 0);
}
