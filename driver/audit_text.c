/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The audit's report for a person. */
#include "audit.h"

#include "util.h"

#include <stdlib.h>
#include <sys/wait.h>

/* Frames of a stack; JSON has all of them. */
#define FRAMES 6

static void
print_stack(FILE *file, const char *what, const struct audit_frames *frames,
	    uint32_t thread, bool fast)
{
	size_t i, left = FRAMES;
	char *words;

	fprintf(file, "    %s", what);
	if (thread != 0)
		fprintf(file, " (thread %u)", thread);
	if (frames->count == 0) {
		fprintf(file, ": %s\n",
			fast ? "no stacks are kept with --fast" :
			       "its stack is not known");
		return;
	}
	fprintf(file, "\n");
	for (i = audit_next_shown(frames, 0); i < frames->count && left > 0;
	     i = audit_next_shown(frames, i + 1), left--) {
		words = audit_frame_words(&frames->items[i]);
		fprintf(file, "        %s\n", words);
		free(words);
	}
	if (i < frames->count)
		fprintf(file, "        ...\n");
}

static void
print_finding(FILE *file, const struct audit_report_finding *finding,
	      size_t number, bool fast)
{
	const struct audit_finding *raw = &finding->raw;
	char *words = audit_finding_words(finding);

	fprintf(file, "%zu. %s", number, words);
	if (finding->count > 1)
		fprintf(file, " (%s times)", with_commas(finding->count));
	fprintf(file, "\n");
	if (raw->fault != AUDIT_NOT_ALLOCATED ||
	    raw->place == AUDIT_PLACE_INSIDE)
		print_stack(file, "allocated by", &finding->alloc,
			    raw->alloc_thread, fast);
	print_stack(file, raw->resized ? "resized by" : "freed by",
		    &finding->freed, raw->free_thread, fast);
	if (raw->fault == AUDIT_DOUBLE_FREE)
		print_stack(file, "freed again by", &finding->again,
			    raw->again_thread, fast);
	fprintf(file, "    advice: %s\n\n", audit_advice(finding));
	free(words);
}

static void
print_not_checked(FILE *file, const struct audit_not_checked *entry)
{
	fprintf(file, "not checked: %s%s%s\n    remedy: %s\n", entry->object,
		entry->object[0] != '\0' ? ": " : "", entry->reason,
		entry->remedy);
}

void
audit_text(const struct audit_report *report, FILE *file)
{
	char *summary = audit_summary_words(report);
	char *status = audit_status_words(report);
	uint64_t times = 0;
	size_t i;

	fprintf(file, "\n---- ferrule audit: %s", report->command[0]);
	for (i = 1; report->command[i] != NULL; i++)
		fprintf(file, " %s", report->command[i]);
	fprintf(file, " ----\n\n");
	for (i = 0; i < report->finding_count; i++) {
		print_finding(file, &report->findings[i], i + 1, report->fast);
		times += report->findings[i].count;
	}
	for (i = 0; i < report->not_checked_count; i++)
		print_not_checked(file, &report->not_checked[i]);
	if (report->finding_count > 0)
		fprintf(file, "%s finding%s, %s time%s in all%s\n",
			with_commas(report->finding_count),
			report->finding_count == 1 ? "" : "s",
			with_commas(times), times == 1 ? "" : "s",
			report->not_checked_count > 0 ?
				"; and not everything was checked" :
				"");
	else
		fprintf(file, "%s\n",
			report->not_checked_count > 0 ?
				"NOT CHECKED: see above" :
				WIFSIGNALED(report->status) ?
				"no findings, up to the signal that ended it" :
				"no findings");
	if (report->findings_lost > 0)
		fprintf(file,
			"%s more times something was found, for which "
			"the log had no room\n",
			with_commas(report->findings_lost));
	if (report->stacks_lost > 0)
		fprintf(file, "%s stacks were not kept: there was no room\n",
			with_commas(report->stacks_lost));
	if (report->process_count > 0)
		fprintf(file, "%s\n", summary);
	if (status != NULL)
		fprintf(file, "%s: %s\n", report->command[0], status);
	free(summary);
	free(status);
}
