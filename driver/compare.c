/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Compare: the one place that judges.
 *
 * The C lane is the oracle. A lane's steps are lined up with its steps by
 * name; in each pair the facts must be equal, and so must the library's own
 * allocations. Then nothing may be left alive, and nothing freed by the side
 * that does not own it.
 */
#include "run.h"

#include "differ.h"
#include "names.h"
#include "pair.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Of one kind of trouble so many are spelled out. */
#define SPELLED_OUT 8
/* Of all a cell's reasons so many are kept. */
#define REASONS_KEPT 100

struct judge {
	const struct lesson_info *lesson;
	const struct cell *oracle;
	struct cell *cell;
	/* for each step of the lane the C lane's, or NO_STEP */
	size_t *partner;
	bool *declared_used;
};

struct cell *
run_cell(const struct run *run, size_t lesson, size_t lane)
{
	return &run->cells[lesson * run->lanes.count + lane];
}

bool
verdict_expected(enum verdict verdict)
{
	return verdict == VERDICT_SAME || verdict == VERDICT_DECLARED;
}

size_t
run_expected(const struct run *run)
{
	size_t i, count = 0;

	for (i = 0; i < run->cell_count; i++)
		count += verdict_expected(run->cells[i].verdict);
	return count;
}

/* A worse verdict replaces a better one: they are listed in that order. */
static void
raise_verdict(struct cell *cell, enum verdict verdict)
{
	cell->verdict = MAX(cell->verdict, verdict);
}

static void
fail(struct cell *cell, enum verdict verdict, struct text *reason)
{
	raise_verdict(cell, verdict);
	if (cell->reasons.count < REASONS_KEPT) {
		list_add(&cell->reasons, text_take(reason));
	} else {
		free(text_take(reason));
		cell->reasons_left_out++;
	}
}

/* "step "open"", or what there is to say before the first one. */
static void
add_step(struct text *text, const char *name)
{
	if (name[0] == '\0')
		text_addf(text, "before the first step");
	else
		text_addf(text, "step \"%s\"", name);
}

static bool
ran_to_its_end(const struct cell *cell)
{
	return cell->log != NULL && cell->log->stage == STAGE_DONE &&
		!cell->ward.timed_out;
}

/* ---- how it ended ---- */

static const struct step *
last_step(const struct cell *cell)
{
	return &cell->transcript.steps[cell->transcript.step_count - 1];
}

static void
add_where(struct text *text, const struct cell *cell)
{
	const struct step *step = last_step(cell);

	text_addf(text, ", ");
	if (step->name[0] != '\0')
		text_addf(text, "in ");
	add_step(text, step->name);
	if (step->event_count > 0) {
		text_addf(text, ", after ");
		event_add(&step->events[step->event_count - 1], text);
	}
}

static void
judge_end(struct cell *cell)
{
	struct text text = { 0 };
	int status = cell->ward.wait_status;

	if (cell->ward.timed_out && cell->nonsense == NULL) {
		text_addf(&text, "timeout: still running after %.0f s",
			  cell->ward.seconds);
		add_where(&text, cell);
		fail(cell, VERDICT_TIMEOUT, &text);
		return;
	}
	if (cell->nonsense != NULL)
		text_addf(&text,
			  "crashed: it wrote over its own log, of which no "
			  "sense can be made: %s",
			  cell->nonsense);
	else if (cell->log->failure[0] != '\0')
		text_addf(&text, "could not be started: %s",
			  cell->log->failure);
	else if (WIFSIGNALED(status))
		text_addf(&text, "crashed: SIG%s (%s)",
			  sigabbrev_np(WTERMSIG(status)),
			  sigdescr_np(WTERMSIG(status)));
	else
		text_addf(&text,
			  "crashed: ended with exit code %d instead "
			  "of returning",
			  WEXITSTATUS(status));
	add_where(&text, cell);
	fail(cell, VERDICT_CRASHED, &text);
}

/* ---- memory ---- */

static void
add_incident(struct text *text, const struct cell *cell,
	     const struct ledger_incident *incident)
{
	const struct ledger *ledger = &cell->ledger;
	char *allocated = trace_describe(ledger, incident->alloc_trace);
	char *freed = trace_describe(ledger, incident->free_trace);
	const char *verb = incident->resized ? "resized" : "freed";
	const char *owner = ledger->owners[incident->owner];
	const char *by = ledger->owners[incident->freed_by];

	if (incident->step < cell->transcript.step_count) {
		add_step(text, cell->transcript.steps[incident->step].name);
		text_addf(text, ": ");
	}
	switch (incident->fault) {
	case FAULT_WRONG_SIDE:
		text_addf(text, "wrong-side free: ");
		add_size(text, incident->size);
		text_addf(text, " of %s, allocated by %s, were %s as %s by %s",
			  owner, allocated, verb, by, freed);
		break;
	case FAULT_LAYOUT:
		text_addf(text,
			  "wrong layout: a block of size %" PRIu64
			  " and alignment %" PRIu64 ", allocated by %s, was "
			  "%s as one of %" PRIu64 " and %" PRIu64 " by %s",
			  incident->size, incident->align, allocated, verb,
			  incident->given_size, incident->given_align, freed);
		break;
	case FAULT_DOUBLE_FREE:
		text_addf(text, "double free: ");
		add_size(text, incident->size);
		text_addf(text,
			  " of %s, allocated by %s, were %s again as %s "
			  "by %s",
			  owner, allocated, verb, by, freed);
		break;
	case FAULT_UNKNOWN:
		text_addf(text,
			  "bad free: what is no block, or none any more, "
			  "was %s as %s by %s",
			  verb, by, freed);
		break;
	case FAULT_WRITTEN:
		text_addf(text, "written after free: ");
		add_size(text, incident->size);
		text_addf(text, " of %s, allocated by %s, freed by %s", owner,
			  allocated, freed);
		break;
	}
	free(allocated);
	free(freed);
}

static bool
same_incident(const struct ledger_incident *a, const struct ledger_incident *b)
{
	return a->fault == b->fault && a->alloc_trace == b->alloc_trace &&
		a->free_trace == b->free_trace;
}

static void
judge_incidents(struct cell *cell)
{
	const struct ledger *ledger = &cell->ledger;
	size_t kept = ledger->incidents_kept;
	struct text text = { 0 };
	uint64_t said = 0;
	size_t i, j, same;

	for (i = 0; i < kept; i++)
		if (ledger->incidents[i].step < cell->transcript.step_count)
			cell->steps[ledger->incidents[i].step].differs = true;
	for (i = 0; i < kept && i < SPELLED_OUT; i++) {
		for (j = 0; j < i; j++)
			if (same_incident(&ledger->incidents[i],
					  &ledger->incidents[j]))
				break;
		if (j < i)
			continue;
		for (same = 0, j = i; j < kept; j++)
			same += same_incident(&ledger->incidents[i],
					      &ledger->incidents[j]);
		add_incident(&text, cell, &ledger->incidents[i]);
		if (same > 1)
			text_addf(&text, " (%zu times)", same);
		fail(cell, VERDICT_DIVERGED, &text);
		said += same;
	}
	if (said < ledger->incident_count) {
		text_addf(&text, "and %s more frees went wrong",
			  with_commas(ledger->incident_count - said));
		fail(cell, VERDICT_DIVERGED, &text);
	}
}

static void
judge_leaks(struct cell *cell)
{
	const struct ledger *ledger = &cell->ledger;
	const struct ledger_leak *leak;
	struct text text = { 0 };
	uint64_t said = 0;
	char *name;
	size_t i;

	for (i = 0; i < ledger->leak_count && i < SPELLED_OUT; i++) {
		leak = &ledger->leaks[i];
		name = trace_describe(ledger, leak->trace);
		text_addf(&text, "leak: ");
		if (leak->stream)
			text_addf(&text, "a stream that was left open, ");
		add_blocks(&text, leak->blocks, leak->bytes);
		text_addf(&text, " of %s, allocated by %s",
			  ledger->owners[leak->owner], name);
		fail(cell, VERDICT_LEAKED, &text);
		free(name);
		said += leak->blocks;
	}
	if (said < ledger->leaked) {
		text_addf(&text, "leak: %s more blocks",
			  with_commas(ledger->leaked - said));
		fail(cell, VERDICT_LEAKED, &text);
	}
}

/* What the ledger could not see, it cannot say to be well. */
static void
judge_memory(struct cell *cell)
{
	const struct ledger *ledger = &cell->ledger;
	struct text text = { 0 };

	text_addf(&text, "no verdict on memory: ");
	if (ledger->untracked > 0)
		text_addf(&text, "the ledger had no room for %s blocks",
			  with_commas(ledger->untracked));
	else if (ledger->unscanned)
		text_addf(&text, "there was none left to look for leaks in");
	else if (ledger->unseen != NULL)
		text_addf(&text,
			  "the Rust in %s allocates by itself: it has an "
			  "allocator of its own and no lane!, or no symbols",
			  ledger->unseen->path);
	else
		goto out;
	fail(cell, VERDICT_DIVERGED, &text);
out:
	free(text.data);
}

/* ---- against the oracle ---- */

/* The declaration for the step @name of this lane, or NULL. */
static const struct declaration *
find_declaration(const struct judge *judge, const char *name)
{
	const struct declaration *declared = judge->lesson->declared;
	size_t i;

	for (i = 0; i < judge->lesson->declared_count; i++)
		if (strcmp(declared[i].lane, judge->cell->lane->name) == 0 &&
		    strcmp(declared[i].step, name) == 0)
			return &declared[i];
	return NULL;
}

static struct step_pair
pair_at(const struct judge *judge, size_t at)
{
	size_t its = judge->partner[at];

	return (struct step_pair){
		.mine = &judge->cell->transcript.steps[at],
		.its = &judge->oracle->transcript.steps[its],
		.my_usage = &ledger_usage_of(&judge->cell->ledger,
					     at)[OWNER_LIBRARY],
		.its_usage = &ledger_usage_of(&judge->oracle->ledger,
					      its)[OWNER_LIBRARY],
	};
}

static void
fail_pair(struct cell *cell, const struct step_pair *pair,
	  const struct difference *difference)
{
	struct text text = { 0 };

	if (difference->facts) {
		add_step(&text, pair->mine->name);
		text_addf(&text, ": ");
		difference_add_facts(difference, &text);
		fail(cell, VERDICT_DIVERGED, &text);
	}
	if (difference->memory) {
		add_step(&text, pair->mine->name);
		text_addf(&text, ": ");
		difference_add_memory(pair, &text);
		fail(cell, VERDICT_DIVERGED, &text);
	}
}

static void
judge_pair(struct judge *judge, size_t at)
{
	struct step_verdict *verdict = &judge->cell->steps[at];
	struct step_pair pair = pair_at(judge, at);
	const struct declaration *declared;
	struct difference difference;
	struct text stale = { 0 };

	if (!pair_differs(&pair, NULL, &difference))
		return;
	verdict->differs = true;
	if (difference.facts)
		verdict->event = difference.at;
	declared = find_declaration(judge, pair.mine->name);
	if (declared != NULL) {
		if (!allowance_stale(&declared->allowed, &pair, &stale))
			judge->declared_used[declared -
					     judge->lesson->declared] = true;
		free(stale.data);
		raise_verdict(judge->cell, VERDICT_DECLARED);
		if (!pair_differs(&pair, &declared->allowed, &difference)) {
			verdict->declared = declared->reason;
			return;
		}
		if (difference.facts)
			verdict->event = difference.at;
	}
	fail_pair(judge->cell, &pair, &difference);
}

static void
judge_extra_step(struct judge *judge, size_t at)
{
	struct cell *cell = judge->cell;
	struct text text = { 0 };

	cell->steps[at].differs = true;
	text_addf(&text,
		  "extra step \"%s\": the C lane has none of this name "
		  "there",
		  cell->transcript.steps[at].name);
	fail(cell, VERDICT_DIVERGED, &text);
}

static void
judge_missing_steps(struct judge *judge)
{
	const struct transcript *its = &judge->oracle->transcript;
	bool *there = xcalloc(its->step_count, sizeof(*there));
	struct text text = { 0 };
	size_t i;

	for (i = 0; i < judge->cell->transcript.step_count; i++)
		if (judge->partner[i] != NO_STEP)
			there[judge->partner[i]] = true;
	for (i = 0; i < its->step_count; i++) {
		if (there[i])
			continue;
		text_addf(&text, "missing step \"%s\"", its->steps[i].name);
		fail(judge->cell, VERDICT_DIVERGED, &text);
	}
	free(there);
}

/* A declaration that is not needed would hide the next difference. */
static void
judge_stale(struct judge *judge, const struct declaration *declared)
{
	const struct transcript *mine = &judge->cell->transcript;
	struct text what = { 0 };
	struct text text = { 0 };
	struct step_pair pair;
	size_t i;

	for (i = 0; i < mine->step_count; i++)
		if (judge->partner[i] != NO_STEP &&
		    strcmp(mine->steps[i].name, declared->step) == 0)
			break;
	text_addf(&text, "stale declaration: step \"%s\" is declared to differ",
		  declared->step);
	if (i < mine->step_count) {
		pair = pair_at(judge, i);
		allowance_stale(&declared->allowed, &pair, &what);
		text_addf(&text, "%s, and does not", what.data);
		free(what.data);
	} else {
		text_addf(&text, ", and is not there in both lanes");
	}
	fail(judge->cell, VERDICT_DIVERGED, &text);
}

static void
judge_declarations(struct judge *judge)
{
	const struct declaration *declared = judge->lesson->declared;
	size_t i;

	for (i = 0; i < judge->lesson->declared_count; i++)
		if (!judge->declared_used[i] &&
		    strcmp(declared[i].lane, judge->cell->lane->name) == 0)
			judge_stale(judge, &declared[i]);
}

static void
judge_lost(struct judge *judge)
{
	const struct transcript *mine = &judge->cell->transcript;
	const struct transcript *its = &judge->oracle->transcript;
	struct text text = { 0 };

	if (mine->lost == its->lost && mine->lost_crc == its->lost_crc)
		return;
	text_addf(&text,
		  "more was recorded than is kept, and differs: %s "
		  "events; in c %s",
		  with_commas(mine->lost), with_commas(its->lost));
	fail(judge->cell, VERDICT_DIVERGED, &text);
}

static void
judge_against(struct judge *judge)
{
	struct cell *cell = judge->cell;
	size_t i, count = cell->transcript.step_count;
	struct text text = { 0 };

	if (judge->oracle->entry == NULL || !ran_to_its_end(judge->oracle)) {
		text_addf(&text, "nothing to compare with: the C lane %s",
			  judge->oracle->entry == NULL ?
				  "has no such lesson" :
				  "did not come to its end");
		fail(cell, VERDICT_DIVERGED, &text);
		return;
	}
	judge->partner = xcalloc(count, sizeof(*judge->partner));
	judge->declared_used =
		xcalloc(judge->lesson->declared_count, sizeof(bool));
	pair_steps(&cell->transcript, &judge->oracle->transcript,
		   judge->partner);
	for (i = 0; i < count; i++) {
		if (judge->partner[i] == NO_STEP)
			judge_extra_step(judge, i);
		else
			judge_pair(judge, i);
	}
	judge_missing_steps(judge);
	judge_lost(judge);
	judge_declarations(judge);
	free(judge->partner);
	free(judge->declared_used);
}

static void
judge_cell(struct judge *judge)
{
	struct cell *cell = judge->cell;
	struct text text = { 0 };
	size_t i;

	if (cell->entry == NULL) {
		text_addf(&text, "missing lesson: the lane has no %s",
			  cell->lesson);
		fail(cell, VERDICT_DIVERGED, &text);
		return;
	}
	cell->steps =
		xcalloc(cell->transcript.step_count, sizeof(*cell->steps));
	for (i = 0; i < cell->transcript.step_count; i++)
		cell->steps[i].event = SIZE_MAX;
	if (!ran_to_its_end(cell))
		judge_end(cell);
	else if (cell != judge->oracle)
		judge_against(judge);
	judge_incidents(cell);
	if (ran_to_its_end(cell)) {
		judge_leaks(cell);
		judge_memory(cell);
	}
	if (cell->reasons_left_out > 0) {
		text_addf(&text, "and %s more",
			  with_commas(cell->reasons_left_out));
		list_add(&cell->reasons, text_take(&text));
	}
}

void
compare_run(struct run *run)
{
	struct judge judge = { 0 };
	size_t i, j;

	for (i = 0; i < run->lesson_count; i++) {
		for (j = 0; j < run->lanes.count; j++) {
			judge.lesson = &run->lessons[i];
			judge.oracle = run_cell(run, i, 0);
			judge.cell = run_cell(run, i, j);
			judge_cell(&judge);
		}
	}
	names_release();
}
