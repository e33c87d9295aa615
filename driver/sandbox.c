/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A sandbox: a process that runs code that need not be trusted.
 *
 *   ferrule ──► supervisor ──► sandbox ──► its children
 *
 * The supervisor is the subreaper of all processes that the sandbox starts: a
 * process without a parent, also a daemon, becomes its child, so it can end
 * them all. It runs no foreign code. The driver is a subreaper too: if a
 * supervisor is killed, the driver ends its processes.
 */
#include "sandbox.h"

#include "crash.h"
#include "scratch.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_KEPT (64u << 10)
/* No wait is longer, so that a pause of the whole program is noticed. */
#define SLICE 0.25
/* The disk space that lessons may need. */
#define ROOM (4 << 20)
/* The time in which a supervisor may read the stacks of a late sandbox. */
#define LOOK 5.0

struct slot {
	struct sandbox *sandbox; /* NULL: free */
	pid_t pid; /* of the supervisor */
	int output;
	int end; /* the supervisor writes a struct end here */
	void *log; /* memory that is shared with the sandbox */
	struct stacks *stacks; /* and with the supervisor alone */
	double started; /* on the runner's clock */
	double late; /* when it was to end; 0: it is not yet */
	char *over; /* because it exceeded this limit; NULL: its time */
	uint64_t printed; /* bytes */
	char *dir;
};

/* How a sandbox ended, reported by its supervisor. */
struct end {
	int wait_status;
	double seconds;
};

struct runner {
	const struct sandbox_options *options;
	char *dir;
	struct slot *slots;
	struct pollfd *polls; /* the signals, and each slot's output */
	sigset_t mask, old_mask;
	size_t begun, ended, count;
	/* seconds in which the sandboxes could run, without the time in which
	 * this program was stopped */
	double clock;
	double looked; /* the time of its last update */
	double measured; /* when the folders were */
};

/* ---- in the sandbox ---- */

/* Separate the sandbox from the parent: nothing can be shared by accident. */
static bool
move_in(const char *dir, int output)
{
	const struct rlimit none = { 0, 0 };
	struct sigaction action;
	int null = open("/dev/null", O_RDONLY);
	sigset_t empty;
	int number;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* signals that our parent ignores must not be ignored in the sandbox */
	for (number = 1; number < NSIG; number++)
		if (sigaction(number, NULL, &action) == 0 &&
		    action.sa_handler == SIG_IGN)
			signal(number, SIG_DFL);
	/* as in any Rust program, a write to a closed pipe fails and does not
	 * kill the process; and so does a write beyond the file size limit */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(output, STDERR_FILENO) < 0 || chdir(dir) != 0)
		return false;
	close_range(3, ~0u, 0); /* if the kernel supports it */
	setrlimit(RLIMIT_CORE, &none);
	return true;
}

/* The current folder is the sandbox's own. */
static bool
confine(const struct limits *limits)
{
	char *dir;

	if (limits == NULL)
		return true;
	/* elsewhere it may write nothing */
	if (limits->confined) {
		dir = getcwd(NULL, 0);
		if (dir == NULL || setenv("TMPDIR", dir, 1) != 0)
			return false;
		free(dir);
	}
	return limits_enter(limits);
}

static _Noreturn void
run_sandbox(const struct slot *slot, const struct limits *limits, int output)
{
	if (!move_in(slot->dir, output) || !confine(limits)) {
		dprintf(output, "%s: cannot be entered: %s\n", slot->dir,
			strerror(errno));
		_exit(EXIT_NOT_RUN);
	}
	/* What a lane does must not depend on who runs it: to print the stack
	 * of a panic, Rust reads all debug information into memory. */
	setenv("RUST_BACKTRACE", "0", 1);
	crash_watch();
	slot->sandbox->run(slot->sandbox->ctx, slot->log);
	_exit(0);
}

/* ---- ending processes ---- */

/*
 * The children of this process, as the kernel lists them: "17 39 ". NULL: the
 * list cannot be read.
 */
static char *
list_children(void)
{
	return read_file("/proc/thread-self/children", NULL);
}

static bool
is_supervisor(const struct runner *runner, pid_t pid)
{
	size_t i;

	for (i = 0; i < runner->options->jobs; i++)
		if (runner->slots[i].sandbox != NULL &&
		    runner->slots[i].pid == pid)
			return true;
	return false;
}

/*
 * Kill and reap this process's children, except the supervisors of @spared (if
 * any). False: children are left, because those of a killed child become ours.
 * Call it again.
 */
static bool
end_children(const struct runner *spared)
{
	char *list = list_children();
	char *at = list;
	bool all = true;
	char *end;
	pid_t pid;

	while (at != NULL && (pid = (pid_t)strtol(at, &end, 10)) > 0) {
		at = end;
		if (spared != NULL && is_supervisor(spared, pid))
			continue;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, WNOHANG);
		all = false;
	}
	free(list);
	/* a thread that made this process its tracer is no child, but its
	 * process cannot be reaped before it */
	while (spared == NULL && waitpid(-1, NULL, WNOHANG | __WALL) > 0)
		all = false;
	return all;
}

/* Repeat until none is left. False: it took too long. */
static bool
end_all_children(const struct runner *spared)
{
	const struct timespec millisecond = { .tv_nsec = 1000000 };
	double deadline = now() + 10;
	bool all;

	while (!(all = end_children(spared)) && now() < deadline)
		nanosleep(&millisecond, NULL);
	return all;
}

/* ---- in the supervisor ---- */

/* Wait for the sandbox; @stacks may be NULL. False: the driver has died
 * meanwhile. */
static bool
watch(pid_t sandbox, pid_t driver, const sigset_t *mask, struct stacks *stacks,
      struct end *end)
{
	bool late = false, looked = false;
	siginfo_t info;
	pid_t pid;
	int status, signal;

	for (;;) {
		while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
			if (pid != sandbox) /* an orphan from it */
				continue;
			/* or it stops, or is traced, by its own wish */
			if (WIFSTOPPED(status)) {
				if (!looked && stacks != NULL)
					looked = crash_take(sandbox, stacks);
				continue;
			}
			end->wait_status = status;
			return true;
		}
		if (late)
			return true;
		/* the sandbox may send these signals too */
		signal = sigwaitinfo(mask, &info);
		if (signal == SIGTERM && getppid() != driver)
			return false;
		if (signal == SIGUSR1 && info.si_code == SI_USER &&
		    info.si_pid == driver) {
			if (stacks != NULL)
				stacks_take(sandbox, stacks);
			late = true;
		}
	}
}

static _Noreturn void
supervise(const struct runner *runner, const struct slot *slot, pid_t driver,
	  int output, int report)
{
	bool program = slot->sandbox->other_program;
	double started = now();
	struct end end = { 0 };
	bool reported = false;
	sigset_t mask;
	pid_t pid;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM); /* the kernel sends it: see below */
	sigaddset(&mask, SIGUSR1); /* the driver: the time is over */
	sigprocmask(SIG_BLOCK, &mask, NULL);
	setpgid(0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* it died before it could be watched, and nobody else removes them */
	if (getppid() != driver)
		scratch_remove_all();
	/* the sandbox must not have it */
	if (getppid() != driver || !crash_share() ||
	    madvise(slot->stacks, sizeof(*slot->stacks), MADV_DONTFORK) != 0)
		_exit(EXIT_NOT_RUN);
	pid = fork();
	if (pid == 0)
		run_sandbox(slot, runner->options->limits, output);
	if (pid > 0 &&
	    watch(pid, driver, &mask, program ? NULL : slot->stacks, &end)) {
		end.seconds = now() - started;
		kill(-pid, SIGKILL); /* if the kernel lists no children */
		reported = write(report, &end, sizeof(end)) == sizeof(end);
	}
	end_all_children(NULL);
	if (getppid() != driver) /* nobody else can remove them */
		scratch_remove_all();
	_exit(reported ? 0 : EXIT_NOT_RUN);
}

/* ---- in the driver ---- */

/*
 * Is there enough disk space? If not, some lanes would fail and others not, and
 * no comparison would be possible.
 */
static void
check_room(const struct runner *runner)
{
	struct statvfs disk;
	uint64_t room;

	/* some file systems cannot tell */
	if (statvfs(runner->dir, &disk) != 0 || disk.f_blocks == 0)
		return;
	room = geteuid() == 0 ? disk.f_bfree : disk.f_bavail;
	room *= disk.f_frsize;
	if (room < ROOM || (disk.f_files > 0 && disk.f_ffree == 0))
		die("%s: %s: %s bytes and %s files are left, but lessons need "
		    "%d MB: free some space, or set TMPDIR to another folder",
		    runner->dir, strerror(ENOSPC), with_commas(room),
		    with_commas(disk.f_ffree), ROOM >> 20);
}

static void *
map_shared(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		die("out of memory for a process: %s", strerror(errno));
	return memory;
}

static void
start_sandbox(struct runner *runner, struct slot *slot, struct sandbox *sandbox)
{
	int output[2], end[2];
	pid_t pid, self = getpid();

	*slot = (struct slot){ .started = runner->clock };
	slot->dir = xasprintf("%s/%zu", runner->dir, runner->begun++);
	if (mkdir(slot->dir, 0700) != 0)
		die("%s: cannot make a folder: %s", slot->dir, strerror(errno));
	check_room(runner);
	if (pipe2(output, O_CLOEXEC) != 0 || pipe2(end, O_CLOEXEC) != 0)
		die("cannot make a pipe: %s", strerror(errno));
	slot->log = map_shared(sandbox->log_size);
	slot->stacks = map_shared(sizeof(*slot->stacks));
	slot->output = output[0];
	slot->end = end[0];
	fflush(NULL); /* or a child would print it again when it exits */
	pid = fork();
	if (pid < 0)
		die("cannot fork: %s", strerror(errno));
	/* set this last: the code that ends a slot kills its process */
	slot->pid = pid;
	slot->sandbox = sandbox;
	if (pid == 0)
		supervise(runner, slot, self, output[1], end[1]);
	/* or a wild write of the next sandbox could change it */
	if (madvise(slot->log, sandbox->log_size, MADV_DONTFORK) != 0 ||
	    madvise(slot->stacks, sizeof(*slot->stacks), MADV_DONTFORK) != 0)
		die("cannot protect a sandbox's memory from others: %s",
		    strerror(errno));
	close(output[1]);
	close(end[1]);
	fcntl(slot->output, F_SETFL, O_NONBLOCK);
	fcntl(slot->end, F_SETFL, O_NONBLOCK);
}

/* Read the sandbox's output, and keep it up to a limit. */
static void
drain(struct slot *slot)
{
	struct sandbox *sandbox = slot->sandbox;
	char buffer[65536];
	ssize_t got;
	size_t room;

	/* read only once, so that endless output does not delay the others */
	got = slot->output >= 0 ? read(slot->output, buffer, sizeof(buffer)) :
				  -1;
	if (got > 0) {
		slot->printed += (uint64_t)got;
		room = OUTPUT_KEPT - sandbox->output_len;
		sandbox->output_cut |= room < (size_t)got;
		room = MIN(room, (size_t)got);
		sandbox->output =
			xrealloc(sandbox->output, sandbox->output_len + room);
		memcpy(sandbox->output + sandbox->output_len, buffer, room);
		sandbox->output_len += room;
	} else if (got == 0) {
		close(slot->output);
		slot->output = -1;
	}
}

/* Has it exceeded a limit? @folder: look into its folder too. */
static void
find_over(const struct runner *runner, struct slot *slot, bool folder)
{
	const struct limits *limits = runner->options->limits;

	if (slot->over == NULL)
		slot->over = limits_output(limits, slot->printed);
	if (slot->over == NULL && folder)
		slot->over = limits_folder(limits, slot->dir);
}

/* Has the sandbox in @slot ended? Then collect its results. */
static bool
reap(struct runner *runner, struct slot *slot)
{
	struct sandbox *sandbox = slot->sandbox;
	struct end end;
	int status = 0;

	if (waitpid(slot->pid, &status, WNOHANG) == 0)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_RUN)
		die("cannot start a process for %s", sandbox->title);
	sandbox->timed_out = slot->late > 0 && slot->over == NULL;
	if (read(slot->end, &end, sizeof(end)) == sizeof(end)) {
		sandbox->wait_status = end.wait_status;
		sandbox->seconds = end.seconds;
	} else {
		/* if we did not kill it, the sandbox did */
		if (slot->late <= 0)
			sandbox->wait_status = SIGKILL;
		else if (slot->stacks->failure[0] == '\0')
			snprintf(slot->stacks->failure,
				 sizeof(slot->stacks->failure),
				 "they could not be read in %.0f s", LOOK);
		sandbox->seconds = runner->clock - slot->started;
	}
	if (slot->late > 0)
		sandbox->seconds = slot->late - slot->started;
	slot->sandbox = NULL;
	/* processes that the supervisor could not end, because it was killed */
	if (!end_all_children(runner))
		die("a process of %s cannot be ended", sandbox->title);
	slot->sandbox = sandbox;
	drain(slot);
	check_room(runner); /* check after its writes */
	if (!sandbox->timed_out)
		find_over(runner, slot, true);
	sandbox->over = slot->over;
	/* no other process has this memory now, so it can be read */
	sandbox->log = slot->log;
	mprotect(sandbox->log, sandbox->log_size, PROT_READ);
	sandbox->stacks = slot->stacks;
	if (slot->output >= 0)
		close(slot->output);
	close(slot->end);
	remove_tree(slot->dir);
	free(slot->dir);
	slot->sandbox = NULL;
	runner->ended++;
	return true;
}

/* End all processes, and remove all files. */
static void
abandon(struct runner *runner)
{
	size_t i;

	for (i = 0; runner->slots != NULL && i < runner->options->jobs; i++)
		if (runner->slots[i].sandbox != NULL)
			kill(runner->slots[i].pid, SIGKILL);
	end_all_children(NULL); /* the supervisors and their processes */
	scratch_remove_all();
}

/* A signal to end: clean up, and end by the same signal. */
static _Noreturn void
end_by(struct runner *runner, int signal)
{
	sigset_t its;

	abandon(runner);
	if (runner->options->progress != NULL)
		fputs("\r\033[K", stderr);
	sigemptyset(&its);
	sigaddset(&its, signal);
	raise(signal);
	sigprocmask(SIG_UNBLOCK, &its, NULL);
	_exit(128 + signal);
}

static void
show_progress(const struct runner *runner, const struct sandbox *sandbox)
{
	if (runner->options->progress == NULL)
		return;
	if (runner->ended == runner->count)
		fputs("\r\033[K", stderr);
	else
		fprintf(stderr, "\r\033[K%s %zu of %zu: %s",
			runner->options->progress, runner->begun, runner->count,
			sandbox->title);
	fflush(stderr);
}

static void
take_signal(struct runner *runner)
{
	struct signalfd_siginfo info;

	while (read(runner->polls[0].fd, &info, sizeof(info)) ==
	       (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			end_by(runner, (int)info.ssi_signo);
}

/*
 * Update the clock. If this program was stopped, much time has passed at once:
 * it does not count, because nobody watched the sandboxes.
 */
static void
tick(struct runner *runner)
{
	double time = now();

	runner->clock += MIN(time - runner->looked, 2 * SLICE);
	runner->looked = time;
}

static double
time_left(const struct runner *runner, const struct slot *slot)
{
	double timeout = slot->sandbox->timeout > 0 ? slot->sandbox->timeout :
						      runner->options->timeout;

	return slot->started + timeout - runner->clock;
}

/*
 * The time of @slot is over, or it exceeds a limit. Its supervisor reads the stacks and ends it; if it
 * cannot, it is ended too.
 */
static void
end_late(const struct runner *runner, struct slot *slot)
{
	if (slot->late <= 0) {
		slot->late = runner->clock;
		kill(slot->pid, SIGUSR1);
		kill(slot->pid, SIGCONT); /* the sandbox may have stopped it */
	} else if (runner->clock - slot->late > LOOK) {
		kill(slot->pid, SIGKILL);
	}
}

/* Wait for events, and handle them. */
static void
wait_for_sandboxes(struct runner *runner)
{
	double wait = SLICE;
	struct slot *slot;
	bool measure;
	size_t i;

	for (i = 0; i < runner->options->jobs; i++) {
		slot = &runner->slots[i];
		runner->polls[i + 1] = (struct pollfd){
			.fd = slot->sandbox != NULL ? slot->output : -1,
			.events = POLLIN,
		};
		if (slot->sandbox == NULL)
			continue;
		if (slot->late <= 0)
			wait = MIN(wait, time_left(runner, slot));
	}
	poll(runner->polls, runner->options->jobs + 1,
	     (int)(MAX(wait, 0.0) * 1000) + 1);
	tick(runner);
	take_signal(runner);
	check_room(runner);
	measure = now() - runner->measured >= SLICE;
	for (i = 0; i < runner->options->jobs; i++) {
		slot = &runner->slots[i];
		if (slot->sandbox == NULL)
			continue;
		drain(slot);
		/* a sandbox that has ended is not late */
		if (reap(runner, slot))
			continue;
		if (slot->late <= 0)
			find_over(runner, slot, measure);
		if (slot->over != NULL || time_left(runner, slot) < 0)
			end_late(runner, slot);
	}
	if (measure)
		runner->measured = now();
}

/* However the program ends, its processes do too, and its folder is removed. */
static struct {
	struct runner *runner;
	pid_t owner;
} leftover;

static void
remove_leftover(void)
{
	/* a lesson may call exit(): it must not remove the folder */
	if (leftover.runner != NULL && leftover.owner == getpid())
		abandon(leftover.runner);
}

static void
runner_init(struct runner *runner)
{
	static bool registered;

	signal(SIGCHLD, SIG_DFL); /* our parent may have ignored it */
	ending_signals(&runner->mask);
	sigaddset(&runner->mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &runner->mask, &runner->old_mask);
	runner->dir = scratch_make("ferrule");
	leftover.runner = runner;
	leftover.owner = getpid();
	if (!registered) {
		atexit(remove_leftover);
		at_quick_exit(remove_leftover);
		registered = true;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	runner->slots = xcalloc(runner->options->jobs, sizeof(struct slot));
	runner->polls =
		xcalloc(runner->options->jobs + 1, sizeof(struct pollfd));
	runner->polls[0] = (struct pollfd){
		.fd = signalfd(-1, &runner->mask, SFD_CLOEXEC | SFD_NONBLOCK),
		.events = POLLIN,
	};
	if (runner->polls[0].fd < 0)
		die("cannot watch for signals: %s", strerror(errno));
	runner->looked = now();
}

static void
runner_release(struct runner *runner)
{
	close(runner->polls[0].fd);
	scratch_remove(runner->dir);
	leftover.runner = NULL;
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	sigprocmask(SIG_SETMASK, &runner->old_mask, NULL);
	free(runner->slots);
	free(runner->polls);
}

void
sandboxes_run(struct sandbox *const *sandboxes, size_t count,
	      const struct sandbox_options *options)
{
	struct runner runner = { .options = options, .count = count };
	size_t i, next = 0;

	runner_init(&runner);
	while (runner.ended < count) {
		for (i = 0; i < options->jobs && next < count; i++) {
			if (runner.slots[i].sandbox != NULL)
				continue;
			start_sandbox(&runner, &runner.slots[i],
				      sandboxes[next]);
			show_progress(&runner, sandboxes[next++]);
		}
		wait_for_sandboxes(&runner);
	}
	show_progress(&runner, NULL);
	runner_release(&runner);
}

void
sandbox_release(struct sandbox *sandbox)
{
	if (sandbox->log != NULL)
		munmap(sandbox->log, sandbox->log_size);
	if (sandbox->stacks != NULL)
		munmap(sandbox->stacks, sizeof(*sandbox->stacks));
	free(sandbox->output);
	free(sandbox->over);
	free(sandbox->title);
}
