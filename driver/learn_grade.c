/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The stages in which an answer is graded. */
#include "learn.h"

#include "confine.h"
#include "input.h"
#include "names.h"
#include "run.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Make a file of bytes that no answer can know beforehand. */
static char *
draw_input(const char *work)
{
	char *path = xasprintf("%s/input.txt", work);
	FILE *file = fopen(path, "w");
	unsigned char bytes[4096];
	uint16_t count = 0;
	size_t i;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes) ||
	    getrandom(&count, sizeof(count), 0) != (ssize_t)sizeof(count))
		die("no random bytes: %s", strerror(errno));
	/* lines of text, a NUL now and then, and never nothing */
	for (i = 0; i < sizeof(bytes); i++)
		if (bytes[i] >= 8)
			bytes[i] = bytes[i] < 24 ? '\n' : 'a' + bytes[i] % 26;
	if (file == NULL ||
	    fwrite(bytes, 1, 100 + count % (sizeof(bytes) - 100), file) == 0 ||
	    fclose(file) != 0)
		die("%s: cannot write: %s", path, strerror(errno));
	return path;
}

static bool
build_lane(struct grading *grading, const char *source, bool expected,
	   const char *lane)
{
	grading->stage = STAGE_COMPILE;
	if (!answer_compile(grading->exercise, grading->course, source,
			    grading->work, &grading->output))
		return false;
	/* warnings are of no interest now */
	free(text_take(&grading->output));
	grading->stage = STAGE_LINK;
	return answer_link(grading->exercise, grading->course, grading->work,
			   expected, lane, &grading->output);
}

/* Hold its declarations against the header. */
static bool
check_header(struct grading *grading)
{
	const struct course *course = grading->course;
	char *flags = xasprintf("-I'%s'", course->include[0]);
	const char *const words[] = {
		grading->settings->drift,
		"--partial",
		"--header",
		course->header,
		"--cflags",
		flags,
		"--rust",
		grading->source,
		NULL,
	};
	int status = 0;

	grading->stage = STAGE_HEADER;
	if (!grading->exercise->header)
		goto out;
	if (grading->settings->drift == NULL) {
		grading->not_checked = "there is no --drift";
		goto out;
	}
	status = run_tool(course, words, grading->work, &grading->output);
	if (status == 0 && grading->output.len > 0 &&
	    strstr(grading->output.data, "\n0 items checked") != NULL) {
		free(text_take(&grading->output));
		text_addf(&grading->output,
			  "it declares nothing of the library\n");
		status = 1;
	}
	/* it found nothing, because it could not look */
	if (status > 1)
		grading->not_checked = "ferrule-drift could not run";
out:
	free(flags);
	return status != 1;
}

static bool
same_facts(const struct transcript *a, const struct transcript *b)
{
	size_t i, j;

	if (a->step_count != b->step_count)
		return false;
	for (i = 0; i < a->step_count; i++) {
		if (a->steps[i].event_count != b->steps[i].event_count)
			return false;
		for (j = 0; j < a->steps[i].event_count; j++)
			if (!event_equal(&a->steps[i].events[j],
					 &b->steps[i].events[j]))
				return false;
	}
	return true;
}

/* Which stage a cell failed in. */
static enum stage
stage_of(const struct cell *cell, const struct cell *expected)
{
	if (verdict_expected(cell->verdict))
		return STAGE_PASSED;
	if (!cell_ended_well(cell))
		return STAGE_RUN;
	return same_facts(&cell->transcript, &expected->transcript) ?
		STAGE_MEMORY :
		STAGE_BEHAVIOUR;
}

/* What a lane says of itself is known here, so none is asked: an answer's code
 * runs in its cell and nowhere else. */
static struct lane
known_lane(const struct exercise *exercise, const char *path, bool expected)
{
	struct lane lane = {
		.path = realpath(path, NULL),
		.nth = expected ? 0 : 1,
		.name = xstrdup(expected ? "the solution" : "your answer"),
		.title = xstrdup(expected ? "The solution" : "Your answer"),
		.order = expected ? 0 : 1,
		.lessons = xcalloc(1, sizeof(*lane.lessons)),
		.lesson_count = 1,
	};

	if (lane.path == NULL)
		die("%s: cannot find it: %s", path, strerror(errno));
	lane.lessons[0].name = xstrdup(exercise->name);
	lane.lessons[0].source = xstrdup(exercise->answer);
	return lane;
}

static void
take_reasons(struct grading *grading, const struct cell *cell,
	     const struct limits *limits)
{
	size_t i;

	for (i = 0; i < cell->reasons.count; i++)
		list_add(&grading->reasons, xstrdup(cell->reasons.items[i]));
	if (grading->stage != STAGE_PASSED && cell->ledger.refused > 0)
		list_add(&grading->reasons,
			 xasprintf("memory: a request for %s bytes failed; it "
				   "may use at most %s",
				   with_commas(cell->ledger.refused),
				   with_unit(limits->memory)));
	if (grading->stage == STAGE_RUN && cell->sandbox.output_len > 0)
		text_add(&grading->output, cell->sandbox.output,
			 cell->sandbox.output_len);
}

/* Run the solution and the answer, and compare. */
static void
run_both(struct grading *grading, const char *expected, const char *lane)
{
	const struct limits limits = {
		.memory = (uint64_t)1 << 30,
		.file = (uint64_t)16 << 20,
		.folder = (uint64_t)64 << 20,
		.files = 1000,
		.output = (uint64_t)16 << 20,
		.descriptors = 64,
		.confined = true,
		.alone = true,
	};
	const struct sandbox_options options = {
		.jobs = 2,
		.timeout = grading->course->time,
		.limits = &limits,
	};
	char *input = draw_input(grading->work);
	struct cell *cells[2];
	struct run run = { 0 };
	size_t i;

	input_open(&run.input, input);
	run.lanes.count = ARRAY_SIZE(cells);
	run.lanes.items = xcalloc(ARRAY_SIZE(cells), sizeof(struct lane));
	run.lanes.items[0] = known_lane(grading->exercise, expected, true);
	run.lanes.items[1] = known_lane(grading->exercise, lane, false);
	run.lesson_count = 1;
	run.lessons = xcalloc(1, sizeof(*run.lessons));
	run.lessons[0].name = xstrdup(grading->exercise->name);
	run.lessons[0].title = xstrdup(grading->exercise->title);
	run_lay_out(&run);
	for (i = 0; i < ARRAY_SIZE(cells); i++)
		cells[i] = &run.cells[i];
	cells_run(cells, ARRAY_SIZE(cells), &run.input, &options);
	compare_run(&run);
	names_release();
	if (!verdict_expected(cells[0]->verdict))
		die("%s: the solution fails: %s", grading->exercise->name,
		    cells[0]->reasons.items[0]);
	grading->stage = stage_of(cells[1], cells[0]);
	take_reasons(grading, cells[1], &limits);
	run_release_cells(&run);
	lanes_release(&run.lanes);
	free((char *)run.input.path);
	free(input);
}

void
answer_grade(struct grading *grading)
{
	char *expected = xasprintf("%s/expected.so", grading->work);
	char *lane = xasprintf("%s/answer.so", grading->work);
	char *solution = xasprintf("%s/solution/%s", grading->exercise->folder,
				   grading->exercise->answer);

	grading->confined = confine_works();
	grading->not_confined = confine_gap();
	/* the answer first: it is what the learner waits for */
	if (build_lane(grading, grading->source, false, lane) &&
	    check_header(grading)) {
		free(text_take(&grading->output));
		if (!build_lane(grading, solution, true, expected))
			die("%s: it does not build:\n%s", solution,
			    grading->output.data);
		free(text_take(&grading->output));
		run_both(grading, expected, lane);
	}
	free(expected);
	free(lane);
	free(solution);
}
