/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* ferrule audit: starts a program with the audit preloaded, and reports. */
#include "audit.h"

#include "output.h"
#include "util.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const char usage[] =
	"Usage: ferrule audit [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
	"\n"
	"Run PROGRAM, as it is, and note for each block of memory which side\n"
	"allocated it: C, C++, or the Rust of an object. Report each block\n"
	"that another side freed, that Rust gave back with another size or\n"
	"alignment, that was freed twice, or that never was allocated.\n"
	"\n"
	"PROGRAM is linked dynamically with glibc, on x86-64. Its Rust is\n"
	"built without LTO and not stripped; debug information adds lines.\n"
	"What cannot be checked is reported, and never as \"no findings\".\n"
	"\n"
	"  --json FILE     a report for programs; - is the standard output\n"
	"  --junit FILE    a report for a CI server\n"
	"  --exit-code N   exit with N if there are findings; 0: the findings\n"
	"                  do not change how the audit exits\n"
	"  --fast          no stacks: who, but not where\n"
	"  --follow        audit the programs that PROGRAM starts, too\n"
	"  --quiet         print nothing if all was checked and nothing found\n"
	"  --object FILE   the object to preload, if not the one beside ferrule\n"
	"  --collect DIR   report nothing: keep what is noted in the folder DIR,\n"
	"                  and end as PROGRAM does\n"
	"  --collected DIR\n"
	"                  report on what was collected in DIR; PROGRAM is what\n"
	"                  ran it all, and is not run\n"
	"  --status N      with --collected: what PROGRAM ended with\n"
	"  --help\n"
	"\n"
	"The report goes to the standard error, when PROGRAM has ended.\n"
	"\n"
	"Exit status: 2 if something could not be checked. Else, with\n"
	"findings, N, or the status of PROGRAM if that is not 0, or 1.\n"
	"Without findings the status of PROGRAM (128 + N after signal N).\n";

struct settings {
	const char *json, *junit;
	const char *object; /* to preload */
	const char *collect, *collected; /* folders */
	int exit_code; /* -1: not given */
	int status; /* with `collected` */
	bool fast, follow, quiet;
	char **command;
};

static const struct option long_options[] = {
	{ "json", required_argument, NULL, 'j' },
	{ "junit", required_argument, NULL, 'u' },
	{ "exit-code", required_argument, NULL, 'e' },
	{ "fast", no_argument, NULL, 'f' },
	{ "follow", no_argument, NULL, 'F' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "object", required_argument, NULL, 'o' },
	{ "collect", required_argument, NULL, 'c' },
	{ "collected", required_argument, NULL, 'C' },
	{ "status", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int
parse_exit_code(const char *option, const char *text)
{
	char *end;
	long code = strtol(text, &end, 10);

	if (end == text || *end != '\0' || code < 0 || code > 255)
		die("--%s: not a number from 0 to 255: %s", option, text);
	return (int)code;
}

static void
set_option(struct settings *settings, int option)
{
	switch (option) {
	case 'j':
		settings->json = optarg;
		break;
	case 'u':
		settings->junit = optarg;
		break;
	case 'e':
		settings->exit_code = parse_exit_code("exit-code", optarg);
		break;
	case 'f':
		settings->fast = true;
		break;
	case 'F':
		settings->follow = true;
		break;
	case 'q':
		settings->quiet = true;
		break;
	case 'o':
		settings->object = optarg;
		break;
	case 'c':
		settings->collect = optarg;
		break;
	case 'C':
		settings->collected = optarg;
		break;
	case 's':
		settings->status = parse_exit_code("status", optarg);
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	default: /* getopt has printed the error */
		fputs("Try 'ferrule audit --help'.\n", stderr);
		exit(EXIT_NOT_RUN);
	}
}

static void
parse(struct settings *settings, int argc, char **argv)
{
	int option;

	settings->exit_code = -1;
	/* the first word that is no option is the program */
	while ((option = getopt_long(argc, argv, "+h", long_options, NULL)) !=
	       -1)
		set_option(settings, option);
	if (optind >= argc)
		die("name a program to audit\nTry 'ferrule audit --help'.");
	settings->command = argv + optind;
	if (settings->json != NULL && settings->junit != NULL &&
	    strcmp(settings->json, "-") == 0 &&
	    strcmp(settings->junit, "-") == 0)
		die("only one report can go to the standard output");
	if (settings->collect != NULL &&
	    (settings->json != NULL || settings->junit != NULL ||
	     settings->collected != NULL))
		die("--collect writes no report");
}

/* ---- files ---- */

/* The object to preload: beside this program, where the build puts it, or where
 * it is installed. */
static char *
find_object(const char *named)
{
	static const char *const places[] = {
		"%s/libferrule_audit.so",
		"%s/../audit/libferrule_audit.so",
		"%s/../" FERRULE_AUDIT_LIBDIR "/libferrule_audit.so",
	};
	char path[PATH_MAX], *candidate, *found = NULL;
	ssize_t len;
	size_t i;

	if (named != NULL) {
		found = realpath(named, NULL);
		if (found == NULL)
			die("%s: %s", named, strerror(errno));
		return found;
	}
	len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	path[MAX(len, 0)] = '\0';
	if (strrchr(path, '/') != NULL)
		*strrchr(path, '/') = '\0';
	for (i = 0; i < ARRAY_SIZE(places) && found == NULL; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		candidate = xasprintf(places[i], path);
#pragma GCC diagnostic pop
		found = realpath(candidate, NULL);
		free(candidate);
	}
	if (found == NULL)
		die("libferrule_audit.so is neither beside this program nor "
		    "where it is installed; name it with --object");
	return found;
}

/* @object, by a name that the loader takes whole: a space or a colon ends one
   in LD_PRELOAD. Then it is a link in @folder, among whose names it is none. */
static char *
preloadable(char *object, const char *folder)
{
	char *link;

	if (strpbrk(object, " :") == NULL)
		return object;
	link = xasprintf("%s/.libferrule_audit.so", folder);
	if (strpbrk(link, " :") != NULL || symlink(object, link) < 0) {
		remove_tree(folder);
		die("%s: an object cannot be preloaded from a path with a "
		    "space or a colon, and a link to it in $TMPDIR neither: "
		    "copy it, and name it with --object",
		    object);
	}
	free(object);
	return link;
}

/* The file that execvp() would run; NULL: none is found. */
static char *
find_program(const char *name)
{
	const char *path = getenv("PATH"), *end;
	char *file;

	if (strchr(name, '/') != NULL)
		return xstrdup(name);
	for (; path != NULL; path = *end == ':' ? end + 1 : NULL) {
		end = path + strcspn(path, ":");
		file = xasprintf("%.*s%s%s", (int)(end - path), path,
				 end > path ? "/" : "", name);
		if (access(file, X_OK) == 0)
			return file;
		free(file);
	}
	return NULL;
}

/* ---- running ---- */

/* A terminal sends the first two to the program, too; the others come to this
 * process alone, and are passed on. */
static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
static volatile sig_atomic_t running; /* the program's process, or 0 */

static void
pass_on(int number)
{
	int kept = errno;

	if (number != SIGINT && number != SIGQUIT && running > 0)
		kill(running, number);
	errno = kept;
}

/* What this process did with them, for the program. */
static void
handle_signals(struct sigaction before[ARRAY_SIZE(signals)])
{
	struct sigaction action = { .sa_handler = pass_on };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		sigaction(signals[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

static _Noreturn void
run_program(const struct settings *settings, const char *object,
	    const char *folder)
{
	const char *before = getenv("LD_PRELOAD");
	char options[3] = { 0 };
	size_t count = 0;

	if (settings->fast)
		options[count++] = AUDIT_FAST;
	if (settings->follow)
		options[count++] = AUDIT_FOLLOW;
	/* first of all, so that its malloc() is */
	setenv("LD_PRELOAD",
	       before != NULL && before[0] != '\0' ?
		       xasprintf("%s:%s", object, before) :
		       object,
	       1);
	setenv(AUDIT_FOLDER, folder, 1);
	setenv(AUDIT_OPTIONS, options, 1);
	signal(SIGXFSZ, SIG_DFL);
	execvp(settings->command[0], settings->command);
	fprintf(stderr, "ferrule: %s: cannot be run: %s\n",
		settings->command[0], strerror(errno));
	_exit(EXIT_NOT_RUN);
}

/* How it ended, as wait() tells it. */
static int
run(const struct settings *settings, const char *object, const char *folder)
{
	struct sigaction before[ARRAY_SIZE(signals)];
	sigset_t all, mask;
	siginfo_t ended;
	int status = 0;
	size_t i;
	pid_t pid;

	fflush(NULL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	handle_signals(before);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0) {
		for (i = 0; i < ARRAY_SIZE(signals); i++)
			sigaction(signals[i], &before[i], NULL);
		sigprocmask(SIG_SETMASK, &mask, NULL);
		run_program(settings, object, folder);
	}
	running = pid;
	sigprocmask(SIG_SETMASK, &mask, NULL);
	/* as long as it is not waited for, its number is no other process's */
	while (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT) < 0)
		if (errno != EINTR)
			die("waitid: %s", strerror(errno));
	running = 0;
	if (waitpid(pid, &status, 0) < 0)
		die("waitpid: %s", strerror(errno));
	return status;
}

static void
look_at_results(struct audit_report *report)
{
	struct audit_process total = audit_total(report);

	if (report->process_count == 0 && report->not_checked_count == 0)
		audit_add_not_checked(
			report, "not-loaded", report->command[0],
			xstrdup("the audit was not loaded into it"));
	else if (total.rust_objects == 0 && report->not_checked_count == 0)
		audit_add_not_checked(
			report, "no-rust", report->command[0],
			xstrdup("there was no object with Rust in the process, "
				"so there was nothing between C and Rust"));
}

static int
exit_code(const struct settings *settings, const struct audit_report *report)
{
	int status = WIFSIGNALED(report->status) ?
		128 + WTERMSIG(report->status) :
		WEXITSTATUS(report->status);

	if (report->not_checked_count > 0)
		return EXIT_NOT_RUN;
	if (report->finding_count == 0 || settings->exit_code == 0)
		return status;
	if (settings->exit_code > 0)
		return settings->exit_code;
	return status != 0 ? status : EXIT_DIVERGED;
}

static void
report_all(const struct settings *settings, const struct audit_report *report)
{
	if (!settings->quiet || report->finding_count > 0 ||
	    report->not_checked_count > 0)
		audit_text(report, stderr);
	if (settings->json != NULL)
		output_write(settings->json, audit_json, report);
	if (settings->junit != NULL)
		output_write(settings->junit, audit_junit, report);
	if (fflush(stdout) != 0)
		die("stdout: cannot write: %s", strerror(errno));
}

static void
run_and_read(const struct settings *settings, struct audit_report *report)
{
	char *object = find_object(settings->object);
	char *folder = make_scratch("ferrule-audit");
	double started = now();

	object = preloadable(object, folder);
	report->status = run(settings, object, folder);
	report->seconds = now() - started;
	audit_read(report, folder);
	remove_tree(folder);
	free(folder);
	free(object);
	look_at_results(report);
}

/* End as a program did. */
static _Noreturn void
end_as(int status)
{
	if (WIFSIGNALED(status)) {
		/* its own process has left a core, if one was wanted */
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	exit(WEXITSTATUS(status));
}

/* Run @program, whose report comes later. */
static _Noreturn void
collect(const struct settings *settings, const char *program)
{
	char *object = find_object(settings->object), *reason = NULL;
	char *folder = audit_collect_folder(settings->collect, program);

	if (audit_prevents(program, &reason) != NULL)
		die("%s: it was not run, because it cannot be audited: %s",
		    program, reason);
	end_as(run(settings, preloadable(object, folder), folder));
}

/* The program, which has to be there. */
static char *
need_program(const char *name)
{
	char *program = find_program(name);

	if (program == NULL || access(program, X_OK) != 0)
		die("%s: cannot be run: %s", name,
		    program == NULL ? "it is not in $PATH" : strerror(errno));
	return program;
}

static void
audit_program(const struct settings *settings, struct audit_report *report)
{
	char *program = need_program(settings->command[0]), *reason = NULL;
	const char *prevents;

	if (settings->collect != NULL)
		collect(settings, program);
	prevents = audit_prevents(program, &reason);
	if (prevents != NULL)
		audit_add_not_checked(report, prevents, program, reason);
	else
		run_and_read(settings, report);
	free(program);
}

int
audit(int argc, char **argv)
{
	struct settings settings = { 0 };
	struct audit_report report = { 0 };
	int code;

	parse(&settings, argc, argv);
	if (settings.json != NULL)
		output_check(settings.json);
	if (settings.junit != NULL)
		output_check(settings.junit);
	report.command = settings.command;
	report.fast = settings.fast;
	if (settings.collected != NULL) {
		audit_gather(&report, settings.collected, settings.status);
		look_at_results(&report);
	} else {
		audit_program(&settings, &report);
	}
	report_all(&settings, &report);
	code = exit_code(&settings, &report);
	audit_report_release(&report);
	return code;
}
