/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The judge: compares the steps of a lane with those of the C lane. */
#include "judge.h"

#include "freed.h"

#include <stdlib.h>
#include <string.h>

/* The declaration for the step @name of this lane, or NULL. */
static const struct declaration *
find_declaration(const struct comparison *comparison, const char *name)
{
	const struct declaration *declared = comparison->declared;
	size_t i;

	for (i = 0; i < comparison->declared_count; i++)
		if (strcmp(declared[i].lane, comparison->lane) == 0 &&
		    strcmp(declared[i].step, name) == 0)
			return &declared[i];
	return NULL;
}

static struct step_pair
pair_at(const struct comparison *comparison, size_t at)
{
	size_t its = comparison->steps[at].partner;

	return (struct step_pair){
		.mine = &comparison->mine->steps[at],
		.its = &comparison->its->steps[its],
		.my_usage = comparison->usage(comparison->my_ledger, at),
		.its_usage = comparison->usage(comparison->its_ledger, its),
	};
}

static void
fail_at(const struct comparison *comparison, size_t at, struct text *reason)
{
	comparison->fail(comparison->ctx, at, NO_STEP, reason);
}

static void
fail_pair(const struct comparison *comparison, size_t at,
	  const struct step_pair *pair, const struct difference *difference)
{
	struct text text = { 0 };

	if (difference->facts) {
		add_step_name(&text, pair->mine->name);
		text_addf(&text, ": ");
		difference_add_facts(difference, comparison->oracle, &text);
		fail_at(comparison, at, &text);
	}
	if (difference->memory) {
		add_step_name(&text, pair->mine->name);
		text_addf(&text, ": ");
		difference_add_memory(pair, comparison->oracle, &text);
		fail_at(comparison, at, &text);
	}
}

/* *needed is set if an allowance is needed. */
static void
judge_pair(const struct comparison *comparison, size_t at, bool *needed)
{
	struct step_verdict *verdict = &comparison->steps[at];
	struct step_pair pair = pair_at(comparison, at);
	const struct declaration *declared;
	struct difference difference;
	struct text stale = { 0 };

	if (!pair_differs(&pair, NULL, &difference))
		return;
	verdict->differs = true;
	if (difference.facts)
		verdict->event = difference.at;
	declared = find_declaration(comparison, pair.mine->name);
	if (declared != NULL) {
		if (!allowance_stale(&declared->allowed, &pair, &stale))
			needed[declared - comparison->declared] = true;
		free(stale.data);
		if (!pair_differs(&pair, &declared->allowed, &difference)) {
			verdict->declared = declared;
			return;
		}
		if (difference.facts)
			verdict->event = difference.at;
	}
	fail_pair(comparison, at, &pair, &difference);
}

/*
 * Judge when the blocks of all steps were freed. A declaration names the step
 * that frees, because what is freed may depend on the input.
 */
static void
judge_freed(const struct comparison *comparison, enum freed_state *states)
{
	const struct transcript *mine = comparison->mine;
	const struct declaration *declared;
	struct freed_difference difference;
	struct step_verdict *verdict;
	struct text text = { 0 };
	size_t i;

	for (i = 0; i < mine->step_count; i++) {
		declared = find_declaration(comparison, mine->steps[i].name);
		if (declared != NULL && declared->allowed.freed)
			states[i] = FREED_MAY_DIFFER;
	}
	for (i = 0; i < mine->step_count; i++) {
		if (comparison->steps[i].partner == NO_STEP ||
		    !freed_differ(comparison, i, states, &difference))
			continue;
		comparison->steps[i].differs = true;
		add_step_name(&text, mine->steps[i].name);
		text_addf(&text, ": ");
		freed_add(comparison, &difference, &text);
		fail_at(comparison, i, &text);
	}
	for (i = 0; i < mine->step_count; i++) {
		verdict = &comparison->steps[i];
		if (states[i] != FREED_DIFFERS || verdict->differs)
			continue;
		verdict->differs = true;
		verdict->declared =
			find_declaration(comparison, mine->steps[i].name);
	}
}

/* Is a difference in the frees of step @name declared, and does it occur? */
static bool
frees_as_declared(const struct comparison *comparison, const char *name,
		  const enum freed_state *states)
{
	size_t i;

	for (i = 0; i < comparison->mine->step_count; i++)
		if (states[i] == FREED_DIFFERS &&
		    strcmp(comparison->mine->steps[i].name, name) == 0)
			return true;
	return false;
}

static void
judge_extra_step(const struct comparison *comparison, size_t at)
{
	struct text text = { 0 };

	comparison->steps[at].differs = true;
	text_addf(&text, "extra step \"%s\": the C lane does not have it there",
		  comparison->mine->steps[at].name);
	fail_at(comparison, at, &text);
}

static void
judge_missing_steps(const struct comparison *comparison)
{
	const struct transcript *its = comparison->its;
	bool *there = xcalloc(its->step_count, sizeof(*there));
	struct text text = { 0 };
	size_t i;

	for (i = 0; i < comparison->mine->step_count; i++)
		if (comparison->steps[i].partner != NO_STEP)
			there[comparison->steps[i].partner] = true;
	for (i = 0; i < its->step_count; i++) {
		if (there[i])
			continue;
		text_addf(&text, "missing step \"%s\"", its->steps[i].name);
		comparison->fail(comparison->ctx, NO_STEP, i, &text);
	}
	free(there);
}

static bool
is_only_freed(const struct allowance *allowed)
{
	return allowed->freed && !allowed->prevented && !allowed->memory &&
		allowed->facts.count == 0;
}

/* A declaration that is not needed would hide a later difference. */
static void
judge_stale(const struct comparison *comparison,
	    const struct declaration *declared, bool frees)
{
	const struct transcript *mine = comparison->mine;
	struct text what = { 0 };
	struct text text = { 0 };
	struct step_pair pair;
	size_t i;

	for (i = 0; i < mine->step_count; i++)
		if (comparison->steps[i].partner != NO_STEP &&
		    strcmp(mine->steps[i].name, declared->step) == 0)
			break;
	text_addf(&text, "stale declaration: step \"%s\" is declared to differ",
		  declared->step);
	if (i < mine->step_count) {
		pair = pair_at(comparison, i);
		allowance_stale(&declared->allowed, &pair, &what);
		if (declared->allowed.freed && !frees)
			text_addf(&what, ", in what it frees");
		text_addf(&text, "%s, but does not", what.data);
		free(what.data);
	} else {
		text_addf(&text, ", but the two lanes do not both have it");
	}
	fail_at(comparison, i < mine->step_count ? i : NO_STEP, &text);
}

static void
judge_dropped(const struct comparison *comparison)
{
	const struct transcript *mine = comparison->mine;
	const struct transcript *its = comparison->its;
	struct text text = { 0 };

	if (mine->dropped == its->dropped &&
	    mine->dropped_crc == its->dropped_crc)
		return;
	text_addf(&text, "dropped events differ: %s were dropped; in %s %s",
		  with_commas(mine->dropped), comparison->oracle,
		  with_commas(its->dropped));
	fail_at(comparison, NO_STEP, &text);
}

/* @needed: the declarations of which all parts, except the frees, are
 * needed. */
static void
judge_declarations(const struct comparison *comparison, const bool *needed,
		   const enum freed_state *states)
{
	const struct declaration *declared;
	const struct allowance *allowed;
	bool frees;
	size_t i;

	for (i = 0; i < comparison->declared_count; i++) {
		declared = &comparison->declared[i];
		allowed = &declared->allowed;
		/* the ledgers do not know: it may be needed */
		frees = comparison->freed == NULL ||
			frees_as_declared(comparison, declared->step, states);
		if (strcmp(declared->lane, comparison->lane) != 0 ||
		    ((!allowed->freed || frees) &&
		     (needed[i] || is_only_freed(allowed))))
			continue;
		judge_stale(comparison, declared, frees);
	}
}

bool
judge_steps(const struct comparison *comparison)
{
	enum freed_state *states =
		xcalloc(comparison->mine->step_count, sizeof(*states));
	bool *needed = xcalloc(comparison->declared_count, sizeof(*needed));
	bool any = false;
	size_t i;

	for (i = 0; i < comparison->mine->step_count; i++) {
		if (comparison->steps[i].partner == NO_STEP)
			judge_extra_step(comparison, i);
		else
			judge_pair(comparison, i, needed);
	}
	if (comparison->freed != NULL)
		judge_freed(comparison, states);
	for (i = 0; i < comparison->mine->step_count; i++)
		any |= comparison->steps[i].declared != NULL;
	judge_missing_steps(comparison);
	judge_dropped(comparison);
	judge_declarations(comparison, needed, states);
	free(needed);
	free(states);
	return any;
}
