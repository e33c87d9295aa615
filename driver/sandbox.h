/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A sandbox: a process that runs code that need not be trusted.
 *
 * Whatever the code does is a result. A sandbox has its own folder, deadline
 * and memory for its report. When it ends, all processes that it started are
 * ended too.
 */
#ifndef FERRULE_SANDBOX_H
#define FERRULE_SANDBOX_H

#include "sandbox_limits.h"
#include "stacks.h"

#include <stdbool.h>
#include <stddef.h>

struct sandbox {
	/* a name for messages */
	char *title;
	/* the function that runs in the new process; it writes its report to
	 * @log */
	void (*run)(void *ctx, void *log);
	void *ctx;
	size_t log_size; /* the size of the log; its bytes are 0 at first */
	double timeout; /* in seconds, or 0: that of the options */
	bool other_program; /* @run executes one: its stacks tell nothing */

	/* The report, set when no process can write there any more. Any process
	 * of the sandbox may have written anything. NULL: it did not run. */
	void *log;
	bool timed_out;
	char *over; /* the limit that it exceeded (see sandbox_limits.h), or NULL */
	/* if it has: of its threads; else of the one that crashed */
	struct stacks *stacks;
	int wait_status; /* if it has not */
	double seconds;
	char *output; /* the part of stdout and stderr that is kept */
	size_t output_len;
	bool output_cut;
};

struct sandbox_options {
	unsigned jobs;
	double timeout;
	const char *progress; /* its noun, on stderr; NULL: none */
	const struct limits *limits; /* NULL: none */
};

/*
 * Run all @sandboxes. Ends the program if a sandbox cannot be started, or after
 * a signal. Then no folder and no process is left.
 */
void
sandboxes_run(struct sandbox *const *sandboxes, size_t count,
	      const struct sandbox_options *options);

void
sandbox_release(struct sandbox *sandbox);

#endif
