/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* In what a step of a lane differs from the C lane's, and whether it may. */
#ifndef FERRULE_DIFFER_H
#define FERRULE_DIFFER_H

#include "ledger.h"
#include "transcript.h"

/* What a declaration lets a step differ in; the rest has to be the same. */
struct allowance {
	/* The lane cannot do it, and records that. What it records besides, C
	 * records too, in that order. */
	bool prevented;
	/* what the library allocates */
	bool memory;
	/* it frees what C frees in another step; see freed.h */
	bool freed;
	/* labels of facts */
	struct list facts;
};

/* Two steps that are a pair. */
struct step_pair {
	const struct step *mine;
	const struct step *its;
	/* what the library did meanwhile */
	const struct ledger_usage *my_usage;
	const struct ledger_usage *its_usage;
};

struct difference {
	bool facts; /* these two, NULL where one has no more: */
	const struct event *mine;
	const struct event *its;
	size_t at; /* where it is in `mine`, or would be */
	bool memory;
};

/*
 * Where do they differ, apart from what is @allowed (NULL: nothing)? False:
 * nowhere.
 */
bool
pair_differs(const struct step_pair *pair, const struct allowance *allowed,
	     struct difference *difference_out);

/*
 * Say in @text what is allowed but does not differ, as "in its memory". False:
 * all of it differs.
 */
bool
allowance_stale(const struct allowance *allowed, const struct step_pair *pair,
		struct text *text);

/* `integer "size" 5; in c 4` */
void
difference_add_facts(const struct difference *difference, struct text *text);
/* `the library allocated 1 block, 2 bytes; in c 1 block, 1 byte` */
void
difference_add_memory(const struct step_pair *pair, struct text *text);

/* `step "open"`, or what there is to say before the first one */
void
add_step_name(struct text *text, const char *name);
/* "1,024 bytes", "1 byte" */
void
add_size(struct text *text, uint64_t bytes);
/* "2 blocks, 1,024 bytes" */
void
add_blocks(struct text *text, uint64_t blocks, uint64_t bytes);

#endif
