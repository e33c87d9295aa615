/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The judge: compares the steps of a lane with those of the C lane. In each
 * pair the facts must be equal, and the library's allocations, and the steps in
 * which these are freed. A declared difference is allowed, and it must occur.
 *
 * It knows no processes, so it judges the driver's cells and lessons in process
 * in the same way.
 */
#ifndef FERRULE_JUDGE_H
#define FERRULE_JUDGE_H

#include "differ.h"
#include "pair.h"

/* A declaration: a step of a lane that may differ from the C lane's, how, and
 * why. */
struct declaration {
	char *lane;
	char *step;
	struct allowance allowed;
	char *reason;
	/* what is prevented: the program that rustc refuses; see
	 * tools/reader.py; or NULL */
	const struct json_t *proof;
};

/* The result for a step of a lane. */
struct step_verdict {
	size_t partner; /* the C lane's step, or NO_STEP */
	size_t row; /* its row; see struct row */
	/* it differs in its facts, in the library's allocations or their frees,
	 * or it has a faulty free */
	bool differs;
	const struct declaration *declared; /* that it may, or NULL */
	/* the first event that differs, or SIZE_MAX */
	size_t event;
};

struct comparison {
	const struct transcript *mine;
	const struct transcript *its;
	/* the library's allocations in a step, from either ledger */
	const void *my_ledger;
	const void *its_ledger;
	const struct ledger_usage *(*usage)(const void *ledger, size_t step);
	/* the frees of the blocks that a step allocated, sorted by size, then
	 * by step; NULL: not known */
	const struct ledger_freed *(*freed)(const void *ledger, size_t step,
					    size_t *count_out);
	const char *lane;
	const char *oracle; /* the name of the lane that is compared with */
	/* of all lanes */
	const struct declaration *declared;
	size_t declared_count;
	/* for my steps; the partners are set */
	struct step_verdict *steps;
	/* called for each reason, with a step of each side, or NO_STEP */
	void (*fail)(void *ctx, size_t mine, size_t its, struct text *reason);
	void *ctx;
};

/* Judge all steps. True: some differ as declared. */
bool
judge_steps(const struct comparison *comparison);

#endif
