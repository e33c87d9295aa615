/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The audit's report for programs, as one JSON object. */
#include "audit.h"

#include "util.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* JSON needs UTF-8, and a name may be any bytes: others are escaped. */
static json_t *
string(const char *text)
{
	struct text clean = { 0 };
	json_t *json;

	if (text == NULL)
		return json_null();
	text_add_escaped(&clean, text, strlen(text));
	json = json_stringn(clean.data != NULL ? clean.data : "", clean.len);
	free(clean.data);
	return json;
}

/* The same, and it frees @text. */
static json_t *
own_string(char *text)
{
	json_t *json = string(text);

	free(text);
	return json;
}

static json_t *
number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *
frames_json(const struct audit_frames *frames)
{
	json_t *array = json_array();
	const struct audit_frame *frame;
	size_t i;

	for (i = 0; i < frames->count; i++) {
		frame = &frames->items[i];
		json_array_append_new(
			array,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:b, s:b}",
				  "function", string(frame->function), "file",
				  string(frame->file), "line",
				  frame->file != NULL ? number(frame->line) :
							json_null(),
				  "object", string(frame->object), "offset",
				  number(frame->offset), "plumbing",
				  (int)frame->plumbing, "jumped",
				  (int)frame->jumped));
	}
	return array;
}

static json_t *
side_json(const struct audit_side *side)
{
	return json_pack("{s:s, s:o}", "kind", side->kind, "object",
			 string(side->object));
}

/* A place in time: who, and with which stack. */
static json_t *
event_json(const struct audit_frames *frames, uint32_t thread)
{
	return json_pack("{s:o, s:o}", "thread",
			 thread != 0 ? number(thread) : json_null(), "stack",
			 frames_json(frames));
}

static json_t *
finding_json(const struct audit_report_finding *finding)
{
	const struct audit_finding *raw = &finding->raw;
	json_t *json = json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:s}",
		"fault", audit_fault_name(raw->fault), "message",
		own_string(audit_finding_words(finding)), "count",
		number(finding->count), "owner", side_json(&finding->owner),
		"freed_by", side_json(&finding->freed_by), "resized",
		(int)raw->resized, "size", number(raw->size), "align",
		number(raw->align), "allocated",
		event_json(&finding->alloc, raw->alloc_thread), "freed",
		event_json(&finding->freed, raw->free_thread), "advice",
		audit_advice(finding));

	if (raw->fault == AUDIT_DOUBLE_FREE)
		json_object_set_new(
			json, "freed_again",
			event_json(&finding->again, raw->again_thread));
	if (raw->given_align != 0) {
		json_object_set_new(json, "given_size",
				    number(raw->given_size));
		json_object_set_new(json, "given_align",
				    number(raw->given_align));
	}
	if (raw->fault == AUDIT_FORM) {
		json_object_set_new(json, "form",
				    string(audit_form_name(raw->form, false)));
		json_object_set_new(
			json, "given_form",
			string(audit_form_name(raw->given_form, true)));
	}
	if (raw->place != AUDIT_PLACE_NONE)
		json_object_set_new(json, "place",
				    string(audit_place_name(raw->place)));
	return json;
}

static json_t *
blocks_json(const struct audit_process *process)
{
	static const char *const names[KINDS] = { "c", "cpp", "rust" };
	json_t *json = json_object();
	size_t i;

	for (i = 0; i < KINDS; i++)
		json_object_set_new(
			json, names[i],
			json_pack("{s:o, s:o, s:o}", "allocated",
				  number(process->blocks[i].allocs), "freed",
				  number(process->blocks[i].frees), "bytes",
				  number(process->blocks[i].bytes)));
	return json;
}

/* What was checked, of a process or of all. */
static json_t *
checked_json(const struct audit_process *process)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "rust_objects",
			 number(process->rust_objects), "functions_patched",
			 number(process->thunks), "functions_moved",
			 number(process->moved), "blocks",
			 blocks_json(process));
}

static json_t *
processes_json(const struct audit_report *report)
{
	json_t *array = json_array(), *json;
	const struct audit_process *process;
	size_t i;

	for (i = 0; i < report->process_count; i++) {
		process = &report->processes[i];
		json = checked_json(process);
		json_object_set_new(json, "pid",
				    number((uint64_t)process->pid));
		json_object_set_new(
			json, "forked_from",
			process->forked_from != 0 ?
				number((uint64_t)process->forked_from) :
				json_null());
		json_object_set_new(json, "program", string(process->program));
		json_object_set_new(json, "cpp_is_c",
				    json_boolean(process->cpp_is_c));
		json_array_append_new(array, json);
	}
	return array;
}

static json_t *
not_checked_json(const struct audit_report *report)
{
	json_t *array = json_array();
	const struct audit_not_checked *entry;
	size_t i;

	for (i = 0; i < report->not_checked_count; i++) {
		entry = &report->not_checked[i];
		json_array_append_new(array,
				      json_pack("{s:s, s:o, s:o, s:s}", "id",
						entry->id, "object",
						string(entry->object), "reason",
						string(entry->reason), "remedy",
						entry->remedy));
	}
	return array;
}

static json_t *
status_json(const struct audit_report *report)
{
	bool by_signal = report->ran && WIFSIGNALED(report->status);
	bool exited = report->ran && WIFEXITED(report->status);

	return json_pack("{s:b, s:o, s:o}", "ran", (int)report->ran, "exit",
			 exited ? json_integer(WEXITSTATUS(report->status)) :
				  json_null(),
			 "signal",
			 by_signal ? json_integer(WTERMSIG(report->status)) :
				     json_null());
}

bool
audit_json(const void *data, FILE *file)
{
	const struct audit_report *report = data;
	struct audit_process total = audit_total(report);
	json_t *findings = json_array(), *command = json_array(), *json;
	bool good;
	size_t i;

	for (i = 0; report->command[i] != NULL; i++)
		json_array_append_new(command, string(report->command[i]));
	for (i = 0; i < report->finding_count; i++)
		json_array_append_new(findings,
				      finding_json(&report->findings[i]));
	json = json_pack(
		"{s:i, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:b, s:o, s:o}",
		"version", 1, "command", command, "status", status_json(report),
		"verdict",
		report->not_checked_count > 0	  ? "not checked" :
			report->finding_count > 0 ? "findings" :
						    "no findings",
		"findings", findings, "not_checked", not_checked_json(report),
		"checked", checked_json(&total), "processes",
		processes_json(report), "fast", (int)report->fast,
		"findings_lost", number(report->findings_lost), "stacks_lost",
		number(report->stacks_lost));
	errno = 0;
	good = json != NULL && json_dumpf(json, file, JSON_INDENT(2)) == 0 &&
		fputc('\n', file) != EOF;
	json_decref(json);
	return good;
}
