/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Plugins of ours: good ones, and others. */
#include "plugin.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t stops;

/* How often one of these was stopped. */
uint32_t
plugin_stops(void)
{
	return stops;
}

struct count {
	uint64_t bytes;
	char text[40];
};

static void *
start(void)
{
	return calloc(1, sizeof(struct count));
}

static void *
cannot_start(void)
{
	return NULL;
}

/* Makes small letters big. */
static void
run(void *state, unsigned char *data, size_t len)
{
	struct count *count = state;
	size_t i;

	for (i = 0; i < len; i++)
		if (data[i] >= 'a' && data[i] <= 'z')
			data[i] = (unsigned char)(data[i] - 'a' + 'A');
	count->bytes += len;
}

static void
stop(void *state)
{
	stops++;
	free(state);
}

static const char *
describe(void *state)
{
	struct count *count = state;

	snprintf(count->text, sizeof(count->text), "%llu bytes",
		 (unsigned long long)count->bytes);
	return count->text;
}

/* Needs no state. */
static void *
start_simple(void)
{
	return (void *)"simple";
}

static void
run_simple(void *state, unsigned char *data, size_t len)
{
	size_t i;

	(void)state;
	for (i = 0; i < len; i++)
		data[i] ^= 1;
}

static const char *
not_there(void *state)
{
	(void)state;
	return "read beyond the end of the struct";
}

const struct plugin *
good_plugin(void)
{
	static const struct plugin table = {
		PLUGIN_ABI, sizeof(table), "good", start, run, stop, describe,
	};

	return &table;
}

/* The same, without what may be NULL. */
const struct plugin *
simple_plugin(void)
{
	static const struct plugin table = {
		PLUGIN_ABI, sizeof(table), "simple", start_simple,
		run_simple, NULL,	   NULL,
	};

	return &table;
}

/* It does not know describe, and something else lies there. */
const struct plugin *
first_plugin(void)
{
	static const struct plugin table = {
		PLUGIN_ABI, offsetof(struct plugin, describe),
		"first",    start,
		run,	    stop,
		not_there,
	};

	return &table;
}

/* It knows more than this application. */
const struct plugin *
newer_plugin(void)
{
	static const struct {
		struct plugin known;
		void (*more)(void *state);
	} table = {
		{ PLUGIN_ABI, sizeof(table), "newer", start, run, stop,
		  describe },
		stop,
	};

	return &table.known;
}

const struct plugin *
other_abi_plugin(void)
{
	static const uint32_t table[16] = { 1 };

	return (const struct plugin *)table;
}

const struct plugin *
too_small_plugin(void)
{
	static const struct plugin table = {
		PLUGIN_ABI, offsetof(struct plugin, run),
		"small",    start,
		run,	    stop,
		describe,
	};

	return &table;
}

const struct plugin *
no_run_plugin(void)
{
	static const struct plugin table = {
		PLUGIN_ABI, sizeof(table), "no run", start,
		NULL,	    stop,	   describe,
	};

	return &table;
}

const struct plugin *
no_start_plugin(void)
{
	static const struct plugin table = {
		PLUGIN_ABI, sizeof(table), "no start", NULL,
		run,	    stop,	   describe,
	};

	return &table;
}

const struct plugin *
cannot_start_plugin(void)
{
	static const struct plugin table = {
		PLUGIN_ABI, sizeof(table), "cannot", cannot_start,
		run,	    stop,	   describe,
	};

	return &table;
}

const struct plugin *
nothing_plugin(void)
{
	return NULL;
}
