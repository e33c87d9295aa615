/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Broken lanes: found beside the lanes, each in a run of its own. */
#include "broken.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the readings say of a broken lane. */
static void
take(struct broken_lane *broken, const char *lesson, json_t *item)
{
	json_error_t error;
	json_t *says, *tools, *proof;

	if (json_unpack_ex(item, &error, JSON_STRICT,
			   "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, "
			   "s:o, s:o}",
			   "name", &broken->name, "lane", &broken->lane, "step",
			   &broken->step, "summary", &broken->summary, "cure",
			   &broken->cure, "file", &broken->file, "diff",
			   &broken->diff, "cure_diff", &broken->cure_diff,
			   "verdict", &broken->verdict, "says", &says, "tools",
			   &tools, "proof", &proof) != 0)
		die("%s: a broken lane: %s", lesson, error.text);
	broken->says = says;
	broken->tools = tools;
	broken->proof = json_is_null(proof) ? NULL : proof;
}

static void
find_in_lesson(struct run *run, size_t lesson, const struct list *wanted)
{
	const char *name = run->lessons[lesson].name;
	const json_t *found =
		json_object_get(readings_lesson(run->readings, name), "broken");
	struct broken_lane broken;
	json_t *item;
	size_t i;

	json_array_foreach(found, i, item)
	{
		broken = (struct broken_lane){ .lesson = lesson };
		take(&broken, name, item);
		if (wanted->count > 0 && !list_has(wanted, broken.lane))
			continue;
		run->broken = xrealloc(
			run->broken, (run->broken_count + 1) * sizeof(broken));
		run->broken[run->broken_count++] = broken;
	}
}

/* A run of the C lane and of @lane, under the name of its model. */
static void
lay_out(struct run *run, struct broken_lane *broken, const struct lane *lane)
{
	struct run *small = &broken->run;

	small->readings = run->readings;
	small->lanes.count = 2;
	small->lanes.items = xcalloc(2, sizeof(*small->lanes.items));
	small->lanes.items[0] = run->lanes.items[0];
	small->lanes.items[1] = *lane;
	small->lanes.items[1].name = (char *)broken->lane;
	small->lesson_count = 1;
	small->lessons = xcalloc(1, sizeof(*small->lessons));
	small->lessons[0].name = xstrdup(run->lessons[broken->lesson].name);
	lesson_read(&small->lessons[0], run->readings);
	run_lay_out(small);
	small->cells[1].hangs = strcmp(broken->verdict, "timeout") == 0;
}

void
broken_find(struct run *run, const char *lanes_dir, const struct list *wanted,
	    const struct sandbox_options *options)
{
	struct lanes *loaded = &run->broken_lanes;
	struct list paths = { 0 };
	struct broken_lane **built;
	struct broken_lane *broken;
	char *path;
	size_t i;

	for (i = 0; i < run->lesson_count; i++)
		find_in_lesson(run, i, wanted);
	built = xcalloc(run->broken_count + 1, sizeof(struct broken_lane *));
	for (i = 0; i < run->broken_count; i++) {
		broken = &run->broken[i];
		path = xasprintf("%s/broken/%s.%s.so", lanes_dir,
				 run->lessons[broken->lesson].name,
				 broken->name);
		if (access(path, R_OK) != 0) {
			free(path);
			continue;
		}
		built[paths.count] = broken;
		list_add(&paths, path);
	}
	if (paths.count > 0)
		lanes_load(loaded, &paths, paths.count, options);
	for (i = 0; i < loaded->count; i++)
		lay_out(run, built[loaded->items[i].nth], &loaded->items[i]);
	free(built);
	list_release(&paths);
}

const struct cell *
broken_cell(const struct broken_lane *broken)
{
	return broken->run.cell_count > 0 ? &broken->run.cells[1] : NULL;
}

static bool
says(const struct cell *cell, const char *words)
{
	size_t i;

	for (i = 0; i < cell->reasons.count; i++)
		if (strstr(cell->reasons.items[i], words) != NULL)
			return true;
	return false;
}

bool
broken_found(const struct broken_lane *broken)
{
	const struct cell *cell = broken_cell(broken);
	json_t *words;
	size_t i;

	if (cell == NULL)
		return false;
	/* a mistake that nothing shows leaves the lane as it was */
	if (strcmp(broken->verdict, "same") == 0)
		return verdict_expected(cell->verdict);
	json_array_foreach(broken->says, i, words)
	{
		if (!says(cell, json_string_value(words)))
			return false;
	}
	return strcmp(verdict_name(cell->verdict), broken->verdict) == 0;
}

size_t
broken_row(const struct run *run, const struct broken_lane *broken)
{
	const struct lesson_info *lesson = &run->lessons[broken->lesson];
	size_t i;

	for (i = 1; i < lesson->row_count; i++)
		if (strcmp(lesson->rows[i].name, broken->step) == 0)
			return i;
	return NO_ROW;
}

struct broken_count
broken_count(const struct run *run)
{
	struct broken_count count = { .all = run->broken_count };
	size_t i;

	for (i = 0; i < run->broken_count; i++) {
		count.found += broken_found(&run->broken[i]);
		count.not_built += broken_cell(&run->broken[i]) == NULL;
	}
	return count;
}

void
broken_release(struct run *run)
{
	size_t i;

	for (i = 0; i < run->broken_count; i++) {
		run_release_cells(&run->broken[i].run);
		/* shallow copies: others own what they point to */
		free(run->broken[i].run.lanes.items);
	}
	free(run->broken);
	lanes_release(&run->broken_lanes);
}
