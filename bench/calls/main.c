/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Runs each row in each lane, for callgrind or for the clock.
 *
 *   calls count   each row twice, with FEW and with MANY calls
 *   calls time    each row, ROUNDS times, lanes in turns
 *
 * It prints a line for each measurement: row, lane, calls, result, nanoseconds.
 */
#include "rows.h"
#include <sgz.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FEW 100
#define MANY 900
#define ROUNDS 21

static const struct {
	const char *name;
	const struct calls_lane *lane;
} lanes[] = {
	{ "c", &calls_c },
	{ "handwritten", &calls_handwritten },
	{ "generated", &calls_generated },
	{ "safe", &calls_safe },
};

#define LANES (sizeof(lanes) / sizeof(lanes[0]))

static const char *const row_names[CALLS_ROWS] = {
	[CALLS_EMPTY] = "empty",	   [CALLS_STRUCT] = "struct",
	[CALLS_STRING_IN] = "string-in",   [CALLS_STR_IN] = "str-in",
	[CALLS_STRING_OUT] = "string-out", [CALLS_READ] = "read",
	[CALLS_CALLBACK] = "callback",	   [CALLS_ERROR] = "error",
	[CALLS_OWNED] = "owned",	   [CALLS_EXPORT] = "export",
};

/* What callgrind counts: it collects in here, and nowhere else. */
__attribute__((noinline)) static uint64_t
measured(uint64_t (*run)(void *state, uint64_t n), void *state, uint64_t n)
{
	/* a call, not a jump that would leave this function */
	return opaque(run(state, n));
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void
measure(enum calls_row row, size_t at, void *state, uint64_t n)
{
	uint64_t (*run)(void *, uint64_t) = lanes[at].lane->run[row];
	uint64_t result;
	double begun;

	lanes[at].lane->reset(state);
	/* what it allocates finds the heap as it left it itself */
	run(state, FEW);
	begun = now();
	result = measured(run, state, n);
	printf("%s %s %llu %llu %.1f\n", row_names[row], lanes[at].name,
	       (unsigned long long)n, (unsigned long long)result,
	       now() - begun);
}

/* The first calls resolve symbols and fill caches; they do not count. */
static void
warm_up(void *const *states)
{
	for (int row = 0; row < CALLS_ROWS; row++)
		for (size_t i = 0; i < LANES; i++) {
			lanes[i].lane->reset(states[i]);
			lanes[i].lane->run[row](states[i], FEW);
		}
}

static void
run_all(void *const *states, int rounds, const uint64_t *counts)
{
	for (int row = 0; row < CALLS_ROWS; row++)
		for (int round = 0; round < rounds; round++)
			for (size_t i = 0; i < LANES; i++)
				for (size_t k = 0; counts[k] != 0; k++)
					measure((enum calls_row)row, i,
						states[i], counts[k]);
}

/*
 * The same at the same place in a page. How long the environment is moves the
 * stack, and libc reads a text in another way if its page may end too early.
 */
static void
run_all_on_a_page(void *const *states, int rounds, const uint64_t *counts)
{
	uintptr_t over = (uintptr_t)__builtin_frame_address(0) % 4096;
	volatile char *pad = __builtin_alloca(over + 16);

	*pad = 0;
	run_all(states, rounds, counts);
}

/* A BGZF file of one block, in memory. */
static int
make_file(struct sgz_buffer *file)
{
	static unsigned char bytes[CALLS_BLOCK];
	struct sgz_writer *writer;
	int made;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(1 + i % 251);
	if (sgz_writer_open_memory(file, NULL, &writer, NULL) != SGZ_OK)
		return -1;
	made = sgz_writer_write(writer, bytes, sizeof(bytes), NULL) == SGZ_OK &&
		sgz_writer_finish(writer, NULL) == SGZ_OK;
	sgz_writer_free(writer);
	return made ? 0 : -1;
}

int
main(int argc, char **argv)
{
	static const uint64_t counted[] = { FEW, MANY, 0 };
	static const uint64_t timed[] = { MANY, 0 };
	struct sgz_buffer file = SGZ_BUFFER_INIT;
	void *states[LANES] = { NULL };
	struct calls_input input;
	int status = EXIT_FAILURE;
	size_t i;

	if (argc != 2 || make_file(&file) != 0)
		goto out;
	input.file = input.damaged = file.data;
	input.file_len = file.len;
	/* as if the file was cut */
	input.damaged_len = file.len / 2;
	for (i = 0; i < LANES; i++) {
		states[i] = lanes[i].lane->open(&input);
		if (states[i] == NULL)
			goto out;
	}
	warm_up(states);
	if (strcmp(argv[1], "time") == 0)
		run_all_on_a_page(states, ROUNDS, timed);
	else
		run_all_on_a_page(states, 1, counted);
	status = EXIT_SUCCESS;
out:
	if (status != EXIT_SUCCESS)
		fprintf(stderr, "calls: cannot set up its lanes\n");
	for (i = 0; i < LANES; i++)
		if (states[i] != NULL)
			lanes[i].lane->close(states[i]);
	sgz_buffer_release(&file);
	return status;
}
