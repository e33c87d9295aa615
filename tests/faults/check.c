/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Runs the driver and looks whether it found the fault, and just that.
 *
 *   check EXIT LESSON VERDICT NEEDLE COMMAND...   exit 0 or 1: a report
 *   check 2 - - NEEDLE COMMAND...                 could not run: a message
 *
 * COMMAND gets "--json -". The lane looked at is the last one. Its cell of
 * LESSON must have the VERDICT and, of the reasons, one with the text NEEDLE
 * (parts that follow each other are separated by "|"; "" means no reason; with
 * a "!" before it, it must be the only one); all other cells must be as
 * expected.
 */
#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void
fail(const char *what, const char *detail)
{
	printf("%s: %s\n", what, detail);
	exit(1);
}

/* Does @text contain the parts of @needle, in this order? */
static int
has(const char *text, const char *needle)
{
	char part[256];
	size_t len;

	for (;;) {
		len = strcspn(needle, "|");
		snprintf(part, sizeof(part), "%.*s", (int)len, needle);
		text = strstr(text, part);
		if (text == NULL)
			return 0;
		text += len;
		if (needle[len] == '\0')
			return 1;
		needle += len + 1;
	}
}

/* Run @argv. Returns its output on the descriptor @from. */
static char *
run(char **argv, int from, int *code)
{
	static char output[8 << 20];
	size_t len = 0;
	ssize_t got;
	int fds[2];
	int status;
	pid_t pid;

	if (pipe(fds) != 0 || (pid = fork()) < 0)
		fail("cannot start", argv[0]);
	if (pid == 0) {
		dup2(fds[1], from);
		close(fds[0]);
		close(fds[1]);
		execv(argv[0], argv);
		_exit(127);
	}
	close(fds[1]);
	while (len < sizeof(output) - 1 &&
	       (got = read(fds[0], output + len, sizeof(output) - 1 - len)) > 0)
		len += (size_t)got;
	output[len] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	*code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return output;
}

static void
check_reasons(json_t *cell, const char *needle)
{
	json_t *reasons = json_object_get(cell, "reasons");
	size_t i, count = json_array_size(reasons);
	const char *reason;

	if (needle[0] == '!' && count != 1) {
		printf("%zu reasons: ", count);
		fail("there is not just one that says", needle);
	}
	needle += needle[0] == '!';
	for (i = 0; i < count; i++) {
		reason = json_string_value(json_array_get(reasons, i));
		printf("reason: %s\n", reason);
		if (needle[0] != '\0' && has(reason, needle))
			return;
	}
	if (needle[0] != '\0' || count > 0)
		fail("no reason says", needle);
}

static void
check_report(char *text, const char *lesson, const char *verdict,
	     const char *needle)
{
	json_error_t error;
	json_t *root = json_loads(text, 0, &error);
	json_t *lanes = json_object_get(root, "lanes");
	json_t *lane = json_array_get(lanes, json_array_size(lanes) - 1);
	const char *name = json_string_value(json_object_get(lane, "name"));
	json_t *cell;
	size_t i;
	int seen = 0;

	if (root == NULL || name == NULL)
		fail("no report", root == NULL ? error.text : text);
	json_array_foreach(json_object_get(root, "cells"), i, cell)
	{
		const char *its, *in, *of;

		if (json_unpack(cell, "{s:s, s:s, s:s}", "verdict", &its,
				"lane", &in, "lesson", &of) != 0)
			fail("a cell", "lacks verdict, lane or lesson");
		if (strcmp(in, name) == 0 && strcmp(of, lesson) == 0) {
			seen = 1;
			if (strcmp(its, verdict) != 0)
				fail("the verdict is", its);
			check_reasons(cell, needle);
		} else if (strcmp(its, "same") != 0) {
			printf("%s, %s: ", of, in);
			fail("is not same but", its);
		}
	}
	if (!seen)
		fail("no cell of", lesson);
	json_decref(root);
}

int
main(int argc, char **argv)
{
	char **command;
	char *output;
	int code, wanted, i;

	if (argc < 6)
		fail("usage", "check EXIT LESSON VERDICT NEEDLE COMMAND...");
	wanted = atoi(argv[1]);
	command = calloc((size_t)argc, sizeof(*command));
	if (command == NULL)
		fail("cannot run", "out of memory");
	for (i = 5; i < argc; i++)
		command[i - 5] = argv[i];
	if (wanted == 2) {
		output = run(command, STDERR_FILENO, &code);
		printf("said: %s", output);
		if (!has(output, argv[4]))
			fail("the message does not say", argv[4]);
	} else {
		command[i++ - 5] = (char *)"--json";
		command = realloc(command, ((size_t)i + 1) * sizeof(*command));
		if (command == NULL)
			fail("cannot run", "out of memory");
		command[i++ - 5] = (char *)"-";
		command[i - 5] = NULL;
		output = run(command, STDOUT_FILENO, &code);
		check_report(output, argv[2], argv[3], argv[4]);
	}
	free(command);
	if (code != wanted) {
		printf("exit code %d, not %d\n", code, wanted);
		return 1;
	}
	return 0;
}
