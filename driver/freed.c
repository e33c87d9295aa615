/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Compares the steps in which the library's blocks were freed with C's. */
#include "freed.h"

#include <string.h>

/* The frees of the blocks of one step, sorted by size, then by step. */
struct list_of_frees {
	const struct ledger_freed *at;
	const struct ledger_freed *end;
};

struct merge {
	const struct comparison *comparison;
	struct list_of_frees mine, its; /* the remaining count of each */
};

/* Frees of blocks of one size in a step, which only one lane has. */
struct surplus {
	const struct ledger_freed *mine; /* the first that may not differ */
	const struct ledger_freed *its; /* the first */
};

static struct list_of_frees
frees_of(const struct comparison *comparison, const void *ledger, size_t step)
{
	size_t count;
	const struct ledger_freed *items =
		comparison->freed(ledger, step, &count);

	return (struct list_of_frees){
		items,
		count > 0 ? items + count : items,
	};
}

static const struct ledger_freed *
next_of(const struct list_of_frees *list, uint64_t size)
{
	return list->at < list->end && list->at->size == size ? list->at : NULL;
}

/* The C lane's step for the free, or NO_STEP if C has no such step. */
static size_t
step_in_c(const struct merge *merge, const struct ledger_freed *mine)
{
	return mine->free_row == LEDGER_NO_ROW ?
		LEDGER_NO_ROW :
		merge->comparison->steps[mine->free_row].partner;
}

/* Below 0: mine is first; above 0: its is first; 0: equal. */
static int
order(const struct merge *merge, const struct ledger_freed *mine,
      const struct ledger_freed *its)
{
	size_t step;

	if (mine == NULL || its == NULL)
		return mine == NULL ? 1 : -1;
	step = step_in_c(merge, mine);
	if (step == NO_STEP || step < its->free_row)
		return -1;
	return step > its->free_row;
}

static bool
may_differ(const struct ledger_freed *mine, const enum freed_state *states)
{
	return mine->free_row != LEDGER_NO_ROW &&
		states[mine->free_row] != FREED_AS_C;
}

/*
 * Remove all of @size from both lists. Partners are in the order of the steps,
 * so the lists have the same order, except for steps that C does not have.
 */
static struct surplus
take_size(struct merge *merge, uint64_t size, enum freed_state *states,
	  bool enter)
{
	struct surplus surplus = { NULL, NULL };
	const struct ledger_freed *mine, *its;
	int which;

	for (;;) {
		mine = next_of(&merge->mine, size);
		its = next_of(&merge->its, size);
		if (mine == NULL && its == NULL)
			return surplus;
		which = order(merge, mine, its);
		merge->mine.at += which <= 0;
		merge->its.at += which >= 0;
		if (which == 0 && mine->count != its->count)
			which = mine->count > its->count ? -1 : 1;
		if (which > 0 && surplus.its == NULL)
			surplus.its = its;
		if (which < 0 && may_differ(mine, states)) {
			if (enter)
				states[mine->free_row] = FREED_DIFFERS;
		} else if (which < 0 && surplus.mine == NULL) {
			surplus.mine = mine;
		}
	}
}

bool
freed_differ(const struct comparison *comparison, size_t at,
	     enum freed_state *states, struct freed_difference *difference_out)
{
	size_t partner = comparison->steps[at].partner;
	struct merge before;
	struct merge merge = {
		.comparison = comparison,
		.mine = frees_of(comparison, comparison->my_ledger, at),
		.its = frees_of(comparison, comparison->its_ledger, partner),
	};
	struct surplus surplus;
	bool found = false;
	uint64_t size;

	while (merge.mine.at < merge.mine.end && merge.its.at < merge.its.end) {
		size = MIN(merge.mine.at->size, merge.its.at->size);
		before = merge;
		surplus = take_size(&merge, size, states, false);
		if (surplus.its == NULL)
			continue;
		/* C freed one in another step: now compare which side frees
		 * more */
		take_size(&before, size, states, true);
		if (surplus.mine == NULL || found)
			continue;
		found = true;
		*difference_out = (struct freed_difference){
			size,
			surplus.mine->free_row,
			surplus.its->free_row,
		};
	}
	return found;
}

/* ---- texts ---- */

static const char *
name_of(const struct transcript *transcript, uint32_t step)
{
	return step != LEDGER_NO_ROW ? transcript->steps[step].name : NULL;
}

static void
add_in_step(struct text *text, const char *name)
{
	if (name == NULL) {
		text_addf(text, "in an unknown step");
		return;
	}
	if (name[0] != '\0')
		text_addf(text, "in ");
	add_step_name(text, name);
}

void
freed_add(const struct comparison *comparison,
	  const struct freed_difference *difference, struct text *text)
{
	const char *mine = name_of(comparison->mine, difference->mine);
	const char *its = name_of(comparison->its, difference->its);

	add_size(text, difference->size);
	text_addf(text, " that this step allocated were freed ");
	add_in_step(text, mine);
	text_addf(text, "; in %s ", comparison->oracle);
	add_in_step(text, its);
	if (mine != NULL && its != NULL && strcmp(mine, its) == 0)
		text_addf(text, ", another step of this name");
}
