/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Preloaded: ptrace() is not permitted, as in many containers, and neither is
 * to read the memory of another process. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define REPLACES __attribute__((visibility("default")))

REPLACES long
ptrace(enum __ptrace_request request, ...)
{
	(void)request;
	errno = EPERM;
	return -1;
}

REPLACES ssize_t
process_vm_readv(pid_t pid, const struct iovec *to, unsigned long to_count,
		 const struct iovec *from, unsigned long from_count,
		 unsigned long flags)
{
	(void)pid, (void)to, (void)to_count;
	(void)from, (void)from_count, (void)flags;
	errno = EPERM;
	return -1;
}
