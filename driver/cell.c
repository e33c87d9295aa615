/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A cell: one lesson in one lane, run in a process of its own.
 *
 * What it records goes to memory that it shares with the parent, what it
 * prints to a pipe. It has a folder, a process group and a deadline of its
 * own: whatever it does, it is a result.
 */
#include "cell.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_KEPT (64u << 10)

const char *
verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		"same", "declared", "leaked", "diverged", "timeout", "crashed",
	};

	return names[verdict];
}

/* ---- in the child ---- */

struct lesson_call {
	const struct cell *cell;
	const struct ferrule_input *input;
	struct ferrule_recorder *recorder;
};

static void *
call_lesson(void *ctx)
{
	struct lesson_call *call = ctx;

	call->cell->entry->run(call->recorder, call->input);
	call->cell->log->stage = STAGE_RETURNED;
	return NULL;
}

static _Noreturn void
cannot_prepare(struct cell_log *log, const char *what, int error)
{
	snprintf(log->failure, sizeof(log->failure), "%s: %s", what,
		 strerror(error));
	_exit(EXIT_NOT_RUN);
}

/* A place of its own: nothing of the parent's can be reached by accident. */
static void
move_in(struct cell_log *log, const char *dir, int output)
{
	const struct rlimit none = { 0, 0 };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	int null = open("/dev/null", O_RDONLY);
	sigset_t empty;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* as in any Rust program: a closed pipe is an error, not the end */
	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		cannot_prepare(log, "its standard files", errno);
	close_range(3, ~0u, 0); /* as far as the kernel knows how */
	if (chdir(dir) != 0)
		cannot_prepare(log, "its folder", errno);
	setrlimit(RLIMIT_CORE, &none);
}

/* Have the library that this lane uses allocate through the ledger. */
static void
hook_library(const struct lane *lane, struct cell_log *log)
{
	enum sgz_status (*set)(const struct sgz_allocator *,
			       struct sgz_error *) = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	*(void **)&set = dlsym(lane->handle, "sgz_allocator_set_default");
	if (set == NULL)
		set = sgz_allocator_set_default;
	if (set(&ledger_allocator, &error) == SGZ_OK)
		return;
	snprintf(log->failure, sizeof(log->failure),
		 "setting the library's allocator: %s", error.text);
	_exit(EXIT_NOT_RUN);
}

static _Noreturn void
run_child(struct cell *cell, const struct ferrule_input *input, const char *dir,
	  int output)
{
	struct cell_log *log = cell->log;
	struct lesson_call call = { cell, input, NULL };
	pthread_t thread;
	int error;

	log->stage = STAGE_PREPARING;
	move_in(log, dir, output);
	hook_library(cell->lane, log);
	call.recorder = transcript_recorder(&log->transcript);
	ledger_begin(&log->ledger, (void *)(uintptr_t)cell->entry->run,
		     dlsym(cell->lane->handle, "sgz_status_name"));
	log->stage = STAGE_RUNNING;
	/*
	 * On a thread of its own: what a language keeps per thread is given
	 * back at the thread's end, and so is no leak.
	 */
	error = pthread_create(&thread, NULL, call_lesson, &call);
	if (error != 0)
		cannot_prepare(log, "its thread", error);
	pthread_join(thread, NULL);
	ledger_end();
	if (log->stage == STAGE_RETURNED)
		log->stage = STAGE_DONE;
	_exit(0);
}

/* ---- in the parent ---- */

struct slot {
	struct cell *cell; /* NULL: free */
	pid_t pid;
	int output;
	double started;
	char *dir;
};

struct runner {
	const struct run_options *options;
	const struct ferrule_input *input;
	char *dir;
	struct slot *slots;
	struct pollfd *polls; /* the signals, and each slot's output */
	sigset_t old_mask;
	size_t begun, ended, count;
};

static void
start_cell(struct runner *runner, struct slot *slot, struct cell *cell)
{
	int fds[2];

	cell->log = mmap(NULL, sizeof(*cell->log), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (cell->log == MAP_FAILED)
		die("no memory for a cell: %s", strerror(errno));
	*slot = (struct slot){ .cell = cell, .started = now() };
	slot->dir = xasprintf("%s/%zu", runner->dir, runner->begun);
	if (mkdir(slot->dir, 0700) != 0)
		die("%s: cannot make a folder: %s", slot->dir, strerror(errno));
	if (pipe2(fds, O_CLOEXEC) != 0)
		die("cannot make a pipe: %s", strerror(errno));
	fflush(NULL); /* or a child that exits would print it again */
	slot->pid = fork();
	if (slot->pid < 0)
		die("cannot fork: %s", strerror(errno));
	if (slot->pid == 0)
		run_child(cell, runner->input, slot->dir, fds[1]);
	setpgid(slot->pid, slot->pid);
	close(fds[1]);
	slot->output = fds[0];
	fcntl(slot->output, F_SETFL, O_NONBLOCK);
	runner->begun++;
}

/* Keep what the cell printed, as far as it is not too much. */
static void
drain(struct slot *slot)
{
	struct cell *cell = slot->cell;
	char buffer[4096];
	ssize_t got = -1;
	size_t room;

	while (slot->output >= 0 &&
	       (got = read(slot->output, buffer, sizeof(buffer))) > 0) {
		room = OUTPUT_KEPT - cell->output_len;
		if (room < (size_t)got)
			cell->output_cut = true;
		room = MIN(room, (size_t)got);
		if (room == 0)
			continue;
		cell->output = xrealloc(cell->output, cell->output_len + room);
		memcpy(cell->output + cell->output_len, buffer, room);
		cell->output_len += room;
	}
	if (slot->output >= 0 && got == 0) {
		close(slot->output);
		slot->output = -1;
	}
}

/* Has the cell in @slot ended? Then see to what it left. */
static void
reap(struct runner *runner, struct slot *slot)
{
	struct cell *cell = slot->cell;
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)slot->pid, &info,
		   WEXITED | WNOHANG | WNOWAIT) != 0 ||
	    info.si_pid == 0)
		return;
	/* while the pid is still its: end whom it left behind */
	kill(-slot->pid, SIGKILL);
	waitpid(slot->pid, &cell->wait_status, 0);
	drain(slot);
	if (slot->output >= 0)
		close(slot->output);
	remove_tree(slot->dir);
	free(slot->dir);
	cell->seconds = now() - slot->started;
	transcript_read(&cell->transcript, &cell->log->transcript);
	ledger_read(&cell->ledger, &cell->log->ledger);
	slot->cell = NULL;
	runner->ended++;
}

static void
kill_slot(struct slot *slot)
{
	kill(-slot->pid, SIGKILL);
	kill(slot->pid, SIGKILL); /* if it has no group yet */
}

/* A person wants to end it: leave nothing behind, and die of that signal. */
static _Noreturn void
end_by(struct runner *runner, int signal)
{
	size_t i;

	for (i = 0; i < runner->options->jobs; i++) {
		if (runner->slots[i].cell == NULL)
			continue;
		kill_slot(&runner->slots[i]);
		waitpid(runner->slots[i].pid, NULL, 0);
	}
	remove_tree(runner->dir);
	if (runner->options->progress)
		fputs("\r\033[K", stderr);
	sigprocmask(SIG_SETMASK, &runner->old_mask, NULL);
	raise(signal);
	_exit(128 + signal);
}

static void
show_progress(const struct runner *runner, const struct cell *cell)
{
	if (!runner->options->progress)
		return;
	if (runner->ended == runner->count)
		fputs("\r\033[K", stderr);
	else
		fprintf(stderr, "\r\033[Kcell %zu of %zu: %s, %s",
			runner->begun, runner->count, cell->lesson,
			cell->lane->table->name);
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

/* Wait until something happens, and see to it. */
static void
wait_for_cells(struct runner *runner)
{
	double wait = 1.0;
	struct slot *slot;
	size_t i;

	for (i = 0; i < runner->options->jobs; i++) {
		slot = &runner->slots[i];
		runner->polls[i + 1] = (struct pollfd){
			.fd = slot->cell != NULL ? slot->output : -1,
			.events = POLLIN,
		};
		if (slot->cell == NULL)
			continue;
		wait = MIN(wait,
			   slot->started + runner->options->timeout - now());
	}
	poll(runner->polls, runner->options->jobs + 1,
	     (int)(MAX(wait, 0.0) * 1000) + 1);
	take_signal(runner);
	for (i = 0; i < runner->options->jobs; i++) {
		slot = &runner->slots[i];
		if (slot->cell == NULL)
			continue;
		drain(slot);
		if (!slot->cell->timed_out &&
		    now() - slot->started > runner->options->timeout) {
			slot->cell->timed_out = true;
			kill_slot(slot);
		}
		reap(runner, slot);
	}
}

/* Whatever way the program ends, its folder goes with it. */
static struct {
	const char *dir;
	pid_t owner;
} leftover;

static void
remove_leftover(void)
{
	/* a lesson may call exit(): the folder is not its to remove */
	if (leftover.dir != NULL && leftover.owner == getpid())
		remove_tree(leftover.dir);
}

static void
runner_init(struct runner *runner)
{
	const char *tmp = getenv("TMPDIR");
	sigset_t mask;

	if (tmp == NULL || tmp[0] == '\0')
		tmp = "/tmp";
	runner->dir = xasprintf("%s/ferrule-XXXXXX", tmp);
	if (mkdtemp(runner->dir) == NULL)
		die("%s: cannot make a folder: %s", runner->dir,
		    strerror(errno));
	leftover.dir = runner->dir;
	leftover.owner = getpid();
	atexit(remove_leftover);
	at_quick_exit(remove_leftover);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, &runner->old_mask);
	runner->slots = xcalloc(runner->options->jobs, sizeof(struct slot));
	runner->polls =
		xcalloc(runner->options->jobs + 1, sizeof(struct pollfd));
	runner->polls[0] = (struct pollfd){
		.fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK),
		.events = POLLIN,
	};
	if (runner->polls[0].fd < 0)
		die("cannot watch for signals: %s", strerror(errno));
}

static void
runner_release(struct runner *runner)
{
	close(runner->polls[0].fd);
	sigprocmask(SIG_SETMASK, &runner->old_mask, NULL);
	remove_tree(runner->dir);
	leftover.dir = NULL;
	free(runner->dir);
	free(runner->slots);
	free(runner->polls);
}

void
cells_run(struct cell *cells, size_t count, const struct ferrule_input *input,
	  const struct run_options *options)
{
	struct runner runner = { .options = options, .input = input };
	size_t i, next = 0;

	for (i = 0; i < count; i++)
		runner.count += cells[i].entry != NULL;
	runner_init(&runner);
	while (runner.ended < runner.count) {
		for (i = 0; i < options->jobs; i++) {
			while (next < count && cells[next].entry == NULL)
				next++;
			if (runner.slots[i].cell != NULL || next >= count)
				continue;
			start_cell(&runner, &runner.slots[i], &cells[next]);
			show_progress(&runner, &cells[next++]);
		}
		wait_for_cells(&runner);
	}
	show_progress(&runner, NULL);
	runner_release(&runner);
}

void
cell_release(struct cell *cell)
{
	transcript_release(&cell->transcript);
	ledger_release(&cell->ledger);
	list_release(&cell->reasons);
	free(cell->steps);
	free(cell->output);
	if (cell->log != NULL)
		munmap(cell->log, sizeof(*cell->log));
}
