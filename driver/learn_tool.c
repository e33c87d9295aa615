/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The compilers run in sandboxes, since what they read is an answer. */
#include "learn.h"

#include "sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct tool {
	char **words;
	char *here; /* paths of the words may be relative to it */
};

/* What the new process says. */
struct tool_log {
	int failure; /* of its start; 0: it was started */
};

static void
execute(void *ctx, void *log_)
{
	const struct tool *tool = ctx;
	struct tool_log *log = log_;

	/* a sandbox ignores these, but a program expects them */
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	/* a cache of the compiler's lies in another folder */
	setenv("CCACHE_DISABLE", "1", 1);
	if (chdir(tool->here) == 0)
		execvp(tool->words[0], (char *const *)(uintptr_t)tool->words);
	log->failure = errno;
}

/* It was ended: say by what, and by which limit that may be. */
static void
add_end(const struct sandbox *sandbox, const struct limits *limits,
	double seconds, struct text *output)
{
	int signal = WTERMSIG(sandbox->wait_status);
	const char *name = sandbox->title;

	if (output->len > 0 && output->data[output->len - 1] != '\n')
		text_addf(output, "\n");
	if (sandbox->timed_out)
		text_addf(output, "%s did not end within %g s\n", name,
			  seconds);
	else if (sandbox->over != NULL)
		text_addf(output, "%s was ended: %s\n", name, sandbox->over);
	else if (signal == SIGXFSZ)
		text_addf(output, "%s was ended: a file may have at most %s\n",
			  name, with_unit(limits->file));
	else
		text_addf(output,
			  "%s was ended by SIG%s; it may use at most %s of "
			  "memory\n",
			  name, sigabbrev_np(signal),
			  with_unit(limits->memory));
}

/* It failed. Compilers have these words for it. */
static void
add_memory(const char *name, const struct limits *limits, struct text *output)
{
	if (output->len > 0 &&
	    (strstr(output->data, "out of memory") != NULL ||
	     strstr(output->data, "memory allocation of") != NULL))
		text_addf(output, "%s may use at most %s of memory\n", name,
			  with_unit(limits->memory));
}

int
run_tool(const struct course *course, struct list *words, const char *work,
	 struct text *output)
{
	const struct limits limits = {
		.memory = (uint64_t)4 << 30,
		.file = (uint64_t)256 << 20,
		.confined = true,
		.also = work,
	};
	const struct sandbox_options options = {
		.jobs = 1,
		.timeout = course->build_time,
		.limits = &limits,
	};
	struct tool tool = { .here = getcwd(NULL, 0) };
	struct sandbox sandbox = {
		.title = xstrdup(words->items[0]),
		.run = execute,
		.ctx = &tool,
		.log_size = sizeof(struct tool_log),
		.other_program = true,
	};
	struct sandbox *all[] = { &sandbox };
	const struct tool_log *log;
	int status = 128;

	list_add(words, NULL);
	tool.words = words->items;
	if (tool.here == NULL)
		die("the current folder: %s", strerror(errno));
	sandboxes_run(all, 1, &options);
	log = sandbox.log;
	if (log->failure != 0)
		die("%s: cannot be started: %s", sandbox.title,
		    strerror(log->failure));
	if (sandbox.output_len > 0)
		text_add(output, sandbox.output, sandbox.output_len);
	if (!sandbox.timed_out && sandbox.over == NULL &&
	    WIFEXITED(sandbox.wait_status))
		status = WEXITSTATUS(sandbox.wait_status);
	else
		add_end(&sandbox, &limits, options.timeout, output);
	if (status != 0 && status != 128)
		add_memory(words->items[0], &limits, output);
	sandbox_release(&sandbox);
	list_release(words);
	free(tool.here);
	return status;
}
