/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How a step of a lane differs from the C lane's step, and whether it may. */
#include "differ.h"

#include <stdlib.h>
#include <string.h>

/* ---- facts ---- */

/* Selects the facts that are compared. */
struct filter {
	const struct list *without; /* these labels; NULL: all */
	const char *only; /* this label; NULL: all */
	bool no_prevented;
};

static bool
has_label(const struct event *event, const char *label)
{
	return event->kind != EVENT_PREVENTED &&
		strlen(label) == event->label_len &&
		memcmp(event->label, label, event->label_len) == 0;
}

static bool
passes(const struct filter *filter, const struct event *event)
{
	size_t i;

	if (event->kind == EVENT_NOTE ||
	    (filter->no_prevented && event->kind == EVENT_PREVENTED) ||
	    (filter->only != NULL && !has_label(event, filter->only)))
		return false;
	for (i = 0; filter->without != NULL && i < filter->without->count; i++)
		if (has_label(event, filter->without->items[i]))
			return false;
	return true;
}

static const struct event *
next_fact(const struct step *step, size_t *at, const struct filter *filter)
{
	while (*at < step->event_count && !passes(filter, &step->events[*at]))
		(*at)++;
	return *at < step->event_count ? &step->events[*at] : NULL;
}

/* Fact by fact. */
static bool
facts_differ(const struct step_pair *pair, const struct filter *filter,
	     struct difference *out)
{
	size_t i = 0, j = 0;

	for (;; i++, j++) {
		out->mine = next_fact(pair->mine, &i, filter);
		out->its = next_fact(pair->its, &j, filter);
		out->at = i;
		if (out->mine == NULL && out->its == NULL)
			return false;
		if (out->mine == NULL || out->its == NULL ||
		    !event_equal(out->mine, out->its))
			return true;
	}
}

/* Is there a fact of mine that is not, in the same order, among its facts? */
static bool
facts_are_others(const struct step_pair *pair, const struct filter *filter,
		 struct difference *out)
{
	size_t i = 0, j = 0, k;

	for (;; i++, j++) {
		out->mine = next_fact(pair->mine, &i, filter);
		out->at = i;
		if (out->mine == NULL)
			return false;
		for (k = j;
		     (out->its = next_fact(pair->its, &k, filter)) != NULL; k++)
			if (event_equal(out->mine, out->its))
				break;
		if (out->its == NULL) {
			out->its = next_fact(pair->its, &j, filter);
			return true;
		}
		j = k;
	}
}

static bool
is_prevented(const struct step *step)
{
	size_t i;

	for (i = 0; i < step->event_count; i++)
		if (step->events[i].kind == EVENT_PREVENTED)
			return true;
	return false;
}

static bool
sums_differ(const struct step_pair *pair)
{
	return pair->my_usage->allocs != pair->its_usage->allocs ||
		pair->my_usage->bytes != pair->its_usage->bytes;
}

static bool
memory_differs(const struct step_pair *pair)
{
	return sums_differ(pair) ||
		pair->my_usage->sizes != pair->its_usage->sizes;
}

bool
pair_differs(const struct step_pair *pair, const struct allowance *allowed,
	     struct difference *difference_out)
{
	struct difference out = { 0 };
	struct filter filter = { 0 };

	if (allowed != NULL)
		filter.without = &allowed->facts;
	if (allowed != NULL && allowed->prevented && is_prevented(pair->mine)) {
		filter.no_prevented = true;
		out.facts = facts_are_others(pair, &filter, &out);
	} else {
		out.facts = facts_differ(pair, &filter, &out);
	}
	out.memory = memory_differs(pair) &&
		(allowed == NULL || !allowed->memory);
	*difference_out = out;
	return out.facts || out.memory;
}

bool
allowance_stale(const struct allowance *allowed, const struct step_pair *pair,
		struct text *text)
{
	struct difference unused;
	struct filter filter = { 0 };
	size_t i, before = text->len;

	if (allowed->prevented &&
	    (!is_prevented(pair->mine) ||
	     !facts_differ(pair, &filter, &unused)))
		text_addf(text, ", in being prevented");
	if (allowed->memory && !memory_differs(pair))
		text_addf(text, ", in its memory");
	for (i = 0; i < allowed->facts.count; i++) {
		filter.only = allowed->facts.items[i];
		if (!facts_differ(pair, &filter, &unused))
			text_addf(text, ", in the fact \"%s\"", filter.only);
	}
	return text->len > before;
}

/* ---- texts ---- */

void
add_step_name(struct text *text, const char *name)
{
	if (name[0] == '\0')
		text_addf(text, "before the first step");
	else
		text_addf(text, "step \"%s\"", name);
}

void
add_size(struct text *text, uint64_t bytes)
{
	text_addf(text, "%s byte%s", with_commas(bytes), bytes == 1 ? "" : "s");
}

void
add_blocks(struct text *text, uint64_t blocks, uint64_t bytes)
{
	text_addf(text, "%s block%s, ", with_commas(blocks),
		  blocks == 1 ? "" : "s");
	add_size(text, bytes);
}

void
difference_add_facts(const struct difference *difference, const char *oracle,
		     struct text *text)
{
	const struct event *mine = difference->mine;
	const struct event *its = difference->its;

	if (mine != NULL && its != NULL && mine->kind == its->kind &&
	    mine->label_len == its->label_len &&
	    memcmp(mine->label, its->label, mine->label_len) == 0) {
		event_add(mine, text);
		text_addf(text, "; in %s ", oracle);
		event_add_value(its, text);
		return;
	}
	if (mine != NULL)
		event_add(mine, text);
	else
		text_addf(text, "no more facts recorded");
	text_addf(text, "; in %s ", oracle);
	if (its != NULL)
		event_add(its, text);
	else
		text_addf(text, "no more facts");
}

void
difference_add_memory(const struct step_pair *pair, const char *oracle,
		      struct text *text)
{
	text_addf(text, "the library allocated ");
	add_blocks(text, pair->my_usage->allocs, pair->my_usage->bytes);
	text_addf(text, "; in %s ", oracle);
	add_blocks(text, pair->its_usage->allocs, pair->its_usage->bytes);
	if (!sums_differ(pair))
		text_addf(text, ", but with other sizes");
}
