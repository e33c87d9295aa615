/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Waits for the end of a lesson: all its threads must have ended.
 *
 * The stack of another thread cannot be read, so a signal makes the thread take
 * its own stack. The handler does nothing else: the thread may be anywhere,
 * also in the ledger.
 */
#include "threads.h"

#include "ledger.h"
#include "stack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The time that a thread has to answer. */
#define ANSWER_MS 100

static struct {
	struct stack stack;
	uint32_t row;
	atomic_bool done;
} answer;

static void
look(int signal)
{
	int saved = errno;

	(void)signal;
	stack_take(&answer.stack);
	answer.row = ledger_row();
	atomic_store(&answer.done, true);
	errno = saved;
}

static void
sleep_us(long us)
{
	nanosleep(&(struct timespec){ us / 1000000, us % 1000000 * 1000 },
		  NULL);
}

/* Get the stack of thread @id. */
static void
note_thread(pid_t id, int signal)
{
	int ms;

	atomic_store(&answer.done, false);
	answer.stack.depth = 0;
	answer.row = LEDGER_NO_ROW;
	if (syscall(SYS_tgkill, getpid(), id, signal) != 0)
		return; /* it has ended */
	for (ms = 0; ms < ANSWER_MS && !atomic_load(&answer.done); ms++)
		sleep_us(1000);
	ledger_thread(id, &answer.stack, answer.row);
}

/*
 * Call @each (unless it is NULL) for all other threads, and return their
 * number. Unlike opendir() it does not allocate: the ledger would count that.
 */
static size_t
other_threads(void (*each)(pid_t id, int signal), int signal)
{
	_Alignas(struct dirent64) char buffer[4096];
	int fd = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent64 *entry;
	size_t count = 0;
	ssize_t got, at;
	pid_t id;

	while (fd >= 0 && (got = getdents64(fd, buffer, sizeof(buffer))) > 0) {
		for (at = 0; at < got; at += entry->d_reclen) {
			entry = (struct dirent64 *)(buffer + at);
			id = (pid_t)strtol(entry->d_name, NULL, 10);
			if (id == 0 || id == gettid())
				continue;
			count++;
			if (each != NULL)
				each(id, signal);
		}
	}
	if (fd >= 0)
		close(fd);
	return count;
}

static void
note_threads(void)
{
	int signal = SIGRTMAX - 1;
	struct sigaction action = {
		.sa_handler = look,
		.sa_flags = SA_RESTART,
	};

	sigfillset(&action.sa_mask);
	sigaction(signal, &action, NULL);
	other_threads(note_thread, signal);
}

static bool
is_past(const struct timespec *deadline)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec > deadline->tv_sec ||
		(now.tv_sec == deadline->tv_sec &&
		 now.tv_nsec >= deadline->tv_nsec);
}

void
threads_wait(pthread_t lesson, double seconds)
{
	struct timespec deadline;
	bool noted = false;
	long us = 50;

	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += (time_t)seconds;
	deadline.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_nsec -= 1000000000;
		deadline.tv_sec++;
	}
	if (pthread_timedjoin_np(lesson, NULL, &deadline) != 0) {
		note_threads();
		noted = true;
		pthread_join(lesson, NULL);
	}
	while (other_threads(NULL, 0) > 0) {
		if (!noted && is_past(&deadline)) {
			note_threads();
			noted = true;
		}
		sleep_us(us);
		us = us < 5000 ? 2 * us : us;
	}
	/* all threads ended in the end */
	ledger_no_threads();
}
