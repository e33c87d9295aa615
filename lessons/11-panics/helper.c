/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 11: a small library in C that calls back, and child processes. */
#include "helper.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static jmp_buf back;

int
panics_under_lock(int (*callback)(void *ctx), void *ctx, void **block_out)
{
	int answer;

	pthread_mutex_lock(&lock);
	*block_out = malloc(100);
	answer = callback(ctx);
	panics_clean_up(*block_out);
	*block_out = NULL;
	return answer;
}

void
panics_clean_up(void *block)
{
	free(block);
	pthread_mutex_unlock(&lock);
}

int
panics_lock_state(void)
{
	int state = pthread_mutex_trylock(&lock);

	if (state == 0)
		pthread_mutex_unlock(&lock);
	return state;
}

int
panics_catch_jump(int (*callback)(void *ctx), void *ctx)
{
	if (setjmp(back) != 0)
		return 1;
	callback(ctx);
	return 0;
}

void
panics_jump(void)
{
	longjmp(back, 1);
}

/* Read @fd to its end; lines become one. */
static void
read_said(int fd, char *said, size_t size)
{
	char page[256];
	size_t len = 0;
	ssize_t got, i;

	while ((got = read(fd, page, sizeof(page))) > 0)
		for (i = 0; i < got; i++)
			if (len + 2 < size && page[i] != '\n')
				said[len++] = page[i];
			else if (len + 2 < size && len > 0)
				said[len++] = '|';
	while (len > 0 && said[len - 1] == '|')
		len--;
	said[len] = '\0';
}

static _Noreturn void
be_the_child(void (*run)(void *ctx), void *ctx, int output)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	dup2(output, STDERR_FILENO);
	run(ctx);
	_exit(0);
}

void
panics_in_child(void (*run)(void *ctx), void *ctx, struct panics_end *end_out)
{
	int ends[2], status;
	pid_t pid;

	if (pipe(ends) != 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0)
		be_the_child(run, ctx, ends[1]);
	close(ends[1]);
	read_said(ends[0], end_out->said, sizeof(end_out->said));
	close(ends[0]);
	if (waitpid(pid, &status, 0) != pid)
		abort();
	end_out->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	end_out->code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

#ifdef FERRULE_CPP
bool
panics_has_cpp(void)
{
	return true;
}
#else
/* helper.cc is left out. */
bool
panics_has_cpp(void)
{
	return false;
}

void
panics_throw(void)
{
	abort();
}
#endif
