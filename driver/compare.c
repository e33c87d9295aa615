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

#include "names.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Of one kind of trouble so many are spelled out. */
#define SPELLED_OUT 8
/* Lining up takes the square of it: with more steps it is done by number. */
#define STEPS_LINED_UP 2000

struct judge {
	const struct lesson_info *lesson;
	const struct cell *oracle;
	struct cell *cell;
	/* for each step of the lane the C lane's, or SIZE_MAX */
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
	list_add(&cell->reasons, text_take(reason));
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
		!cell->timed_out;
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
	int status = cell->wait_status;

	if (cell->timed_out) {
		text_addf(&text, "timeout: still running after %.0f s",
			  cell->seconds);
		add_where(&text, cell);
		fail(cell, VERDICT_TIMEOUT, &text);
		return;
	}
	if (cell->log->failure[0] != '\0')
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
add_size(struct text *text, uint64_t bytes)
{
	text_addf(text, "%s byte%s", with_commas(bytes), bytes == 1 ? "" : "s");
}

static void
add_blocks(struct text *text, uint64_t blocks, uint64_t bytes)
{
	text_addf(text, "%s block%s, ", with_commas(blocks),
		  blocks == 1 ? "" : "s");
	add_size(text, bytes);
}

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

/* What the log says that cannot be: then nothing in it is to be relied on. */
static void
judge_nonsense(struct cell *cell)
{
	struct text text = { 0 };

	if (cell->ledger.nonsense == NULL)
		return;
	text_addf(&text,
		  "the ledger makes no sense: %s; the lesson has written to "
		  "memory that is not its own",
		  cell->ledger.nonsense);
	fail(cell, VERDICT_DIVERGED, &text);
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

/* Where the ledger had no memory, it cannot say that all is well. */
static void
judge_memory(struct cell *cell)
{
	struct text text = { 0 };

	if (cell->ledger.untracked == 0 && !cell->ledger.unscanned)
		return;
	text_addf(&text, "no verdict on memory: ");
	if (cell->ledger.untracked > 0)
		text_addf(&text, "the ledger had no room for %s blocks",
			  with_commas(cell->ledger.untracked));
	else
		text_addf(&text, "there was none left to look for leaks in");
	fail(cell, VERDICT_DIVERGED, &text);
}

/* ---- against the oracle ---- */

/*
 * Line the lane's steps up with the oracle's: the longest sequence of names
 * that both have (what comes before the first step is always a pair).
 */
static void
line_up(struct judge *judge)
{
	const struct transcript *a = &judge->cell->transcript;
	const struct transcript *b = &judge->oracle->transcript;
	size_t width = b->step_count + 1;
	unsigned *best;
	size_t i, j;

	for (i = 0; i < a->step_count; i++)
		judge->partner[i] = SIZE_MAX;
	if (MAX(a->step_count, b->step_count) > STEPS_LINED_UP) {
		for (i = 0; i < MIN(a->step_count, b->step_count); i++)
			if (strcmp(a->steps[i].name, b->steps[i].name) == 0)
				judge->partner[i] = i;
		return;
	}
	best = xcalloc((a->step_count + 1) * width, sizeof(*best));
	for (i = a->step_count; i-- > 0;) {
		for (j = b->step_count; j-- > 0;) {
			unsigned skip = MAX(best[(i + 1) * width + j],
					    best[i * width + j + 1]);
			unsigned take = 1 + best[(i + 1) * width + j + 1];
			bool same =
				strcmp(a->steps[i].name, b->steps[j].name) == 0;

			best[i * width + j] = same ? MAX(take, skip) : skip;
		}
	}
	for (i = 0, j = 0; i < a->step_count && j < b->step_count;) {
		if (strcmp(a->steps[i].name, b->steps[j].name) == 0 &&
		    best[i * width + j] == 1 + best[(i + 1) * width + j + 1])
			judge->partner[i++] = j++;
		else if (best[(i + 1) * width + j] >= best[i * width + j + 1])
			i++;
		else
			j++;
	}
	free(best);
}

/* The declaration for the step @name of this lane, which is needed now. */
static const char *
use_declaration(struct judge *judge, const char *name)
{
	const struct declaration *declared;
	size_t i;

	for (i = 0; i < judge->lesson->declared_count; i++) {
		declared = &judge->lesson->declared[i];
		if (strcmp(declared->lane, judge->cell->lane->table->name) ||
		    strcmp(declared->step, name))
			continue;
		judge->declared_used[i] = true;
		raise_verdict(judge->cell, VERDICT_DECLARED);
		return declared->reason;
	}
	return NULL;
}

static const struct event *
next_fact(const struct step *step, size_t *at)
{
	while (*at < step->event_count && step->events[*at].kind == EVENT_NOTE)
		(*at)++;
	return *at < step->event_count ? &step->events[*at] : NULL;
}

/*
 * The first facts that differ, NULL where one has no more; false: none do.
 * *at_out is where it is, or would be, in @step.
 */
static bool
find_difference(const struct step *step, const struct step *oracle,
		const struct event **mine, const struct event **its,
		size_t *at_out)
{
	size_t i = 0, j = 0;

	for (;; i++, j++) {
		*mine = next_fact(step, &i);
		*its = next_fact(oracle, &j);
		*at_out = i;
		if (*mine == NULL && *its == NULL)
			return false;
		if (*mine == NULL || *its == NULL || !event_equal(*mine, *its))
			return true;
	}
}

static void
add_difference(struct text *text, const struct event *mine,
	       const struct event *its)
{
	if (mine != NULL && its != NULL && mine->kind == its->kind &&
	    mine->label_len == its->label_len &&
	    memcmp(mine->label, its->label, mine->label_len) == 0) {
		event_add(mine, text);
		text_addf(text, "; in c ");
		event_add_value(its, text);
		return;
	}
	if (mine != NULL)
		event_add(mine, text);
	else
		text_addf(text, "nothing more recorded");
	text_addf(text, "; in c ");
	if (its != NULL)
		event_add(its, text);
	else
		text_addf(text, "nothing more");
}

/* Did the library do the same in both? If not, say so in @text. */
static bool
library_differs(const struct judge *judge, size_t step, struct text *text)
{
	const struct ledger_usage *mine =
		&ledger_usage_of(&judge->cell->ledger, step)[OWNER_LIBRARY];
	const struct ledger_usage *its = &ledger_usage_of(
		&judge->oracle->ledger, judge->partner[step])[OWNER_LIBRARY];

	if (mine->allocs == its->allocs && mine->bytes == its->bytes)
		return false;
	add_step(text, judge->cell->transcript.steps[step].name);
	text_addf(text, ": the library allocated ");
	add_blocks(text, mine->allocs, mine->bytes);
	text_addf(text, "; in c ");
	add_blocks(text, its->allocs, its->bytes);
	return true;
}

static void
judge_pair(struct judge *judge, size_t at)
{
	struct cell *cell = judge->cell;
	const struct step *step = &cell->transcript.steps[at];
	const struct step *its =
		&judge->oracle->transcript.steps[judge->partner[at]];
	struct step_verdict *verdict = &cell->steps[at];
	const struct event *here, *there;
	struct text event = { 0 };
	struct text memory = { 0 };

	if (find_difference(step, its, &here, &there, &verdict->event)) {
		add_step(&event, step->name);
		text_addf(&event, ": ");
		add_difference(&event, here, there);
	} else {
		verdict->event = SIZE_MAX;
	}
	verdict->differs = library_differs(judge, at, &memory) || event.len > 0;
	if (verdict->differs)
		verdict->declared = use_declaration(judge, step->name);
	if (verdict->differs && verdict->declared == NULL) {
		if (event.len > 0)
			fail(cell, VERDICT_DIVERGED, &event);
		if (memory.len > 0)
			fail(cell, VERDICT_DIVERGED, &memory);
	}
	free(event.data);
	free(memory.data);
}

static void
judge_extra_step(struct judge *judge, size_t at)
{
	struct cell *cell = judge->cell;
	const char *name = cell->transcript.steps[at].name;
	struct step_verdict *verdict = &cell->steps[at];
	struct text text = { 0 };

	verdict->event = SIZE_MAX;
	verdict->differs = true;
	verdict->declared = use_declaration(judge, name);
	if (verdict->declared != NULL)
		return;
	text_addf(&text,
		  "extra step \"%s\": the C lane has none of this name "
		  "there",
		  name);
	fail(cell, VERDICT_DIVERGED, &text);
}

static void
judge_missing_steps(struct judge *judge)
{
	const struct transcript *its = &judge->oracle->transcript;
	struct text text = { 0 };
	size_t i, j;

	for (i = 0; i < its->step_count; i++) {
		for (j = 0; j < judge->cell->transcript.step_count; j++)
			if (judge->partner[j] == i)
				break;
		if (j < judge->cell->transcript.step_count ||
		    use_declaration(judge, its->steps[i].name) != NULL)
			continue;
		text_addf(&text, "missing step \"%s\"", its->steps[i].name);
		fail(judge->cell, VERDICT_DIVERGED, &text);
	}
}

static void
judge_stale(struct judge *judge)
{
	const struct declaration *declared = judge->lesson->declared;
	struct text text = { 0 };
	size_t i;

	for (i = 0; i < judge->lesson->declared_count; i++) {
		if (strcmp(declared[i].lane, judge->cell->lane->table->name) ||
		    judge->declared_used[i])
			continue;
		text_addf(&text,
			  "stale declaration: step \"%s\" is declared "
			  "to differ, and does not",
			  declared[i].step);
		fail(judge->cell, VERDICT_DIVERGED, &text);
	}
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
	line_up(judge);
	for (i = 0; i < count; i++) {
		if (judge->partner[i] == SIZE_MAX)
			judge_extra_step(judge, i);
		else
			judge_pair(judge, i);
	}
	judge_missing_steps(judge);
	judge_lost(judge);
	judge_stale(judge);
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
	judge_nonsense(cell);
	judge_incidents(cell);
	if (ran_to_its_end(cell) && cell->ledger.nonsense == NULL) {
		judge_leaks(cell);
		judge_memory(cell);
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
