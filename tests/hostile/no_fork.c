/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Preloaded: the fork() whose number NO_FORK says fails, counted along with the
 * parents; and a kill() of more than one process, or of one's own group, is not
 * carried out but said.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define REPLACES __attribute__((visibility("default")))

REPLACES pid_t
fork(void)
{
	static int count;
	const char *fails = getenv("NO_FORK");
	pid_t (*next)(void);

	*(void **)&next = dlsym(RTLD_NEXT, "fork");
	if (fails == NULL || ++count != atoi(fails))
		return next();
	errno = EAGAIN;
	return -1;
}

REPLACES int
kill(pid_t pid, int number)
{
	int (*next)(pid_t, int);

	*(void **)&next = dlsym(RTLD_NEXT, "kill");
	if (pid > 0 || pid < -1)
		return next(pid, number);
	fprintf(stderr, "would kill %d\n", (int)pid);
	return -1;
}
