/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 16: where the plugins are, and whether one is loaded. */
#ifndef FERRULE_LESSON_16_HELPER_H
#define FERRULE_LESSON_16_HELPER_H

#include <stdbool.h>
#include <stddef.h>

/* Make links to the plugins in the current folder: ./plugin_c.so, ... */
void
plugins_lay(void);

/* Is the plugin `name` a part of this process now? */
bool
plugins_is_mapped(const char *name);

/* What plugins.log says, as a string; the file is removed. */
void
plugins_log(char *text, size_t size);

#endif
