/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* To be preloaded: a file system that has no files without a name. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/types.h>

typedef int
openat_fn(int dir, const char *path, int flags, ...);

int
openat64(int dir, const char *path, int flags, ...)
{
	void *found = dlsym(RTLD_NEXT, "openat64");
	openat_fn *next;
	mode_t mode;
	va_list args;

	if ((flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	/* ISO C knows no way from one kind of pointer to the other */
	memcpy(&next, &found, sizeof(next));
	va_start(args, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return next(dir, path, flags, mode);
}
