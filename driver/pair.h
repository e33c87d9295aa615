/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Pairs the steps of two lanes. */
#ifndef FERRULE_PAIR_H
#define FERRULE_PAIR_H

#include "transcript.h"

#define NO_STEP SIZE_MAX

/*
 * Pair the steps of @mine with those of @its by name, and keep their order: for
 * each step of @mine, partners[] gets the number of a step of @its, or NO_STEP.
 * The time grows linearly with the number of steps.
 */
void
pair_steps(const struct transcript *mine, const struct transcript *its,
	   size_t *partners);

#endif
