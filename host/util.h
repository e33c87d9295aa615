/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Strings that grow, lists of strings, and allocation that cannot return
 * NULL. */
#ifndef FERRULE_UTIL_H
#define FERRULE_UTIL_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* Exit codes of the program. */
enum exit_code {
	EXIT_AS_EXPECTED = 0,
	EXIT_DIVERGED = 1,
	EXIT_NOT_RUN = 2,
};

/* Print "ferrule: ..." on stderr, and end the program. */
_Noreturn void
die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As the functions without x, but they end the program instead of returning
 * NULL. */
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
	char *data; /* NUL-terminated after something was added */
	size_t len;
	size_t capacity;
};

void
text_add(struct text *text, const char *bytes, size_t len);
void
text_addf(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Add the bytes in one line. Everything that is not printable UTF-8 becomes
 * \xNN. */
void
text_add_escaped(struct text *text, const char *bytes, size_t len);
/* Return the text ("" if it is empty). The caller frees it. */
char *
text_take(struct text *text);

/* A list of texts, which it owns; `{ 0 }` is an empty list. */
struct list {
	char **items;
	size_t count;
};

/* The list becomes the owner of @item. */
void
list_add(struct list *list, char *item);
bool
list_has(const struct list *list, const char *item);
void
list_sort(struct list *list);
void
list_release(struct list *list);

/* "1,048,576", in one of a few static buffers, used in turn. */
const char *
with_commas(unsigned long long number);

/*
 * All of the file at @path, with a NUL behind it; NULL and errno if it cannot
 * be read.
 */
char *
read_file(const char *path, size_t *len_out);

/* Make a folder for what is removed later, in $TMPDIR or /tmp: its name begins
 * with @name. Ends the program if it cannot be made. The caller frees its
 * path. */
char *
make_scratch(const char *name);

/* Remove @path and all that lies in it; what resists is left. */
void
remove_tree(const char *path);

/* Seconds on a clock that only goes forward. */
double
now(void);

#endif
