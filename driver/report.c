/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Shared by all reports: common texts, and writing files. */
#include "report.h"

#include "output.h"

char *
report_summary(const struct run *run)
{
	static const enum verdict bad[] = {
		VERDICT_CRASHED,
		VERDICT_TIMEOUT,
		VERDICT_DIVERGED,
		VERDICT_LEAKED,
	};
	struct text text = { 0 };
	size_t i, j, count;

	text_addf(&text, "%zu cell%s: %zu as expected", run->cell_count,
		  run->cell_count == 1 ? "" : "s", run_expected(run));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		for (count = 0, j = 0; j < run->cell_count; j++)
			count += run->cells[j].verdict == bad[i];
		if (count > 0)
			text_addf(&text, ", %zu %s", count,
				  verdict_name(bad[i]));
	}
	return text_take(&text);
}

char *
report_sample(const struct run *run)
{
	if (run->input.len == run->input.size)
		return xasprintf("sample: all of its %s byte%s",
				 with_commas(run->input.len),
				 run->input.len == 1 ? "" : "s");
	return xasprintf("sample: first %s of %s bytes",
			 with_commas(run->input.len),
			 with_commas(run->input.size));
}

struct wanted {
	const struct run *run;
	report_fn *report;
};

static bool
write_wanted(const void *data, FILE *file)
{
	const struct wanted *wanted = data;

	return wanted->report(wanted->run, file);
}

void
report_write(const struct run *run, const char *path, report_fn *report)
{
	const struct wanted wanted = { run, report };

	output_write(path, write_wanted, &wanted);
}
