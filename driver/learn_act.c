/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The watch: what its keys do. */
#include "learn_watch.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

void
replace(char **text, char *to)
{
	free(*text);
	*text = to;
}

const struct exercise *
watch_next(const struct watch *watch)
{
	const struct course *course = watch->course;
	size_t at = (size_t)(watch->exercise - course->exercises), i;
	const struct exercise *exercise;

	for (i = 1; i < course->count; i++) {
		exercise = &course->exercises[(at + i) % course->count];
		if (!progress_has(watch->progress, exercise->name))
			return exercise;
	}
	return NULL;
}

bool
watch_solved(const struct watch *watch)
{
	return progress_has(watch->progress, watch->exercise->name);
}

static void
show(struct watch *watch, enum view view)
{
	watch->view = view;
	watch->top = 0;
}

static void
show_text(struct watch *watch, char *text)
{
	replace(&watch->text, text);
	show(watch, VIEW_TEXT);
}

void
watch_grade(struct watch *watch)
{
	show(watch, VIEW_VERDICT);
	replace(&watch->verdict, xstrdup(""));
	replace(&watch->note, NULL);
	watch->code = NOT_GRADED;
	watch->again = watch->child.pid != 0;
	if (watch->again)
		child_stop(&watch->child);
	else
		child_begin(&watch->child, watch->settings,
			    watch->exercise->name);
}

/* As at first: the grading that runs is of no interest. */
static void
start_over(struct watch *watch)
{
	child_stop(&watch->child);
	watch->again = false;
	watch->code = NOT_GRADED;
	replace(&watch->verdict, view_intro(watch));
	show(watch, VIEW_VERDICT);
}

void
watch_choose(struct watch *watch, const struct exercise *exercise)
{
	const struct learn_settings *settings = watch->settings;
	char *folder = xasprintf("%s/%s", settings->dir, exercise->name);

	if (access(folder, F_OK) != 0) /* it is newer than `learn init` */
		exercise_put(exercise, settings->dir, false);
	free(folder);
	saves_end(&watch->saves);
	watch->exercise = exercise;
	saves_begin(&watch->saves, settings->dir, exercise, settings->poll,
		    settings->manual);
	progress_at(watch->progress, exercise->name);
	start_over(watch);
	/* what a learner has not begun is not judged */
	if (!settings->manual && watch->saves.gone == 0 &&
	    !saves_untouched(&watch->saves))
		watch_grade(watch);
}

static void
hint(struct watch *watch)
{
	const struct exercise *exercise = watch->exercise;
	struct text text = { 0 };
	size_t shown, i;

	progress_renew(watch->progress);
	shown = progress_hint(watch->progress, exercise->name);
	text_addf(&text, "Hints for %s:\n\n", exercise->name);
	for (i = 0; i < shown; i++)
		text_addf(&text, "%zu. %s\n", i + 1, exercise->hints[i]);
	show_text(watch, text_take(&text));
	replace(&watch->note,
		xstrdup(shown < HINTS ? "h shows one more, of three." :
					"There are no more hints."));
}

static void
reset(struct watch *watch)
{
	start_over(watch);
	exercise_put(watch->exercise, watch->settings->dir, true);
	saves_read(&watch->saves); /* that is no save */
	replace(&watch->note,
		xasprintf("It is as it was at first. Your answer is in "
			  "%s/*.old.",
			  watch->exercise->name));
}

static void
go_on(struct watch *watch)
{
	const struct exercise *then = watch_next(watch);

	if (!watch_solved(watch))
		replace(&watch->note,
			xasprintf("%s is not solved yet; l lets you choose "
				  "another.",
				  watch->exercise->name));
	else if (then != NULL)
		watch_choose(watch, then);
}

/* ---- keys ---- */

static void
move(struct watch *watch, int key)
{
	size_t page = MAX(screen_room(&watch->screen), 3) - 2;
	bool list = watch->view == VIEW_LIST;
	size_t *at = list ? &watch->cursor : &watch->top;
	/* drawing finds the end of what is not a list */
	size_t last = list ? watch->course->count - 1 : SIZE_MAX / 2;

	if (key == KEY_DOWN)
		*at += 1;
	else if (key == KEY_UP)
		*at -= *at > 0;
	else if (key == KEY_PAGE_DOWN)
		*at += page;
	else if (key == KEY_PAGE_UP)
		*at -= MIN(*at, page);
	else if (key == KEY_FIRST)
		*at = 0;
	else if (key == KEY_LAST)
		*at = last;
	*at = MIN(*at, last);
}

static void
take_letter(struct watch *watch, int key)
{
	switch (key) {
	case 'n':
		go_on(watch);
		break;
	case 'h':
		hint(watch);
		break;
	case 'l':
		watch->cursor =
			(size_t)(watch->exercise - watch->course->exercises);
		show(watch, VIEW_LIST);
		break;
	case 'r':
		watch_grade(watch);
		break;
	case 'x':
		show(watch, VIEW_RESET);
		keys_forget(&watch->keys);
		break;
	case 't':
		show_text(watch, view_task(watch));
		break;
	case '?':
		show_text(watch, view_help());
		break;
	default:
		move(watch, key);
	}
}

void
watch_key(struct watch *watch, int key)
{
	bool asked = watch->view == VIEW_RESET;

	replace(&watch->note, NULL);
	if (key == KEY_INTERRUPT || key == KEY_QUIT) {
		watch->done = true;
	} else if (key == KEY_SUSPEND) {
		terminal_suspend(true); /* ./x too */
		screen_measure(&watch->screen);
	} else if (asked) {
		show(watch, VIEW_VERDICT);
		if (key == 'y')
			reset(watch);
	} else if (key == 'q' || key == KEY_ESCAPE) {
		watch->done = key == 'q' && watch->view == VIEW_VERDICT;
		show(watch, VIEW_VERDICT);
	} else if (key == KEY_ENTER && watch->view == VIEW_LIST) {
		watch_choose(watch, &watch->course->exercises[watch->cursor]);
	} else if (key == KEY_ENTER) {
		if (watch->settings->manual)
			watch_grade(watch);
	} else {
		take_letter(watch, key);
	}
}
