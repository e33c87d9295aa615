/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Preloaded: a kernel with the Landlock of version LANDLOCK, or with none. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CREATE_RULESET 444

__attribute__((visibility("default"))) long
syscall(long number, ...)
{
	const char *version = getenv("LANDLOCK");
	long (*next)(long, ...);
	va_list list;
	long arg[6];
	int i;

	va_start(list, number);
	for (i = 0; i < 6; i++)
		arg[i] = va_arg(list, long);
	va_end(list);
	if (number == CREATE_RULESET && version != NULL) {
		if (atoi(version) == 0) {
			errno = ENOSYS;
			return -1;
		}
		if (arg[2] == 1)
			return atoi(version);
	}
	*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}
