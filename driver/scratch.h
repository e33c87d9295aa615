/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Scratch folders: however the program ends, they are removed.
 *
 * It may end by exit(), by die(), or by a signal. So that a signal finds
 * nothing half done, it is held while there is a folder: sandboxes_run() takes
 * it at once, and else it comes when it is let through again.
 */
#ifndef FERRULE_SCRATCH_H
#define FERRULE_SCRATCH_H

#include <signal.h>

/* Make a folder (see make_scratch()). The caller gives it to
 * scratch_remove(). */
char *
scratch_make(const char *name);

/* Remove the folder at @path and free @path, which may be NULL. */
void
scratch_remove(char *path);

/* Remove all folders; in a process that was forked, those of its parent. */
void
scratch_remove_all(void);

/* The signals that end a program from outside, and are not ignored. */
void
ending_signals(sigset_t *mask);

/* From now on these signals wait. */
void
signals_hold(void);

/* If one came meanwhile, the program ends by it now. */
void
signals_let(void);

#endif
