/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A cell: one lesson in one lane, which runs in its own process. */
#include "cell.h"

#include "crash.h"
#include "threads.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The time of a cell that is known to hang. */
#define HANG_SECONDS 2.0

const char *
verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		"same", "declared", "leaked", "diverged", "timeout", "crashed",
	};

	return names[verdict];
}

/* ---- in the cell ---- */

struct lesson_call {
	const struct ferrule_lesson *lesson;
	const struct ferrule_input *input;
	struct ferrule_recorder *recorder;
	struct cell_log *log;
	sigset_t signals; /* that the lesson's thread blocks */
};

static void *
call_lesson(void *ctx)
{
	struct lesson_call *call = ctx;

	crash_watch_stack();
	pthread_sigmask(SIG_SETMASK, &call->signals, NULL);
	transcript_enter();
	call->lesson->run(call->recorder, call->input);
	call->log->stage = STAGE_RETURNED;
	return NULL;
}

static _Noreturn void
cannot_prepare(struct cell_log *log, const char *what, const char *why)
{
	snprintf(log->failure, sizeof(log->failure), "%s: %s", what, why);
	_exit(EXIT_NOT_RUN);
}

/* Find the lesson in the lane, which this process has loaded again. */
static const struct ferrule_lesson *
find_lesson(const struct cell *cell, const struct loaded_lane *lane,
	    struct cell_log *log)
{
	size_t at = (size_t)(cell->entry - cell->lane->lessons);
	const struct ferrule_lesson *lesson;

	if (lane->table == NULL || lane->table->lesson_count <= at)
		cannot_prepare(log, "its table",
			       "has changed since the first round");
	lesson = &lane->table->lessons[at];
	if (strcmp(lesson->name, cell->lesson) != 0 || lesson->run == NULL)
		cannot_prepare(log, "its table",
			       "has changed since the first round");
	return lesson;
}

/* Make the library of this lane allocate through the ledger. */
static void
hook_library(const struct loaded_lane *lane, struct cell_log *log)
{
	enum sgz_status (*set)(const struct sgz_allocator *,
			       struct sgz_error *) = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	*(void **)&set = dlsym(lane->handle, "sgz_allocator_set_default");
	if (set == NULL)
		set = sgz_allocator_set_default;
	if (set(&ledger_allocator, &error) != SGZ_OK)
		cannot_prepare(log, "setting the library's allocator",
			       error.text);
}

/*
 * The lesson has its own thread: the memory that a language keeps per thread is
 * freed at the thread's end, so it is not a leak. No other thread takes
 * signals, so that a signal to the process reaches the lesson.
 */
static void
run_thread(struct lesson_call *call, double seconds)
{
	pthread_t thread;
	sigset_t all;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &call->signals);
	error = pthread_create(&thread, NULL, call_lesson, call);
	if (error != 0)
		cannot_prepare(call->log, "its thread", strerror(error));
	/* early enough to note their stacks before the sandbox's deadline */
	threads_wait(thread, seconds - MIN(seconds / 4, 0.5));
}

static void
run_cell_in_sandbox(void *ctx, void *memory)
{
	const struct cell *cell = ctx;
	struct cell_log *log = memory;
	struct lesson_call call = { .input = cell->input, .log = log };
	struct loaded_lane lane = { 0 };
	const char *problem;

	log->stage = STAGE_PREPARING;
	problem = lane_open(cell->lane->path, &lane);
	if (problem != NULL)
		cannot_prepare(log, "its lane", problem);
	call.lesson = find_lesson(cell, &lane, log);
	hook_library(&lane, log);
	call.recorder = transcript_recorder(&log->transcript);
	ledger_begin(&log->ledger, (void *)(uintptr_t)call.lesson->run,
		     dlsym(lane.handle, "sgz_status_name"));
	log->stage = STAGE_RUNNING;
	run_thread(&call, cell->timeout);
	ledger_end();
	if (log->stage == STAGE_RETURNED)
		log->stage = STAGE_DONE;
}

/* ---- in the driver ---- */

static void
add_problem(struct text *problems, const char *problem)
{
	if (problem != NULL)
		text_addf(problems, "%s%s", problems->len > 0 ? "; " : "",
			  problem);
}

/* The ledger counts by row: change that to the order of the steps. */
static void
arrange_ledger(struct cell *cell)
{
	const struct transcript *transcript = &cell->transcript;
	uint32_t *rows = xcalloc(transcript->step_count, sizeof(*rows));
	size_t i;

	for (i = 0; i < transcript->step_count; i++)
		rows[i] = transcript->steps[i].row;
	ledger_arrange(&cell->ledger, rows, transcript->step_count);
	free(rows);
}

/* Read the cell's log. The cell may have written anything there. */
static void
read_log(struct cell *cell)
{
	const struct cell_log *log = cell->sandbox.log;
	struct text problems = { 0 };
	char *problem;

	if (log->stage > STAGE_DONE)
		add_problem(&problems, "the stage of the cell");
	if (memchr(log->failure, '\0', sizeof(log->failure)) == NULL)
		add_problem(&problems,
			    "the reason why it could not be "
			    "prepared");
	problem = transcript_read(&cell->transcript, &log->transcript);
	add_problem(&problems, problem);
	free(problem);
	ledger_read(&cell->ledger, &log->ledger);
	if (cell->ledger.nonsense != NULL) {
		add_problem(&problems, "the ledger is invalid");
		text_addf(&problems, ": %s", cell->ledger.nonsense);
	}
	if (problems.len == 0) {
		arrange_ledger(cell);
		cell->log = log;
		return;
	}
	cell->nonsense = text_take(&problems);
	ledger_release(&cell->ledger);
}

void
cells_run(struct cell *const *cells, size_t count,
	  const struct ferrule_input *input,
	  const struct sandbox_options *options)
{
	struct sandbox **sandboxes = xcalloc(count, sizeof(*sandboxes));
	struct cell *cell;
	size_t i, running = 0;

	for (i = 0; i < count; i++) {
		cell = cells[i];
		if (cell->entry == NULL)
			continue;
		cell->input = input;
		cell->timeout = options->timeout;
		if (cell->hangs)
			cell->timeout = MIN(cell->timeout, HANG_SECONDS);
		cell->sandbox = (struct sandbox){
			.title = xasprintf("%s, %s", cell->lesson,
					   cell->lane->name),
			.run = run_cell_in_sandbox,
			.ctx = cell,
			.log_size = sizeof(struct cell_log),
			.timeout = cell->timeout,
		};
		sandboxes[running++] = &cell->sandbox;
	}
	sandboxes_run(sandboxes, running, options);
	for (i = 0; i < count; i++)
		if (cells[i]->entry != NULL)
			read_log(cells[i]);
	free(sandboxes);
}

void
cell_release(struct cell *cell)
{
	transcript_release(&cell->transcript);
	ledger_release(&cell->ledger);
	list_release(&cell->reasons);
	free(cell->reason_rows);
	free(cell->nonsense);
	free(cell->steps);
	sandbox_release(&cell->sandbox);
}
