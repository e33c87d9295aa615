/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Run a command, and print its peak memory in bytes to standard error. It is
 * small itself: a process inherits the peak of the one that starts it.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct rusage usage;
	int status = 0;
	pid_t child = argc > 1 ? fork() : -1;

	if (child == 0) {
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child)
		return 127;
	fprintf(stderr, "%ld\n", usage.ru_maxrss * 1024);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
