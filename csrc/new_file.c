/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* New files: created without a name, and named when they are complete. */
/* for O_PATH and O_TMPFILE */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	/* attempts to find an unused name */
	ATTEMPTS = 100,
	/* bytes of the file's name that a temporary name contains */
	NAME_KEPT = 200,
	/* "/proc/self/fd/" and a number */
	FD_PATH_SIZE = 32,
};

/* Find the file that the link @path leads to. It must exist. */
static enum sgz_status
find_target(struct sgz_new_file *file, const char *path,
	    struct sgz_error *error)
{
	/* without a buffer, realpath() would call malloc() itself */
	char real[PATH_MAX];

	if (realpath(path, real) == NULL)
		return sgz_error_set_errno(error, errno, path, -1,
					   "follow the link");
	file->target = sgz_memory_copy_text(file->memory, real);
	if (file->target == NULL)
		return sgz_error_set_nomem(error, path);
	return SGZ_OK;
}

/* Open the directory in the first @len bytes of @path, or ".". */
static int
open_directory(char *path, size_t len)
{
#if defined(O_PATH)
	/* O_PATH is enough, and needs no read permission */
	const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
#else
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
#endif
	char after = path[len];
	int fd;

	path[len] = '\0';
	do
		fd = open(len > 0 ? path : ".", flags);
	while (fd < 0 && errno == EINTR);
	path[len] = after;
	return fd;
}

/* The path of an open file in /proc: linkat() can give it a name from there. */
static void
put_fd_path(char path[FD_PATH_SIZE], int fd)
{
	snprintf(path, FD_PATH_SIZE, "/proc/self/fd/%d", fd);
}

/* Open a file without a name, or return -1 if that is not possible. */
static int
create_nameless(const struct sgz_new_file *file, mode_t mode)
{
#if defined(O_TMPFILE)
	char path[FD_PATH_SIZE];
	struct stat st;
	int fd;

	do
		fd = openat(file->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC,
			    mode);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return -1;
	put_fd_path(path, fd);
	if (stat(path, &st) == 0)
		return fd;
	(void)close(fd);
#else
	(void)file;
	(void)mode;
#endif
	return -1;
}

/* Six letters that differ from call to call. They need not be secret. */
static void
put_random(char *letters, unsigned int attempt)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz012345";
	struct timespec now = { 0, 0 };
	uint64_t seed;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	seed = (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 30 ^
		(uint64_t)getpid() << 40 ^ (uintptr_t)letters ^ attempt;
	seed *= 0x9e3779b97f4a7c15u;
	seed ^= seed >> 29;
	seed *= 0xbf58476d1ce4e5b9u;
	for (int i = 0; i < 6; i++)
		letters[i] = alphabet[seed >> (59 - 5 * i) & 31];
}

/* Make the name .NAME.sgz-XXXXXX; a long NAME is cut. */
static void
put_temporary(struct sgz_new_file *file, unsigned int attempt)
{
	int len = snprintf(file->temporary, sizeof(file->temporary),
			   ".%.*s.sgz-XXXXXX", NAME_KEPT, file->name);

	put_random(file->temporary + len - 6, attempt);
}

static int
create_temporary(struct sgz_new_file *file, mode_t mode)
{
	int fd = -1;

	for (unsigned int i = 0; i < ATTEMPTS && fd < 0; i++) {
		put_temporary(file, i);
		fd = openat(file->dir, file->temporary,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (fd < 0 && errno != EEXIST && errno != EINTR)
			break;
	}
	if (fd < 0)
		file->temporary[0] = '\0';
	return fd;
}

/*
 * Open a new file in the target's directory. The directory stays open, so that
 * all names are in it, even if somebody renames it or the working directory
 * changes.
 */
static enum sgz_status
open_beside(struct sgz_new_file *file, const char *path, mode_t mode,
	    struct sgz_error *error)
{
	const char *slash = strrchr(file->target, '/');

	file->name = slash == NULL ? file->target : slash + 1;
	file->dir = open_directory(file->target,
				   (size_t)(file->name - file->target));
	if (file->dir < 0)
		return sgz_error_set_errno(error, errno, path, -1,
					   "open the directory of the file");
	file->fd = create_nameless(file, mode);
	if (file->fd < 0)
		file->fd = create_temporary(file, mode);
	if (file->fd < 0)
		return sgz_error_set_errno(error, errno, path, -1,
					   "create the file");
	return SGZ_OK;
}

static enum sgz_status
open_directly(struct sgz_new_file *file, const char *path,
	      struct sgz_error *error)
{
	do
		file->fd = open(path, O_WRONLY | O_CLOEXEC);
	while (file->fd < 0 && errno == EINTR);
	if (file->fd < 0)
		return sgz_error_set_errno(error, errno, path, -1,
					   "open the file");
	return SGZ_OK;
}

void
sgz_new_file_imitate(const struct sgz_new_file *file, const struct stat *like)
{
	mode_t mode = like->st_mode & 0777;

	/* if the group cannot be set, it does not get the group's
	 * permissions */
	if (fchown(file->fd, (uid_t)-1, like->st_gid) != 0)
		mode &= ~(mode_t)070;
	/* only root may change the owner; this can change the mode, so the mode
	 * is set last */
	if (fchown(file->fd, like->st_uid, (gid_t)-1) != 0)
		errno = 0;
	if (fchmod(file->fd, mode) != 0)
		errno = 0;
}

/* Set the target: the path, or the target of a link at the path. */
static enum sgz_status
set_target(struct sgz_new_file *file, const char *path, bool follow,
	   struct sgz_error *error)
{
	struct stat link;

	if (follow && lstat(path, &link) == 0 && S_ISLNK(link.st_mode))
		return find_target(file, path, error);
	file->target = sgz_memory_copy_text(file->memory, path);
	if (file->target == NULL)
		return sgz_error_set_nomem(error, path);
	return SGZ_OK;
}

static bool
is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

enum sgz_status
sgz_new_file_open(struct sgz_new_file *file, const char *path,
		  unsigned int flags, struct sgz_error *error)
{
	bool follow = (flags & SGZ_NEW_FILE_REPLACE_LINK) == 0;
	size_t len = strlen(path);
	struct stat st;
	bool there = (follow ? stat : lstat)(path, &st) == 0;
	int reason = there ? 0 : errno;
	enum sgz_status status;

	file->flags = flags;
	/* refuse now a name that could not be given at the end */
	if (len > 0 && path[len - 1] == '/' && reason == ENOENT)
		reason = EISDIR;
	if (len == 0 || (reason != 0 && reason != ENOENT))
		return sgz_error_set_errno(error, reason, path, -1,
					   "create the file");
	if (there && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return open_directly(file, path, error);
	if ((flags & SGZ_NEW_FILE_EXCLUSIVE) != 0 && is_there(path))
		return sgz_error_set(error, SGZ_E_EXISTS, EEXIST, path, -1,
				     "the file exists");
	/* a new file gets the owner and mode of the file that it replaces, and
	 * never has more permissions in between */
	there = there && S_ISREG(st.st_mode);
	status = set_target(file, path, follow, error);
	if (status == SGZ_OK)
		status = open_beside(file, path,
				     there ? st.st_mode & 0777 : 0666, error);
	if (status == SGZ_OK && there)
		sgz_new_file_imitate(file, &st);
	return status;
}

/* Close a file that has a name: closing can report an error that writing did
 * not. A file without a name stays open until it has one. */
static int
close_or_check(struct sgz_new_file *file)
{
	int fd = file->fd;

	if (file->dir >= 0 && file->temporary[0] == '\0')
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	else
		file->fd = -1;
	if (fd < 0)
		return -1;
	return close(fd) == 0 || errno == EINTR ? 0 : -1;
}

static int
rename_temporary(struct sgz_new_file *file)
{
	int answer =
		renameat(file->dir, file->temporary, file->dir, file->name);

	if (answer == 0)
		file->temporary[0] = '\0';
	return answer;
}

/* Rename, unless the name is taken. link() fails in that case, rename() does
 * not. */
static int
rename_exclusively(struct sgz_new_file *file)
{
	int fd, reason;

	if (linkat(file->dir, file->temporary, file->dir, file->name, 0) == 0) {
		(void)unlinkat(file->dir, file->temporary, 0);
		file->temporary[0] = '\0';
		return 0;
	}
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return -1;
	/* a file system without links, such as FAT: create an empty file of
	 * this name, and replace it */
	fd = openat(file->dir, file->name,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	(void)close(fd);
	if (rename_temporary(file) == 0)
		return 0;
	reason = errno;
	(void)unlinkat(file->dir, file->name, 0);
	errno = reason;
	return -1;
}

/*
 * Give a name to a file without one. A link cannot replace an existing file:
 * then the file gets a temporary name and is renamed.
 */
static int
link_nameless(struct sgz_new_file *file)
{
	char path[FD_PATH_SIZE];
	int answer;

	put_fd_path(path, file->fd);
	answer = linkat(AT_FDCWD, path, file->dir, file->name,
			AT_SYMLINK_FOLLOW);
	if (answer == 0 || errno != EEXIST ||
	    (file->flags & SGZ_NEW_FILE_EXCLUSIVE) != 0)
		return answer;
	for (unsigned int i = 0; i < ATTEMPTS; i++) {
		put_temporary(file, i);
		answer = linkat(AT_FDCWD, path, file->dir, file->temporary,
				AT_SYMLINK_FOLLOW);
		if (answer == 0)
			return rename_temporary(file);
		if (errno != EEXIST)
			break;
	}
	file->temporary[0] = '\0';
	return -1;
}

static int
give_name(struct sgz_new_file *file)
{
	if (file->temporary[0] == '\0')
		return link_nameless(file);
	if ((file->flags & SGZ_NEW_FILE_EXCLUSIVE) != 0)
		return rename_exclusively(file);
	return rename_temporary(file);
}

enum sgz_status
sgz_new_file_commit(struct sgz_new_file *file, bool sync, const char *path,
		    struct sgz_error *error)
{
	/* devices and pipes cannot be synchronised */
	if (sync && fsync(file->fd) != 0 && errno != EINVAL && errno != EROFS)
		return sgz_error_set_errno(error, errno, path, -1,
					   "synchronise the file");
	/* some file systems report only now that the disk is full */
	if (close_or_check(file) != 0)
		return sgz_error_set_errno(error, errno, path, -1,
					   "close the file");
	if (file->dir < 0 || give_name(file) == 0) {
		if (file->fd >= 0)
			(void)close(file->fd);
		file->fd = -1;
		return SGZ_OK;
	}
	if (errno == EEXIST)
		return sgz_error_set(error, SGZ_E_EXISTS, EEXIST, path, -1,
				     "the file exists now");
	return sgz_error_set_errno(error, errno, path, -1,
				   "give the new file its name");
}

void
sgz_new_file_drop(const struct sgz_new_file *file)
{
	if (file->temporary[0] != '\0')
		(void)unlinkat(file->dir, file->temporary, 0);
}

void
sgz_new_file_close(struct sgz_new_file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd);
	sgz_new_file_drop(file);
	if (file->dir >= 0)
		(void)close(file->dir);
	sgz_memory_free(file->memory, file->target);
	file->fd = file->dir = -1;
	file->temporary[0] = '\0';
	file->target = NULL;
}
