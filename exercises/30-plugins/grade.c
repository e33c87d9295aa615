/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer is an application with plugins, and one of them. */
#include "../grade.h"
#include "plugin.h"

struct loaded {
	uint32_t refused; /* 0: it is loaded */
	uint32_t detail; /* of the refusal */
	char function[16];
	char name[16];
	char description[40];
};

/* Load it, and let it change the bytes, twice. */
void
load(const struct plugin *plugin, unsigned char *data, size_t len,
     struct loaded *out);
/* Load it twice, and let only the first change the bytes. */
void
load_twice(const struct plugin *plugin, unsigned char *data, size_t len,
	   struct loaded *first_out, struct loaded *second_out);

const struct plugin *
good_plugin(void);
const struct plugin *
simple_plugin(void);
const struct plugin *
first_plugin(void);
const struct plugin *
newer_plugin(void);
const struct plugin *
other_abi_plugin(void);
const struct plugin *
too_small_plugin(void);
const struct plugin *
no_run_plugin(void);
const struct plugin *
no_start_plugin(void);
const struct plugin *
cannot_start_plugin(void);
const struct plugin *
nothing_plugin(void);
const struct plugin *
lines_plugin(void);
uint32_t
plugin_stops(void);

static void
record(struct ferrule_recorder *rec, const struct loaded *loaded)
{
	static const char *const refusals[] = {
		"no", "Nothing", "Abi", "TooSmall", "Missing", "Start",
	};

	rec_text(rec, "refused", refusals[loaded->refused]);
	rec_int(rec, "abi or size of the refused", loaded->detail);
	rec_text(rec, "function that is missing", loaded->function);
	rec_text(rec, "name", loaded->name);
	rec_text(rec, "description", loaded->description);
}

static void
try(struct ferrule_recorder *rec, const struct plugin *plugin)
{
	unsigned char data[] = "Some\nlines\nof text.";
	uint32_t stops = plugin_stops();
	struct loaded loaded = { 0 };

	load(plugin, data, sizeof(data) - 1, &loaded);
	record(rec, &loaded);
	rec_text(rec, "data", (const char *)data);
	rec_int(rec, "calls of stop", plugin_stops() - stops);
}

static void
two_at_a_time(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct loaded loaded[2] = { 0 };
	size_t len = in->len < 100 ? in->len : 100;
	unsigned char data[100];

	memcpy(data, in->data, len);
	data[0] = '\n';
	data[len - 1] = '\n';
	load_twice(lines_plugin(), data, len, &loaded[0], &loaded[1]);
	record(rec, &loaded[0]);
	record(rec, &loaded[1]);
	rec_bytes(rec, "data", data, len);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const struct {
		const char *step;
		const struct plugin *(*entry)(void);
	} plugins[] = {
		{ "a good one", good_plugin },
		{ "one without stop and describe", simple_plugin },
		{ "a first one, which does not know describe", first_plugin },
		{ "a newer one", newer_plugin },
		{ "one of another ABI", other_abi_plugin },
		{ "one that is too small", too_small_plugin },
		{ "one without run", no_run_plugin },
		{ "one without start", no_start_plugin },
		{ "one that cannot start", cannot_start_plugin },
		{ "none", nothing_plugin },
		{ "your own, answer.c", lines_plugin },
	};
	size_t i;

	for (i = 0; i < sizeof(plugins) / sizeof(plugins[0]); i++) {
		rec_step(rec, plugins[i].step);
		try(rec, plugins[i].entry());
	}
	rec_step(rec, "your own, started twice, drawn");
	two_at_a_time(rec, in);
}
