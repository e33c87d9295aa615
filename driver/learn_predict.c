/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An answer that predicts which tools see a mistake. What they say was recorded
 * from real runs (tools/broken.py), and is shown when the answer is graded. */
#include "learn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What an answer says of one program: "PROGRAM: TOOL TOOL". */
struct guess {
	const char *name;
	const char *tools; /* NULL: it says nothing of it */
	unsigned line;
};

static const char blank[] = " \t\r,";

static bool
names_tool(const char *tools, const char *tool)
{
	size_t len = strlen(tool);

	for (tools += strspn(tools, blank); *tools != '\0';
	     tools += strspn(tools, blank)) {
		if (strcspn(tools, blank) == len &&
		    strncmp(tools, tool, len) == 0)
			return true;
		tools += strcspn(tools, blank);
	}
	return false;
}

/* Take one line, which is the answer's. False: it is not in this form. */
static bool
take_line(struct grading *grading, struct guess *guesses, char *line,
	  unsigned number)
{
	const struct exercise *exercise = grading->exercise;
	char *colon = strchr(line, ':');
	size_t i;

	line += strspn(line, blank);
	if (*line == '#' || *line == '\0')
		return true;
	if (colon == NULL) {
		text_addf(&grading->output,
			  "%s:%u: this is not PROGRAM: TOOL...\n",
			  exercise->files.items[0], number);
		return false;
	}
	*colon = '\0';
	line[strcspn(line, blank)] = '\0';
	for (i = 0; i < exercise->prediction_count; i++)
		if (strcmp(exercise->predictions[i].program, line) == 0) {
			guesses[i].tools = colon + 1;
			guesses[i].line = number;
			return true;
		}
	text_addf(&grading->output, "%s:%u: there is no program %s\n",
		  exercise->files.items[0], number, line);
	return false;
}

/* Only words that are tools, or "nothing" alone. */
static bool
check_words(struct grading *grading, const struct prediction *prediction,
	    const struct guess *guess)
{
	const char *file = grading->exercise->files.items[0];
	const char *at = guess->tools;
	size_t i, len, count = 0;

	if (at == NULL) {
		text_addf(&grading->output, "%s: it says nothing of %s\n", file,
			  prediction->program);
		return false;
	}
	for (at += strspn(at, blank); *at != '\0'; at += strspn(at, blank)) {
		len = strcspn(at, blank);
		for (i = 0; i < prediction->tool_count; i++)
			if (strlen(prediction->tools[i]) == len &&
			    strncmp(prediction->tools[i], at, len) == 0)
				break;
		if (i == prediction->tool_count &&
		    !(len == 7 && strncmp(at, "nothing", len) == 0)) {
			text_addf(&grading->output,
				  "%s:%u: there is no tool %.*s\n", file,
				  guess->line, (int)len, at);
			return false;
		}
		count++;
		at += len;
	}
	if (count == 0 || (count > 1 && names_tool(guess->tools, "nothing"))) {
		text_addf(&grading->output, "%s:%u: %s\n", file, guess->line,
			  count == 0 ?
				  "name the tools that see it, or nothing" :
				  "nothing and a tool: that is no answer");
		return false;
	}
	return true;
}

/* True: it is right. Otherwise the reasons get what the tools really say. */
static bool
check_guess(struct grading *grading, const struct prediction *prediction,
	    const struct guess *guess)
{
	bool right = true, sees;
	size_t i;

	for (i = 0; i < prediction->tool_count; i++) {
		sees = prediction->said[i][0] != '\0';
		right = right &&
			sees == names_tool(guess->tools, prediction->tools[i]);
	}
	for (i = 0; i < prediction->tool_count && !right; i++)
		list_add(&grading->reasons,
			 xasprintf("%s, %s: %s", prediction->program,
				   prediction->tools[i],
				   prediction->said[i][0] != '\0' ?
					   prediction->said[i] :
					   "says nothing"));
	return right;
}

static void
grade_lines(struct grading *grading, char *text, struct guess *guesses)
{
	const struct exercise *exercise = grading->exercise;
	unsigned number = 0;
	char *line, *next;
	size_t i;

	grading->stage = STAGE_COMPILE;
	for (line = text; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (!take_line(grading, guesses, line, ++number))
			return;
	}
	for (i = 0; i < exercise->prediction_count; i++)
		if (!check_words(grading, &exercise->predictions[i],
				 &guesses[i]))
			return;
	grading->stage = STAGE_BEHAVIOUR;
	for (i = 0; i < exercise->prediction_count; i++)
		if (!check_guess(grading, &exercise->predictions[i],
				 &guesses[i]))
			return;
	grading->stage = STAGE_PASSED;
}

void
prediction_grade(struct grading *grading)
{
	const struct exercise *exercise = grading->exercise;
	char *path =
		xasprintf("%s/%s", grading->answer, exercise->files.items[0]);
	char *text = read_file(path, NULL);
	struct guess *guesses =
		xcalloc(exercise->prediction_count, sizeof(*guesses));

	if (text == NULL)
		die("%s: cannot read: %s", path, strerror(errno));
	grade_lines(grading, text, guesses);
	free(guesses);
	free(text);
	free(path);
}
