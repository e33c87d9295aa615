/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a learner is told of an answer. */
#include "learn.h"

#include "terminal.h"

#include <stdlib.h>
#include <string.h>

static const char *const stage_names[] = {
	"compile", "link", "header", "run", "behaviour", "memory", "misuse",
};

/* Of a panic this is what comes before its stack, which the driver tells in
 * fewer words. */
#define PANIC 2
/* A terminal's, of which a prompt takes one. */
#define SCREEN 23
/* Lines that are neither of a stage nor of a tool. */
#define OTHERS 9
/* Lines of a tool where they can be scrolled. */
#define MANY 100

/* The first lines of what a tool printed. */
static void
print_output(const struct text *output, int lines)
{
	const char *at = output->data;
	size_t len;
	int line;

	while (at != NULL && *at == '\n')
		at++;
	for (line = 0; at != NULL && *at != '\0' && line < lines; line++) {
		len = strcspn(at, "\n");
		printf("    %.*s\n", (int)len, at);
		at += len + (at[len] == '\n');
	}
	if (at != NULL && *at != '\0' && lines > PANIC)
		printf("    ...\n");
}

/* How an answer stands in a stage. */
static const char *
standing(const struct grading *grading, enum stage stage)
{
	if (stage == STAGE_HEADER && grading->not_checked != NULL)
		return "not checked";
	if (stage == grading->stage)
		return "FAILS";
	return "good";
}

/* Is there anything to look at in this stage? */
static bool
has_stage(const struct exercise *exercise, enum stage stage)
{
	if (exercise->prediction_count > 0)
		return stage == STAGE_COMPILE || stage == STAGE_BEHAVIOUR;
	if (stage == STAGE_HEADER)
		return exercise->header != NULL;
	return stage != STAGE_MISUSE || exercise->misuse_count > 0;
}

/* Up to the one that failed. Returns how many lines that took. */
static int
print_stages(const struct grading *grading)
{
	enum stage stage;
	int lines = 0;

	for (stage = STAGE_COMPILE;
	     stage < STAGE_PASSED && stage <= grading->stage; stage++)
		if (has_stage(grading->exercise, stage)) {
			printf("  %-10s %s\n", stage_names[stage],
			       standing(grading, stage));
			lines++;
		}
	return lines;
}

/* Who sees the mistake of a program, and what the first @lines of them say. */
static void
print_prediction(const struct prediction *prediction, int lines)
{
	bool seen = false;
	int line = 0;
	size_t i;

	printf("  %s:", prediction->program);
	for (i = 0; i < prediction->tool_count; i++)
		if (prediction->said[i][0] != '\0') {
			printf(" %s", prediction->tools[i]);
			seen = true;
		}
	printf("%s\n", seen ? "" : " nothing");
	/* the last ones first: they know the most */
	for (i = prediction->tool_count; i-- > 0 && line < lines;)
		if (prediction->said[i][0] != '\0') {
			printf("    %-9s %.66s\n", prediction->tools[i],
			       prediction->said[i]);
			line++;
		}
}

/* After a prediction that is right: what the tools say, in @room lines. */
static void
print_predictions(const struct exercise *exercise, int room)
{
	int count = (int)exercise->prediction_count;
	int i;

	if (count > 0)
		printf("\n");
	for (i = 0; i < count; i++)
		print_prediction(&exercise->predictions[i],
				 MAX((room - 1) / count - 1, 0));
}

/* The same in a line. */
static void
print_stages_brief(const struct grading *grading)
{
	struct text line = { 0 };
	enum stage stage;
	char *text;

	for (stage = STAGE_COMPILE;
	     stage < STAGE_PASSED && stage <= grading->stage; stage++)
		if (has_stage(grading->exercise, stage))
			text_addf(&line, "%s%s %s", line.len > 0 ? ", " : "",
				  stage_names[stage], standing(grading, stage));
	text = text_take(&line);
	print_wrapped(stdout, text, 0);
	free(text);
}

/* What the kernel does not prevent. Returns how many lines that took. */
static int
print_gap(const struct grading *grading)
{
	char *text = xasprintf("%s: %s.",
			       grading->confined ? "Confined in part" :
						   "Not confined",
			       grading->not_confined);

	printf("\n");
	print_wrapped(stdout, text, 0);
	free(text);
	return 3;
}

void
print_verdict(const struct grading *grading)
{
	const struct exercise *exercise = grading->exercise;
	bool brief = grading->settings->brief;
	int room = MANY;
	size_t i;

	if (brief) {
		print_stages_brief(grading);
	} else {
		printf("%s: %s\n\n", exercise->name, exercise->title);
		room = SCREEN - OTHERS - print_stages(grading);
	}
	if (grading->not_confined != NULL)
		room -= print_gap(grading);
	if (grading->stage == STAGE_PASSED) {
		if (grading->not_checked != NULL)
			printf("\nNot graded in full: the header was not "
			       "looked at, since %s.\n",
			       grading->not_checked);
		else
			printf("\nSolved. './learn solution %s' shows ours.\n",
			       exercise->name);
		/* above are a title and this, each with an empty line */
		print_predictions(exercise, MAX(room + OTHERS - 4, 0));
		return;
	}
	printf("\n");
	if (grading->reasons.count > 0)
		room -= 3;
	print_output(&grading->output,
		     grading->stage == STAGE_RUN ? PANIC : room);
	for (i = 0; i < grading->reasons.count && i < 4; i++)
		print_wrapped(stdout, grading->reasons.items[i], 2);
	if (brief)
		return;
	printf("\nYour answer  %s/%s\n"
	       "The task     %s/task.md\n"
	       "To read      %s\n"
	       "A hint       ./learn hint %s\n",
	       exercise->name, exercise->files.items[0], exercise->name,
	       exercise->read, exercise->name);
}

void
print_json(const struct grading *grading)
{
	bool passed = grading->stage == STAGE_PASSED;
	json_t *reasons = json_array();
	json_t *root;
	size_t i;

	for (i = 0; i < grading->reasons.count; i++)
		json_array_append_new(reasons,
				      json_string(grading->reasons.items[i]));
	root = json_pack(
		"{s:s, s:b, s:s?, s:o, s:o, s:s?, s:b, s:s?}", "exercise",
		grading->exercise->name, "passed",
		passed && grading->not_checked == NULL, "stage",
		passed ? NULL : stage_names[grading->stage], "reasons", reasons,
		"output",
		json_stringn(grading->output.len > 0 ? grading->output.data :
						       "",
			     grading->output.len),
		"not_checked", grading->not_checked, "confined",
		grading->confined, "not_confined", grading->not_confined);
	json_dumpf(root, stdout, JSON_INDENT(1));
	printf("\n");
	json_decref(root);
}
