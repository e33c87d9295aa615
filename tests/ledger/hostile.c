/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A lane that gives the ledger work, and with FAULT defined as one of the
 * words below, the same lane with just that fault.
 */
#include <ferrule/lane.h>
#include <sgz.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum fault {
	NOTHING,
	/* the books themselves */
	LATE_STEP, /* the library allocates once more, in step 280 of 300 */
	LATE_FREE, /* a wrong-side free, in step 290 */
	SCRIBBLE, /* over all that the driver reads, but its first KiB */
	SCRIBBLE_SOME, /* over 64 KiB of it */
};

#ifndef FAULT
#define FAULT NOTHING
#endif

/* volatile: or the compiler knows too well that this goes wrong */
static volatile enum fault fault = FAULT;

static void
step(struct ferrule_recorder *rec, const char *name)
{
	rec->ops->step(rec, name, strlen(name));
}

#define NAMED static __attribute__((noinline))

/* ---- 01-steps: more of them than a byte counts ---- */

NAMED void
free_late(void *block)
{
	free(block);
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
		step(rec, name);
		block = sgz_alloc((size_t)i);
		if (fault == LATE_STEP && i == 280)
			sgz_free(sgz_alloc(1));
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
	step(rec, "write");
	if (fault == SCRIBBLE)
		scribble(SIZE_MAX);
	if (fault == SCRIBBLE_SOME)
		scribble(64 << 10);
}

#define LESSON(name, run)           \
	{                           \
		name, __FILE__, run \
	}

static const struct ferrule_lesson lessons[] = {
	LESSON("01-steps", steps),
	LESSON("02-log", shared_log),
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
ferrule_lane(const struct ferrule_host *host)
{
	(void)host;
	return &lane;
}
