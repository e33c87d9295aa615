/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A file that is there as a whole, or not at all. */
#ifndef SGZ_NEW_FILE_H
#define SGZ_NEW_FILE_H

#include <sgz.h>
#include <stdbool.h>
#include <sys/stat.h>

struct sgz_memory;

enum sgz_new_file_flags {
	/* SGZ_E_EXISTS, rather than replace what has the name */
	SGZ_NEW_FILE_EXCLUSIVE = 1,
	/* replace a symbolic link, rather than what it leads to */
	SGZ_NEW_FILE_REPLACE_LINK = 2,
};

/*
 * A file that takes its name when it is complete.
 *
 * Until then it has no name at all, where the file system can do that
 * (O_TMPFILE): whatever ends the process, nothing is left behind. Elsewhere it
 * has a temporary name beside its own.
 */
struct sgz_new_file {
	const struct sgz_memory *memory;
	int fd;
	unsigned int flags;
	/* the directory of the names; -1 when the path is written to directly,
	 * as a device is */
	int dir;
	/* what it will be called: the path, or what it is a link to, and the
	 * last part of that */
	char *target;
	const char *name;
	/* "": it has no name in the directory yet */
	char temporary[216];
};

/* Before sgz_new_file_open(): what can be closed. NULL: no allocator yet. */
#define SGZ_NEW_FILE_INIT(memory)                       \
	{                                               \
		(memory), -1, 0, -1, NULL, NULL, { 0 }, \
	}

/* Make the file that will be at @path, or open what cannot be replaced. */
enum sgz_status
sgz_new_file_open(struct sgz_new_file *file, const char *path,
		  unsigned int flags, struct sgz_error *error);

/* Give @file the owner and the mode of @like, as far as the system lets us. */
void
sgz_new_file_imitate(const struct sgz_new_file *file, const struct stat *like);

/* Give @file its name, once it is known that all its bytes are written. */
enum sgz_status
sgz_new_file_commit(struct sgz_new_file *file, bool sync, const char *path,
		    struct sgz_error *error);

/* Remove the temporary name, if there is one. Can be called by a handler. */
void
sgz_new_file_drop(const struct sgz_new_file *file);

/* Close it, and remove what was not committed. */
void
sgz_new_file_close(struct sgz_new_file *file);

#endif
