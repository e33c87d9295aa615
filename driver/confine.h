/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A process confines itself, and all that it starts: Landlock for files, TCP
 * and signals, a filter of system calls for what Landlock does not know.
 */
#ifndef FERRULE_CONFINE_H
#define FERRULE_CONFINE_H

#include <stdbool.h>

/* Does this kernel confine where a process writes? */
bool
confine_works(void);

/*
 * What this kernel does not prevent: "this kernel has no Landlock". NULL: it
 * prevents all that is said below. The caller frees it.
 */
char *
confine_gap(void);

/*
 * From now on this process creates, changes and removes files only in the
 * folders @folders (a list that ends with NULL) and writes to /dev/null; it
 * uses no TCP, and sends no signal to a process that was there before. As far
 * as the kernel can: see confine_gap(). False and errno: it did not work.
 */
bool
confine_files(const char *const *folders);

/*
 * From now on this process starts no other process, raises no limit, and
 * changes no mode, owner or time of a file. Threads are no processes. As above.
 */
bool
confine_calls(void);

#endif
