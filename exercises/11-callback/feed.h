/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A feed gives each line of what is pushed to its listeners. */
#ifndef FEED_H
#define FEED_H

#include <stddef.h>

struct feed;

/* NULL: no memory. */
struct feed *
feed_new(void);

/* Release all listeners, and the feed. */
void
feed_free(struct feed *feed);

/*
 * From now on call @on_line for each line, without its '\n'. A line is not
 * NULL, and valid during the call. Returns a number above 0, by which it is
 * unregistered; or 0 if there are three listeners: then nothing changes hands.
 * @release is called once, when the feed will not use @user any more. NULL:
 * there is nothing to release.
 */
int
feed_register(struct feed *feed,
	      void (*on_line)(void *user, const char *line, size_t len),
	      void *user, void (*release)(void *user));

/* Release it before this returns. Returns 0, or -1 if there is no such one. */
int
feed_unregister(struct feed *feed, int id);

void
feed_push(struct feed *feed, const char *text, size_t len);

#endif
