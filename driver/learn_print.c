/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a learner is told of an answer. */
#include "learn.h"

#include "terminal.h"

#include <string.h>

static const char *const stage_names[] = {
	"compile", "link", "header", "run", "behaviour", "memory",
};

#define PANIC 2

/* The first lines of what a tool printed; of a panic, what comes before its
 * stack, which the driver tells in fewer words. */
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
	return stage < grading->stage ? "good" : "-";
}

static void
print_stages(const struct grading *grading)
{
	enum stage stage;

	for (stage = STAGE_COMPILE; stage <= STAGE_MEMORY; stage++)
		if (stage != STAGE_HEADER || grading->exercise->header)
			printf("  %-10s %s\n", stage_names[stage],
			       standing(grading, stage));
}

void
print_verdict(const struct grading *grading)
{
	const struct exercise *exercise = grading->exercise;
	size_t i;

	printf("%s: %s\n\n", exercise->name, exercise->title);
	print_stages(grading);
	if (grading->not_confined != NULL)
		printf("\n%s: %s.\n",
		       grading->confined ? "Confined in part" : "Not confined",
		       grading->not_confined);
	if (grading->stage == STAGE_PASSED) {
		if (grading->not_checked != NULL)
			printf("\nNot graded in full: the header was not "
			       "looked at, since %s.\n",
			       grading->not_checked);
		else
			printf("\nSolved. './learn solution %s' shows ours.\n",
			       exercise->name);
		return;
	}
	printf("\n");
	print_output(&grading->output,
		     grading->stage == STAGE_RUN ? PANIC : 30);
	for (i = 0; i < grading->reasons.count && i < 4; i++)
		print_wrapped(stdout, grading->reasons.items[i], 2);
	printf("\nYour answer  %s/%s\n"
	       "The task     %s/task.md\n"
	       "To read      %s\n"
	       "A hint       ./learn hint %s\n",
	       exercise->name, exercise->answer, exercise->name, exercise->read,
	       exercise->name);
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
	root = json_pack("{s:s, s:b, s:s?, s:o, s:s#, s:s?, s:b, s:s?}",
			 "exercise", grading->exercise->name, "passed",
			 passed && grading->not_checked == NULL, "stage",
			 passed ? NULL : stage_names[grading->stage], "reasons",
			 reasons, "output",
			 grading->output.len > 0 ? grading->output.data : "",
			 (int)grading->output.len, "not_checked",
			 grading->not_checked, "confined", grading->confined,
			 "not_confined", grading->not_confined);
	json_dumpf(root, stdout, JSON_INDENT(1));
	printf("\n");
	json_decref(root);
}
