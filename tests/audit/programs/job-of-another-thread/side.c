// The thread: a job is freed by who has done it.
#include <pthread.h>
#include <stdlib.h>

struct jobs {
	void **items;
	size_t count;
};

void
job_free(void *job);
void
run_all(void **items, size_t count);

static void *
consume(void *ctx)
{
	struct jobs *jobs = ctx;
	size_t i;

	for (i = 0; i < jobs->count; i++)
#ifdef TWIN
		job_free(jobs->items[i]);
#else
		free(jobs->items[i]); // FREE
#endif
	return NULL;
}

void
run_all(void **items, size_t count)
{
	struct jobs jobs = { items, count };
	pthread_t thread;

	if (pthread_create(&thread, NULL, consume, &jobs) != 0)
		abort();
	pthread_join(thread, NULL);
}
