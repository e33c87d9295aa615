/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Preloaded: ptrace() is not permitted, as in many containers. */
#include <errno.h>
#include <sys/ptrace.h>

#define REPLACES __attribute__((visibility("default")))

REPLACES long
ptrace(enum __ptrace_request request, ...)
{
	(void)request;
	errno = EPERM;
	return -1;
}
