/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How many processors this process may use: affinity and control groups. */
#define _GNU_SOURCE
#include "pool.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

enum {
	PATH_SIZE = 4096
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
 * The least quota of the group @group (a path from the root of all) and of
 * those that it lies in.
 */
static uint32_t
find_quota_of(const char *group)
{
	static const char root[] = "/sys/fs/cgroup", name[] = "/cpu.max";
	char path[PATH_SIZE], text[64];
	size_t len = strcspn(group, "\n");
	uint32_t least = 0;

	if (len > PATH_SIZE - sizeof(root) - sizeof(name))
		return 0;
	memcpy(path, root, sizeof(root) - 1);
	memcpy(path + sizeof(root) - 1, group, len);
	for (;;) {
		char *end = path + sizeof(root) - 1 + len;

		memcpy(end, name, sizeof(name));
		if (read_text(path, text, sizeof(text)))
			least = lesser(least, parse_quota(text));
		if (len == 0)
			return least;
		while (len > 0 && group[--len] != '/')
			;
	}
}

/* In whole processors, or 0: there is no limit. */
static uint32_t
find_quota(void)
{
	char text[PATH_SIZE], two[64];
	const char *group;
	size_t len;

	if (!read_text("/proc/self/cgroup", text, sizeof(text)))
		return 0;
	/* version 2 is the line "0::PATH" */
	group = strstr(text, "0::/");
	if (group != NULL && (group == text || group[-1] == '\n'))
		return find_quota_of(group + strlen("0::"));
	/* version 1, as a container sees its own */
	if (!read_text("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", two, 32))
		return 0;
	len = strcspn(two, "\n");
	two[len] = ' ';
	if (!read_text("/sys/fs/cgroup/cpu/cpu.cfs_period_us", two + len + 1,
		       sizeof(two) - len - 1))
		return 0;
	return parse_quota(two);
}

uint32_t
sgz_count_processors(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t quota = find_quota();
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		count = CPU_COUNT(&set);
	if (count < 1)
		count = 1;
	if (count > (long)SGZ_POOL_MOST)
		count = SGZ_POOL_MOST;
	return lesser((uint32_t)count, quota);
}
