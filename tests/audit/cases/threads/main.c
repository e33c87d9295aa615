// Producers in Rust, consumers in C, each in threads; and exit() in the middle
// of the work of others.
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

void *
make(uint64_t value);
void
unmake(void *block);
void
work_for_ever(void);

#define THREADS 4
#define BLOCKS 200

static void *blocks[THREADS][BLOCKS];

static void *
produce(void *ctx)
{
	void **mine = ctx;
	uint64_t i;

	for (i = 0; i < BLOCKS; i++)
		mine[i] = make(i);
	return NULL;
}

static __attribute__((noinline)) void
consume(void *block)
{
#ifdef TWIN
	unmake(block);
#else
	free(block); // FREE
#endif
	__asm__ volatile("");
}

static void *
consume_all(void *ctx)
{
	void **theirs = ctx;
	int i;

	for (i = 0; i < BLOCKS; i++)
		consume(theirs[i]);
	return NULL;
}

static void *
churn(void *ctx)
{
	(void)ctx;
	for (;;)
		free(malloc(100));
	return NULL;
}

static void
run_all(void *(*work)(void *), pthread_t *threads)
{
	int i;

	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, blocks[i]);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

int
main(void)
{
	pthread_t threads[THREADS], late;

	work_for_ever();
	pthread_create(&late, NULL, churn, NULL);
	run_all(produce, threads);
	/* each frees what the next one allocated */
	run_all(consume_all, threads);
	exit(7);
}
