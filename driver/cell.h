/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A cell: one lesson in one lane, which runs in its own process. */
#ifndef FERRULE_CELL_H
#define FERRULE_CELL_H

#include "judge.h"
#include "lanes.h"
#include "ledger.h"
#include "transcript.h"
#include "sandbox.h"

/* The stages of a cell. */
enum cell_stage {
	STAGE_NOT_RUN,
	STAGE_PREPARING,
	STAGE_RUNNING,
	STAGE_RETURNED, /* the lesson did */
	STAGE_DONE, /* and the ledger is closed */
};

/* The log of a cell, which it writes itself. */
struct cell_log {
	uint32_t stage;
	char failure[512]; /* why it could not be prepared, or "" */
	struct ledger_log ledger;
	struct transcript_log transcript;
};

enum verdict {
	VERDICT_SAME,
	VERDICT_DECLARED,
	VERDICT_LEAKED,
	VERDICT_DIVERGED,
	VERDICT_TIMEOUT,
	VERDICT_CRASHED,
};

/* "same", "declared", ... */
const char *
verdict_name(enum verdict verdict);

#define NO_ROW SIZE_MAX

struct cell {
	const struct lane *lane;
	const char *lesson;
	const struct lane_lesson *entry; /* NULL: the lane does not have it */
	const struct ferrule_input *input;
	bool hangs; /* as it should: then its time is short */
	double timeout; /* in seconds */
	/* what ran */
	struct sandbox sandbox;
	const struct cell_log *log; /* NULL: did not run, or see below */
	struct transcript transcript;
	struct ledger ledger;
	/* why the log is invalid (the cell has overwritten it), or NULL */
	char *nonsense;
	/* the result of compare */
	enum verdict verdict;
	struct list reasons;
	size_t *reason_rows; /* the row of each reason, or NO_ROW */
	size_t reasons_left_out; /* the last one says how many */
	struct step_verdict *steps; /* one for each step of the transcript */
};

/* Run all @cells on @input. */
void
cells_run(struct cell *const *cells, size_t count,
	  const struct ferrule_input *input,
	  const struct sandbox_options *options);

void
cell_release(struct cell *cell);

#endif
