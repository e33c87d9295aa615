/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A cell in this process, for Rust. */
#include "hosted.h"

#include "judge.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct hosted {
	struct transcript_log log;
	struct transcript transcript;
	/* what the library did in each step; [0] is before the first one */
	struct ledger_usage *usage;
	size_t step;
	uint64_t allocs, bytes; /* when the step began */
};

static struct hosted *running;

static void
end_step(struct hosted *hosted)
{
	uint64_t allocs, bytes;

	hosted_usage(&allocs, &bytes);
	hosted->usage[hosted->step].allocs = allocs - hosted->allocs;
	hosted->usage[hosted->step].bytes = bytes - hosted->bytes;
	hosted->allocs = allocs;
	hosted->bytes = bytes;
}

/* Set on the lesson's own thread; what others allocate cannot be told apart. */
static __thread bool own_thread;

void
ledger_enter(void)
{
	own_thread = true;
}

uint32_t
ledger_task(void)
{
	own_thread = false;
	return LEDGER_NO_ROW;
}

/* The recorder says that a step begins. */
uint32_t
ledger_step(void)
{
	size_t count;

	if (!own_thread)
		return LEDGER_NO_ROW;
	end_step(running);
	count = ++running->step + 1;
	running->usage =
		xrealloc(running->usage, count * sizeof(*running->usage));
	running->usage[running->step] = (struct ledger_usage){ 0 };
	return (uint32_t)running->step;
}

struct hosted *
hosted_begin(void)
{
	struct hosted *hosted = xcalloc(1, sizeof(*hosted));

	hosted->usage = xcalloc(1, sizeof(*hosted->usage));
	hosted_usage(&hosted->allocs, &hosted->bytes);
	running = hosted;
	return hosted;
}

struct ferrule_recorder *
hosted_recorder(struct hosted *hosted)
{
	return transcript_recorder(&hosted->log);
}

void
hosted_end(struct hosted *hosted)
{
	char *problem;

	end_step(hosted);
	running = NULL;
	problem = transcript_read(&hosted->transcript, &hosted->log);
	if (problem != NULL)
		die("%s", problem);
}

void
hosted_free(struct hosted *hosted)
{
	transcript_release(&hosted->transcript);
	free(hosted->usage);
	free(hosted);
}

static const struct ledger_usage *
usage(const void *ledger, size_t step)
{
	static const struct ledger_usage nothing;
	const struct hosted *hosted = ledger;
	uint32_t row = hosted->transcript.steps[step].row;

	return row <= hosted->step ? &hosted->usage[row] : &nothing;
}

static void
add_reason(void *ctx, size_t mine, size_t its, struct text *reason)
{
	struct text *all = ctx;
	char *text = text_take(reason);

	(void)mine;
	(void)its;
	text_addf(all, "%s\n", text);
	free(text);
}

static struct declaration *
take_declared(const struct hosted_declared *declared, size_t count)
{
	struct declaration *taken = xcalloc(count, sizeof(*taken));
	size_t i, j;

	for (i = 0; i < count; i++) {
		taken[i].lane = xstrdup("it");
		taken[i].step = xstrdup(declared[i].step);
		taken[i].reason = xstrdup("");
		taken[i].allowed.prevented = declared[i].prevented;
		taken[i].allowed.memory = declared[i].memory;
		taken[i].allowed.freed = declared[i].freed;
		for (j = 0; j < declared[i].fact_count; j++)
			list_add(&taken[i].allowed.facts,
				 xstrdup(declared[i].facts[j]));
	}
	return taken;
}

static void
free_declared(struct declaration *declared, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		free(declared[i].lane);
		free(declared[i].step);
		free(declared[i].reason);
		list_release(&declared[i].allowed.facts);
	}
	free(declared);
}

char *
hosted_judge(const struct hosted *lane, const struct hosted *c,
	     const struct hosted_declared *declared, size_t declared_count)
{
	size_t i, count = lane->transcript.step_count;
	size_t *partners = xcalloc(count, sizeof(*partners));
	struct declaration *taken = take_declared(declared, declared_count);
	struct text reasons = { 0 };
	struct comparison comparison = {
		.mine = &lane->transcript,
		.its = &c->transcript,
		.my_ledger = lane,
		.its_ledger = c,
		.usage = usage,
		.lane = "it",
		.oracle = "c",
		.declared = taken,
		.declared_count = declared_count,
		.steps = xcalloc(count, sizeof(struct step_verdict)),
		.fail = add_reason,
		.ctx = &reasons,
	};

	pair_steps(&lane->transcript, &c->transcript, partners);
	for (i = 0; i < count; i++)
		comparison.steps[i].partner = partners[i];
	judge_steps(&comparison);
	free(partners);
	free(comparison.steps);
	free_declared(taken, declared_count);
	return reasons.data;
}

void
hosted_text_free(char *text)
{
	free(text);
}

bool
hosted_has_bytes(const struct hosted *hosted, const char *step,
		 const char *label, const void *data, size_t len)
{
	uint32_t crc = (uint32_t)crc32_z(crc32_z(0, NULL, 0), data, len);
	const struct transcript *transcript = &hosted->transcript;
	const struct event *event;
	size_t i, j;

	for (i = 0; i < transcript->step_count; i++) {
		if (strcmp(transcript->steps[i].name, step) != 0)
			continue;
		for (j = 0; j < transcript->steps[i].event_count; j++) {
			event = &transcript->steps[i].events[j];
			if (event->kind == EVENT_BYTES && event->len == len &&
			    event->crc == crc &&
			    strlen(label) == event->label_len &&
			    memcmp(label, event->label, event->label_len) == 0)
				return true;
		}
	}
	return false;
}
