/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A sandbox: a process that runs code which nobody has to trust.
 *
 * Whatever it does, it is a result: it has a folder, a deadline and memory for
 * what it reports, all of its own; and with it ends every process that came of
 * it.
 */
#ifndef FERRULE_SANDBOX_H
#define FERRULE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

struct sandbox {
	/* what runs, in words */
	char *title;
	/* what runs, in the new process: it writes what it reports to @log */
	void (*run)(void *ctx, void *log);
	void *ctx;
	size_t log_size; /* so many bytes, all 0 at first */

	/* What it reported, when nobody can write there any more. Any process
	 * of the sandbox may have written anything. NULL: it did not run. */
	void *log;
	bool timed_out;
	int wait_status; /* if it has not */
	double seconds;
	char *output; /* of stdout and stderr, as far as kept */
	size_t output_len;
	bool output_cut;
};

struct sandbox_options {
	unsigned jobs;
	double timeout;
	const char *progress; /* what one is called, on stderr; NULL: silent */
};

/*
 * Run all @sandboxes. Ends the program if one cannot even be started, or a
 * signal asks for it; no folder and no process is left behind then.
 */
void
sandboxes_run(struct sandbox *const *sandboxes, size_t count,
	      const struct sandbox_options *options);

void
sandbox_release(struct sandbox *sandbox);

#endif
