/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which step of one lane stands beside which of another. */
#ifndef FERRULE_PAIR_H
#define FERRULE_PAIR_H

#include "transcript.h"

#define NO_STEP SIZE_MAX

/*
 * Line @mine up with @its by the names of the steps, each in its order: for
 * each step of @mine, partners[] gets the number of one of @its, or NO_STEP.
 * The time it takes grows as the number of steps does.
 */
void
pair_steps(const struct transcript *mine, const struct transcript *its,
	   size_t *partners);

#endif
