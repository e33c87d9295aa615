/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A bag of texts, which may be held by many. bag_ref() and bag_unref() may be
 * called at any time; the others by one thread at a time.
 */
#ifndef BAG_H
#define BAG_H

#include <stdbool.h>
#include <stddef.h>

/* A text, and the function of the side that allocated it: it frees it. NULL:
 * nobody does. */
struct piece {
	char *text;
	void (*release)(char *text);
};

struct bag;

/* An empty bag, which its caller holds. */
struct bag *
bag_new(void);

/* One more holds it. */
void
bag_ref(struct bag *bag);

/* One less. The last one frees the bag and its pieces. */
void
bag_unref(struct bag *bag);

/* @piece becomes the bag's. */
void
bag_put(struct bag *bag, struct piece piece);

/* Put a copy of @text there, which is allocated by Rust. @text is borrowed. */
void
bag_note(struct bag *bag, const char *text);

size_t
bag_count(struct bag *bag);

/* Borrow the text of a piece: it is valid until the piece is taken out, or the
 * bag is freed. NULL: there is no such one. */
const char *
bag_text(struct bag *bag, size_t index);

/* Take a piece out: it becomes the caller's, who calls its release. It is
 * written over what *piece_out had. False: there is no such one. */
bool
bag_take(struct bag *bag, size_t index, struct piece *piece_out);

#endif
