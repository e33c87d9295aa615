/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where a process crashed: its part, and its parent's. */
#include "crash.h"

#include "util.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* What a process says of its crash, in memory that it shares with its parent:
 * the parent need not be permitted to read anything else of it. */
struct crash {
	pid_t thread; /* 0: it has not crashed */
	int signal;
	/* a struct lost_call; a bool must not have any other value */
	uint32_t lost_made, lost_to_data;
	uint64_t lost_to;
};

static struct crash *crash;
static pid_t watched;
static atomic_flag crashed = ATOMIC_FLAG_INIT;

/* ---- in the process ---- */

/*
 * A call of an address without code: nobody can find the caller from there. So
 * let it look as if the call has not been made.
 */
static void
undo_lost_call(const siginfo_t *info, ucontext_t *context)
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
	crash->lost_made = 1;
	crash->lost_to_data = info->si_code == SEGV_ACCERR;
	crash->lost_to = address;
}

/* All signals are blocked here. */
static void
handle(int signal, siginfo_t *info, void *context)
{
	bool ours = getpid() == watched; /* or a child of ours */

	/* another thread crashed first, and ends us all */
	while (ours && atomic_flag_test_and_set(&crashed))
		pause();
	sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	if (ours) {
		undo_lost_call(info, context);
		crash->signal = signal;
		crash->thread = gettid();
		/* no thread goes on: what they record after the crash would
		 * hide where it was; this one stops before raise() returns */
		raise(SIGSTOP);
	}
	/* it comes when this returns */
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

bool
crash_share(void)
{
	void *memory = mmap(NULL, sizeof(*crash), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	crash = memory;
	return true;
}

/* The process may have written another's there. */
static bool
is_thread_of(pid_t pid, pid_t thread)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)pid, (int)thread);
	return access(path, F_OK) == 0;
}

bool
crash_take(pid_t pid, struct stacks *stacks)
{
	/* the process may still write there */
	const struct crash its = *(const volatile struct crash *)crash;

	if (its.thread == 0)
		return false;
	if (is_thread_of(pid, its.thread)) {
		stacks_take_crash(pid, its.thread, stacks);
		stacks->lost = (struct lost_call){
			.made = its.lost_made != 0,
			.to_data = its.lost_to_data != 0,
			.to = its.lost_to,
		};
	} else {
		snprintf(stacks->failure, sizeof(stacks->failure),
			 "it overwrote what it said of its crash");
	}
	/* before any other thread runs */
	kill(pid, its.signal);
	kill(pid, SIGCONT);
	return true;
}
