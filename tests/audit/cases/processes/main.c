// One process, its children, and what it becomes.
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

uint8_t *
early(void);
void
end_early(uint8_t *early);
uint32_t *
make(void);
void
unmake(uint32_t *block);
void
take(void *block);

static __attribute__((noinline)) void
free_early(void)
{
#ifdef TWIN
	end_early(early());
#else
	free(early()); // EARLY
#endif
	__asm__ volatile("");
}

static void *volatile from_handler;
static volatile sig_atomic_t handled;

/* It interrupts the books as often as anything else. */
static void
on_signal(int number)
{
	void *block = malloc(1000); // SIGNAL

	(void)number;
	if (from_handler == NULL)
		from_handler = block;
	else
		free(block);
	handled++;
}

static void
work_with_signals(void)
{
	const struct itimerval often = { { 0, 200 }, { 0, 200 } };
	const struct itimerval never = { 0 };
	struct sigaction action = { .sa_handler = on_signal };
	uint32_t *mine;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	/* what the loop allocates comes from another list of glibc's than what
	 * the handler does: so it is the audit's books that are interrupted in
	 * the middle, and no list of the heap */
	while (handled < 200) {
		mine = make();
		unmake(mine);
	}
	setitimer(ITIMER_REAL, &never, NULL);
#ifdef TWIN
	free(from_handler);
#else
	take(from_handler);
#endif
}

static __attribute__((noinline)) void
in_child(uint32_t *inherited)
{
#ifdef TWIN
	unmake(inherited);
#else
	free(inherited); // INHERITED
#endif
	__asm__ volatile("");
}

static __attribute__((noinline)) int
after_exec(void)
{
#ifdef TWIN
	unmake(make());
#else
	free(make()); // EXECED
#endif
	__asm__ volatile("");
	/* without any destructor */
	_exit(9);
}

int
main(int argc, char **argv)
{
	uint32_t *inherited;
	int status;
	pid_t pid;

	if (argc > 1)
		return after_exec();
	free_early();
	/* the child has a copy of this block, and this process too */
	inherited = make();
	pid = fork();
	if (pid == 0) {
		in_child(inherited);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	unmake(inherited);
	work_with_signals();
	execl("/proc/self/exe", argv[0], "again", (char *)NULL);
	return 1;
}
