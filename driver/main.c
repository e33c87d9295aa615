/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* ferrule: runs the same lessons in several languages and compares them. */
#include "audit.h"
#include "broken.h"
#include "input.h"
#include "learn.h"
#include "names.h"
#include "output.h"
#include "report.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"Usage: ferrule compare [OPTION]... [FILE]\n"
	"       ferrule tour [OPTION]...\n"
	"       ferrule learn [COMMAND] (see ferrule learn --help)\n"
	"       ferrule list [OPTION]...\n"
	"       ferrule audit [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
	"                     (see ferrule audit --help)\n"
	"\n"
	"compare  Run every lesson in every lane on FILE. Report where the\n"
	"         behaviour or the memory use differs from the C lane.\n"
	"tour     Show one mistake, which tools see it, and its cure.\n"
	"list     Print the names of all lanes and lessons.\n"
	"audit    Run any program, and report each block of memory that a\n"
	"         side freed which did not allocate it.\n"
	"\n"
	"What to run\n"
	"  --lane NAME         only this lane and the C lane (repeatable)\n"
	"  --lesson NAME       only lessons whose name begins with NAME\n"
	"                      (repeatable)\n"
	"  --lane-file PATH    one more lane: a shared object that you built\n"
	"                      (repeatable)\n"
	"  --no-broken         leave out the broken lanes, which show the\n"
	"                      mistakes of a lesson\n"
	"  --lanes DIR         the folder of the lanes\n"
	"  --default FILE      the input if no FILE is named\n"
	"  --lessons FILE      data of the lessons (tools/reader.py json)\n"
	"\n"
	"How\n"
	"  --timeout SECONDS   time limit of a lesson (20), and for a lane to\n"
	"                      load\n"
	"  --jobs N            run N lessons at once (one per processor)\n"
	"\n"
	"Reports; FILE may be - for the standard output\n"
	"  --json FILE         a report for programs\n"
	"  --junit FILE        a report for a CI server\n"
	"  --html FILE         a report that shows the lanes side by side\n"
	"  --calls FILE        show there what a call costs: what './x bench\n"
	"                      calls' wrote to FILE\n"
	"  --declared          list declared differences and their reasons\n"
	"  --broken            list the broken lanes: each mistake, how it was\n"
	"                      found, and its cure\n"
	"  --color WHEN        auto, always or never\n"
	"\n"
	"  --help, --version\n"
	"\n"
	"Exit status: 0 if all cells are as expected, 1 if a cell is not,\n"
	"2 if nothing could be run.\n";

struct settings {
	const char *command;
	const char *file;
	const char *default_file;
	struct list lanes;
	struct list lessons;
	struct list lane_files;
	char *lanes_dir;
	char *readings;
	const char *json;
	const char *junit;
	const char *html;
	const char *calls;
	const char *color;
	bool declared;
	bool broken;
	bool no_broken;
	struct sandbox_options run;
};

static _Noreturn void
bad_usage(const char *problem, const char *what)
{
	die("%s%s%s\nTry 'ferrule --help'.", problem, what != NULL ? ": " : "",
	    what != NULL ? what : "");
}

/* ---- options ---- */

static double
parse_number(const char *option, const char *text, double most)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end != '\0' || !(number > 0) || number > most)
		die("--%s: not a number above 0 and up to %.0f: %s", option,
		    most, text);
	return number;
}

static const struct option long_options[] = {
	{ "lane", required_argument, NULL, 'l' },
	{ "lesson", required_argument, NULL, 'L' },
	{ "lane-file", required_argument, NULL, 'f' },
	{ "lanes", required_argument, NULL, 'd' },
	{ "lessons", required_argument, NULL, 'D' },
	{ "default", required_argument, NULL, 'i' },
	{ "json", required_argument, NULL, 'j' },
	{ "junit", required_argument, NULL, 'u' },
	{ "html", required_argument, NULL, 'w' },
	{ "calls", required_argument, NULL, 'C' },
	{ "timeout", required_argument, NULL, 't' },
	{ "jobs", required_argument, NULL, 'J' },
	{ "color", required_argument, NULL, 'c' },
	{ "declared", no_argument, NULL, 'e' },
	{ "broken", no_argument, NULL, 'b' },
	{ "no-broken", no_argument, NULL, 'B' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void
set_option(struct settings *settings, int option)
{
	switch (option) {
	case 'l':
		list_add(&settings->lanes, xstrdup(optarg));
		break;
	case 'L':
		list_add(&settings->lessons, xstrdup(optarg));
		break;
	case 'f':
		list_add(&settings->lane_files, xstrdup(optarg));
		break;
	case 'd':
		free(settings->lanes_dir);
		settings->lanes_dir = xstrdup(optarg);
		break;
	case 'D':
		free(settings->readings);
		settings->readings = xstrdup(optarg);
		break;
	case 'i':
		settings->default_file = optarg;
		break;
	case 'j':
		settings->json = optarg;
		break;
	case 'u':
		settings->junit = optarg;
		break;
	case 'w':
		settings->html = optarg;
		break;
	case 'C':
		settings->calls = optarg;
		break;
	case 't':
		settings->run.timeout = parse_number("timeout", optarg, 86400);
		break;
	case 'J':
		settings->run.jobs =
			(unsigned)(parse_number("jobs", optarg, 1024) + 0.5);
		break;
	case 'c':
		if (strcmp(optarg, "auto") != 0 &&
		    strcmp(optarg, "always") != 0 &&
		    strcmp(optarg, "never") != 0)
			die("--color: not auto, always or never: %s", optarg);
		settings->color = optarg;
		break;
	case 'e':
		settings->declared = true;
		break;
	case 'b':
		settings->broken = true;
		break;
	case 'B':
		settings->no_broken = true;
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	case 'V':
		puts("ferrule " FERRULE_VERSION);
		exit(0);
	default: /* getopt has printed the error */
		fputs("Try 'ferrule --help'.\n", stderr);
		exit(EXIT_NOT_RUN);
	}
}

/* Beside the folder of the program, where the build puts them. */
static char *
default_lanes_dir(void)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;
	int i;

	if (len < 0)
		die("/proc/self/exe: %s", strerror(errno));
	path[len] = '\0';
	for (i = 0; i < 2; i++) {
		slash = strrchr(path, '/');
		if (slash != NULL)
			*slash = '\0';
	}
	return xasprintf("%s/lanes", path);
}

static void
parse(struct settings *settings, int argc, char **argv)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int option;

	settings->run.timeout = 20;
	settings->run.jobs = (unsigned)MAX(processors, 1);
	settings->run.progress = isatty(STDERR_FILENO) ? "cell" : NULL;
	settings->color = "auto";
	settings->lanes_dir = default_lanes_dir();
	settings->readings = xstrdup(FERRULE_LESSONS);
	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1)
		set_option(settings, option);
	if (optind >= argc)
		bad_usage("name a command: compare, tour or list", NULL);
	settings->command = argv[optind++];
	if (optind < argc)
		settings->file = argv[optind++];
	if (optind < argc)
		bad_usage("give one file only", argv[optind]);
	settings->run.jobs = MAX(settings->run.jobs, 1);
}

static bool
wants_color(const struct settings *settings)
{
	const char *none = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (strcmp(settings->color, "auto") != 0)
		return strcmp(settings->color, "always") == 0;
	return (none == NULL || none[0] == '\0') && isatty(STDOUT_FILENO) &&
		(term == NULL || strcmp(term, "dumb") != 0);
}

/* ---- what to run ---- */

static void
load_lanes(struct settings *settings, struct lanes *lanes)
{
	struct sandbox_options loading = {
		.jobs = settings->run.jobs,
		.timeout = settings->run.timeout,
	};
	struct list paths = { 0 };
	size_t i, found;

	lanes_scan(settings->lanes_dir, &paths);
	list_sort(&paths);
	found = paths.count;
	for (i = 0; i < settings->lane_files.count; i++)
		list_add(&paths, xstrdup(settings->lane_files.items[i]));
	lanes_load(lanes, &paths, found, &loading);
	/* a lane that was named by its file is always shown */
	for (i = 0; settings->lanes.count > 0 && i < lanes->count; i++)
		if (lanes->items[i].nth >= found &&
		    !list_has(&settings->lanes, lanes->items[i].name))
			list_add(&settings->lanes,
				 xstrdup(lanes->items[i].name));
	list_release(&paths);
	lanes_select(lanes, &settings->lanes);
	if (lanes->count == 0 || lanes->items[0].order != 0)
		die("%s: no C lane there (none has order 0): there is nothing "
		    "to compare with",
		    settings->lanes_dir);
}

static bool
is_wanted(const struct list *wanted, const char *lesson)
{
	size_t i;

	for (i = 0; i < wanted->count; i++)
		if (strncmp(lesson, wanted->items[i],
			    strlen(wanted->items[i])) == 0)
			return true;
	return wanted->count == 0;
}

static void
check_wanted(const struct list *wanted, const struct list *names)
{
	size_t i, j;

	for (i = 0; i < wanted->count; i++) {
		for (j = 0; j < names->count; j++)
			if (strncmp(names->items[j], wanted->items[i],
				    strlen(wanted->items[i])) == 0)
				break;
		if (j == names->count)
			die("no lesson has the name \"%s\", or begins with it; "
			    "'ferrule list' shows the lessons",
			    wanted->items[i]);
	}
}

static void
find_lessons(const struct settings *settings, struct run *run)
{
	struct list names = { 0 };
	struct lesson_info *lesson;
	size_t i;

	run->readings = readings_load(settings->readings);
	lanes_lessons(&run->lanes, &names);
	check_wanted(&settings->lessons, &names);
	run->lessons = xcalloc(names.count, sizeof(*run->lessons));
	for (i = 0; i < names.count; i++) {
		if (!is_wanted(&settings->lessons, names.items[i]))
			continue;
		lesson = &run->lessons[run->lesson_count++];
		lesson->name = xstrdup(names.items[i]);
		lesson_read(lesson, run->readings);
	}
	list_release(&names);
	if (run->lesson_count == 0)
		die("%s: the lanes have no lessons", settings->lanes_dir);
}

static void
run_release(struct run *run)
{
	broken_release(run);
	run_release_cells(run);
	json_decref(run->readings);
	json_decref(run->calls);
	lanes_release(&run->lanes);
	free((char *)run->input.path);
}

/* ---- running ---- */

/* The cells of the run, and those of the broken lanes, all at once. */
static void
run_all(struct run *run, const struct sandbox_options *options)
{
	struct cell **cells = xcalloc(run->cell_count + 2 * run->broken_count,
				      sizeof(struct cell *));
	struct run *small;
	size_t i, j, count = 0;

	for (i = 0; i < run->cell_count; i++)
		cells[count++] = &run->cells[i];
	for (i = 0; i < run->broken_count; i++) {
		small = &run->broken[i].run;
		for (j = 0; j < small->cell_count; j++)
			cells[count++] = &small->cells[j];
	}
	cells_run(cells, count, &run->input, options);
	free(cells);
}

static void
judge_all(struct run *run)
{
	size_t i;

	compare_run(run);
	for (i = 0; i < run->broken_count; i++)
		compare_run(&run->broken[i].run);
	names_release();
}

/* Run and judge the lessons that are wanted; with their broken lanes, too. */
static void
run_lessons(struct settings *settings, struct run *run, bool with_broken)
{
	double started;

	input_open(&run->input, settings->file);
	load_lanes(settings, &run->lanes);
	find_lessons(settings, run);
	run_lay_out(run);
	if (with_broken)
		broken_find(run, settings->lanes_dir, &settings->lanes,
			    &settings->run);
	started = now();
	run_all(run, &settings->run);
	run->seconds = now() - started;
	judge_all(run);
}

/* ---- commands ---- */

static int
do_list(struct settings *settings)
{
	struct run run = { 0 };
	size_t i;

	if (settings->file != NULL)
		bad_usage("list takes no file", settings->file);
	load_lanes(settings, &run.lanes);
	find_lessons(settings, &run);
	printf("lanes\n");
	for (i = 0; i < run.lanes.count; i++)
		printf("  %-18s %s\n", run.lanes.items[i].name,
		       run.lanes.items[i].title);
	printf("\nlessons\n");
	for (i = 0; i < run.lesson_count; i++)
		printf("  %-18s %s\n", run.lessons[i].name,
		       run.lessons[i].title);
	run_release(&run);
	if (fflush(stdout) != 0)
		die("stdout: cannot write: %s", strerror(errno));
	return EXIT_AS_EXPECTED;
}

static void
choose_file(struct settings *settings)
{
	if (settings->file != NULL)
		return;
	if (settings->default_file == NULL)
		bad_usage("name a file to compare", NULL);
	settings->file = settings->default_file;
	fprintf(stderr, "No file was named: comparing on %s\n", settings->file);
}

struct wanted_report {
	const char *path;
	report_fn *write;
};

static int
do_compare(struct settings *settings)
{
	const struct wanted_report reports[] = {
		{ settings->json, report_json },
		{ settings->junit, report_junit },
		{ settings->html, report_html },
	};
	struct run run = { 0 };
	struct broken_count broken;
	bool expected;
	size_t i, to_stdout = 0;

	choose_file(settings);
	for (i = 0; i < ARRAY_SIZE(reports); i++) {
		if (reports[i].path == NULL)
			continue;
		output_check(reports[i].path);
		to_stdout += strcmp(reports[i].path, "-") == 0;
	}
	if (to_stdout > 1)
		bad_usage("only one report can go to the standard output",
			  NULL);
	if (settings->calls != NULL)
		run.calls = calls_load(settings->calls);
	run_lessons(settings, &run,
		    !settings->no_broken && settings->lane_files.count == 0);
	for (i = 0; i < ARRAY_SIZE(reports); i++)
		if (reports[i].path != NULL)
			report_write(&run, reports[i].path, reports[i].write);
	if (to_stdout == 0)
		report_text(&run, stdout, wants_color(settings),
			    settings->declared, settings->broken);
	if (fflush(stdout) != 0)
		die("stdout: cannot write: %s", strerror(errno));
	broken = broken_count(&run);
	expected = run_expected(&run) == run.cell_count &&
		broken.found + broken.not_built == broken.all;
	run_release(&run);
	return expected ? EXIT_AS_EXPECTED : EXIT_DIVERGED;
}

/* The mistakes that the tour may show: the first one that was built. */
#define TOUR_LESSON "02-strings"
static const char *const tours[] = { "freed-by-rust", "freed-by-libc" };

static const struct broken_lane *
find_tour(const struct run *run)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(tours); i++)
		for (j = 0; j < run->broken_count; j++)
			if (strcmp(run->broken[j].name, tours[i]) == 0 &&
			    broken_cell(&run->broken[j]) != NULL)
				return &run->broken[j];
	die("the tour is about a broken lane of %s, and none was built",
	    TOUR_LESSON);
}

static int
do_tour(struct settings *settings)
{
	const struct broken_lane *broken;
	struct run run = { 0 };
	size_t i;
	bool good;

	choose_file(settings);
	list_add(&settings->lessons, xstrdup(TOUR_LESSON));
	run_lessons(settings, &run, true);
	broken = find_tour(&run);
	for (i = 0; strcmp(run.lanes.items[i].name, broken->lane) != 0; i++)
		;
	report_tour(broken, run_cell(&run, 0, i), stdout,
		    wants_color(settings));
	good = broken_found(broken);
	run_release(&run);
	if (fflush(stdout) != 0)
		die("stdout: cannot write: %s", strerror(errno));
	return good ? EXIT_AS_EXPECTED : EXIT_DIVERGED;
}

int
main(int argc, char **argv)
{
	static struct settings settings; /* zero */
	int code;

	/* a write beyond the file size limit must fail, not kill the program */
	signal(SIGXFSZ, SIG_IGN);
	if (argc > 1 && strcmp(argv[1], "learn") == 0)
		return learn(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "audit") == 0)
		return audit(argc - 1, argv + 1);
	parse(&settings, argc, argv);
	if (strcmp(settings.command, "compare") == 0)
		code = do_compare(&settings);
	else if (strcmp(settings.command, "tour") == 0)
		code = do_tour(&settings);
	else if (strcmp(settings.command, "list") == 0)
		code = do_list(&settings);
	else
		bad_usage("unknown command", settings.command);
	list_release(&settings.lanes);
	list_release(&settings.lessons);
	list_release(&settings.lane_files);
	free(settings.lanes_dir);
	free(settings.readings);
	return code;
}
