/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A lane that is as it should be, and with HOSTILE defined as one of the words
 * below, one that harms what is around it: the driver, the other lanes, the
 * machine. All of it has to come to nothing.
 */
#include "lesson.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum hostile {
	NOTHING,
	/* memory that it shares with the driver */
	LOG_RECORDS, /* written over where it records */
	LOG_COUNT, /* how much was recorded */
	LOG_VALUE, /* one byte of a text */
	LOG_START, /* the first 64 KiB */
	LOG_ALL,
	LOG_HANG, /* written over, and never ends */
	REACH_OTHERS, /* whatever else is shared */
	/* processes */
	DAEMON,
	DAEMON_STUBBORN, /* ignores every signal that it may */
	DAEMON_HANG, /* and the lesson does not end */
	DAEMON_CHAIN, /* a new process for the old one, over and over */
	DAEMON_LOAD, /* from the constructor */
	KILL_PARENT,
	STOP_PARENT,
	TERM_PARENT,
	PRINT, /* without end */
	/* the table */
	LOAD_HANG,
	LOAD_SIGCHLD, /* ignored; then nobody learns of an end */
	LOAD_STUBBORN, /* all signals blocked and ignored, and hangs */
	LOAD_EXIT,
	LOAD_TRAP,
	TABLE_WILD,
	TABLE_HANG,
	LESSONS_WILD,
	LESSONS_NULL,
	LESSONS_ENDLESS,
	LESSONS_MANY,
	LESSON_NAMELESS,
	LESSON_SLASH,
	LESSON_EMPTY, /* no function */
	NAME_WILD,
	NAME_LONG,
	NAME_CONTROL,
	TITLE_LONG,
	/* the folder */
	DEEP,
	FULL, /* no room is left for others */
	/* time and signals */
	SLOW,
	SLOW_LOAD,
	HANG,
	ALARM, /* and no handler */
	ALARM_HANDLED,
	SIGNAL_HANDLED,
	SIGNAL_SUSPENDED,
	/* many steps */
	STEPS_MEMORY, /* one allocates more */
	STEPS_FACT,
	STEPS_ALL, /* each differs */
	STEPS_SHIFTED, /* one more, in front of all others */
};

#ifndef HOSTILE
#define HOSTILE NOTHING
#endif

/* volatile: or the compiler knows too well that this goes wrong */
static volatile enum hostile hostile = HOSTILE;

/* ---- memory ---- */

/* Of the recorder, behind what a lane should see: the log. */
static unsigned char *
log_of(struct ferrule_recorder *rec)
{
	return ((unsigned char **)rec)[1];
}

/* What is shared and can be written: the mapping around @at, or the others. */
static void
fill_shared(const unsigned char *at, int its_own, size_t most)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	char line[4096], how[8];

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, how) != 3 ||
		    strcmp(how, "rw-s") != 0)
			continue;
		if (((unsigned long)at >= from && (unsigned long)at < to) ==
		    its_own)
			memset((void *)from, 0xff,
			       to - from < most ? to - from : most);
	}
	if (maps != NULL)
		fclose(maps);
}

static void
overwrite_log(struct ferrule_recorder *rec)
{
	unsigned char *log = log_of(rec);

	switch (hostile) {
	case LOG_RECORDS:
		memset(log + 64, 0x41, 65536);
		break;
	case LOG_COUNT:
		memset(log, 0xff, 7);
		break;
	case LOG_VALUE:
		*(unsigned char *)memmem(log, 4096, "as it was", 9) = 'A';
		break;
	case LOG_START:
		fill_shared(log, 1, 65536);
		break;
	case LOG_HANG:
	case LOG_ALL:
		fill_shared(log, 1, SIZE_MAX);
		break;
	default:
		return;
	}
	if (hostile == LOG_HANG)
		for (;;)
			pause();
	_exit(0);
}

/* ---- processes ---- */

/* Tell the test the ids of the processes, if it asks. */
static void
note_pid(void)
{
	const char *path = getenv("HOSTILE_PIDS");
	int fd = path != NULL ?
		open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) :
		-1;

	if (fd >= 0) {
		dprintf(fd, "%d\n", (int)getpid());
		close(fd);
	}
}

static void
ignore_all(void)
{
	sigset_t all;
	int i;

	for (i = 1; i < NSIG; i++)
		signal(i, SIG_IGN);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
}

/* As daemons do: away from parent, group and session. */
static void
daemonise(void)
{
	int told[2];
	char byte;
	int i;

	if (pipe(told) != 0)
		abort();
	if (fork() != 0) {
		close(told[1]);
		/* until the last one is there */
		while (read(told[0], &byte, 1) > 0)
			;
		close(told[0]);
		return;
	}
	setsid();
	if (fork() != 0)
		_exit(0);
	if (hostile == DAEMON_STUBBORN)
		ignore_all();
	for (i = 0; hostile == DAEMON_CHAIN && i < 300; i++) {
		if (fork() != 0)
			_exit(0);
		if (i == 20)
			close(told[1]);
	}
	note_pid();
	close(told[1]);
	for (;;)
		pause();
}

static void
use_processes(void)
{
	static const char line[] = "and again\n";

	switch (hostile) {
	case DAEMON:
	case DAEMON_STUBBORN:
	case DAEMON_CHAIN:
		daemonise();
		break;
	case DAEMON_HANG:
		daemonise();
		for (;;)
			pause();
	case KILL_PARENT:
		kill(getppid(), SIGKILL);
		pause();
		break;
	case STOP_PARENT:
		kill(getppid(), SIGSTOP);
		break;
	case TERM_PARENT:
		kill(getppid(), SIGTERM);
		break;
	case PRINT:
		while (write(STDOUT_FILENO, line, sizeof(line) - 1) >= 0)
			;
		break;
	default:
		break;
	}
}

/* ---- the folder ---- */

/*
 * Folders in folders, deeper than any path may be long. Some may not be
 * entered, and in some lies a link to what is not the lesson's.
 */
static void
go_deep(void)
{
	int i, fd = open(".", O_RDONLY | O_DIRECTORY);
	int next;

	for (i = 0; i < 3000 && fd >= 0; i++) {
		if (mkdirat(fd, "deeper", 0700) != 0 ||
		    (i % 100 == 0 && symlinkat("/etc", fd, "link") != 0))
			abort();
		next = openat(fd, "deeper", O_RDONLY | O_DIRECTORY);
		fchmod(fd, i % 100 == 50 ? 0 : 0700);
		close(fd);
		fd = next;
	}
	close(fd);
}

static void
fill_up(void)
{
	static const char zeros[65536];
	int fd = open("all", O_WRONLY | O_CREAT, 0600);

	while (write(fd, zeros, sizeof(zeros)) > 0)
		;
	close(fd);
}

/* ---- signals ---- */

static volatile sig_atomic_t signalled;

static void
on_signal(int number)
{
	signalled = number;
}

static void
ring(void)
{
	const struct itimerval soon = { .it_value.tv_usec = 20000 };

	setitimer(ITIMER_REAL, &soon, NULL);
}

static void
use_signals(void)
{
	sigset_t usr1, none;

	signal(SIGUSR1, on_signal);
	switch (hostile) {
	case ALARM:
		ring();
		for (;;)
			pause();
	case ALARM_HANDLED:
		signal(SIGALRM, on_signal);
		ring();
		/* interrupted: or this thread did not get it */
		if (sleep(20) == 0)
			abort();
		break;
	case SIGNAL_HANDLED:
		/* delivered to this thread before kill() returns, if no other
		 * thread takes it */
		kill(getpid(), SIGUSR1);
		if (signalled != SIGUSR1)
			abort();
		break;
	case SIGNAL_SUSPENDED:
		sigemptyset(&none);
		sigemptyset(&usr1);
		sigaddset(&usr1, SIGUSR1);
		pthread_sigmask(SIG_BLOCK, &usr1, NULL);
		kill(getpid(), SIGUSR1);
		if (signalled != 0)
			abort();
		sigsuspend(&none);
		break;
	default:
		break;
	}
}

/* ---- the lessons ---- */

static void
act(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	const struct timespec some = { .tv_nsec = 800000000 };

	(void)in;
	rec_step(rec, "act");
	rec_text(rec, "text", "as it was");
	overwrite_log(rec);
	if (hostile == REACH_OTHERS)
		fill_shared(log_of(rec), 0, SIZE_MAX);
	use_processes();
	if (hostile == DEEP)
		go_deep();
	if (hostile == FULL)
		fill_up();
	if (hostile == SLOW)
		nanosleep(&some, NULL);
	while (hostile == HANG)
		pause();
	use_signals();
	rec_int(rec, "done", 1);
}

/* Each step has its own name, and one step has another fact or block. */
static void
many_steps(struct ferrule_recorder *rec, int count, int odd)
{
	char name[16];
	int i;

	if (hostile == STEPS_SHIFTED)
		rec_step(rec, "more");
	for (i = 1; i <= count; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		rec_step(rec, name);
		if (i == odd)
			rec_int(rec, "odd", hostile == STEPS_FACT);
		sgz_free(sgz_alloc(
			hostile == STEPS_ALL ||
					(i == odd && hostile == STEPS_MEMORY) ?
				2 :
				1));
	}
}

static void
steps_300(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	(void)in;
	many_steps(rec, 300, 280);
}

static void
steps_140000(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	(void)in;
	many_steps(rec, 140000, 139000);
}

#define LESSON(name, run)           \
	{                           \
		name, __FILE__, run \
	}

static struct ferrule_lesson lessons[1000] = {
	LESSON("01-act", act),
	LESSON("02-steps", steps_300),
	LESSON("03-steps", steps_140000),
};

static struct ferrule_lane lane = {
	.abi = FERRULE_ABI,
	.order = HOSTILE == NOTHING ? 0 : 7,
	.name = HOSTILE == NOTHING ? "c" : "hostile",
	.title = "Hostile",
	.lesson_count = 3,
	.lessons = lessons,
};

static char *
long_text(void)
{
	static char text[1 << 20];

	memset(text, 'n', sizeof(text) - 1);
	return text;
}

static void
overwrite_table(void)
{
	switch (hostile) {
	case LESSONS_WILD:
		lane.lessons = (const struct ferrule_lesson *)16;
		break;
	case LESSONS_NULL:
		lane.lessons = NULL;
		break;
	case LESSONS_ENDLESS:
		lane.lesson_count = SIZE_MAX;
		break;
	case LESSONS_MANY:
		lane.lesson_count = 1000;
		break;
	case LESSON_NAMELESS:
		lessons[1].name = NULL;
		break;
	case LESSON_SLASH:
		lessons[1].name = "../02-steps";
		break;
	case LESSON_EMPTY:
		lessons[1].run = NULL;
		break;
	case NAME_WILD:
		lane.name = (const char *)16;
		break;
	case NAME_LONG:
		lane.name = long_text();
		break;
	case NAME_CONTROL:
		lane.name = "red\033[31m";
		break;
	case TITLE_LONG:
		lane.title = long_text();
		break;
	default:
		break;
	}
}

static __attribute__((constructor)) void
load(void)
{
	const struct timespec some = { .tv_nsec = 800000000 };

	switch (hostile) {
	case LOAD_STUBBORN:
		ignore_all();
		/* fall through */
	case LOAD_HANG:
		for (;;)
			pause();
	case LOAD_SIGCHLD:
		signal(SIGCHLD, SIG_IGN);
		break;
	case LOAD_EXIT:
		exit(0);
	case LOAD_TRAP:
		__builtin_trap();
	case DAEMON_LOAD:
		daemonise();
		break;
	case SLOW_LOAD:
		nanosleep(&some, NULL);
		break;
	default:
		break;
	}
}

SGZ_API const struct ferrule_lane *
ferrule_lane(const struct ferrule_host *host)
{
	(void)host;
	if (hostile == TABLE_WILD)
		return (const struct ferrule_lane *)16;
	while (hostile == TABLE_HANG)
		pause();
	overwrite_table();
	return &lane;
}
