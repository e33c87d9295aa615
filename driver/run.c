/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A run: its cells, one for each lesson in each lane. */
#include "run.h"

#include <stdlib.h>

struct cell *
run_cell(const struct run *run, size_t lesson, size_t lane)
{
	return &run->cells[lesson * run->lanes.count + lane];
}

void
run_lay_out(struct run *run)
{
	struct cell *cell;
	size_t i, j;

	run->cell_count = run->lesson_count * run->lanes.count;
	run->cells = xcalloc(run->cell_count, sizeof(*run->cells));
	for (i = 0; i < run->lesson_count; i++) {
		for (j = 0; j < run->lanes.count; j++) {
			cell = run_cell(run, i, j);
			cell->lane = &run->lanes.items[j];
			cell->lesson = run->lessons[i].name;
			cell->entry = lane_lesson(cell->lane, cell->lesson);
		}
	}
}

void
run_release_cells(struct run *run)
{
	size_t i;

	for (i = 0; i < run->cell_count; i++)
		cell_release(&run->cells[i]);
	free(run->cells);
	for (i = 0; i < run->lesson_count; i++)
		lesson_release(&run->lessons[i]);
	free(run->lessons);
}
