/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A lesson's source, cut into steps; and the C functions that it calls. */
#ifndef FERRULE_SOURCE_H
#define FERRULE_SOURCE_H

#include "util.h"

struct source_part {
	char *step; /* "" for what belongs to no step */
	const char *text;
	size_t len;
};

/*
 * The parts follow each other in the text. What stands before a function's
 * first step, and behind the brace that ends it, belongs to no step.
 */
struct source {
	char *text; /* NULL: it could not be read */
	struct source_part *parts;
	size_t count;
};

void
source_read(struct source *source, const char *path);
void
source_release(struct source *source);

/* The part of the @nth step (from 0) that is called @step; NULL for none. */
const struct source_part *
source_find(const struct source *source, const char *step, size_t nth);

/* A function of the library, as its header has it. */
struct declaration_text {
	char *name;
	char *header; /* "sgz/reader.h" */
	char *code; /* the declaration, ending with a semicolon */
	char *comment; /* what is said of it, without the comment's marks */
};

struct declarations {
	struct declaration_text *items;
	size_t count;
};

/* The functions of the headers in @include_dir that @source calls. */
void
declarations_find(struct declarations *declarations,
		  const struct source *source, const char *include_dir);
void
declarations_release(struct declarations *declarations);

#endif
