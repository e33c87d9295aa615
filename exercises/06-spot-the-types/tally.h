/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Counts in a text of @len bytes. */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How often @which is there. */
size_t
tally_count(const char *text, size_t len, char which);

/* How much more often @up is there than @down; below 0: less often. */
long
tally_balance(const char *text, size_t len, char up, char down);

bool
tally_has(const char *text, size_t len, char which);

/* Where @which is first; -1: nowhere. */
ptrdiff_t
tally_first(const char *text, size_t len, char which);

/* The length of the longest line, at most UINT16_MAX. */
uint16_t
tally_longest(const char *text, size_t len);

/* The part of the bytes that are @which, from 0 to 1. */
double
tally_share(const char *text, size_t len, char which);

/* A number that is another for most other texts. */
uint64_t
tally_hash(const char *text, size_t len);

#endif
