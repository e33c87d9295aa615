/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A lane that is as it should be, and with FAULT defined as one of the words
 * below, the same lane with just that fault: the driver has to find it.
 */
#include "lesson.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum fault {
	NOTHING,
	/* what is recorded */
	BYTE, /* one byte otherwise */
	LABEL,
	KIND,
	EVENT_MISSING,
	EVENT_EXTRA,
	PREVENTED, /* and nobody declared it */
	MEANT, /* and lesson.toml says so */
	MEANT_FACT, /* one value, and lesson.toml says so */
	MEANT_MEMORY, /* what the library allocates, and lesson.toml says so */
	/* lesson.toml says that a step differs, but not in this */
	MEANT_AND_FACT, /* prevented, but it also records a fact that C lacks */
	MEANT_AND_BYTE, /* another fact than that */
	MEANT_AND_MEMORY, /* a fact, but the library allocates more too */
	MEANT_AND_MISSING, /* prevented, but the whole step is not there */
	STALE_PART, /* prevented and in its memory, which does not differ */
	STALE, /* lesson.toml says so, but it does not differ */
	NOTE, /* this is not a fault */
	FLOOD, /* more than is kept, and the last one differs */
	/* which steps and lessons there are */
	STEP_MISSING,
	STEP_EXTRA,
	STEP_RENAMED,
	STEP_BEFORE, /* one of a name that comes again */
	LESSON_MISSING,
	/* memory */
	LEAK_C,
	LEAK_LIBRARY,
	LEAK_RUST,
	WRONG_FREE, /* the library's block given to free() */
	WRONG_REALLOC,
	WRONG_DEALLOC, /* malloc()'s block given to Rust */
	WRONG_LIBRARY, /* Rust's block given to the library */
	LAYOUT, /* Rust gives back another size */
	DOUBLE_FREE,
	BAD_FREE,
	WRITE_AFTER_FREE,
	EVERY_KIND, /* of allocation, and freed as it should be: no fault */
	THREADS, /* that allocate at once: no fault */
	MORE_LIBRARY, /* the library allocates once more */
	LARGER_LIBRARY, /* as often, but more */
	/* in which step the library's blocks are freed */
	FREED_LATER,
	FREED_EARLIER,
	FREED_ELSEWHERE, /* in a step that C does not have */
	FREED_BY_THREAD, /* by a thread that is not a task */
	FREED_NEVER, /* a leak, and nothing else */
	FREED_OTHER, /* another one of the same size: no fault */
	MEANT_FREED, /* later, and lesson.toml says so */
	MEANT_ELSEWHERE, /* the same, but of another step */
	MEANT_MEMORY_ONLY, /* lesson.toml says so, but not that it is later */
	STALE_FREED, /* lesson.toml says so, and it is not later */
	/* how it ends */
	ABORT,
	SEGFAULT,
	OVERREAD, /* one byte behind the input */
	OVERWRITE, /* the input itself */
	EXIT,
	KILLED,
	HANG,
	HANG_WITH_CHILD, /* which would hold the output open */
	DEADLOCK, /* with a thread that takes no signals */
	HANG_TRACED, /* nobody may read its stack */
	CALLS_NULL,
	CALLS_DATA,
	RECURSES, /* until there is no stack left */
	CRASHES_IN_THREAD,
	CHILD_CRASHES, /* no fault: a lesson may show that */
	CHILD_LEFT, /* a process stays behind; no fault of the transcript */
	/* how it is loaded */
	ABI,
	REFUSES,
	CRASHES_ON_LOAD,
	EXITS_ON_LOAD,
	HANGS_ON_LOAD,
	SAME_NAME,
	SAME_ORDER,
	TWICE, /* a lesson */
};

#ifndef FAULT
#define FAULT NOTHING
#endif

/* volatile: or the compiler knows too well that this goes wrong */
static volatile enum fault fault = FAULT;
static const struct ferrule_host *host;
static void *volatile kept;

/* ---- faults that have to be named: a function for each ---- */

#define NAMED static __attribute__((noinline))

NAMED void
forget_c_block(void)
{
	kept = malloc(11);
	kept = NULL;
}

NAMED void
forget_rust_block(void)
{
	kept = host->alloc(13, 4);
	kept = NULL;
}

NAMED void
write_late(void)
{
	char *volatile block = malloc(24);

	free(block);
	*(volatile char *)(block + 5) = 1;
}

NAMED void
free_wrongly(void *block)
{
	switch (fault) {
	case WRONG_FREE:
		free(block);
		break;
	case WRONG_REALLOC:
		free(realloc(block, 1000));
		break;
	case DOUBLE_FREE:
		sgz_free(block);
		sgz_free(block);
		break;
	case LEAK_LIBRARY:
		break;
	default:
		sgz_free(block);
	}
}

NAMED void
misuse_rust(void)
{
	void *block;

	if (fault == WRONG_DEALLOC) {
		block = malloc(40);
		host->dealloc(block, 40, 8);
	} else if (fault == WRONG_LIBRARY) {
		block = host->alloc(48, 8);
		sgz_free(block);
	} else if (fault == LAYOUT) {
		block = host->alloc(56, 8);
		host->dealloc(block, 57, 8);
	}
}

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER,
				    PTHREAD_MUTEX_INITIALIZER };
static pthread_barrier_t both_have_one;

NAMED void *
lock_from(void *first)
{
	pthread_mutex_t *lock = first;
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	pthread_mutex_lock(lock);
	pthread_barrier_wait(&both_have_one);
	pthread_mutex_lock(lock == locks ? &locks[1] : locks);
	return NULL;
}

/* Two threads, each with the lock that the other one waits for. */
NAMED void
lock_both(void)
{
	pthread_t thread;

	pthread_barrier_init(&both_have_one, NULL, 2);
	if (pthread_create(&thread, NULL, lock_from, &locks[1]) != 0)
		abort();
	lock_from(&locks[0]);
	abort();
}

NAMED void
free_what_is_none(void)
{
	static char no_block[32];

	free((void *volatile)(no_block + 16));
}

NAMED size_t
recurse(volatile char *outer)
{
	volatile char inner[1000];

	inner[0] = outer[0];
	if (outer[0] != 0) /* it never is */
		return 0;
	return recurse(inner) + (size_t)inner[0];
}

/* The other threads wait for this one. */
static void *
crash(void *ctx)
{
	*(volatile char *)16 = 1;
	return ctx;
}

static void
crash_in_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, crash, NULL) == 0)
		pthread_join(thread, NULL);
}

static void
let_child_crash(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		abort();
	if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status) ||
	    WTERMSIG(status) != SIGABRT)
		abort();
}

static void
end_badly(const struct ferrule_input *in)
{
	static char data[16];
	void (*volatile function)(void) = NULL;

	switch (fault) {
	case ABORT:
		abort();
	case SEGFAULT:
		*(volatile char *)16 = 1;
		break;
	case OVERREAD:
		*(const volatile char *)(in->data + in->len);
		break;
	case OVERWRITE:
		*(volatile char *)in->data = 1;
		break;
	case EXIT:
		exit(0);
	case KILLED:
		raise(9);
		break;
	case HANG_WITH_CHILD:
	case CHILD_LEFT:
		if (fork() == 0)
			for (;;)
				pause();
		if (fault == CHILD_LEFT)
			break;
		/* fall through */
	case HANG:
		for (;;)
			pause();
	case DEADLOCK:
		lock_both();
		break;
	case CALLS_DATA:
		function = (void (*)(void))(uintptr_t)data;
		/* fall through */
	case CALLS_NULL:
		function();
		break;
	case RECURSES:
		recurse(data);
		break;
	case CRASHES_IN_THREAD:
		crash_in_thread();
		break;
	case CHILD_CRASHES:
		let_child_crash();
		break;
	case HANG_TRACED:
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		for (;;)
			pause();
	default:
		break;
	}
}

NAMED void
abort_on_load(void)
{
	fputs("no such thing\033\n", stderr);
	abort();
}

NAMED void
hang_on_load(void)
{
	for (;;)
		pause();
}

/* All ways to a block, and for each the right way back. */
static void
every_kind(void)
{
	char *own = NULL;
	void *block = NULL;
	size_t i;

	for (i = 0; i < 100; i++) {
		free(calloc(i, 3));
		free(realloc(malloc(i), 2 * i + 1));
		free(aligned_alloc(64, 64 * (i + 1)));
		free(memalign(256, i + 1));
		free(valloc(i + 1));
		if (posix_memalign(&block, 128, i) == 0)
			free(block);
		/* allocated by the C library, freed by the program */
		free(strdup("a copy"));
		if (asprintf(&own, "%zu", i) > 0)
			free(own);
		block = host->alloc_zeroed(i + 1, 32);
		block = host->realloc(block, i + 1, 32, 3 * i + 1);
		host->dealloc(block, 3 * i + 1, 32);
		sgz_free(sgz_alloc(0));
	}
}

static void *
allocate_much(void *unused)
{
	void *held[64] = { NULL };
	unsigned i, at;

	for (i = 0; i < 20000; i++) {
		at = i * 7919u % 64;
		free(held[at]);
		held[at] = malloc(i % 700);
	}
	for (at = 0; at < 64; at++)
		free(held[at]);
	return unused;
}

static void
use_threads(void)
{
	pthread_t threads[4];
	size_t i;

	for (i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, allocate_much, NULL))
			abort();
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static void
flood(struct ferrule_recorder *rec)
{
	int i;

	for (i = 0; i < 200000; i++)
		rec_int(rec, "flood", i);
	rec_int(rec, "last", fault == FLOOD);
}

/* ---- the lessons ---- */

static void
blocks(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	unsigned char copy[16] = { 0 };
	void *block;
	void *own;

	memcpy(copy, in->data, in->len < sizeof(copy) ? in->len : sizeof(copy));
	copy[15] ^= fault == BYTE || fault == MEANT_AND_BYTE;
	rec_step(rec, "allocate");
	block = sgz_alloc(fault == LARGER_LIBRARY ? 101 : 100);
	own = malloc(50);
	if (fault == MORE_LIBRARY || fault == MEANT_MEMORY ||
	    fault == MEANT_AND_MEMORY)
		sgz_free(sgz_alloc(10));
	rec_int(rec, fault == LABEL ? "length" : "size",
		(int64_t)in->len +
			(fault == MEANT_FACT || fault == MEANT_AND_BYTE ||
			 fault == MEANT_AND_MEMORY));
	if (fault != EVENT_MISSING)
		rec_bytes(rec, "copy", copy, sizeof(copy));
	if (fault == EVENT_EXTRA)
		rec_int(rec, "extra", 1);
	if (fault == NOTE)
		rec_note(rec, "a note");
	end_badly(in);
	if (fault == STEP_EXTRA)
		rec_step(rec, "more");
	if (fault != MEANT_AND_MISSING)
		rec_step(rec, fault == STEP_RENAMED ? "release" : "free");
	if (fault == MEANT_AND_FACT)
		rec_int(rec, "done", 2);
	if (fault == PREVENTED || fault == MEANT || fault == MEANT_AND_FACT ||
	    fault == STALE_PART)
		rec_prevented(rec, "the type");
	else if (fault == KIND)
		rec_text(rec, "done", "1");
	else
		rec_int(rec, "done", 1);
	free(own);
	free_wrongly(block);
	if (fault == LEAK_C)
		forget_c_block();
	if (fault == LEAK_RUST)
		forget_rust_block();
	if (fault == WRITE_AFTER_FREE)
		write_late();
	if (fault == BAD_FREE)
		free_what_is_none();
	if (fault == EVERY_KIND)
		every_kind();
	if (fault == THREADS)
		use_threads();
	misuse_rust();
}

static void
free_in_time(void *first, void *second, void *small)
{
	sgz_free(first);
	sgz_free(second);
	sgz_free(small);
}

static void *
free_block(void *block)
{
	sgz_free(block);
	return NULL;
}

static void
free_in_thread(void *block)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, free_block, block) != 0)
		abort();
	pthread_join(thread, NULL);
}

/* The first block is freed in step "two", the others in step "three". */
static void
steps(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	bool late = fault == FREED_LATER || fault == FREED_OTHER ||
		fault == FREED_ELSEWHERE || fault == FREED_NEVER ||
		fault == FREED_BY_THREAD || fault == MEANT_FREED ||
		fault == MEANT_ELSEWHERE || fault == MEANT_MEMORY_ONLY;
	bool last = late && fault != FREED_ELSEWHERE &&
		fault != FREED_BY_THREAD && fault != FREED_NEVER;
	void *first, *second, *small;

	rec_step(rec, "one");
	first = sgz_alloc(64);
	second = sgz_alloc(64);
	small = sgz_alloc(32);
	if (fault == MEANT_MEMORY_ONLY)
		sgz_free(sgz_alloc(48));
	rec_int(rec, "size", (int64_t)in->size);
	if (fault != STEP_MISSING) {
		rec_step(rec, "two");
		rec_int(rec, "two", 2);
	}
	free_in_time(late ? NULL : first, fault == FREED_OTHER ? second : NULL,
		     fault == FREED_EARLIER ? small : NULL);
	if (fault == FREED_BY_THREAD)
		free_in_thread(first);
	if (fault == FREED_ELSEWHERE) {
		rec_step(rec, "more");
		sgz_free(first);
	}
	rec_step(rec, "three");
	rec_int(rec, "three", 3);
	free_in_time(last ? first : NULL, fault != FREED_OTHER ? second : NULL,
		     fault != FREED_EARLIER ? small : NULL);
}

static void
many(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	(void)in;
	rec_step(rec, "flood");
	flood(rec);
}

/* What the lanes of faults.rs are compared with. */
static void
rust(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	(void)in;
	rec_step(rec, "vec");
	rec_int(rec, "done", 1);
}

/* C's steps are b, a. */
static void
order(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	(void)in;
	if (fault == STEP_BEFORE) {
		rec_step(rec, "a");
		rec_int(rec, "early", 1);
	}
	rec_step(rec, "b");
	rec_int(rec, "b", 1);
	rec_step(rec, "a");
	rec_int(rec, "a", fault == STEP_BEFORE ? 2 : 1);
	if (fault == STEP_BEFORE) {
		rec_step(rec, "c");
		rec_int(rec, "late", 1);
	}
}

#define LESSON(name, run)           \
	{                           \
		name, __FILE__, run \
	}

static const struct ferrule_lesson lessons[] = {
	LESSON("01-blocks", blocks), LESSON("02-steps", steps),
	LESSON("03-many", many),     LESSON("04-rust", rust),
	LESSON("05-order", order),
};

static const struct ferrule_lesson twice[] = {
	LESSON("01-blocks", blocks),
	LESSON("01-blocks", blocks),
};

static struct ferrule_lane lane = {
	.abi = FERRULE_ABI,
	.order = FAULT == NOTHING || FAULT == SAME_ORDER ? 0 : 7,
	.name = FAULT == NOTHING || FAULT == SAME_NAME ? "c" : LANE_NAME,
	.title = "Spoiled: " LANE_NAME,
	.lesson_count = sizeof(lessons) / sizeof(lessons[0]),
	.lessons = lessons,
};

SGZ_API const struct ferrule_lane *
ferrule_lane(const struct ferrule_host *the_host)
{
	host = the_host;
	switch (fault) {
	case REFUSES:
		return NULL;
	case ABI:
		lane.abi = FERRULE_ABI + 1;
		break;
	case CRASHES_ON_LOAD:
		abort_on_load();
		break;
	case EXITS_ON_LOAD:
		exit(3);
	case HANGS_ON_LOAD:
		hang_on_load();
		break;
	case LESSON_MISSING:
		lane.lesson_count = 1;
		break;
	case TWICE:
		lane.lessons = twice;
		lane.lesson_count = 2;
		break;
	default:
		break;
	}
	return &lane;
}
