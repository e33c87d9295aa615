/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A lane that gives the ledger work, and with FAULT defined as one of the
 * words below, the same lane with just that fault.
 */
#include "lesson.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

enum fault {
	NOTHING,
	/* the books themselves */
	LATE_STEP, /* the library allocates once more, in step 280 of 300 */
	LATE_FREE, /* a wrong-side free, in step 290 */
	OTHER_SIZES, /* as many blocks and bytes, but with other sizes */
	OTHER_ORDER, /* of the same sizes: no fault */
	FREED_FULL, /* more frees than the log can note */
	FREED_OFTEN, /* as many, which are alike: no fault of the ledger */
	SCRIBBLE, /* over all that the driver reads, but its first KiB */
	SCRIBBLE_SOME, /* over 64 KiB of it */
	/* what the C library allocates for the lane, and the lane forgets */
	LEAK_STRDUP,
	LEAK_ASPRINTF,
	LEAK_GETLINE,
	LEAK_REALPATH,
	LEAK_OPEN_MEMSTREAM, /* closed, but its buffer is the caller's */
	LEAK_Z_STREAM, /* another library's */
	LEAK_TAIL, /* allocated by a jump instead of a call */
	LEAK_TAIL_LESSON, /* by the lesson's own function, as its last act */
	LEAK_TAIL_THREAD, /* by the function that a thread began with */
	LEAK_STREAM, /* a stream that was not closed */
	LEAK_CHAIN, /* blocks that only point to each other */
	LEAK_IN_HOST, /* only a block of the host's points to it */
	/* what can still be reached is none */
	KEPT_STATIC,
	KEPT_INSIDE, /* by a pointer to its middle */
	KEPT_CHAIN, /* through another block */
	KEPT_BY_LIBC, /* environment, buffers of streams */
	KEPT_LIBRARY, /* but the library's blocks have to be given back */
	/* a child process is no part of the cell */
	CHILD_LEAK, /* it allocates, on both sides, and dies of a signal */
	CHILD_FREE, /* it frees what its parent frees too, wrongly */
	/* the library's default allocator */
	DEFAULT_FREE, /* set to NULL; then free() of its block */
	DEFAULT_LEAK, /* by its name, and a block forgotten */
	DEFAULT_FINE, /* given back as it should be */
	/* before the lesson */
	EARLY_WRONG, /* a constructor's block freed by the other side */
	EARLY_FINE, /* one freed rightly, one not at all */
	/* many of them */
	MANY, /* a million alive, and one freed wrongly; then a leak */
	NO_ROOM, /* the ledger cannot grow */
	/* large ones */
	LARGE_TWICE, /* freed twice, and one of its size in between */
	LARGE_WRITTEN, /* after it was freed, in the middle */
	LARGE_SPARSE, /* never written to */
	LARGE_MANY, /* freed by the thousand: addresses are not endless */
	/* plugins that the lesson loads */
	PLUGIN_LEAK, /* its C forgets a block; then it is unloaded */
	PLUGIN_GONE, /* the same, and its file is removed */
	PLUGIN_AGAIN, /* loaded a thousand times, with a leak each time */
	PLUGIN_WRONG, /* its C's block freed by the lane's Rust */
	PLUGIN_FINE, /* its C's block freed by the lane's C */
	PLUGIN_RUST_LEAK, /* and with one in Rust */
	PLUGIN_RUST_FREE, /* its Box freed by C */
	PLUGIN_RUST_DROP, /* C's block dropped by it */
	PLUGIN_RUST_OTHER, /* its Box dropped by the lane's Rust */
	PLUGIN_RUST_FINE, /* its Box dropped by itself */
	PLUGIN_BOTH, /* one after the other, and the second leaks */
	/* threads */
	THREADS_FINE,
	TASK_WRONG, /* a fact is another task's */
	TASK_ORDER, /* two facts of a task in the other order */
	TASK_GROUP, /* one that has no order is another one */
	TASK_MEMORY, /* the library allocates once more in one */
	TASK_FREED, /* one frees a step later */
	TASK_MISSING, /* a thread is none */
	TASK_FREE, /* a wrong-side free in one */
	THREAD_FREE, /* and in a thread that is none */
	TASK_CRASH, /* one ends the process */
	THREAD_LATE, /* one ends after the lesson, and gives all back */
	THREAD_LEFT, /* one does not end */
	TASK_LEFT,
};

#ifndef FAULT
#define FAULT NOTHING
#endif

/* volatile: or the compiler knows too well that this goes wrong */
static volatile enum fault fault = FAULT;

#define NAMED static __attribute__((noinline))

/* ---- 01-steps: more of them than a byte counts ---- */

NAMED void
free_late(void *block)
{
	free(block);
}

static void
allocate_three(void)
{
	static const size_t sizes[][3] = {
		{ 10, 20, 30 },
		{ 20, 20, 20 },
		{ 30, 10, 20 },
	};
	int row = fault == OTHER_SIZES ? 1 : fault == OTHER_ORDER ? 2 : 0;
	int i;

	for (i = 0; i < 3; i++)
		sgz_free(sgz_alloc(sizes[row][i]));
}

static void
free_many(size_t count, bool all_sizes)
{
	size_t i;

	for (i = 1; i <= count; i++)
		sgz_free(sgz_alloc(all_sizes ? i : 1));
}

static void
steps(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	char name[32];
	void *block;
	int i;

	(void)in;
	for (i = 1; i <= 300; i++) {
		snprintf(name, sizeof(name), "step %d", i);
		rec_step(rec, name);
		if (i == 100)
			allocate_three();
		block = sgz_alloc((size_t)i);
		if (fault == LATE_STEP && i == 280)
			sgz_free(sgz_alloc(1));
		if (fault == FREED_FULL && i <= 60)
			free_many(1100, true);
		if (fault == FREED_OFTEN)
			free_many(256, false);
		if (fault == LATE_FREE && i == 290)
			free_late(block);
		else
			sgz_free(block);
	}
}

/* ---- 02-log: what the driver reads is written over ---- */

#define SKIPPED 1024

/*
 * Write up to @most bytes into the first mapping that is shared: the newest
 * one lies lowest.
 */
static void
scribble(size_t most)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char access[5], line[512];
	void *start, *end;
	size_t len = 0;

	while (len == 0 && maps != NULL &&
	       fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%p-%p %4s", &start, &end, access) != 3 ||
		    strcmp(access, "rw-s") != 0)
			continue;
		len = (size_t)((char *)end - (char *)start) - SKIPPED;
		memset((char *)start + SKIPPED, 0xa5, len < most ? len : most);
	}
	_Exit(0); /* what is written over cannot be used any more */
}

static void
shared_log(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	(void)in;
	rec_step(rec, "write");
	if (fault == SCRIBBLE)
		scribble(SIZE_MAX);
	if (fault == SCRIBBLE_SOME)
		scribble(64 << 10);
}

/* ---- 03-memory ---- */

static const struct ferrule_host *host;
static void *volatile kept;

/* The current value of a variable is reached; its old value is not. */
NAMED void
forget(void *block)
{
	kept = block;
	kept = NULL;
}

NAMED void
forget_strdup(void)
{
	forget(strdup("thirteen chr"));
}

NAMED void
forget_asprintf(void)
{
	char *text = NULL;

	if (asprintf(&text, "%d", 12345) > 0)
		forget(text);
}

NAMED void
forget_getline(void)
{
	char *line = NULL;
	size_t size = 0;
	FILE *file = fopen("/proc/self/status", "r");

	if (file == NULL || getline(&line, &size, file) < 0)
		abort();
	fclose(file);
	forget(line);
}

NAMED void
forget_realpath(void)
{
	forget(realpath("/usr/lib/..", NULL));
}

NAMED void
forget_memstream(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	if (file == NULL || fputs("text", file) < 0)
		abort();
	fclose(file);
	forget(text);
}

NAMED void
forget_z_stream(void)
{
	z_stream stream = { 0 };

	if (deflateInit(&stream, 6) != Z_OK)
		abort();
	/* its state is out of reach when this returns */
}

/* In tail.c, where a call at a function's end is a jump. */
void *
tail_malloc(size_t size);
void *
tail_thread(void *size);

NAMED void
forget_tail(void)
{
	forget(tail_malloc(21));
}

NAMED void
forget_tail_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, tail_thread, (void *)22) != 0)
		abort();
	pthread_join(thread, NULL);
}

NAMED void
leave_a_stream_open(void)
{
	FILE *file = fopen("/dev/null", "w");

	if (file == NULL || fputs("x", file) < 0)
		abort();
	forget(file);
}

NAMED void
forget_a_chain(void)
{
	void **first = malloc(31);
	void **second = malloc(32);

	if (first == NULL || second == NULL)
		abort();
	*first = second;
	*second = first;
}

/*
 * A block of the host's has the address of @in. It gets the address of a
 * forgotten block in its place, as it may have it by chance.
 */
__attribute__((no_sanitize_address)) NAMED void
forget_in_host(const struct ferrule_input *in)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	uintptr_t *word = NULL, *end = NULL;
	char line[512];

	if (maps == NULL)
		abort();
	while (end == NULL && fgets(line, sizeof(line), maps) != NULL)
		if (strstr(line, "[heap]") != NULL)
			sscanf(line, "%p-%p", (void **)&word, (void **)&end);
	fclose(maps);
	for (; word < end; word++) {
		if (*word != (uintptr_t)in)
			continue;
		*word = (uintptr_t)malloc(37);
		return;
	}
	abort();
}

static void
leak(void)
{
	switch (fault) {
	case LEAK_STRDUP:
		forget_strdup();
		break;
	case LEAK_ASPRINTF:
		forget_asprintf();
		break;
	case LEAK_GETLINE:
		forget_getline();
		break;
	case LEAK_REALPATH:
		forget_realpath();
		break;
	case LEAK_OPEN_MEMSTREAM:
		forget_memstream();
		break;
	case LEAK_Z_STREAM:
		forget_z_stream();
		break;
	case LEAK_TAIL:
		forget_tail();
		break;
	case LEAK_TAIL_THREAD:
		forget_tail_thread();
		break;
	case LEAK_STREAM:
		leave_a_stream_open();
		break;
	case LEAK_CHAIN:
		forget_a_chain();
		break;
	default:
		break;
	}
}

/* The child leaks of each side, or frees as Rust a block of its parent's. */
static void
have_a_child(bool frees)
{
	void *mine = malloc(46);
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (frees)
			host->dealloc(mine, 46, 1);
		kept = sgz_alloc(47);
		kept = host->alloc(48, 1);
		abort();
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		abort();
	free(mine);
}

static void
keep(void)
{
	void **block;

	switch (fault) {
	case KEPT_STATIC:
		kept = malloc(41);
		break;
	case CHILD_LEAK:
	case CHILD_FREE:
		have_a_child(fault == CHILD_FREE);
		break;
	case KEPT_INSIDE:
		kept = (char *)malloc(1000) + 500;
		break;
	case KEPT_CHAIN:
		block = malloc(sizeof(*block));
		if (block == NULL)
			abort();
		kept = block;
		*block = malloc(42);
		break;
	case KEPT_BY_LIBC:
		setenv("FERRULE_HOSTILE", "a value of some length", 1);
		printf("printed\n");
		break;
	case KEPT_LIBRARY:
		kept = sgz_alloc(43);
		break;
	default:
		break;
	}
}

NAMED void
free_a_default_block(void)
{
	free(sgz_alloc(51));
}

static void
use_default(void)
{
	struct sgz_error error = SGZ_ERROR_INIT;

	if (fault != DEFAULT_FREE && fault != DEFAULT_LEAK &&
	    fault != DEFAULT_FINE)
		return;
	if (sgz_allocator_set_default(
		    fault == DEFAULT_LEAK ? &sgz_allocator_libc : NULL,
		    &error) != SGZ_OK)
		abort();
	if (fault == DEFAULT_FREE)
		free_a_default_block();
	else if (fault == DEFAULT_LEAK)
		forget(sgz_alloc(52));
	else
		sgz_free(sgz_alloc(53));
}

static void *early[2];

__attribute__((constructor)) static void
allocate_early(void)
{
	early[0] = malloc(61);
	early[1] = malloc(62);
}

NAMED void
free_early(void)
{
	if (fault == EARLY_WRONG)
		host->dealloc(early[0], 61, 1);
	else if (fault == EARLY_FINE)
		free(early[0]);
}

#define MILLION 1000000

NAMED void
free_one_of_many(void)
{
	void **blocks = malloc(MILLION * sizeof(*blocks));
	int i;

	if (blocks == NULL)
		abort();
	for (i = 0; i < MILLION; i++)
		blocks[i] = malloc(1);
	host->dealloc(blocks[MILLION - 1], 1, 1);
	for (i = 0; i < MILLION - 1; i++)
		free(blocks[i]);
	free(blocks);
	forget(strdup("a text"));
}

/* The memory that is left is enough for small blocks, but not for a larger
 * table. */
NAMED void
leave_no_room(void)
{
	struct rlimit limit;
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	int i;

	if (file == NULL || fscanf(file, "%ld", &pages) != 1)
		abort();
	fclose(file);
	getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = (rlim_t)pages * 4096 + (3 << 19);
	if (setrlimit(RLIMIT_AS, &limit) != 0)
		abort();
	for (i = 0; i < 200000; i++) {
		void **block = malloc(sizeof(*block));

		if (block == NULL)
			break;
		*block = kept;
		kept = block;
	}
}

#define LARGE 100000

NAMED void
free_large(void)
{
	char *volatile block;
	int i;

	switch (fault) {
	case LARGE_TWICE:
		block = malloc(LARGE);
		free(block);
		kept = malloc(LARGE);
		free(block);
		break;
	case LARGE_WRITTEN:
		block = malloc(LARGE);
		free(block);
		block[LARGE / 2] = 1;
		break;
	case LARGE_SPARSE:
		block = calloc(1, (size_t)6 << 30);
		if (block == NULL || block[(size_t)5 << 30] != 0)
			abort();
		free(block);
		break;
	case LARGE_MANY:
		for (i = 0; i < 3000; i++)
			free(malloc((size_t)64 << 20));
		break;
	default:
		break;
	}
}

/* ---- plugins ---- */

static void *
load(const char *path)
{
	void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (plugin == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		abort();
	}
	return plugin;
}

static void
call_forget(void *plugin)
{
	void (*forget_block)(void);

	*(void **)&forget_block = dlsym(plugin, "plugin_forget");
	forget_block();
}

static void *
call_make(void *plugin)
{
	void *(*make)(size_t size);

	*(void **)&make = dlsym(plugin, "plugin_make");
	return make(82);
}

static void *
call_box(void *plugin)
{
	void *(*make)(void);

	*(void **)&make = dlsym(plugin, "plugin_box");
	return make();
}

static void
call_drop(void *plugin, void *block)
{
	void (*drop)(void *block);

	*(void **)&drop = dlsym(plugin, "plugin_drop");
	drop(block);
}

/* The file goes as soon as it is loaded. */
static void
forget_and_remove(void)
{
	char command[4096];
	void *plugin;

	snprintf(command, sizeof(command), "cp '%s' ./gone.so", C_PLUGIN);
	if (system(command) != 0)
		abort();
	plugin = load("./gone.so");
	call_forget(plugin);
	remove("gone.so");
	dlclose(plugin);
}

static void
forget_in(const char *path, int times)
{
	void *plugin;

	while (times-- > 0) {
		plugin = load(path);
		call_forget(plugin);
		dlclose(plugin);
	}
}

NAMED void
free_a_box(void *plugin)
{
	free(call_box(plugin));
}

NAMED void
drop_a_malloc(void *plugin)
{
	call_drop(plugin, malloc(91));
}

NAMED void
drop_anothers_box(void *plugin)
{
	host->dealloc(call_box(plugin), 91, 1);
}

NAMED void
drop_a_plugins_malloc(void *plugin)
{
	host->dealloc(call_make(plugin), 82, 1);
}

static void
use_plugin(void)
{
	void *plugin;

	if (fault >= PLUGIN_RUST_FREE && fault <= PLUGIN_RUST_FINE)
		plugin = load(RUST_PLUGIN);
	else
		plugin = load(C_PLUGIN);
	if (fault == PLUGIN_WRONG)
		drop_a_plugins_malloc(plugin);
	else if (fault == PLUGIN_FINE)
		free(call_make(plugin));
	else if (fault == PLUGIN_RUST_FREE)
		free_a_box(plugin);
	else if (fault == PLUGIN_RUST_DROP)
		drop_a_malloc(plugin);
	else if (fault == PLUGIN_RUST_OTHER)
		drop_anothers_box(plugin);
	else if (fault == PLUGIN_RUST_FINE)
		call_drop(plugin, call_box(plugin));
	dlclose(plugin);
}

static void
use_plugins(void)
{
	switch (fault) {
	case PLUGIN_LEAK:
		forget_in(C_PLUGIN, 1);
		break;
	case PLUGIN_GONE:
		forget_and_remove();
		break;
	case PLUGIN_AGAIN:
		forget_in(C_PLUGIN, 1000);
		break;
	case PLUGIN_RUST_LEAK:
		forget_in(RUST_PLUGIN, 1);
		break;
	case PLUGIN_BOTH:
		dlclose(load(C_PLUGIN));
		forget_in(OTHER_PLUGIN, 1);
		break;
	default:
		if (fault >= PLUGIN_LEAK)
			use_plugin();
	}
}

/* The maximum of resident memory of this process, in KiB. */
static void
check_resident(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	if (usage.ru_maxrss > 1 << 20)
		abort();
}

/* Also in tail.c: it ends with tail_malloc(23). */
void
tail_lesson(struct ferrule_recorder *rec, const struct ferrule_input *in);

static void
memory(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	rec_step(rec, "use");
	leak();
	if (fault == LEAK_IN_HOST)
		forget_in_host(in);
	keep();
	use_default();
	free_early();
	if (fault == MANY)
		free_one_of_many();
	if (fault == NO_ROOM)
		leave_no_room();
	free_large();
	use_plugins();
	check_resident();
	rec_step(rec, "end");
}

/* ---- 04-threads: workers that are tasks, and some that are none ---- */

static void *
work_for_the_library(void *task)
{
	int i;

	for (i = 1; i <= 200; i++)
		sgz_free(sgz_alloc((size_t)i));
	if (fault == THREAD_FREE && task == NULL)
		free(sgz_alloc(101));
	return NULL;
}

struct worker {
	pthread_t thread;
	struct ferrule_recorder *rec;
	int number;
};

static void
record_unordered(const struct worker *worker)
{
	struct ferrule_recorder *rec = worker->rec;
	int i;

	/* each lane in its own order */
	rec_unordered(rec, true);
	for (i = 0; i < 4; i++)
		rec_int(rec, "part", FAULT == NOTHING ? i : 3 - i);
	if (fault == TASK_GROUP && worker->number == 2)
		rec_int(rec, "part", 3);
	else
		rec_int(rec, "part", 4);
	rec_unordered(rec, false);
}

static void *
work_as_task(void *ctx)
{
	const struct worker *worker = ctx;
	struct ferrule_recorder *rec = worker->rec;
	int number = worker->number;
	void *block = NULL;
	char name[16];
	bool odd;

	snprintf(name, sizeof(name), "worker %d", number);
	if (fault != TASK_MISSING || number != 3)
		rec->ops->task(rec, name, strlen(name));
	rec_step(rec, "count");
	odd = fault == TASK_ORDER && number == 1;
	rec_int(rec, odd ? "b" : "a", number);
	rec_int(rec, odd ? "a" : "b", number);
	if (fault == TASK_WRONG && number <= 2)
		number = 3 - number;
	rec_int(rec, "number", number);
	work_for_the_library(ctx);
	if (worker->number == 4)
		block = sgz_alloc(7);
	if (fault != TASK_FREED)
		sgz_free(block);
	rec_step(rec, "group");
	if (fault == TASK_FREED)
		sgz_free(block);
	record_unordered(worker);
	if (fault == TASK_MEMORY && number == 4)
		sgz_free(sgz_alloc(7));
	if (fault == TASK_FREE && number == 4)
		free(sgz_alloc(102));
	if (fault == TASK_CRASH && number == 2)
		abort();
	if (fault == TASK_LEFT && number == 4)
		for (;;)
			pause();
	return NULL;
}

static void *
end_late(void *block)
{
	usleep(200000);
	free(block);
	return NULL;
}

static void *
never_end(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void
detach(void *(*run)(void *), void *ctx)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, ctx) != 0)
		abort();
	pthread_detach(thread);
}

static void
threads(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct worker workers[4];
	pthread_t others[4];
	int i;

	(void)in;
	rec_step(rec, "start");
	for (i = 0; i < 4; i++) {
		/* nobody records behind the one that crashes */
		if (fault == TASK_CRASH && i == 2)
			pause();
		workers[i].rec = rec;
		workers[i].number = i + 1;
		if (pthread_create(&others[i], NULL, work_for_the_library,
				   NULL) != 0 ||
		    pthread_create(&workers[i].thread, NULL, work_as_task,
				   &workers[i]) != 0)
			abort();
	}
	/* meanwhile, in a step of its own */
	rec_step(rec, "meanwhile");
	sgz_free(sgz_alloc(11));
	rec_int(rec, "done", 1);
	for (i = 0; i < 4; i++) {
		pthread_join(others[i], NULL);
		if (fault != TASK_LEFT || i != 3)
			pthread_join(workers[i].thread, NULL);
	}
	if (fault == THREAD_LATE)
		detach(end_late, malloc(21));
	if (fault == THREAD_LEFT)
		detach(never_end, NULL);
	if (fault == TASK_LEFT)
		usleep(100000);
	rec_step(rec, "joined");
}

/* ---- 05-tasks: what a lane in Rust records in its own tasks ---- */

static void *
record_as_task(void *ctx)
{
	const struct worker *worker = ctx;
	struct ferrule_recorder *rec = worker->rec;
	const char *name = worker->number == 0 ? "left" : "right";
	int i;

	rec->ops->task(rec, name, strlen(name));
	rec_step(rec, "work");
	rec_int(rec, "number", worker->number);
	rec_unordered(rec, true);
	for (i = 0; i < 3; i++)
		rec_int(rec, "any", i);
	return NULL;
}

static void
tasks(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct worker workers[2];
	int i;

	(void)in;
	rec_step(rec, "start");
	for (i = 0; i < 2; i++) {
		workers[i].rec = rec;
		workers[i].number = i;
		if (pthread_create(&workers[i].thread, NULL, record_as_task,
				   &workers[i]) != 0)
			abort();
	}
	for (i = 0; i < 2; i++)
		pthread_join(workers[i].thread, NULL);
	rec_step(rec, "end");
}

#define LESSON(name, run)           \
	{                           \
		name, __FILE__, run \
	}

static const struct ferrule_lesson lessons[] = {
	LESSON("01-steps", steps),
	LESSON("02-log", shared_log),
	LESSON("04-threads", threads),
	LESSON("05-tasks", tasks),
	LESSON("03-memory", FAULT == LEAK_TAIL_LESSON ? tail_lesson : memory),
};

static const struct ferrule_lane lane = {
	.abi = FERRULE_ABI,
	.order = FAULT == NOTHING ? 0 : 7,
	.name = FAULT == NOTHING ? "c" : LANE_NAME,
	.title = "Hostile: " LANE_NAME,
	.lesson_count = sizeof(lessons) / sizeof(lessons[0]),
	.lessons = lessons,
};

SGZ_API const struct ferrule_lane *
ferrule_lane(const struct ferrule_host *the_host)
{
	host = the_host;
	return &lane;
}
