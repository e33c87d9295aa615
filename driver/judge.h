/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The judge: the steps of a lane against those of the C lane. In each pair the
 * facts must be equal, and so must what the library allocated, and in which
 * steps that was freed; what is declared to differ may, and has to.
 *
 * It knows no processes: the driver's cells and lessons in process are judged
 * alike.
 */
#ifndef FERRULE_JUDGE_H
#define FERRULE_JUDGE_H

#include "differ.h"
#include "pair.h"

/* A step of a lane that may differ from the C lane's, in what, and why. */
struct declaration {
	char *lane;
	char *step;
	struct allowance allowed;
	char *reason;
	/* what is prevented: the program that rustc refuses; see
	 * tools/reader.py; or NULL */
	const struct json_t *proof;
};

/* How a step of a lane stands to the C lane's. */
struct step_verdict {
	size_t partner; /* the C lane's step, or NO_STEP */
	size_t row; /* in which it stands; see struct row */
	/* in what it recorded, in what the library allocated or when that was
	 * freed, or a free went wrong */
	bool differs;
	const struct declaration *declared; /* that it may, or NULL */
	/* the first event that differs, or SIZE_MAX */
	size_t event;
};

struct comparison {
	const struct transcript *mine;
	const struct transcript *its;
	/* what the library did in a step, by either ledger */
	const void *my_ledger;
	const void *its_ledger;
	const struct ledger_usage *(*usage)(const void *ledger, size_t step);
	/* when the blocks that a step allocated were freed, by size, then by
	 * step; NULL: nobody knows */
	const struct ledger_freed *(*freed)(const void *ledger, size_t step,
					    size_t *count_out);
	const char *lane;
	/* of all lanes */
	const struct declaration *declared;
	size_t declared_count;
	/* of mine; the partners are set */
	struct step_verdict *steps;
	/* called for each reason: steps of mine and its, or NO_STEP */
	void (*fail)(void *ctx, size_t mine, size_t its, struct text *reason);
	void *ctx;
};

/* Judge all steps. True: some differ as they are declared to. */
bool
judge_steps(const struct comparison *comparison);

#endif
