/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the two halves of the answer have for each other and for the program. A
 * word is what lies between bytes up to ' '. */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>
#include <stdint.h>

/* ---- the half in C ---- */

/* Writes the words in capital letters to @out, each with a space behind it, and
 * a NUL. Returns 0, or -1 if @size bytes are too few. */
int
shout(const char *text, size_t len, char *out, size_t size);

/* The lengths of the words. The caller gives them back to lengths_free(). NULL
 * if there is no word, or no memory; then *count_out is 0. */
uint32_t *
word_lengths(const char *text, size_t len, size_t *count_out);

void
lengths_free(uint32_t *lengths);

/* Calls @call for each word, and @release once, at the end. */
void
each_word(const char *text, size_t len,
	  void (*call)(void *context, size_t word_len),
	  void (*release)(void *context), void *context);

/* ---- the half in Rust ---- */

/* In capital letters. The caller gives it back to word_free(). */
char *
word_upper(const char *word, size_t len);

void
word_free(char *word);

/* The length in the middle of the sorted lengths; 0 if there is no word. */
uint32_t
median(const char *text, size_t len);

struct totals {
	uint64_t words, bytes, longest;
};

void
count(const char *text, size_t len, struct totals *totals_out);

#endif
