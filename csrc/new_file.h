/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A new file: it appears when it is complete, or not at all. */
#ifndef SGZ_NEW_FILE_H
#define SGZ_NEW_FILE_H

#include <sgz.h>
#include <stdbool.h>
#include <sys/stat.h>

struct sgz_memory;

enum sgz_new_file_flags {
	/* fail with SGZ_E_EXISTS if a file has the name already */
	SGZ_NEW_FILE_EXCLUSIVE = 1,
	/* replace a symbolic link, not the file that it leads to */
	SGZ_NEW_FILE_REPLACE_LINK = 2,
};

/*
 * A file that gets its name when it is complete.
 *
 * If the file system allows it (O_TMPFILE), the file has no name until then: if
 * the process ends, nothing is left. Otherwise it has a temporary name in the
 * same folder.
 */
struct sgz_new_file {
	const struct sgz_memory *memory;
	int fd;
	unsigned int flags;
	/* the directory of the names; -1 if the path is written to directly,
	 * because it is a device or a pipe */
	int dir;
	/* the final name (the path, or the target of a link at the path), and
	 * the last part of that name */
	char *target;
	const char *name;
	/* "": the file has no name in the directory yet */
	char temporary[216];
};

/* Set @file to a state that can be closed. NULL: no allocator yet. */
#define SGZ_NEW_FILE_INIT(memory)                       \
	{                                               \
		(memory), -1, 0, -1, NULL, NULL, { 0 }, \
	}

/* Create the file that will be at @path, or open a device or pipe there. */
enum sgz_status
sgz_new_file_open(struct sgz_new_file *file, const char *path,
		  unsigned int flags, struct sgz_error *error);

/* Give @file the owner and the mode of @like, as far as it is allowed. */
void
sgz_new_file_imitate(const struct sgz_new_file *file, const struct stat *like);

/* Give @file its name, after all its bytes are known to be written. */
enum sgz_status
sgz_new_file_commit(struct sgz_new_file *file, bool sync, const char *path,
		    struct sgz_error *error);

/* Remove the temporary name, if there is one. A signal handler may call it. */
void
sgz_new_file_drop(const struct sgz_new_file *file);

/* Close @file, and remove it if it was not committed. */
void
sgz_new_file_close(struct sgz_new_file *file);

#endif
