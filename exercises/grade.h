/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What grades an answer: it calls the answer, and records what came of it. The
 * answer gets data, and never the recorder.
 *
 * A grade.c defines `grade`; compiled once with the solution and once with the
 * answer it makes two lanes, which the driver compares.
 */
#ifndef FERRULE_GRADE_H
#define FERRULE_GRADE_H

#include "../lessons/lesson.h"

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in);

static const struct ferrule_lesson grade_lesson = {
	.name = EXERCISE,
	.source = ANSWER,
	.run = grade,
};

static const struct ferrule_lane grade_lane = {
	.abi = FERRULE_ABI,
	.order = EXPECTED ? 0 : 1,
	.name = EXPECTED ? "the solution" : "your answer",
	.title = EXPECTED ? "The solution" : "Your answer",
	.lesson_count = 1,
	.lessons = &grade_lesson,
};

__attribute__((visibility("default"))) const struct ferrule_lane *
ferrule_lane(const struct ferrule_host *host)
{
	return host->abi == FERRULE_ABI ? &grade_lane : NULL;
}

#endif
