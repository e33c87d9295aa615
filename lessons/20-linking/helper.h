/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 20: its programs, in processes of their own. */
#ifndef FERRULE_LESSON_20_HELPER_H
#define FERRULE_LESSON_20_HELPER_H

/* Run the program @name of this lesson. Its exit code, or -1. */
int
linking_run(const char *name);

/* Make a link to the plugin @name in the current folder. */
void
linking_lay(const char *name);

#endif
