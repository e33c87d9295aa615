/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a sandbox may use: memory, disk, output; and whether it is confined. */
#include "sandbox_limits.h"

#include "confine.h"
#include "util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Folders within folders. */
#define DEPTH 16

const char *
with_unit(uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB" };
	static char buffers[4][40];
	static unsigned turn;
	char *buffer = buffers[turn++ % ARRAY_SIZE(buffers)];
	size_t unit = 0;

	while (unit + 1 < ARRAY_SIZE(units) && bytes > 0 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	snprintf(buffer, sizeof(buffers[0]), "%s %s", with_commas(bytes),
		 units[unit]);
	return buffer;
}

/* ---- in the sandbox ---- */

static bool
set_limit(int what, uint64_t most)
{
	/* the system's own limit may be lower */
	struct rlimit limit;

	if (most == 0 || getrlimit(what, &limit) != 0 || limit.rlim_max < most)
		return true;
	limit.rlim_cur = limit.rlim_max = most;
	return setrlimit(what, &limit) == 0;
}

/* The size of this process's address space; 0: it is not known. */
static uint64_t
address_space(void)
{
	char *text = read_file("/proc/self/statm", NULL);
	uint64_t pages = text != NULL ? strtoull(text, NULL, 10) : 0;

	free(text);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool
limits_enter(const struct limits *limits)
{
	const char *const folders[] = { ".", limits->also, NULL };

	if (limits->memory > 0 &&
	    !set_limit(RLIMIT_AS, address_space() + limits->memory))
		return false;
	return set_limit(RLIMIT_FSIZE, limits->file) &&
		set_limit(RLIMIT_NOFILE, limits->descriptors) &&
		(!limits->confined || confine_files(folders)) &&
		(!limits->alone || confine_calls());
}

/* ---- in the driver ---- */

struct tally {
	const struct limits *limits;
	uint64_t bytes, files;
	bool full; /* a file has all the bytes that it may */
	bool hidden; /* there is more that cannot be counted */
};

static bool
exceeded(const struct tally *tally)
{
	const struct limits *limits = tally->limits;

	return tally->full || tally->hidden ||
		(limits->folder > 0 && tally->bytes > limits->folder) ||
		(limits->files > 0 && tally->files > limits->files);
}

static void
count_file(struct tally *tally, int folder, const char *name, struct stat *st)
{
	*st = (struct stat){ 0 };
	/* it may be gone by now */
	if (fstatat(folder, name, st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	tally->files++;
	tally->bytes += (uint64_t)st->st_blocks * 512;
	if (S_ISREG(st->st_mode) && tally->limits->file > 0 &&
	    (uint64_t)st->st_size >= tally->limits->file)
		tally->full = true;
}

/* Count what lies in @name of @at, until a limit is exceeded. */
static void
count_folder(struct tally *tally, int at, const char *name, int depth)
{
	int fd = openat(at, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	struct stat st;

	if (folder == NULL) {
		tally->hidden |= errno != ENOENT;
		if (fd >= 0)
			close(fd);
		return;
	}
	tally->hidden |= depth > DEPTH;
	while (!exceeded(tally) && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.' &&
		    (entry->d_name[1] == '\0' ||
		     (entry->d_name[1] == '.' && entry->d_name[2] == '\0')))
			continue;
		count_file(tally, fd, entry->d_name, &st);
		if (S_ISDIR(st.st_mode))
			count_folder(tally, fd, entry->d_name, depth + 1);
	}
	closedir(folder);
}

char *
limits_output(const struct limits *limits, uint64_t printed)
{
	if (limits == NULL || limits->output == 0 || printed <= limits->output)
		return NULL;
	return xasprintf("it printed more than %s", with_unit(limits->output));
}

char *
limits_folder(const struct limits *limits, const char *dir)
{
	struct tally tally = { .limits = limits };

	if (limits == NULL || limits->folder == 0)
		return NULL;
	count_folder(&tally, AT_FDCWD, dir, 0);
	if (!exceeded(&tally))
		return NULL;
	if (tally.full)
		return xasprintf("it wrote a file of %s, and more is not "
				 "allowed",
				 with_unit(limits->file));
	if (tally.hidden)
		return xasprintf("it made folders that cannot be looked into, "
				 "or are more than %d deep",
				 DEPTH);
	if (tally.bytes > limits->folder)
		return xasprintf("it wrote more than %s into its folder",
				 with_unit(limits->folder));
	return xasprintf("it made more than %s files",
			 with_commas(limits->files));
}
