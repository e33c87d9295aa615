/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The parts of the watch: terminal, keys, saves, and the grading that runs. */
#ifndef FERRULE_LEARN_WATCH_H
#define FERRULE_LEARN_WATCH_H

#include "learn.h"

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- learn_screen.c ---- */

struct screen {
	size_t rows, columns;
	bool colour;
	bool dumb; /* it cannot be cleared */
};

enum mood {
	MOOD_PLAIN,
	MOOD_GOOD,
	MOOD_BAD,
};

/* What a screen shows, from its first row to its last. */
struct page {
	char *header;
	char *file;
	struct list body; /* of lines that fit */
	size_t top; /* the first of them that is shown */
	char *message;
	enum mood mood; /* of the message */
	const char *help;
};

/* Take keys one by one, without an echo. However the program ends, the
 * terminal is then as it was before. */
void
terminal_begin(void);
/* The same, after a stop in which a shell may have changed it. */
void
terminal_again(void);
void
terminal_end(void);
/* Stop as Ctrl-Z does, with the terminal as it was; @all: all programs that
 * were started with this one. SIGTSTP is blocked. */
void
terminal_suspend(bool all);

/* How large is it, and is it for colours? */
void
screen_measure(struct screen *screen);
/* How many lines of a body it has room for. */
size_t
screen_room(const struct screen *screen);
/* Clear the screen and show the page. If the lines do not fit, the last of them
 * says which they are; @top becomes one that can be shown. */
void
screen_draw(const struct screen *screen, struct page *page);

/* Add @text to @lines, broken where @columns end. Nothing in it can do anything
 * to a terminal: control characters are shown. */
void
lines_add(struct list *lines, const char *text, size_t columns);

/* ---- learn_keys.c ---- */

/* Bytes of keys. The arrows and their like send more than one. */
struct keys {
	char bytes[64];
	size_t len;
	double since; /* when the last came */
};

enum {
	KEY_NONE = 0,
	KEY_INTERRUPT = 3, /* Ctrl-C */
	KEY_ENTER = '\n',
	KEY_SUSPEND = 26, /* Ctrl-Z */
	KEY_QUIT = 28, /* Ctrl-\ */
	KEY_ESCAPE = 27,
	/* keys that do the same as a letter are that letter */
	KEY_DOWN = 'j',
	KEY_UP = 'k',
	KEY_PAGE_DOWN = ' ',
	KEY_PAGE_UP = 'b',
	KEY_FIRST = 'g',
	KEY_LAST = 'G',
};

/* Read what the terminal has. False: it is gone. */
bool
keys_read(struct keys *keys);
/* Forget what was pressed before a question: it is no answer. Somebody may have
 * pasted a text here. */
void
keys_forget(struct keys *keys);
/* The next key, or KEY_NONE. */
int
keys_take(struct keys *keys);
/* When it has to be asked again, though no byte comes; 0: never. */
double
keys_due(const struct keys *keys);

/* ---- learn_saves.c ---- */

/* The files of an answer, and what was last seen in them. */
struct saves {
	const struct exercise *exercise;
	char *folder;
	int inotify; /* or -1 */
	int watch; /* of the folder, or -1 */
	const char *polls; /* why it looks each half second, or NULL */
	uint64_t seen; /* sizes, times */
	struct text known; /* what is in them */
	const char *missing; /* one that is gone */
	double look_at; /* after a change; 0: there was none */
	double changed; /* the first change since the last look */
	double tick_at;
	double gone; /* since when; 0: it is there */
	bool told; /* that it is gone */
};

enum save {
	SAVE_NONE,
	SAVE_NEW, /* the answer is another */
	SAVE_GONE, /* a file of it is gone, and stays away */
	SAVE_BACK, /* it is there again, as it was */
};

/* Watch for saves. @poll: also look each half second. @still: do not watch. */
void
saves_begin(struct saves *saves, const char *dir,
	    const struct exercise *exercise, bool poll, bool still);
void
saves_end(struct saves *saves);
/* inotify has something to read. */
void
saves_take(struct saves *saves);
/* What has happened? The answer is then in @known. */
enum save
saves_look(struct saves *saves);
/* When it has to be asked again, though inotify is silent; 0: never. */
double
saves_due(const struct saves *saves);
/* Read the answer again, now. False: it is not there. */
bool
saves_read(struct saves *saves);
/* Is it still what the learner got to begin with? */
bool
saves_untouched(const struct saves *saves);

/* ---- learn_child.c ---- */

/* A grading, in a process of its own. */
struct child {
	pid_t pid; /* 0: there is none */
	int output; /* a pipe */
	char *tmp; /* its TMPDIR */
	struct text text; /* what it has printed */
	double kill_at; /* it was asked to end */
};

void
child_begin(struct child *child, const struct learn_settings *settings,
	    const char *name);
/* Ask it to end. */
void
child_stop(struct child *child);
/* Its pipe has something to read. */
void
child_read(struct child *child);
/* Has it ended? Then nothing of it is left, and @code_out is its exit code, or
 * -1 if a signal ended it. */
bool
child_ended(struct child *child, int *code_out);
/* End it, and wait for that. */
void
child_end(struct child *child);

/* ---- the watch ---- */

enum view {
	VIEW_VERDICT,
	VIEW_RESET, /* the verdict, and a question */
	VIEW_TEXT,
	VIEW_LIST,
};

#define NOT_GRADED (-2)

/* The whole of it. */
struct watch {
	const struct learn_settings *settings;
	const struct course *course;
	const struct exercise *exercise;
	struct progress *progress;
	struct screen screen;
	struct keys keys;
	struct saves saves;
	struct child child;
	bool again; /* grade, when the child has ended */
	int code; /* of the last grading */
	enum view view;
	char *verdict;
	char *text; /* of VIEW_TEXT */
	size_t top; /* the first line that is shown */
	size_t cursor; /* in VIEW_LIST */
	char *note; /* what the last key did, or NULL */
	int signals;
	sigset_t mask;
	int signal; /* that ends the watch */
	bool done;
};

/* ---- learn_act.c ---- */

/* Replace a text by @to, which it then owns. */
void
replace(char **text, char *to);
/* The exercise after this one that is not solved, or NULL. */
const struct exercise *
watch_next(const struct watch *watch);
bool
watch_solved(const struct watch *watch);
/* Grade the answer; what runs is ended before. */
void
watch_grade(struct watch *watch);
/* Go to an exercise. */
void
watch_choose(struct watch *watch, const struct exercise *exercise);
void
watch_key(struct watch *watch, int key);

/* ---- learn_view.c ---- */

/* What a learner sees first of an exercise. */
char *
view_intro(const struct watch *watch);
char *
view_task(const struct watch *watch);
char *
view_help(void);
/* Show all. */
void
watch_draw(struct watch *watch);

#endif
