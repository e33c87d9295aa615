// fails: compile: unknown type name
// It works in a program that happens to include stdint.h before.
/* Initials of a text. */
#ifndef INITIALS_H
#define INITIALS_H

/* Styles, and what initials_of() returns. */
#define INITIALS_UPPER 0
#define INITIALS_LOWER 1

#define INITIALS_OK 0
#define INITIALS_NULL 1 /* text or initials_out is NULL */
#define INITIALS_NOT_UTF8 2
#define INITIALS_BAD_STYLE 3
#define INITIALS_NO_WORDS 4

/* Write the initials of @text, a string, to *initials_out, which the caller
 * frees with initials_free(). If the result is not INITIALS_OK,
 * *initials_out is NULL. */
int
initials_of(const char *text, uint32_t style, char **initials_out);

/* Free what initials_of() made; of NULL it frees nothing. */
void
initials_free(char *initials);

#endif
