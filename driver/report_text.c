/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The report for a terminal: 80 columns, colours only where they show. */
#include "broken.h"
#include "names.h"
#include "report.h"
#include "terminal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define VERDICT_WIDTH 13
/* Of what a failed cell printed so many lines are shown. */
#define OUTPUT_LINES 20

struct printer {
	FILE *file;
	bool color;
};

static const char *
verdict_color(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_SAME:
		return "\033[32m";
	case VERDICT_DECLARED:
		return "\033[36m";
	default:
		return "\033[1;31m";
	}
}

/* @text in @width columns, cut or filled (0: as it is); `code` colours it. */
static void
print_cell(const struct printer *out, const char *text, int width,
	   const char *code)
{
	if (out->color && code != NULL)
		fputs(code, out->file);
	if (width > 0)
		fprintf(out->file, "%-*.*s", width, width - 1, text);
	else
		fputs(text, out->file);
	if (out->color && code != NULL)
		fputs("\033[0m", out->file);
}

/* ---- verdicts ---- */

static int
name_width(const struct run *run)
{
	size_t width = strlen("lesson");
	size_t i;

	for (i = 0; i < run->lesson_count; i++)
		width = MAX(width, strlen(run->lessons[i].name));
	return (int)MIN(width, TERMINAL_WIDTH - 2 - VERDICT_WIDTH);
}

static void
print_verdicts(const struct run *run, const struct printer *out, size_t from,
	       size_t to)
{
	int width = name_width(run) + 2;
	const struct cell *cell;
	size_t i, j;

	print_cell(out, "lesson", width, NULL);
	for (j = from; j < to; j++)
		print_cell(out, run->lanes.items[j].name,
			   j + 1 < to ? VERDICT_WIDTH : 0, "\033[1m");
	fputc('\n', out->file);
	for (i = 0; i < run->lesson_count; i++) {
		print_cell(out, run->lessons[i].name, width, NULL);
		for (j = from; j < to; j++) {
			cell = run_cell(run, i, j);
			print_cell(out, verdict_name(cell->verdict),
				   j + 1 < to ? VERDICT_WIDTH : 0,
				   verdict_color(cell->verdict));
		}
		fputc('\n', out->file);
	}
	fputc('\n', out->file);
}

/* ---- memory ---- */

/* A number of bytes in at most six columns. */
static void
short_bytes(char *text, size_t size, uint64_t bytes)
{
	static const char units[] = " KMGTPE";
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 999.5 && unit + 1 < sizeof(units) - 1) {
		value /= 1024;
		unit++;
	}
	if (unit == 0)
		snprintf(text, size, "%" PRIu64 " B", bytes);
	else
		snprintf(text, size, "%.*f %cB", value < 9.95 ? 1 : 0, value,
			 units[unit]);
}

static void
print_memory_of(const struct run *run, const struct printer *out, size_t lane)
{
	const struct ledger_usage *usage;
	const struct cell *cell;
	uint64_t wrong = 0;
	enum owner owner;
	char bytes[16];
	size_t i;

	fprintf(out->file, "%-12.12s", run->lanes.items[lane].name);
	for (owner = 0; owner < OWNER_COUNT; owner++) {
		struct ledger_usage sum = { 0 };

		for (i = 0; i < run->lesson_count; i++) {
			cell = run_cell(run, i, lane);
			usage = &cell->ledger.total[owner];
			sum.allocs += usage->allocs;
			sum.bytes += usage->bytes;
		}
		short_bytes(bytes, sizeof(bytes), sum.bytes);
		fprintf(out->file, "%7s %7s", with_commas(sum.allocs), bytes);
	}
	for (i = 0; i < run->lesson_count; i++)
		wrong += run_cell(run, i, lane)->ledger.wrong_side_frees;
	fprintf(out->file, "%6s\n", with_commas(wrong));
}

static void
print_memory(const struct run *run, const struct printer *out)
{
	enum owner owner;
	size_t i;

	fprintf(out->file, "%-12s", "allocated");
	for (owner = 0; owner < OWNER_COUNT; owner++)
		fprintf(out->file, "%15s", owner_name(owner));
	fprintf(out->file, " wrong\n");
	for (i = 0; i < run->lanes.count; i++)
		print_memory_of(run, out, i);
	fprintf(out->file,
		"(blocks and bytes, by whose allocator; "
		"wrong: freed by another side)\n");
	if (!ledger_sees_malloc())
		fprintf(out->file,
			"(built for AddressSanitizer: c and libc "
			"are not counted)\n");
	if (!names_known())
		fprintf(out->file,
			"(built without libdw: functions have no names)\n");
	fputc('\n', out->file);
}

/* ---- what is not as it should be ---- */

static void
print_output(const struct printer *out, const struct cell *cell)
{
	struct text line = { 0 };
	const char *at = cell->sandbox.output;
	size_t left = cell->sandbox.output_len;
	size_t lines, len;
	const char *end;

	if (left == 0)
		return;
	fprintf(out->file, "  it printed:\n");
	for (lines = 0; left > 0 && lines < OUTPUT_LINES; lines++) {
		end = memchr(at, '\n', left);
		len = end != NULL ? (size_t)(end - at) : left;
		text_add_escaped(&line, at, len);
		fprintf(out->file, "  | %s\n",
			line.data != NULL ? line.data : "");
		line.len = 0;
		if (line.data != NULL)
			line.data[0] = '\0';
		len += end != NULL;
		at += len;
		left -= len;
	}
	if (left > 0 || cell->sandbox.output_cut)
		fprintf(out->file, "  | ... and more\n");
	free(line.data);
}

static void
print_bad(const struct printer *out, const struct cell *cell)
{
	size_t i;

	fprintf(out->file, "%s, %s: ", cell->lesson, cell->lane->name);
	if (out->color)
		fputs(verdict_color(cell->verdict), out->file);
	fputs(verdict_name(cell->verdict), out->file);
	fputs(out->color ? "\033[0m\n" : "\n", out->file);
	for (i = 0; i < cell->reasons.count; i++)
		print_wrapped(out->file, cell->reasons.items[i], 2);
	print_output(out, cell);
	fputc('\n', out->file);
}

/* The program that proves that a step is prevented, and what rustc says. */
static void
print_proof(const struct printer *out, const struct declaration *declared)
{
	struct text line = { 0 };

	if (declared->proof == NULL)
		return;
	text_addf(&line, "refused: %s: %s",
		  json_string_value(json_object_get(declared->proof, "file")),
		  json_string_value(json_object_get(declared->proof, "error")));
	print_wrapped(out->file, line.data, 4);
	free(line.data);
}

/* What differs on purpose: the steps with their reasons, or how many. */
static void
print_declared(const struct run *run, const struct printer *out, bool listed)
{
	const struct cell *cell;
	struct text line = { 0 };
	size_t i, j, count = 0;

	for (i = 0; i < run->cell_count; i++) {
		cell = &run->cells[i];
		for (j = 0;
		     cell->steps != NULL && j < cell->transcript.step_count;
		     j++) {
			if (cell->steps[j].declared == NULL)
				continue;
			if (++count == 1 && listed)
				fprintf(out->file, "declared to differ:\n");
			text_addf(&line, "%s, %s, step \"%s\": %s",
				  cell->lesson, cell->lane->name,
				  cell->transcript.steps[j].name,
				  cell->steps[j].declared->reason);
			if (listed) {
				print_wrapped(out->file, line.data, 2);
				print_proof(out, cell->steps[j].declared);
			}
			line.len = 0;
		}
	}
	free(line.data);
	if (count > 0 && !listed)
		fprintf(out->file,
			"declared: %zu step%s differ%s on purpose; "
			"--declared says why\n",
			count, count == 1 ? "" : "s", count == 1 ? "s" : "");
	if (count > 0)
		fputc('\n', out->file);
}

/* ---- broken lanes ---- */

static void
print_mistake(const struct run *run, const struct printer *out,
	      const struct broken_lane *broken)
{
	const struct cell *cell = broken_cell(broken);
	struct text line = { 0 };
	size_t i;

	fprintf(out->file,
		"%s, step \"%s\", %s: ", run->lessons[broken->lesson].name,
		broken->step, broken->name);
	if (cell == NULL) {
		fprintf(out->file, "not run\n  it was not built\n");
		return;
	}
	print_cell(out, verdict_name(cell->verdict), 0,
		   verdict_color(cell->verdict));
	text_addf(&line, "the mistake: %s", broken->summary);
	fputc('\n', out->file);
	print_wrapped(out->file, line.data, 2);
	for (i = 0; i < cell->reasons.count; i++)
		print_wrapped(out->file, cell->reasons.items[i], 2);
	if (!broken_found(broken)) {
		line.len = 0;
		text_addf(&line, "NOT as lesson.toml says: %s",
			  broken->verdict);
		for (i = 0; i < json_array_size(broken->says); i++)
			text_addf(&line, ", '%s'",
				  json_string_value(
					  json_array_get(broken->says, i)));
		print_wrapped(out->file, line.data, 2);
	}
	line.len = 0;
	text_addf(&line, "the cure: %s", broken->cure);
	print_wrapped(out->file, line.data, 2);
	fputc('\n', out->file);
	free(line.data);
}

static void
print_broken(const struct run *run, const struct printer *out, bool listed)
{
	struct broken_count count = broken_count(run);
	size_t i;

	for (i = 0; i < run->broken_count; i++)
		if (listed ||
		    (broken_cell(&run->broken[i]) != NULL &&
		     !broken_found(&run->broken[i])))
			print_mistake(run, out, &run->broken[i]);
	if (count.all == 0)
		return;
	fprintf(out->file, "broken lanes: %zu mistake%s, %zu found",
		count.all - count.not_built,
		count.all - count.not_built == 1 ? "" : "s", count.found);
	if (count.not_built > 0)
		fprintf(out->file, ", %zu not run (not built)",
			count.not_built);
	fprintf(out->file, listed ? "\n\n" : "; --broken shows them\n\n");
}

void
report_text(const struct run *run, FILE *file, bool color, bool declared,
	    bool broken)
{
	const struct printer out = { file, color };
	size_t fit = (size_t)((TERMINAL_WIDTH - name_width(run) - 2) /
			      VERDICT_WIDTH);
	char *sample = report_sample(run);
	char *summary = report_summary(run);
	size_t i;

	fprintf(file, "input: %s\n%s\n\n", run->input.path, sample);
	for (i = 0; i < run->lanes.count; i += fit)
		print_verdicts(run, &out, i, MIN(i + fit, run->lanes.count));
	print_memory(run, &out);
	print_declared(run, &out, declared);
	print_broken(run, &out, broken);
	for (i = 0; i < run->cell_count; i++)
		if (!verdict_expected(run->cells[i].verdict))
			print_bad(&out, &run->cells[i]);
	fprintf(file, "%s\n", summary);
	free(sample);
	free(summary);
}
