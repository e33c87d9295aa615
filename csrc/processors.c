/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How many processors this process may use: affinity and control groups. */
#define _GNU_SOURCE
#include "pool.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

enum {
	PATH_SIZE = 4096,
	/* the name of a group's file */
	NAME_SIZE = 32,
	/* what is read of such a file */
	NUMBERS_SIZE = 64,
};

/* The beginning of the file at @path as text; false if it cannot be read. */
static bool
read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	len = sgz_fd_read(fd, text, size - 1);
	(void)close(fd);
	if (len < 0)
		return false;
	text[len] = '\0';
	return true;
}

/* "QUOTA PERIOD" as whole processors; 0: no limit ("max PERIOD"), or nonsense */
static uint32_t
parse_quota(const char *text)
{
	char *rest;
	long long quota = strtoll(text, &rest, 10);
	long long period = strtoll(rest, NULL, 10);

	if (quota <= 0 || period <= 0)
		return 0;
	quota = quota / period + (quota % period != 0);
	return quota < SGZ_POOL_MOST ? (uint32_t)quota : SGZ_POOL_MOST;
}

static uint32_t
lesser(uint32_t one, uint32_t other)
{
	return one == 0 || (other != 0 && other < one) ? other : one;
}

/*
 * A version of control groups: where its tree is, and the files of a group that
 * together say "QUOTA PERIOD".
 */
struct version {
	const char *folder;
	const char *files[2];
};

static const struct version first = {
	"/cpu",
	{ "/cpu.cfs_quota_us", "/cpu.cfs_period_us" },
};
static const struct version second = { "", { "/cpu.max", NULL } };

/* The quota of the group whose folder is the first @len bytes of @path. */
static uint32_t
read_quota(char *path, size_t len, const struct version *version)
{
	char text[2 * NUMBERS_SIZE];
	size_t used = 0;

	for (size_t i = 0; i < 2 && version->files[i] != NULL; i++) {
		memcpy(path + len, version->files[i],
		       strlen(version->files[i]) + 1);
		if (!read_text(path, text + used, NUMBERS_SIZE))
			return 0;
		used += strcspn(text + used, "\n");
		text[used++] = ' ';
	}
	text[used] = '\0';
	return parse_quota(text);
}

/*
 * The least quota of a group and of those that it lies in. @group is a path
 * from the root of all, of @len bytes.
 */
static uint32_t
find_quota_of(const char *root, const struct version *version,
	      const char *group, size_t len)
{
	char path[PATH_SIZE + NAME_SIZE];
	size_t start = strlen(root) + strlen(version->folder);
	uint32_t least = 0;

	if (start + len >= PATH_SIZE)
		return 0;
	memcpy(path, root, strlen(root));
	memcpy(path + strlen(root), version->folder, strlen(version->folder));
	memcpy(path + start, group, len);
	for (;;) {
		least = lesser(least, read_quota(path, start + len, version));
		if (len == 0)
			return least;
		while (len > 0 && group[--len] != '/')
			;
	}
}

/* Is "cpu" among the names at @list, which are separated by commas? */
static bool
has_cpu(const char *list, size_t len)
{
	while (len > 0) {
		const char *comma = memchr(list, ',', len);
		size_t part = comma != NULL ? (size_t)(comma - list) : len;

		if (part == 3 && memcmp(list, "cpu", 3) == 0)
			return true;
		part += comma != NULL;
		list += part;
		len -= part;
	}
	return false;
}

uint32_t
sgz_find_quota(const char *groups, const char *root)
{
	char text[PATH_SIZE];
	uint32_t least = 0;

	if (!read_text(groups, text, sizeof(text)))
		return 0;
	/* a line is "NUMBER:CONTROLLERS:PATH"; version 2 names no controller,
	 * and a system may have both */
	for (const char *line = text; *line != '\0';) {
		size_t len = strcspn(line, "\n");
		const char *end = line + len;
		const char *list = memchr(line, ':', len);
		const char *path = NULL;

		if (list != NULL) {
			list++;
			path = memchr(list, ':', (size_t)(end - list));
		}
		if (path != NULL &&
		    (path == list || has_cpu(list, (size_t)(path - list))))
			least = lesser(
				least,
				find_quota_of(
					root, path == list ? &second : &first,
					path + 1, (size_t)(end - path - 1)));
		line = *end == '\n' ? end + 1 : end;
	}
	return least;
}

uint32_t
sgz_count_processors(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t quota = sgz_find_quota("/proc/self/cgroup", "/sys/fs/cgroup");
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		count = CPU_COUNT(&set);
	if (count < 1)
		count = 1;
	if (count > (long)SGZ_POOL_MOST)
		count = SGZ_POOL_MOST;
	return lesser((uint32_t)count, quota);
}
