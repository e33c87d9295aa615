// fails: behaviour: started twice
/* A plugin that makes one line of several. */
#include "plugin.h"

#include <stdio.h>
#include <stdlib.h>

struct lines {
	unsigned long count;
	char text[40];
};

static void *
start(void)
{
	return calloc(1, sizeof(struct lines));
}

static void
run(void *state, unsigned char *data, size_t len)
{
	struct lines *lines = state;
	size_t i;

	for (i = 0; i < len && i < 20; i++) {
		if (data[i] != '\n')
			continue;
		data[i] = ' ';
		lines->count++;
	}
}

static void
stop(void *state)
{
	free(state);
}

static const char *
describe(void *state)
{
	struct lines *lines = state;

	snprintf(lines->text, sizeof(lines->text), "%lu lines", lines->count);
	return lines->text;
}

const struct plugin *
lines_plugin(void)
{
	static const struct plugin table = {
		.abi = PLUGIN_ABI,
		.size = sizeof(table),
		.name = "lines",
		.start = start,
		.run = run,
		.stop = stop,
		.describe = describe,
	};

	return &table;
}
