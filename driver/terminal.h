/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Text for a terminal. */
#ifndef FERRULE_TERMINAL_H
#define FERRULE_TERMINAL_H

#include <stdio.h>

#define TERMINAL_WIDTH 80

/* @text broken into lines at spaces, each led by @indent spaces; what follows
 * the first is led by two more, if the first has few. */
void
print_wrapped(FILE *file, const char *text, int indent);

#endif
