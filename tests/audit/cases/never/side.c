// What C frees, and did not allocate; and a child process for each mistake.
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void
in_child(void (*mistake)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		const struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		/* the heap's words about it are not ours */
		close(2);
		mistake();
		_exit(0);
	}
	waitpid(pid, &status, 0);
}

/* The compiler must not know what it is. */
static void *
launder(void *pointer)
{
	__asm__ volatile("" : "+r"(pointer));
	return pointer;
}

void
side_twice(void)
{
	char *block = launder(malloc(56)); // TWICE

	free(block); // FIRST
#ifndef TWIN
	free(launder(block)); // SECOND
#endif
	__asm__ volatile("");
}

void
side_stack(void)
{
	char block[100];

#ifdef TWIN
	launder(block);
#else
	free(launder(block)); // STACK
#endif
	__asm__ volatile("");
}

static void *
run_stack(void *ctx)
{
	(void)ctx;
	side_stack();
	return NULL;
}

void
side_thread_stack(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_stack, NULL) == 0)
		pthread_join(thread, NULL);
}

void
side_mapped(void)
{
	char *page = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

#ifdef TWIN
	munmap(page, 1 << 20);
#else
	free(launder(page + 4096)); // MAPPED
#endif
	__asm__ volatile("");
}
