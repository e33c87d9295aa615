/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* ferrule learn: its commands. */
#include "learn.h"

#include "scratch.h"
#include "terminal.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
	"Usage: ferrule learn [COMMAND] [OPTION]...\n"
	"\n"
	"Without a command it is watch.\n"
	"\n"
	"init DIR        Put the exercises in the folder DIR: it is yours.\n"
	"watch [NAME]    Grade the answer each time that you save it, and\n"
	"                show what came out; ? says which keys there are.\n"
	"                Without NAME: go on where you were.\n"
	"list            The exercises, and which of them you have solved.\n"
	"run [NAME]      Grade an answer; without NAME the first that is not\n"
	"                solved. The stages are compile, link, header,\n"
	"                run, behaviour, memory and misuse; the first that\n"
	"                fails ends the run.\n"
	"hint NAME       A hint; each time one more, of three.\n"
	"solution NAME   A solution, once you have solved it.\n"
	"reset NAME      Begin again: needs --yes. Your answer is kept beside\n"
	"                the new one, as answer.*.old.\n"
	"\n"
	"  --dir DIR     your folder (.)\n"
	"  --drift FILE  the program ferrule-drift, for the stage header\n"
	"  --exercises FILE\n"
	"                what there is to do (tools/exercises.py)\n"
	"  --json        for programs (run)\n"
	"  --brief       a verdict in fewer lines (run)\n"
	"  --manual      grade only when you press r (watch)\n"
	"  --poll        look each half second, also where the system says\n"
	"                what changes; so does FERRULE_POLL=1 (watch)\n"
	"  --time N      the seconds that an answer may run (10)\n"
	"  --build-time N\n"
	"                and those that a compiler may (60)\n"
	"  --yes         I mean it (reset)\n"
	"  --help\n"
	"\n"
	"Exit status: 0 if the answer is right, 1 if it is not, 2 if it could\n"
	"not be graded, or a stage could not be checked.\n";

/* ---- commands ---- */

/* The command in the learner's folder, which knows where this project is. */
static void
write_script(const struct course *course, const char *dir)
{
	char *path = xasprintf("%s/learn", dir);
	const char *at;
	FILE *file = fopen(path, "w");

	if (file == NULL)
		die("%s: cannot write: %s", path, strerror(errno));
	fputs("#!/bin/sh\n"
	      "# Made by ./x learn init; if the project moves, make it anew.\n"
	      "exec '",
	      file);
	for (at = course->front; *at != '\0'; at++)
		if (*at == '\'')
			fputs("'\\''", file);
		else
			fputc(*at, file);
	fputs("' learn --dir \"$(dirname -- \"$0\")\" \"$@\"\n", file);
	if (fclose(file) != 0 || chmod(path, 0755) != 0)
		die("%s: cannot write: %s", path, strerror(errno));
	free(path);
}

static bool
same_text(const char *a, const char *b)
{
	size_t a_len = 0, b_len = 0;
	char *a_text = read_file(a, &a_len);
	char *b_text = read_file(b, &b_len);
	bool same = a_text != NULL && b_text != NULL && a_len == b_len &&
		memcmp(a_text, b_text, a_len) == 0;

	free(a_text);
	free(b_text);
	return same;
}

void
exercise_put(const struct exercise *exercise, const char *dir, bool over)
{
	char *from, *to, *old;
	size_t i;

	to = xasprintf("%s/%s", dir, exercise->name);
	make_folder(to);
	free(to);
	for (i = 0; i < exercise->files.count; i++) {
		from = xasprintf("%s/%s", exercise->folder,
				 exercise->files.items[i]);
		to = xasprintf("%s/%s/%s", dir, exercise->name,
			       exercise->files.items[i]);
		old = xasprintf("%s.old", to);
		/* who begins again twice has an answer to lose */
		if (over && access(to, F_OK) == 0 && !same_text(from, to))
			file_copy(to, old, true);
		file_copy(from, to, over);
		free(from);
		free(to);
		free(old);
	}
	from = xasprintf("%s/task.md", exercise->folder);
	to = xasprintf("%s/%s/task.md", dir, exercise->name);
	file_copy(from, to, true);
	free(from);
	free(to);
}

static int
do_init(const struct course *course, const char *dir)
{
	size_t i;

	if (dir == NULL)
		die("init: name a folder for your answers");
	make_folder(dir);
	for (i = 0; i < course->count; i++)
		exercise_put(&course->exercises[i], dir, false);
	progress_begin(dir);
	write_script(course, dir);
	printf("%zu exercises are in %s, your folder. Go there, read\n"
	       "%s/task.md, write your answer, and have it graded each\n"
	       "time that you save it:\n\n"
	       "    cd %s\n"
	       "    ./learn\n",
	       course->count, dir, course->exercises[0].name, dir);
	return EXIT_AS_EXPECTED;
}

static int
do_list(const struct course *course, const struct progress *progress)
{
	const struct exercise *exercise;
	size_t i;

	for (i = 0; i < course->count; i++) {
		exercise = &course->exercises[i];
		printf("%s %-20s %2d min  %s\n",
		       progress_has(progress, exercise->name) ? "solved" :
								"      ",
		       exercise->name, exercise->minutes, exercise->title);
	}
	printf("\n%zu of %zu solved\n", json_array_size(progress->passed),
	       course->count);
	return EXIT_AS_EXPECTED;
}

/* All files of the answer are there. */
static void
check_files(const struct exercise *exercise, const char *folder)
{
	char *path;
	size_t i;

	for (i = 0; i < exercise->files.count; i++) {
		path = xasprintf("%s/%s", folder, exercise->files.items[i]);
		if (access(path, R_OK) != 0)
			die("%s: cannot read: %s", path, strerror(errno));
		free(path);
	}
}

static int
do_run(const struct learn_settings *settings, const struct course *course,
       const struct exercise *exercise, struct progress *progress)
{
	struct grading grading = {
		.exercise = exercise,
		.course = course,
		.settings = settings,
		.answer = xasprintf("%s/%s", settings->dir, exercise->name),
	};
	int code = EXIT_DIVERGED;

	check_files(exercise, grading.answer);
	signals_hold();
	grading.work = scratch_make("ferrule-learn");
	answer_grade(&grading);
	scratch_remove(grading.work);
	signals_let();
	if (settings->json)
		print_json(&grading);
	else
		print_verdict(&grading);
	if (grading.stage == STAGE_PASSED)
		code = grading.not_checked != NULL ? EXIT_NOT_RUN :
						     EXIT_AS_EXPECTED;
	if (code == EXIT_AS_EXPECTED)
		progress_pass(progress, exercise->name);
	free(grading.answer);
	free(grading.not_confined);
	free(text_take(&grading.output));
	list_release(&grading.reasons);
	return code;
}

/* The first that is not solved. */
static const struct exercise *
next(const struct course *course, const struct progress *progress)
{
	size_t i;

	for (i = 0; i < course->count; i++)
		if (!progress_has(progress, course->exercises[i].name))
			return &course->exercises[i];
	die("all %zu exercises are solved", course->count);
}

static int
do_hint(const struct exercise *exercise, struct progress *progress)
{
	size_t shown = progress_hint(progress, exercise->name);
	char *text;
	size_t i;

	for (i = 0; i < shown; i++) {
		text = xasprintf("%zu. %s", i + 1, exercise->hints[i]);
		print_wrapped(stdout, text, 0);
		free(text);
	}
	return EXIT_AS_EXPECTED;
}

static int
do_solution(const struct exercise *exercise, const struct progress *progress)
{
	char *path, *text;
	size_t i;

	if (!progress_has(progress, exercise->name)) {
		printf("%s is not solved yet. './learn hint %s' helps.\n",
		       exercise->name, exercise->name);
		return EXIT_DIVERGED;
	}
	for (i = 0; i < exercise->files.count; i++) {
		path = xasprintf("%s/solution/%s", exercise->folder,
				 exercise->files.items[i]);
		text = read_file(path, NULL);
		if (text == NULL)
			die("%s: cannot read: %s", path, strerror(errno));
		if (exercise->files.count > 1)
			printf("---- %s ----\n", exercise->files.items[i]);
		fputs(text, stdout);
		free(text);
		free(path);
	}
	return EXIT_AS_EXPECTED;
}

static int
do_reset(const struct learn_settings *settings, const struct exercise *exercise)
{
	if (!settings->yes)
		die("reset replaces your answer to %s: say --yes",
		    exercise->name);
	exercise_put(exercise, settings->dir, true);
	printf("%s is as it was at first; your answer is kept in %s/*.old\n",
	       exercise->name, exercise->name);
	return EXIT_AS_EXPECTED;
}

static int
command(const struct learn_settings *settings, const struct course *course,
	const char *word, const char *name)
{
	struct progress progress;
	int code;

	if (strcmp(word, "init") == 0)
		return do_init(course, name);
	progress_read(&progress, settings->dir);
	if (strcmp(word, "list") == 0)
		code = do_list(course, &progress);
	else if (strcmp(word, "watch") == 0)
		code = learn_watch(settings, course,
				   name != NULL ? course_find(course, name) :
						  NULL,
				   &progress);
	else if (strcmp(word, "run") == 0)
		code = do_run(settings, course,
			      name != NULL ? course_find(course, name) :
					     next(course, &progress),
			      &progress);
	else if (strcmp(word, "hint") == 0)
		code = do_hint(course_find(course, name), &progress);
	else if (strcmp(word, "solution") == 0)
		code = do_solution(course_find(course, name), &progress);
	else if (strcmp(word, "reset") == 0)
		code = do_reset(settings, course_find(course, name));
	else
		die("learn: there is no command %s\n"
		    "Try 'ferrule learn --help'.",
		    word);
	progress_release(&progress);
	return code;
}

static double
take_seconds(const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end != '\0' || !(seconds > 0 && seconds <= 86400))
		die("%s: a time is a number of seconds above 0, up to 86400",
		    text);
	return seconds;
}

int
learn(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dir", required_argument, NULL, 'd' },
		{ "drift", required_argument, NULL, 'D' },
		{ "exercises", required_argument, NULL, 'e' },
		{ "json", no_argument, NULL, 'j' },
		{ "brief", no_argument, NULL, 'b' },
		{ "manual", no_argument, NULL, 'm' },
		{ "poll", no_argument, NULL, 'p' },
		{ "time", required_argument, NULL, 't' },
		{ "build-time", required_argument, NULL, 'B' },
		{ "yes", no_argument, NULL, 'y' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct learn_settings settings = {
		.dir = ".",
		.exercises = FERRULE_EXERCISES,
	};
	struct course course = { .time = 10, .build_time = 60 };
	int option, code;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'd')
			settings.dir = optarg;
		else if (option == 'D')
			settings.drift = optarg;
		else if (option == 'e')
			settings.exercises = optarg;
		else if (option == 'j')
			settings.json = true;
		else if (option == 'b')
			settings.brief = true;
		else if (option == 'm')
			settings.manual = true;
		else if (option == 'p')
			settings.poll = true;
		else if (option == 't')
			course.time = take_seconds(optarg);
		else if (option == 'B')
			course.build_time = take_seconds(optarg);
		else if (option == 'y')
			settings.yes = true;
		else if (option == 'h')
			return fputs(usage, stdout) < 0;
		else
			return EXIT_NOT_RUN;
	}
	if (argc - optind > 2)
		die("learn: one name is enough: %s", argv[optind + 2]);
	course_read(&course, settings.exercises);
	code = optind < argc ?
		command(&settings, &course, argv[optind], argv[optind + 1]) :
		command(&settings, &course, "watch", NULL);
	course_release(&course);
	if (fflush(stdout) != 0)
		die("stdout: cannot write: %s", strerror(errno));
	return code;
}
