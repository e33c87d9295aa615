/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Texts by their keys.
 *
 * A store and its cursors are used by any thread, but by one at a time. That
 * thread is also the one that calls back and releases.
 */
#ifndef STORE_H
#define STORE_H

#include <stdint.h>

struct store;
struct cursor;

/* NULL: no memory. */
struct store *
store_open(void);

/* All cursors are to be closed before. Returns how many texts were put. */
uint64_t
store_close(struct store *store);

/*
 * Put copies of both there; a text of this key is replaced. There must be no
 * cursor. Returns 0, or -1: store_error() says why.
 */
int
store_put(struct store *store, const char *key, const char *text);

/* Why the last call of store_put() failed; until the next call. */
const char *
store_error(const struct store *store);

/* The text, until the next store_put() or store_close(); NULL: none. */
const char *
store_get(const struct store *store, const char *key);

/*
 * Call @put after each store_put(), with texts that are valid in this call
 * only. It must not use the store. @release is called once, when another one
 * takes its place or the store is closed.
 */
void
store_watch(struct store *store,
	    void (*put)(void *user, const char *key, const char *text),
	    void *user, void (*release)(void *user));

/* NULL: no memory. */
struct cursor *
cursor_open(struct store *store);

/* The next key, until the next call with this cursor; NULL: no more. */
const char *
cursor_next(struct cursor *cursor);

void
cursor_close(struct cursor *cursor);

#endif
