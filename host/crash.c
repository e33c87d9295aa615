/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where a process crashed: its part, and its parent's. */
#include "crash.h"

#include "util.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/* How long it waits for its parent. */
#define PATIENCE 5

/* What the parent reads of a process that crashed. */
struct crash {
	pid_t thread;
	/* as in struct stacks */
	bool lost, lost_to_data;
	uint64_t lost_to;
};

static pid_t watched;
static atomic_flag crashed = ATOMIC_FLAG_INIT;

/* ---- in the process ---- */

/*
 * A call of an address without code: nobody can find the caller from there. So
 * let it look as if the call has not been made.
 */
static void
undo_lost_call(const siginfo_t *info, ucontext_t *context, struct crash *crash)
{
	uint64_t address = (uint64_t)(uintptr_t)info->si_addr;
	bool fault = info->si_signo == SIGSEGV && info->si_code > 0;
	mcontext_t *registers = &context->uc_mcontext;

#if defined(__x86_64__)
	if (!fault || (uint64_t)registers->gregs[REG_RIP] != address)
		return;
	/* the call pushed the address behind it */
	registers->gregs[REG_RIP] =
		*(const greg_t *)registers->gregs[REG_RSP] - 1;
	registers->gregs[REG_RSP] += (greg_t)sizeof(greg_t);
#elif defined(__aarch64__)
	if (!fault || registers->pc != address)
		return;
	registers->pc = registers->regs[30] - 4;
#else
	return;
#endif
	crash->lost = true;
	crash->lost_to = address;
	crash->lost_to_data = info->si_code == SEGV_ACCERR;
}

static void
tell_parent(const siginfo_t *info, void *context)
{
	struct crash crash = { .thread = gettid() };
	union sigval value = { .sival_ptr = &crash };
	sigset_t answer;

	undo_lost_call(info, context, &crash);
	sigemptyset(&answer);
	sigaddset(&answer, CRASH_SIGNAL);
	if (sigqueue(getppid(), CRASH_SIGNAL, value) == 0)
		sigtimedwait(&answer, NULL, &(struct timespec){ PATIENCE, 0 });
}

/* All signals are blocked here. */
static void
handle(int signal, siginfo_t *info, void *context)
{
	/* a child of ours is not ours to tell of */
	if (getpid() == watched) {
		/* another thread crashed first, and ends us all */
		while (atomic_flag_test_and_set(&crashed))
			pause();
		tell_parent(info, context);
	}
	/* it comes when this returns */
	sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	raise(signal);
}

void
crash_watch_stack(void)
{
	/* for one thread: memory of its own, which the signal's handler and
	 * nothing else uses */
	size_t size = 64 << 10;
	void *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (stack != MAP_FAILED)
		sigaltstack(&(stack_t){ .ss_sp = stack, .ss_size = size },
			    NULL);
}

void
crash_watch(void)
{
	static const int signals[] = {
		SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS,
	};
	struct sigaction action = {
		.sa_sigaction = handle,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};
	struct sigaction former;
	size_t i;

	watched = getpid();
	crash_watch_stack();
	sigfillset(&action.sa_mask);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		if (sigaction(signals[i], NULL, &former) == 0 &&
		    former.sa_handler == SIG_DFL)
			sigaction(signals[i], &action, NULL);
}

/* ---- in its parent ---- */

void
crash_take(pid_t pid, const siginfo_t *info, struct stacks *stacks)
{
	struct crash crash = { 0 };
	struct iovec to = { &crash, sizeof(crash) };
	struct iovec from = { info->si_value.sival_ptr, sizeof(crash) };

	if (process_vm_readv(pid, &to, 1, &from, 1, 0) ==
	    (ssize_t)sizeof(crash)) {
		stacks_take_crash(pid, crash.thread, stacks);
		stacks->lost = crash.lost;
		stacks->lost_to = crash.lost_to;
		stacks->lost_to_data = crash.lost_to_data;
	}
	/* only to the thread that waits: others would end by it */
	syscall(SYS_tgkill, pid, crash.thread, CRASH_SIGNAL);
}
