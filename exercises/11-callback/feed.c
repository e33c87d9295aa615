/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A feed gives each line of what is pushed to its listeners. */
#include "feed.h"

#include <stdlib.h>
#include <string.h>

#define FEED_LISTENERS 3

typedef void
on_line_fn(void *user, const char *line, size_t len);
typedef void
release_fn(void *user);

struct listener {
	on_line_fn *on_line; /* NULL: this place is free */
	void *user;
	release_fn *release;
};

struct feed {
	struct listener listeners[FEED_LISTENERS];
};

struct feed *
feed_new(void)
{
	return calloc(1, sizeof(struct feed));
}

static void
release(struct listener *listener)
{
	struct listener old = *listener;

	memset(listener, 0, sizeof(*listener));
	if (old.on_line != NULL && old.release != NULL)
		old.release(old.user);
}

void
feed_free(struct feed *feed)
{
	int i;

	if (feed == NULL)
		return;
	for (i = 0; i < FEED_LISTENERS; i++)
		release(&feed->listeners[i]);
	free(feed);
}

int
feed_register(struct feed *feed, on_line_fn *on_line, void *user,
	      release_fn *release)
{
	int i;

	for (i = 0; i < FEED_LISTENERS; i++) {
		if (feed->listeners[i].on_line != NULL)
			continue;
		feed->listeners[i] =
			(struct listener){ on_line, user, release };
		return i + 1;
	}
	return 0;
}

int
feed_unregister(struct feed *feed, int id)
{
	if (id < 1 || id > FEED_LISTENERS ||
	    feed->listeners[id - 1].on_line == NULL)
		return -1;
	release(&feed->listeners[id - 1]);
	return 0;
}

static void
call_all(struct feed *feed, const char *line, size_t len)
{
	int i;

	for (i = 0; i < FEED_LISTENERS; i++)
		if (feed->listeners[i].on_line != NULL)
			feed->listeners[i].on_line(feed->listeners[i].user,
						   line, len);
}

void
feed_push(struct feed *feed, const char *text, size_t len)
{
	const char *end = text + len;
	const char *newline;

	while (text < end) {
		newline = memchr(text, '\n', (size_t)(end - text));
		if (newline == NULL)
			newline = end;
		call_all(feed, text, (size_t)(newline - text));
		text = newline + 1;
	}
}
