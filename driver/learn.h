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

struct exercise {
	/* the data owns the strings */
	const char *name; /* "01-call" */
	const char *title;
	const char *folder; /* of the starter, the solution, the grade */
	const char *answer; /* "answer.rs" */
	const char *language;
	const char *read; /* the lesson to read first */
	const char *hints[HINTS];
	int minutes;
	bool header; /* are its declarations held against the header? */
};

/* What there is to do. */
struct course {
	json_t *data;
	struct exercise *exercises;
	size_t count;
	const char *include[2];
	const char *header;
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
};

/* `ferrule learn`, and its arguments. Returns the exit code. */
int
learn(int argc, char **argv);

/* ---- learn_grade.c ---- */

enum stage {
	STAGE_COMPILE,
	STAGE_LINK,
	STAGE_HEADER,
	STAGE_RUN,
	STAGE_BEHAVIOUR,
	STAGE_MEMORY,
	STAGE_PASSED,
};

struct grading {
	const struct exercise *exercise;
	const struct course *course;
	const struct learn_settings *settings;
	char *work; /* a folder for what is made */
	char *source; /* the answer */
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

/* ---- learn_tool.c ---- */

/*
 * Run @words[0] with the arguments @words, which end with NULL, and append what
 * it prints to @output. It may write only in the folder @work. Returns its exit
 * status; or 128, and @output says so, if it was ended. Ends the program if it
 * cannot be started.
 */
int
run_tool(const struct course *course, const char *const *words,
	 const char *work, struct text *output);

/* ---- learn_build.c ---- */

/*
 * Compile the answer at @source to an object, in the folder @work. False: it is
 * refused, and @output says why.
 */
bool
answer_compile(const struct exercise *exercise, const struct course *course,
	       const char *source, const char *work, struct text *output);

/* Link that object and the grade: the lane @lane. @expected: it is the
 * solution's. */
bool
answer_link(const struct exercise *exercise, const struct course *course,
	    const char *work, bool expected, const char *lane,
	    struct text *output);

/* ---- learn_state.c ---- */

/* What a learner has done, in a folder of the learner's. */
struct progress {
	char *path; /* of the file */
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
void
progress_release(struct progress *progress);

/* Copy the file at @from to @to. @over: also if it is there. */
void
file_copy(const char *from, const char *to, bool over);

#endif
