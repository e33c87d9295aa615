/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Strings that grow, lists of them, and memory that is there or the end. */
#ifndef FERRULE_UTIL_H
#define FERRULE_UTIL_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* What the program ends with. */
enum exit_code {
	EXIT_AS_EXPECTED = 0,
	EXIT_DIVERGED = 1,
	EXIT_NOT_RUN = 2,
};

/* Say on stderr why nothing could be run, as "ferrule: ...", and end. */
_Noreturn void
die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As their namesakes, but they end the program rather than return NULL. */
void *
xcalloc(size_t count, size_t size);
void *
xrealloc(void *ptr, size_t size);
char *
xstrdup(const char *text);
char *
xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A text under construction; `{ 0 }` is an empty one. */
struct text {
	char *data; /* NUL-terminated once something was added */
	size_t len;
	size_t capacity;
};

void
text_add(struct text *text, const char *bytes, size_t len);
void
text_addf(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The bytes with all that is not printable UTF-8 as \xNN, in one line. */
void
text_add_escaped(struct text *text, const char *bytes, size_t len);
/* Hand out what was built ("" if nothing was), to be freed by the caller. */
char *
text_take(struct text *text);

/* Texts that the list owns; `{ 0 }` is an empty one. */
struct list {
	char **items;
	size_t count;
};

/* Takes @item over. */
void
list_add(struct list *list, char *item);
bool
list_has(const struct list *list, const char *item);
void
list_sort(struct list *list);
void
list_release(struct list *list);

/* "1,048,576", in one of a few static buffers that take turns. */
const char *
with_commas(unsigned long long number);

/*
 * All of the file at @path, with a NUL behind it; NULL and errno if it cannot
 * be read.
 */
char *
read_file(const char *path, size_t *len_out);

/* Remove @path and all that lies in it; what resists is left. */
void
remove_tree(const char *path);

/* Seconds on a clock that only goes forward. */
double
now(void);

#endif
