/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The log as the parent reads it: nothing in it is believed. */
#include "ledger.h"
#include "names.h"
#include "util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A log with one of each, as a cell would have written it. */
static struct ledger_log *
written(void)
{
	struct ledger_log *log = calloc(1, sizeof(*log));

	assert_non_null(log);
	log->step = 2;
	log->steps[2][OWNER_LIBRARY].allocs = 3;
	log->total[OWNER_LIBRARY].allocs = 3;
	log->trace_count = 2;
	log->traces[1].depth = 1;
	log->traces[1].pc[0] = (void *)0x1111;
	log->traces[2].depth = 2;
	log->traces[2].pc[0] = (void *)0x2222;
	log->incident_count = 1;
	log->incidents[0] = (struct ledger_incident){
		.fault = FAULT_WRONG_SIDE,
		.owner = OWNER_RUST,
		.freed_by = OWNER_C,
		.step = 2,
		.alloc_trace = 2,
		.free_trace = 1,
	};
	log->modules.count = 1;
	log->unseen = 1;
	log->thread_count = 1;
	log->threads[0].trace = 1;
	log->freed_count = 2;
	log->freed[0] = (struct ledger_freed){ 2, 1, 64, 3 };
	log->freed[1] = (struct ledger_freed){ 2, LEDGER_NO_ROW, 64, 1 };
	log->leak_count = 1;
	log->leaks[0] = (struct ledger_leak){ OWNER_RUST, 2, 2, 0, 1, 21 };
	return log;
}

/* Read everything that a report reads, so that valgrind or a sanitizer sees
 * invalid memory. */
static void
use(const struct ledger *ledger)
{
	volatile uint64_t sum = 0;
	size_t i;

	for (i = 0; i < ledger->incidents_kept; i++) {
		const struct ledger_incident *incident = &ledger->incidents[i];

		sum += strlen(ledger->owners[incident->owner]);
		sum += strlen(ledger->owners[incident->freed_by]);
		free(trace_describe(ledger, incident->alloc_trace));
		free(trace_describe(ledger, incident->free_trace));
	}
	for (i = 0; i < ledger->leak_count; i++) {
		sum += strlen(ledger->owners[ledger->leaks[i].owner]);
		free(trace_describe(ledger, ledger->leaks[i].trace));
	}
	for (i = 0; i < ledger->threads_kept; i++)
		free(trace_describe(ledger, ledger->threads[i].trace));
	if (ledger->unseen != NULL)
		sum += strlen(ledger->unseen->path);
	for (i = 0; i < ledger->step_count + 2; i++)
		sum += ledger_usage_of(ledger, i)[OWNER_LIBC].allocs;
	(void)sum;
}

static void
test_ledger_read__comes_back_as_written(void **state)
{
	struct ledger_log *log = written();
	struct ledger ledger;

	(void)state;
	ledger_read(&ledger, log);
	assert_null(ledger.nonsense);
	assert_int_equal(ledger.step_count, 3);
	assert_int_equal(ledger_usage_of(&ledger, 2)[OWNER_LIBRARY].allocs, 3);
	assert_int_equal(ledger_usage_of(&ledger, 3)[OWNER_LIBRARY].allocs, 0);
	assert_int_equal(ledger.incidents_kept, 1);
	assert_int_equal(ledger.leak_count, 1);
	/* each stack is there once, and has its frames */
	assert_int_equal(ledger.trace_count, 3);
	assert_int_equal(ledger.incidents[0].alloc_trace,
			 ledger.leaks[0].trace);
	assert_ptr_equal(ledger.traces[ledger.leaks[0].trace].pc[0],
			 (void *)0x2222);
	assert_ptr_equal(ledger.traces[ledger.incidents[0].free_trace].pc[0],
			 (void *)0x1111);
	use(&ledger);
	ledger_release(&ledger);
	free(log);
}

/* Rows get the numbers of steps, and those that have none become alike. */
static void
test_ledger_read__arranges_frees(void **state)
{
	static const uint32_t rows[] = { 0, 2 };
	struct ledger_log *log = written();
	const struct ledger_freed *freed;
	struct ledger ledger;
	size_t count;

	(void)state;
	log->freed_count = 4;
	log->freed[2] = (struct ledger_freed){ 2, 2, 64, 5 };
	log->freed[3] = (struct ledger_freed){ 2, 0, 32, 7 };
	ledger_read(&ledger, log);
	assert_null(ledger.nonsense);
	ledger_arrange(&ledger, rows, ARRAY_SIZE(rows));
	assert_null(ledger_freed_of(&ledger, 0, &count));
	assert_int_equal(count, 0);
	freed = ledger_freed_of(&ledger, 1, &count);
	assert_int_equal(count, 3);
	assert_int_equal(freed[0].size, 32);
	assert_int_equal(freed[0].free_row, 0);
	assert_int_equal(freed[0].count, 7);
	assert_int_equal(freed[1].free_row, 1);
	assert_int_equal(freed[1].count, 5);
	assert_int_equal(freed[2].free_row, LEDGER_NO_ROW);
	assert_int_equal(freed[2].count, 4);
	ledger_release(&ledger);
	free(log);
}

static void
test_ledger_read__says_what_cannot_be(void **state)
{
#define AT(member) offsetof(struct ledger_log, member)
	static const struct {
		size_t at;
		uint32_t value;
		const char *says;
	} cases[] = {
		{ AT(incidents[0].fault), 5, "a wrong fault number 5" },
		{ AT(incidents[0].owner), OWNER_COUNT, "a wrong owner number" },
		{ AT(incidents[0].freed_by), UINT32_MAX,
		  "a wrong owner number" },
		{ AT(incidents[0].alloc_trace), 3, "stack 3 of 2" },
		{ AT(incidents[0].free_trace), UINT32_MAX, "refers to stack" },
		{ AT(leaks[0].owner), 77, "a wrong owner number 77" },
		{ AT(leaks[0].trace), LEDGER_TRACES, "refers to stack" },
		{ AT(leak_count), LEDGER_LEAKS + 1, "kinds of leaks" },
		{ AT(leak_count), UINT32_MAX, "kinds of leaks" },
		{ AT(trace_count), LEDGER_TRACES, "stacks" },
		{ AT(unseen), 5000000, "modules" },
		{ AT(unseen), UINT32_MAX, "modules" },
		{ AT(owner_count), LEDGER_OWNERS + 1, "owners" },
		{ AT(modules.count), MODULES + 1, "modules" },
		{ AT(modules.files_len), UINT32_MAX, "bytes of files" },
		{ AT(freed_count), LEDGER_FREED + 1, "kinds of frees" },
		{ AT(freed_count), UINT32_MAX, "kinds of frees" },
		{ AT(freed[0].alloc_row), 3, "a free in the step 1" },
		{ AT(freed[0].alloc_row), LEDGER_NO_ROW, "a free" },
		{ AT(freed[1].free_row), 3, "a free in the step 3" },
		{ AT(freed[1].free_row), LEDGER_NO_ROW - 1, "a free" },
		{ AT(threads[0].trace), 7, "stack 7 of 2" },
		{ AT(traces[2].depth), STACK_DEPTH + 1, "frames of a stack" },
		{ AT(traces[1].depth), UINT32_MAX, "frames of a stack" },
	};
	struct ledger ledger;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ledger_log *log = written();

		memcpy((char *)log + cases[i].at, &cases[i].value, 4);
		ledger_read(&ledger, log);
		assert_non_null(ledger.nonsense);
		assert_non_null(strstr(ledger.nonsense, cases[i].says));
		use(&ledger);
		ledger_release(&ledger);
		free(log);
	}
}

/* More incidents and steps than are kept are valid, but their number is
 * bounded. */
static void
test_ledger_read__counts_past_the_room_are_bounded(void **state)
{
	struct ledger_log *log = written();
	struct ledger ledger;

	(void)state;
	log->incident_count = UINT64_MAX;
	log->step = LEDGER_STEPS;
	ledger_read(&ledger, log);
	assert_null(ledger.nonsense);
	assert_int_equal(ledger.incidents_kept, LEDGER_INCIDENTS);
	assert_int_equal(ledger.step_count, LEDGER_STEPS);
	use(&ledger);
	ledger_release(&ledger);
	free(log);
}

static void
test_ledger_read__takes_any_bytes(void **state)
{
	struct ledger_log *log = written();
	size_t head = offsetof(struct ledger_log, modules.files);
	uint32_t random = 1;
	struct ledger ledger;
	size_t i, round;

	(void)state;
	for (round = 0; round < 10; round++) {
		for (i = 0; i + 4 <= head; i += 4) {
			random = random * 1664525u + 1013904223u;
			/* small numbers too: they pass more of the checks */
			random ^= random >> 16;
			memcpy((char *)log + i,
			       &(uint32_t){ round % 2 ? random : random % 9 },
			       4);
		}
		log->step %= 1000;
		ledger_read(&ledger, log);
		use(&ledger);
		ledger_release(&ledger);
	}
	free(log);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ledger_read__comes_back_as_written),
		cmocka_unit_test(test_ledger_read__arranges_frees),
		cmocka_unit_test(test_ledger_read__says_what_cannot_be),
		cmocka_unit_test(
			test_ledger_read__counts_past_the_room_are_bounded),
		cmocka_unit_test(test_ledger_read__takes_any_bytes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
