/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Compare: the verdict of each cell.
 *
 * The C lane is the oracle: the steps of each lane are compared with its steps
 * (see judge.h). No block may leak, and no block may be freed by a side that
 * does not own it (an allocator mismatch).
 */
#include "run.h"

#include "names.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* At most this many faults of one kind are reported in full. */
#define SPELLED_OUT 8
/* At most this many reasons of a cell are kept. */
#define REASONS_KEPT 100

struct judge {
	const struct lesson_info *lesson;
	const struct cell *oracle;
	struct cell *cell;
};

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

/* A worse verdict replaces a better one. The enum lists the best one first. */
static void
raise_verdict(struct cell *cell, enum verdict verdict)
{
	cell->verdict = MAX(cell->verdict, verdict);
}

/* @row: the row that it belongs to, or NO_ROW for the whole cell. */
static void
fail(struct cell *cell, enum verdict verdict, size_t row, struct text *reason)
{
	raise_verdict(cell, verdict);
	if (cell->reasons.count < REASONS_KEPT) {
		if (cell->reason_rows == NULL)
			cell->reason_rows = xcalloc(REASONS_KEPT + 1,
						    sizeof(*cell->reason_rows));
		cell->reason_rows[cell->reasons.count] = row;
		list_add(&cell->reasons, text_take(reason));
	} else {
		free(text_take(reason));
		cell->reasons_left_out++;
	}
}

bool
cell_ended_well(const struct cell *cell)
{
	return cell->log != NULL && cell->log->stage == STAGE_DONE &&
		!cell->sandbox.timed_out && cell->sandbox.over == NULL;
}

/* ---- how it ended ---- */

static const struct step *
last_step(const struct cell *cell)
{
	return &cell->transcript.steps[cell->transcript.last_step];
}

/* It ended in the step that it came to last, which need not be the last one. */
static void
fail_last_step(struct cell *cell, enum verdict verdict, struct text *reason)
{
	struct step_verdict *step = &cell->steps[cell->transcript.last_step];

	step->differs = true;
	fail(cell, verdict, step->row, reason);
}

static void
add_where(struct text *text, const struct cell *cell)
{
	const struct step *step = last_step(cell);

	text_addf(text, ", ");
	if (step->name[0] != '\0')
		text_addf(text, "in ");
	add_step_name(text, step->name);
	if (step->event_count > 0) {
		text_addf(text, ", after ");
		event_add(&step->events[step->event_count - 1], text);
	}
}

/* The lane may have written any bytes there. */
static void
add_failure(struct text *text, const char *failure)
{
	text_addf(text, "could not be started: ");
	text_add_escaped(text, failure, strlen(failure));
}

static void
judge_end(struct cell *cell)
{
	struct text text = { 0 };
	int status = cell->sandbox.wait_status;

	if (cell->sandbox.timed_out && cell->nonsense == NULL) {
		text_addf(&text, "timeout: still running after %.0f s",
			  cell->sandbox.seconds);
		add_where(&text, cell);
		fail_last_step(cell, VERDICT_TIMEOUT, &text);
		return;
	}
	if (cell->sandbox.over != NULL)
		text_addf(&text, "ended: %s", cell->sandbox.over);
	else if (cell->nonsense != NULL)
		text_addf(&text,
			  "crashed: it overwrote its own log, which is now "
			  "invalid: %s",
			  cell->nonsense);
	else if (cell->log->failure[0] != '\0')
		add_failure(&text, cell->log->failure);
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
	fail_last_step(cell, VERDICT_CRASHED, &text);
}

/* ---- memory ---- */

static size_t
row_of(const struct cell *cell, size_t step)
{
	return step < cell->transcript.step_count ? cell->steps[step].row :
						    NO_ROW;
}

/* `step "open": `, if it is known which one. */
static void
add_step(struct text *text, const struct cell *cell, size_t step)
{
	if (step >= cell->transcript.step_count)
		return;
	add_step_name(text, cell->transcript.steps[step].name);
	text_addf(text, ": ");
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

	add_step(text, cell, incident->step);
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
			  "bad free: a pointer that is not (or no longer) an "
			  "allocated block was %s as %s by %s",
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
		fail(cell, VERDICT_DIVERGED,
		     row_of(cell, ledger->incidents[i].step), &text);
		said += same;
	}
	if (said < ledger->incident_count) {
		text_addf(&text, "and %s more faulty frees",
			  with_commas(ledger->incident_count - said));
		fail(cell, VERDICT_DIVERGED, NO_ROW, &text);
	}
}

static const struct ledger_thread *
noted_thread(const struct ledger *ledger, int32_t id)
{
	size_t i;

	for (i = 0; i < ledger->threads_kept; i++)
		if (ledger->threads[i].id == id)
			return &ledger->threads[i];
	return NULL;
}

static bool
has_stack(const struct stacks *stacks, int32_t id)
{
	size_t i;

	for (i = 0; i < stacks->count; i++)
		if (stacks->threads[i].id == id)
			return true;
	return false;
}

/* Report a thread by its stack; or by what it noted itself, if that is all. */
static void
judge_thread(struct cell *cell, const struct thread_stack *stack,
	     const struct ledger_thread *noted)
{
	/* one that blocks all signals could not tell its step */
	bool told = noted != NULL && noted->trace != 0;
	size_t step = told ? noted->step : LEDGER_NO_ROW;
	struct text text = { 0 };
	char *where;

	text_addf(&text, "a thread is still running");
	if (step < cell->transcript.step_count) {
		text_addf(&text, ", ");
		add_step_name(&text, cell->transcript.steps[step].name);
	} else if (told) {
		text_addf(&text, ", which is not a task");
	}
	if (stack != NULL && stack->known) {
		text_addf(&text, ": in %s", stack->words);
	} else if (told) {
		where = trace_describe(&cell->ledger, noted->trace);
		text_addf(&text, ": in %s", where);
		free(where);
	} else {
		text_addf(&text, ": its stack cannot be read%s%s",
			  stack != NULL ? ": " : "",
			  stack != NULL ? stack->words : "");
	}
	fail(cell, VERDICT_TIMEOUT, row_of(cell, step), &text);
}

/* Report the threads that still ran when it was ended, and their stacks. */
static void
judge_threads(struct cell *cell)
{
	const struct ledger *ledger = &cell->ledger;
	const struct stacks *stacks = cell->sandbox.stacks;
	struct text text = { 0 };
	size_t i;

	if (!cell->sandbox.timed_out && cell->sandbox.over == NULL)
		return;
	if (stacks->failure[0] != '\0') {
		text_addf(&text, "no stacks: %s", stacks->failure);
		fail(cell, VERDICT_TIMEOUT, NO_ROW, &text);
	}
	for (i = 0; i < stacks->count && i < SPELLED_OUT; i++)
		judge_thread(cell, &stacks->threads[i],
			     noted_thread(ledger, stacks->threads[i].id));
	if (i < stacks->count + stacks->left_out) {
		text_addf(&text, "and %zu more threads are still running",
			  stacks->count + stacks->left_out - i);
		fail(cell, VERDICT_TIMEOUT, NO_ROW, &text);
	}
	/* those that only told what they know of themselves */
	for (i = 0; i < ledger->threads_kept && i < SPELLED_OUT; i++)
		if (!has_stack(stacks, ledger->threads[i].id))
			judge_thread(cell, NULL, &ledger->threads[i]);
}

/* What was called where there is no code. */
static void
add_lost_call(struct text *text, const struct cell *cell)
{
	const struct stacks *stacks = cell->sandbox.stacks;
	char *gone = NULL;

	if (!stacks->lost.to_data)
		gone = gone_describe(&cell->ledger, stacks->lost.to);
	if (gone != NULL)
		text_addf(text, "it called %s, which is no longer loaded, ",
			  gone);
	else if (stacks->lost.to == 0)
		text_addf(text, "it called NULL, ");
	else
		text_addf(text,
			  "it called %#" PRIx64 ", where there is no code, ",
			  stacks->lost.to);
	free(gone);
}

/* Report where it crashed, if it did by a signal of its own. */
static void
judge_crash(struct cell *cell)
{
	const struct stacks *stacks = cell->sandbox.stacks;
	struct text text = { 0 };

	if (cell->sandbox.timed_out || cell->sandbox.over != NULL ||
	    (stacks->count == 0 && stacks->failure[0] == '\0'))
		return;
	if (stacks->lost.made)
		add_lost_call(&text, cell);
	if (stacks->count > 0 && stacks->threads[0].known)
		text_addf(&text, "%sin %s",
			  stacks->lost.made ? "" : "it crashed ",
			  stacks->threads[0].words);
	else
		text_addf(&text, "%sits stack cannot be read: %s",
			  stacks->lost.made ? "and " : "",
			  stacks->failure[0] != '\0' ?
				  stacks->failure :
				  stacks->threads[0].words);
	fail(cell, VERDICT_CRASHED, row_of(cell, cell->transcript.last_step),
	     &text);
}

/* Leaks that read alike: other lines of the library lie between them. */
struct leak_group {
	char *name; /* who allocated them */
	struct ledger_leak leak;
};

static int
by_bytes(const void *a, const void *b)
{
	const struct leak_group *left = a;
	const struct leak_group *right = b;

	if (left->leak.bytes != right->leak.bytes)
		return left->leak.bytes > right->leak.bytes ? -1 : 1;
	return strcmp(left->name, right->name);
}

/* All leaks of a cell by who allocated them, the largest first. */
static struct leak_group *
group_leaks(const struct ledger *ledger, size_t *count_out)
{
	struct leak_group *groups =
		xcalloc(ledger->leak_count + 1, sizeof(*groups));
	const struct ledger_leak *leak;
	size_t i, j, count = 0;
	char *name;

	for (i = 0; i < ledger->leak_count; i++) {
		leak = &ledger->leaks[i];
		name = trace_describe(ledger, leak->trace);
		for (j = 0; j < count; j++)
			if (groups[j].leak.step == leak->step &&
			    groups[j].leak.owner == leak->owner &&
			    groups[j].leak.stream == leak->stream &&
			    strcmp(groups[j].name, name) == 0)
				break;
		if (j == count) {
			groups[count++] = (struct leak_group){ name, *leak };
			continue;
		}
		groups[j].leak.blocks += leak->blocks;
		groups[j].leak.bytes += leak->bytes;
		free(name);
	}
	qsort(groups, count, sizeof(*groups), by_bytes);
	*count_out = count;
	return groups;
}

static void
judge_leaks(struct cell *cell)
{
	const struct ledger *ledger = &cell->ledger;
	const struct ledger_leak *leak;
	struct text text = { 0 };
	struct leak_group *groups;
	uint64_t said = 0;
	size_t i, count;

	groups = group_leaks(ledger, &count);
	for (i = 0; i < count && i < SPELLED_OUT; i++) {
		leak = &groups[i].leak;
		if (leak->step < cell->transcript.step_count)
			cell->steps[leak->step].differs = true;
		add_step(&text, cell, leak->step);
		text_addf(&text, "leak: ");
		if (leak->stream)
			text_addf(&text, "a stream that was not closed, ");
		add_blocks(&text, leak->blocks, leak->bytes);
		text_addf(&text, " of %s, allocated by %s",
			  ledger->owners[leak->owner], groups[i].name);
		fail(cell, VERDICT_LEAKED, row_of(cell, leak->step), &text);
		said += leak->blocks;
	}
	if (said < ledger->leaked) {
		text_addf(&text, "leak: %s more blocks",
			  with_commas(ledger->leaked - said));
		fail(cell, VERDICT_LEAKED, NO_ROW, &text);
	}
	for (i = 0; i < count; i++)
		free(groups[i].name);
	free(groups);
}

/* If the ledger did not see everything, it gives no verdict on memory. */
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
		text_addf(&text,
			  "there was not enough memory to look for "
			  "leaks");
	else if (ledger->unseen != NULL)
		text_addf(&text,
			  "the Rust code in %s bypasses the ledger: it has "
			  "an allocator that does not ask the host, or no "
			  "symbols",
			  ledger->unseen->path);
	else
		goto out;
	fail(cell, VERDICT_DIVERGED, NO_ROW, &text);
out:
	free(text.data);
}

/* ---- against the oracle ---- */

static const struct ledger_usage *
library_usage(const void *ledger, size_t step)
{
	return &ledger_usage_of(ledger, step)[OWNER_LIBRARY];
}

static const struct ledger_freed *
library_freed(const void *ledger, size_t step, size_t *count_out)
{
	return ledger_freed_of(ledger, step, count_out);
}

/* Do both ledgers know when all blocks were freed? If not, add a reason. */
static bool
judge_freed_known(struct cell *cell, const struct cell *oracle)
{
	uint64_t mine = cell->ledger.freed_unknown;
	uint64_t its = oracle->ledger.freed_unknown;
	struct text text = { 0 };

	if (mine == 0 && its == 0)
		return true;
	text_addf(&text,
		  "no verdict on when the library's blocks were freed: the "
		  "ledger had no room for %s of them",
		  with_commas(mine > 0 ? mine : its));
	if (mine == 0)
		text_addf(&text, " in c");
	fail(cell, VERDICT_DIVERGED, NO_ROW, &text);
	return false;
}

static void
fail_step(void *ctx, size_t mine, size_t its, struct text *reason)
{
	struct judge *judge = ctx;
	size_t row = NO_ROW;

	if (mine != NO_STEP)
		row = judge->cell->steps[mine].row;
	else if (its != NO_STEP)
		row = judge->oracle->steps[its].row;
	fail(judge->cell, VERDICT_DIVERGED, row, reason);
}

static void
judge_against(struct judge *judge)
{
	struct cell *cell = judge->cell;
	const struct cell *oracle = judge->oracle;
	struct comparison comparison = {
		.mine = &cell->transcript,
		.its = &oracle->transcript,
		.my_ledger = &cell->ledger,
		.its_ledger = &oracle->ledger,
		.usage = library_usage,
		.lane = cell->lane->name,
		.oracle = oracle->lane->name,
		.declared = judge->lesson->declared,
		.declared_count = judge->lesson->declared_count,
		.steps = cell->steps,
		.fail = fail_step,
		.ctx = judge,
	};
	struct text text = { 0 };

	if (oracle->entry != NULL && cell_ended_well(oracle)) {
		if (judge_freed_known(cell, oracle))
			comparison.freed = library_freed;
		if (judge_steps(&comparison))
			raise_verdict(cell, VERDICT_DECLARED);
		return;
	}
	text_addf(&text, "nothing to compare with: the C lane %s",
		  oracle->entry == NULL ? "has no such lesson" :
					  "did not end well");
	fail(cell, VERDICT_DIVERGED, NO_ROW, &text);
}

/* By rows, so that what belongs to a step stands together; the whole last. */
static void
sort_reasons(struct cell *cell)
{
	size_t *rows = cell->reason_rows;
	char **items = cell->reasons.items;
	size_t i, at, row;
	char *item;

	for (i = 1; i < cell->reasons.count; i++) {
		row = rows[i];
		item = items[i];
		for (at = i; at > 0 && rows[at - 1] > row; at--) {
			rows[at] = rows[at - 1];
			items[at] = items[at - 1];
		}
		rows[at] = row;
		items[at] = item;
	}
}

static void
judge_cell(struct judge *judge)
{
	struct cell *cell = judge->cell;
	struct text text = { 0 };

	if (cell->entry == NULL) {
		text_addf(&text, "missing lesson: the lane has no %s",
			  cell->lesson);
		fail(cell, VERDICT_DIVERGED, NO_ROW, &text);
		return;
	}
	if (!cell_ended_well(cell))
		judge_end(cell);
	else if (cell != judge->oracle)
		judge_against(judge);
	judge_threads(cell);
	judge_crash(cell);
	judge_incidents(cell);
	if (cell_ended_well(cell)) {
		judge_leaks(cell);
		judge_memory(cell);
	}
	sort_reasons(cell);
	if (cell->reasons_left_out > 0) {
		text_addf(&text, "and %s more",
			  with_commas(cell->reasons_left_out));
		cell->reason_rows[cell->reasons.count] = NO_ROW;
		list_add(&cell->reasons, text_take(&text));
	}
}

void
compare_run(struct run *run)
{
	struct judge judge = { 0 };
	size_t i, j;

	for (i = 0; i < run->lesson_count; i++) {
		rows_make(run, i);
		for (j = 0; j < run->lanes.count; j++) {
			judge.lesson = &run->lessons[i];
			judge.oracle = run_cell(run, i, 0);
			judge.cell = run_cell(run, i, j);
			judge_cell(&judge);
		}
	}
}
