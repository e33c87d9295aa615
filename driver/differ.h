/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How a step of a lane differs from the C lane's step, and whether it may. */
#ifndef FERRULE_DIFFER_H
#define FERRULE_DIFFER_H

#include "ledger.h"
#include "transcript.h"

/* The differences that a declaration allows. Everything else must be the
 * same. */
struct allowance {
	/* The lane cannot do the step, and records this. Its other facts must
	 * be facts of C too, in the same order. */
	bool prevented;
	/* the library's allocations */
	bool memory;
	/* it frees blocks that C frees in another step; see freed.h */
	bool freed;
	/* labels of facts */
	struct list facts;
};

/* A pair of steps. */
struct step_pair {
	const struct step *mine;
	const struct step *its;
	/* the library's allocations in the step */
	const struct ledger_usage *my_usage;
	const struct ledger_usage *its_usage;
};

struct difference {
	bool facts; /* these two events; NULL if a side has no more: */
	const struct event *mine;
	const struct event *its;
	size_t at; /* the position of the event in `mine` */
	bool memory;
};

/*
 * Find the first difference that is not @allowed (NULL: nothing is allowed).
 * False: there is none.
 */
bool
pair_differs(const struct step_pair *pair, const struct allowance *allowed,
	     struct difference *difference_out);

/*
 * Add to @text what is allowed but does not differ, as "in its memory". False:
 * everything that is allowed differs.
 */
bool
allowance_stale(const struct allowance *allowed, const struct step_pair *pair,
		struct text *text);

/* `integer "size" 5; in c 4`, where "c" is @oracle, the other lane's name */
void
difference_add_facts(const struct difference *difference, const char *oracle,
		     struct text *text);
/* `the library allocated 1 block, 2 bytes; in c 1 block, 1 byte` */
void
difference_add_memory(const struct step_pair *pair, const char *oracle,
		      struct text *text);

/* `step "open"`, or "before the first step" */
void
add_step_name(struct text *text, const char *name);
/* "1,024 bytes", "1 byte" */
void
add_size(struct text *text, uint64_t bytes);
/* "2 blocks, 1,024 bytes" */
void
add_blocks(struct text *text, uint64_t blocks, uint64_t bytes);

#endif
