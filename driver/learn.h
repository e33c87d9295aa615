/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Exercises: a learner writes an answer, and it is graded.
 *
 * An answer is compiled, linked with a program that calls it, held against the
 * header, and run beside the solution. What it does and how it treats memory
 * are compared as those of a lane are.
 */
#ifndef FERRULE_LEARN_H
#define FERRULE_LEARN_H

#include "util.h"

#include <jansson.h>

#define HINTS 3

/* A few texts. The data owns them. */
struct words {
	const char **items;
	size_t count;
};

/* A program that uses an answer, and that rustc has to refuse. */
struct misuse {
	const char *file;
	const char *code; /* "E0382"; NULL: it is a right use */
	const char *what; /* "uses the reader after close" */
};

/* What a tool says of a program; "" is nothing. */
struct prediction {
	const char *program;
	const char *tools[8];
	const char *said[8];
	size_t tool_count;
};

struct exercise {
	/* the data owns the strings */
	const char *name; /* "01-call" */
	const char *title;
	const char *folder; /* of the starter, the solution, the grade */
	const char *read; /* the lesson to read first */
	const char *hash; /* of all from which the solution's lane is made */
	const char *hints[HINTS];
	int minutes;
	struct words after; /* what is to be solved before */
	struct words files; /* of the answer: "answer.rs" */
	struct words parts; /* files in C that are linked with the grade */
	struct words archive; /* such files too, of which one archive is made */
	struct words link; /* words for the linker: "-lz" */
	/* NULL if there is none: */
	const char *grade; /* a Rust program that calls the answer */
	const char *reference; /* what is compared with, if no solution is */
	const char *header; /* that its declarations are held against */
	bool partial; /* it need not declare all of the header */
	bool exports; /* it defines what the header declares */
	struct misuse *misuses;
	size_t misuse_count;
	struct prediction *predictions; /* if that is the task */
	size_t prediction_count;
};

/* What there is to do. */
struct course {
	json_t *data;
	struct exercise *exercises;
	size_t count;
	const char *include[2];
	const char *library; /* the folder of libsgz */
	const char *front; /* ./x */
	/* in seconds: what an answer may run, and what a compiler may */
	double time, build_time;
};

/* What the command line says. */
struct learn_settings {
	const char *dir;
	const char *drift;
	const char *exercises;
	bool json;
	bool yes;
	bool brief; /* a verdict without what the watch shows */
	bool manual; /* the watch grades when it is asked to */
	bool poll; /* it does not rely on inotify */
};

/* `ferrule learn`, and its arguments. Returns the exit code. */
int
learn(int argc, char **argv);

/* Put the files of an exercise into the learner's folder. @over: also those
 * that are there, of which a copy is kept. */
void
exercise_put(const struct exercise *exercise, const char *dir, bool over);

/* ---- learn_course.c ---- */

/* Read what there is to do. Ends the program if the file is no such data. */
void
course_read(struct course *course, const char *path);
void
course_release(struct course *course);
/* By its name, or by a beginning of it that no other has. Ends the program if
 * there is none. */
const struct exercise *
course_find(const struct course *course, const char *name);
bool
words_have(const struct words *words, const char *word);

/* ---- learn_grade.c ---- */

enum stage {
	STAGE_COMPILE,
	STAGE_LINK,
	STAGE_HEADER,
	STAGE_RUN,
	STAGE_BEHAVIOUR,
	STAGE_MEMORY,
	STAGE_MISUSE,
	STAGE_PASSED,
};

struct grading {
	const struct exercise *exercise;
	const struct course *course;
	const struct learn_settings *settings;
	char *work; /* a folder for what is made */
	char *answer; /* the folder of the answer */
	enum stage stage; /* that failed, or PASSED */
	struct text output; /* of the tool of that stage */
	struct list reasons; /* of the driver */
	const char *not_checked; /* why the header was not */
	bool confined; /* the answer could write only in its folder */
	char *not_confined; /* what this kernel does not prevent, or NULL */
};

/*
 * Build the answer and the solution, run both, and compare. Ends the program if
 * the solution does not build, or is not right.
 */
void
answer_grade(struct grading *grading);

/* ---- learn_print.c ---- */

/* In one screen, for a person. */
void
print_verdict(const struct grading *grading);
void
print_json(const struct grading *grading);

/* ---- learn_predict.c ---- */

/* Grade an answer that says which tools see a mistake. */
void
prediction_grade(struct grading *grading);

/* ---- learn_tool.c ---- */

/*
 * Run a tool: @words[0] with its arguments; append what it prints to @output.
 * It may write only in the folder @work. Releases @words. Returns its exit
 * status; or 128, and @output says so, if it was ended. Ends the program if it
 * cannot be started.
 */
int
run_tool(const struct course *course, struct list *words, const char *work,
	 struct text *output);

/* ---- learn_build.c ---- */

/* What becomes a lane. */
struct build {
	const struct exercise *exercise;
	const struct course *course;
	const char *from; /* the folder of the answer, or of the solution */
	const char *work; /* the folder for what is made */
	bool expected; /* it is what is compared with */
};

/* Compile it. False: it is refused, and @output says why. */
bool
answer_compile(const struct build *build, struct text *output);

/* Link that and the grade: the lane @lane. */
bool
answer_link(const struct build *build, const char *lane, struct text *output);

/* Compile the program @file that uses the answer. Returns what rustc does. */
int
misuse_compile(const struct build *build, const char *file,
	       struct text *output);

/* ---- learn_state.c ---- */

/* Make a folder, if it is not there. */
void
make_folder(const char *path);
/* The folder for the lanes of solutions, in that of a learner. The caller frees
 * its path. */
char *
expected_folder(const char *dir);

/* What a learner has done, in a folder of the learner's. */
struct progress {
	char *path; /* of the file */
	json_t *current; /* a name: the watch is there; or NULL */
	json_t *passed; /* names */
	json_t *hints; /* how many of each were shown */
};

/* Read the progress in @dir. Ends the program if `learn init` was not there. */
void
progress_read(struct progress *progress, const char *dir);
/* Begin it; not if it is there. */
void
progress_begin(const char *dir);
bool
progress_has(const struct progress *progress, const char *name);
void
progress_pass(struct progress *progress, const char *name);
/* Count one more hint, of at most HINTS. Returns how many are shown now. */
size_t
progress_hint(struct progress *progress, const char *name);
/* The exercise at which the watch was, or NULL. */
const char *
progress_current(const struct progress *progress);
void
progress_at(struct progress *progress, const char *name);
/* Read it again: others write it too. */
void
progress_renew(struct progress *progress);
void
progress_release(struct progress *progress);

/* Copy the file at @from to @to. @over: also if it is there. */
void
file_copy(const char *from, const char *to, bool over);

/* ---- learn_watch.c ---- */

/* Grade an answer each time that it is saved. Without @exercise: where the
 * learner was, or the first that is not solved. Returns the exit code. */
int
learn_watch(const struct learn_settings *settings, const struct course *course,
	    const struct exercise *exercise, struct progress *progress);

#endif
