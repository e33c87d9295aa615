/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A mailbox has room for some letters, which are strings. */
#ifndef MAILBOX_H
#define MAILBOX_H

#include <stddef.h>

struct mailbox;

/* @drop frees a letter. Returns NULL if there is no memory. */
struct mailbox *
mailbox_new(size_t room, void (*drop)(char *letter));

/* 0: the letter is the mailbox's from now on. -1: it is empty, or there is no
 * room for it; then it is still the caller's. */
int
mailbox_put(struct mailbox *mailbox, char *letter);

/* The oldest letter, which is the caller's from now on; NULL: none is left. */
char *
mailbox_take(struct mailbox *mailbox);

/* Calls drop() for each letter that is left. */
void
mailbox_free(struct mailbox *mailbox);

#endif
