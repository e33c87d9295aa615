/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rows of a lesson: which steps of all lanes stand side by side.
 *
 * A row is a step of the C lane, with its partner in each lane that has one;
 * or steps that C does not have, of lanes that have them at the same place
 * under the same name. This is the only place that knows: all reports read it.
 */
#include "pair.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>

/* So many rows ahead a step looks for one of its name to join. */
#define LOOKED_AT 64

/* A row of steps that C does not have, in the list of one place. */
struct extra {
	const struct step *step; /* its first */
	size_t *steps; /* for each lane */
	struct extra *next;
};

struct places {
	size_t lanes;
	/* [n]: the list of what stands before C's step n, or behind the last */
	struct extra **extras;
	size_t count; /* of C's steps */
	size_t rows;
	struct row *row_of_c; /* C's steps, in order */
};

static size_t *
no_steps(size_t lanes)
{
	size_t *steps = xcalloc(lanes, sizeof(*steps));
	size_t i;

	for (i = 0; i < lanes; i++)
		steps[i] = NO_STEP;
	return steps;
}

/*
 * Enter a step of @lane that C does not have. @at points into the list of its
 * place, behind the row of the lane's step before it; the pointer behind the
 * row that it is entered in is returned.
 */
static struct extra **
enter_extra(struct places *places, struct extra **at,
	    const struct step *entered, size_t lane, size_t step)
{
	struct extra **free_row = at;
	struct extra *extra;
	int looked = 0;

	while (*free_row != NULL && looked < LOOKED_AT &&
	       strcmp((*free_row)->step->name, entered->name) != 0) {
		free_row = &(*free_row)->next;
		looked++;
	}
	if (*free_row == NULL || looked == LOOKED_AT) {
		extra = xcalloc(1, sizeof(*extra));
		extra->step = entered;
		extra->steps = no_steps(places->lanes);
		extra->next = *at;
		*at = extra;
		free_row = at;
		places->rows++;
	}
	(*free_row)->steps[lane] = step;
	return &(*free_row)->next;
}

static void
enter_lane(struct places *places, const struct cell *cell, size_t lane)
{
	const struct transcript *transcript = &cell->transcript;
	struct extra **at = &places->extras[0];
	size_t i, partner;

	for (i = 0; i < transcript->step_count; i++) {
		partner = cell->steps[i].partner;
		if (partner == NO_STEP) {
			at = enter_extra(places, at, &transcript->steps[i],
					 lane, i);
			continue;
		}
		places->row_of_c[partner].steps[lane] = i;
		at = &places->extras[partner + 1];
	}
}

/* Say to each step of the row in which one it stands. */
static void
add_row(struct run *run, size_t lesson, const struct row *row)
{
	struct lesson_info *info = &run->lessons[lesson];
	size_t lane;

	for (lane = 0; lane < run->lanes.count; lane++)
		if (row->steps[lane] != NO_STEP)
			run_cell(run, lesson, lane)
				->steps[row->steps[lane]]
				.row = info->row_count;
	info->rows[info->row_count++] = *row;
}

static void
add_extras(struct run *run, size_t lesson, struct extra *extra)
{
	struct extra *next;

	for (; extra != NULL; extra = next) {
		add_row(run, lesson,
			&(struct row){ extra->step->name, extra->step->given,
				       extra->steps });
		next = extra->next;
		free(extra);
	}
}

/* The steps of a lane beside those of C. */
static void
pair_lane(struct cell *cell, const struct cell *oracle)
{
	size_t count = cell->transcript.step_count;
	size_t *partners = xcalloc(count, sizeof(*partners));
	size_t i;

	cell->steps = xcalloc(count, sizeof(*cell->steps));
	pair_steps(&cell->transcript, &oracle->transcript, partners);
	for (i = 0; i < count; i++)
		cell->steps[i] = (struct step_verdict){
			.partner = partners[i],
			.event = SIZE_MAX,
		};
	free(partners);
}

void
rows_make(struct run *run, size_t lesson)
{
	const struct cell *oracle = run_cell(run, lesson, 0);
	struct places places = {
		.lanes = run->lanes.count,
		.count = oracle->transcript.step_count,
	};
	size_t i;

	places.rows = places.count;
	places.row_of_c = xcalloc(places.count, sizeof(*places.row_of_c));
	places.extras = xcalloc(places.count + 1, sizeof(*places.extras));
	for (i = 0; i < places.count; i++)
		places.row_of_c[i] = (struct row){
			oracle->transcript.steps[i].name,
			oracle->transcript.steps[i].given,
			no_steps(places.lanes),
		};
	for (i = 0; i < places.lanes; i++) {
		pair_lane(run_cell(run, lesson, i), oracle);
		enter_lane(&places, run_cell(run, lesson, i), i);
	}
	run->lessons[lesson].rows =
		xcalloc(places.rows, sizeof(*run->lessons[lesson].rows));
	for (i = 0; i < places.count; i++) {
		add_extras(run, lesson, places.extras[i]);
		add_row(run, lesson, &places.row_of_c[i]);
	}
	add_extras(run, lesson, places.extras[places.count]);
	free(places.row_of_c);
	free(places.extras);
}

void
rows_release(struct lesson_info *lesson)
{
	size_t i;

	for (i = 0; i < lesson->row_count; i++)
		free(lesson->rows[i].steps);
	free(lesson->rows);
}
