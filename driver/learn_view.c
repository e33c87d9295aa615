/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The watch: what its screen says, apart from verdicts. */
#include "learn_watch.h"

#include <stdlib.h>
#include <string.h>

#define BAR 20

/* "[###>....] 3/8" */
static char *
progress_bar(const struct course *course, const struct progress *progress)
{
	size_t solved = 0, i, full;
	struct text bar = { 0 };

	/* not what the file says of exercises that are no more */
	for (i = 0; i < course->count; i++)
		solved += progress_has(progress, course->exercises[i].name);
	full = course->count > 0 ? solved * BAR / course->count : BAR;
	text_add(&bar, "[", 1);
	for (i = 0; i < BAR; i++)
		text_add(&bar, i < full ? "#" : i == full ? ">" : ".", 1);
	text_addf(&bar, "] %zu/%zu", solved, course->count);
	return text_take(&bar);
}

/* The files of the answer, as the learner calls them. */
static char *
file_names(const struct watch *watch)
{
	const char *dir = watch->settings->dir;
	bool here = strcmp(dir, ".") == 0;
	struct text names = { 0 };
	size_t i;

	for (i = 0; i < watch->exercise->files.count; i++)
		text_addf(&names, "%s%s%s%s/%s", i > 0 ? ", " : "",
			  here ? "" : dir, here ? "" : "/",
			  watch->exercise->name,
			  watch->exercise->files.items[i]);
	return text_take(&names);
}

char *
view_task(const struct watch *watch)
{
	const struct exercise *exercise = watch->exercise;
	char *path = xasprintf("%s/%s/task.md", watch->settings->dir,
			       exercise->name);
	char *text = read_file(path, NULL);

	free(path);
	if (text == NULL) { /* the learner has removed it */
		path = xasprintf("%s/task.md", exercise->folder);
		text = read_file(path, NULL);
		free(path);
	}
	return text != NULL ? text : xstrdup("There is no task.md.\n");
}

char *
view_intro(const struct watch *watch)
{
	char *file = file_names(watch);
	char *task = view_task(watch);
	char *intro = xasprintf(
		"In another window open %s with any editor. Write your\n"
		"answer, save it, and look here: %s. The task:\n\n%s",
		file,
		watch->settings->manual ? "r grades it" : "each save is graded",
		task);

	free(file);
	free(task);
	return intro;
}

char *
view_help(void)
{
	return xstrdup(
		"Each time you save the answer it is graded here: does it "
		"compile and link, is it\n"
		"what the header says, does it do what our solution does, and "
		"who frees what?\n"
		"\n"
		"  n    the next exercise, once this one is solved\n"
		"  h    a hint; each time one more, of three\n"
		"  l    all exercises: which are solved; choose one\n"
		"  r    grade again\n"
		"  x    begin this exercise again; your answer is kept beside "
		"it, as *.old\n"
		"  t    the task\n"
		"  ?    this text\n"
		"  q    back; from the verdict: end (Ctrl-C does it too)\n"
		"\n"
		"  j, k, the arrows, Space and b scroll what is longer than "
		"the screen.\n"
		"\n"
		"What you have solved is kept in .ferrule-learn.json, in your "
		"folder.\n"
		"Without this screen: ./learn run, ./learn hint NAME, and "
		"./learn --help.\n");
}

/* A line for each exercise. */
static void
add_list(struct list *lines, const struct course *course,
	 const struct progress *progress, size_t cursor)
{
	const struct exercise *exercise;
	size_t i;

	for (i = 0; i < course->count; i++) {
		exercise = &course->exercises[i];
		list_add(lines,
			 xasprintf("%c %s %-20s %2d min  %s",
				   i == cursor ? '>' : ' ',
				   progress_has(progress, exercise->name) ?
					   "solved" :
					   "      ",
				   exercise->name, exercise->minutes,
				   exercise->title));
	}
}

static char *
say_solved(const struct watch *watch)
{
	const struct exercise *then = watch_next(watch);

	return then != NULL ?
		xasprintf("Solved. n goes on to %s.", then->name) :
		xasprintf("Solved, as all %zu are. Next: ./learn solution %s, "
			  "and lessons/ in the project.",
			  watch->course->count, watch->exercise->name);
}

/* How it stands. */
static char *
message(const struct watch *watch, enum mood *mood_out)
{
	*mood_out = MOOD_PLAIN;
	if (watch->view == VIEW_RESET)
		return xasprintf(
			"Begin %s again? Your answer is kept as *.old. "
			"y or n",
			watch->exercise->name);
	if (watch->note != NULL)
		return xstrdup(watch->note);
	if (watch->child.pid != 0)
		return xstrdup("Grading ...");
	*mood_out = MOOD_BAD;
	if (watch->saves.told)
		return xasprintf("%s is gone. Save it again, or x begins "
				 "again.",
				 watch->saves.missing);
	if (watch->code == EXIT_DIVERGED)
		return xstrdup(watch_solved(watch) ?
				       "It was solved before, and is not now." :
				       "Not solved yet. h gives a hint.");
	if (watch->code == EXIT_NOT_RUN)
		return xstrdup("It was not graded in full.");
	if (watch->code == -1)
		return xstrdup("The grading was killed. r grades again.");
	*mood_out = MOOD_GOOD;
	if (watch_solved(watch))
		return say_solved(watch);
	*mood_out = MOOD_PLAIN;
	return xstrdup(watch->settings->manual ? "r grades your answer." :
						 "Waiting for a save.");
}

static const char *
help_line(const struct watch *watch)
{
	bool wide = watch->screen.columns >= 72;

	switch (watch->view) {
	case VIEW_RESET:
		return "y begin again  n keep my answer";
	case VIEW_TEXT:
		return "q back  j/k or arrows scroll";
	case VIEW_LIST:
		return "q back  j/k or arrows move  Enter chooses";
	case VIEW_VERDICT:
		break;
	}
	if (!wide)
		return watch_solved(watch) ? "n h l r x t q, ? help" :
					     "h l r x t q, ? help";
	return watch_solved(watch) ? "n next  h hint  l list  r run  x reset  "
				     "t task  ? help  q quit" :
				     "h hint  l list  r run  x reset  t task  "
				     "? help  q quit";
}

static char *
file_line(const struct watch *watch)
{
	const char *polls = watch->saves.polls;
	char *file = file_names(watch);
	char *line = watch->settings->manual ?
		xasprintf("Your answer: %s (r grades it)", file) :
		polls != NULL ?
		xasprintf("Your answer: %s (polls: %s)", file, polls) :
		xasprintf("Your answer: %s", file);

	free(file);
	return line;
}

/* The line of the cursor is to be seen. */
static void
follow_cursor(struct watch *watch)
{
	size_t room = screen_room(&watch->screen);

	if (watch->course->count > room && room > 0)
		room--; /* the last says where we are */
	if (watch->cursor < watch->top)
		watch->top = watch->cursor;
	else if (watch->cursor >= watch->top + room)
		watch->top = watch->cursor + 1 - room;
}

void
watch_draw(struct watch *watch)
{
	char *bar = progress_bar(watch->course, watch->progress);
	struct page page = {
		.header = xasprintf("%s  %s: %s", bar, watch->exercise->name,
				    watch->exercise->title),
		.file = file_line(watch),
		.help = help_line(watch),
	};

	page.message = message(watch, &page.mood);
	if (watch->view == VIEW_LIST) {
		follow_cursor(watch);
		add_list(&page.body, watch->course, watch->progress,
			 watch->cursor);
	} else {
		lines_add(&page.body,
			  watch->view == VIEW_TEXT ? watch->text :
						     watch->verdict,
			  watch->screen.columns);
	}
	page.top = watch->top;
	screen_draw(&watch->screen, &page);
	watch->top = page.top;
	list_release(&page.body);
	free(page.message);
	free(page.file);
	free(page.header);
	free(bar);
}
