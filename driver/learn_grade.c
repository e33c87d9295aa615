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
#include <unistd.h>

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
build_lane(struct grading *grading, const struct build *build, const char *lane)
{
	grading->stage = STAGE_COMPILE;
	if (!answer_compile(build, &grading->output))
		return false;
	free(text_take(&grading->output));
	grading->stage = STAGE_LINK;
	return answer_link(build, lane, &grading->output);
}

/* The lane of the solution, which is made once. The caller frees its path. */
static char *
build_expected(struct grading *grading)
{
	const struct exercise *exercise = grading->exercise;
	char *solution = xasprintf("%s/solution", exercise->folder);
	char *folder = expected_folder(grading->settings->dir);
	char *lane = xasprintf("%s/%s-%s.so", folder, exercise->name,
			       exercise->hash);
	char *work = xasprintf("%s/expected", grading->work);
	char *new = xasprintf("%s/lane.so", work);
	const struct build build = {
		.exercise = exercise,
		.course = grading->course,
		.from = solution,
		.work = work,
		.expected = true,
	};

	if (access(lane, R_OK) != 0) {
		make_folder(work);
		if (!build_lane(grading, &build, new))
			die("%s: it does not build:\n%s", solution,
			    grading->output.data);
		free(text_take(&grading->output));
		file_copy(new, lane, true);
	}
	free(solution);
	free(folder);
	free(work);
	free(new);
	return lane;
}

/* The Rust file whose declarations are held against the header. */
static const char *
rust_file(const struct exercise *exercise)
{
	size_t i;

	for (i = 0; i < exercise->files.count; i++)
		if (strstr(exercise->files.items[i], ".rs") != NULL)
			return exercise->files.items[i];
	die("%s: no file is Rust", exercise->name);
}

static int
run_drift(const struct grading *grading, struct text *output)
{
	const struct exercise *exercise = grading->exercise;
	bool own = words_have(&exercise->files, exercise->header);
	struct list words = { 0 };

	list_add(&words, xstrdup(grading->settings->drift));
	if (exercise->partial)
		list_add(&words, xstrdup("--partial"));
	if (exercise->exports)
		list_add(&words, xstrdup("--exports"));
	list_add(&words, xstrdup("--header"));
	/* a header of the answer is in its folder */
	list_add(&words,
		 own ? xasprintf("%s/%s", grading->answer, exercise->header) :
		       xstrdup(exercise->header));
	list_add(&words, xstrdup("--cflags"));
	list_add(&words, xasprintf("-I'%s'", grading->course->include[0]));
	list_add(&words, xstrdup("--rust"));
	list_add(&words,
		 xasprintf("%s/%s", grading->answer, rust_file(exercise)));
	return run_tool(grading->course, &words, grading->work, output);
}

/* What the check could not look at, and its counts, come after what it found:
 * the learner's own functions among them. */
static void
cut_counts(struct text *report)
{
	static const char *const marks[] = {
		"\nunchecked: ",
		"\nnote: ",
		"\nchecked:",
	};
	const char *end;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(marks) && report->len > 0; i++) {
		end = strstr(report->data, marks[i]);
		if (end == NULL)
			continue;
		report->len = (size_t)(end - report->data);
		report->data[report->len] = '\0';
	}
}

/* Hold its declarations against the header. */
static bool
check_header(struct grading *grading)
{
	int status;

	grading->stage = STAGE_HEADER;
	if (grading->exercise->header == NULL)
		return true;
	if (grading->settings->drift == NULL) {
		grading->not_checked = "there is no --drift";
		return true;
	}
	status = run_drift(grading, &grading->output);
	if (status == 2 && grading->output.len > 0 &&
	    strstr(grading->output.data, "nothing was checked") != NULL) {
		free(text_take(&grading->output));
		text_addf(&grading->output,
			  "it declares nothing of the library\n");
		status = 1;
	}
	if (status == 1)
		cut_counts(&grading->output);
	/* it found nothing, because it could not look */
	if (status > 1)
		grading->not_checked = "ferrule-drift could not run";
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
	lane.lessons[0].source = xstrdup(exercise->files.items[0]);
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

/* True: rustc does with @misuse what it should. */
static bool
check_misuse(struct grading *grading, const struct build *build,
	     const struct misuse *misuse)
{
	struct text output = { 0 };
	bool refused = misuse_compile(build, misuse->file, &output) != 0;
	char *said = text_take(&output);
	char *reason = NULL;

	if (misuse->code == NULL && refused)
		reason = xasprintf("a right use does not compile: a program "
				   "that %s",
				   misuse->what);
	else if (misuse->code != NULL && !refused)
		reason = xasprintf("this compiles, and it should not: a "
				   "program that %s",
				   misuse->what);
	else if (misuse->code != NULL && strstr(said, misuse->code) == NULL)
		reason = xasprintf("a program that %s is refused, but not for "
				   "that (%s)",
				   misuse->what, misuse->code);
	if (reason != NULL) {
		list_add(&grading->reasons, reason);
		if (refused)
			text_add(&grading->output, said, strlen(said));
		else
			text_addf(&grading->output, "%s\n", misuse->file);
	}
	free(said);
	return reason == NULL;
}

static void
check_misuses(struct grading *grading, const struct build *build)
{
	const struct exercise *exercise = grading->exercise;
	size_t i;

	grading->stage = STAGE_MISUSE;
	for (i = 0; i < exercise->misuse_count; i++)
		if (!check_misuse(grading, build, &exercise->misuses[i]))
			return;
	grading->stage = STAGE_PASSED;
}

/* What a program printed may be any bytes: keep lines and tabs, and escape what
 * is not text. */
static void
clean_output(struct text *output)
{
	struct text clean = { 0 };
	size_t at = 0, len;

	while (at < output->len) {
		for (len = 0; at + len < output->len; len++)
			if (output->data[at + len] == '\n' ||
			    output->data[at + len] == '\t')
				break;
		text_add_escaped(&clean, output->data + at, len);
		at += len;
		if (at < output->len)
			text_add(&clean, &output->data[at++], 1);
	}
	free(output->data);
	*output = clean;
}

static void
grade_in_stages(struct grading *grading)
{
	const struct exercise *exercise = grading->exercise;
	char *lane = xasprintf("%s/answer.so", grading->work);
	const struct build build = {
		.exercise = exercise,
		.course = grading->course,
		.from = grading->answer,
		.work = grading->work,
	};
	char *expected;

	grading->confined = confine_works();
	grading->not_confined = confine_gap();
	if (exercise->prediction_count > 0) {
		prediction_grade(grading);
		free(lane);
		return;
	}
	/* the answer first: it is what the learner waits for */
	if (build_lane(grading, &build, lane) && check_header(grading)) {
		free(text_take(&grading->output));
		expected = build_expected(grading);
		run_both(grading, expected, lane);
		free(expected);
		if (grading->stage == STAGE_PASSED)
			check_misuses(grading, &build);
	}
	free(lane);
}

void
answer_grade(struct grading *grading)
{
	grade_in_stages(grading);
	clean_output(&grading->output);
}
