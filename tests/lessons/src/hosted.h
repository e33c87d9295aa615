/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A cell in this process, for Rust: it records with the driver's recorder, and
 * is judged by the driver's judge.
 *
 * One cell runs at a time. Whoever begins a cell ends it, and frees it.
 */
#ifndef HOSTED_H
#define HOSTED_H

#include <ferrule/lane.h>
#include <stdbool.h>

struct hosted;

/* Rust's: blocks and bytes that the library has allocated until now. */
extern void
hosted_usage(uint64_t *allocs, uint64_t *bytes);

/* From now on steps are this cell's. */
struct hosted *
hosted_begin(void);
/* What its lesson is given; it goes with the cell. */
struct ferrule_recorder *
hosted_recorder(struct hosted *hosted);
/* The lesson has returned: from now on the cell does not change. */
void
hosted_end(struct hosted *hosted);
void
hosted_free(struct hosted *hosted);

/* A step that may differ, and in what: see struct allowance. */
struct hosted_declared {
	const char *step;
	bool prevented;
	bool memory;
	bool freed;
	const char *const *facts;
	size_t fact_count;
};

/*
 * What is wrong with @lane, a line for each; NULL: nothing, and it is to be
 * freed by hosted_text_free().
 */
char *
hosted_judge(const struct hosted *lane, const struct hosted *c,
	     const struct hosted_declared *declared, size_t declared_count);
void
hosted_text_free(char *text);

/* Did @step record these bytes? */
bool
hosted_has_bytes(const struct hosted *hosted, const char *step,
		 const char *label, const void *data, size_t len);

#endif
