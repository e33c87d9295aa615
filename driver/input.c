/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The input of the lessons: the first part of a file. */
#include "input.h"

#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The size of the sample of a large file. */
#define SAMPLE_SIZE ((size_t)1 << 20)

/*
 * Memory for the sample. It is read-only, and unmapped memory follows it: a
 * lesson that changes it or reads beyond it crashes.
 */
static unsigned char *
sample_alloc(size_t len, unsigned char **map_out, size_t *map_len_out)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (len + page - 1) / page * page;
	unsigned char *map = mmap(NULL, room + page, PROT_NONE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED ||
	    (room > 0 && mprotect(map, room, PROT_READ | PROT_WRITE) != 0))
		die("out of memory for the sample: %s", strerror(errno));
	*map_out = map;
	*map_len_out = room;
	return map + room - len;
}

static size_t
read_up_to(int fd, const char *path, unsigned char *data, size_t len)
{
	size_t done = 0;
	ssize_t got;

	while (done < len) {
		got = read(fd, data + done, len - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			die("%s: cannot read: %s", path, strerror(errno));
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return done;
}

void
input_open(struct ferrule_input *input, const char *path)
{
	unsigned char *data, *map;
	struct stat st;
	size_t map_len;
	char *slash;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		die("%s: cannot open: %s", path, strerror(errno));
	if (fstat(fd, &st) != 0)
		die("%s: cannot get its size: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		die("%s: cannot read: %s", path, strerror(EISDIR));
	if (!S_ISREG(st.st_mode))
		die("%s: is not a regular file", path);
	input->path = realpath(path, NULL);
	if (input->path == NULL)
		die("%s: cannot find it: %s", path, strerror(errno));
	slash = strrchr(input->path, '/');
	input->name = slash != NULL ? slash + 1 : input->path;
	input->size = (uint64_t)st.st_size;
	input->len = (size_t)MIN(input->size, SAMPLE_SIZE);
	data = sample_alloc(input->len, &map, &map_len);
	if (read_up_to(fd, path, data, input->len) != input->len)
		die("%s: became shorter while it was read", path);
	mprotect(map, map_len, PROT_READ);
	input->data = data;
	close(fd);
}
