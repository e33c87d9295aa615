/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * ferrule audit: runs any program, unchanged, with an object preloaded that
 * notes who allocates and who frees (audit/). Here the program is started, its
 * logs are read, and reports are written.
 */
#ifndef FERRULE_DRIVER_AUDIT_H
#define FERRULE_DRIVER_AUDIT_H

#include <stdio.h>
#include <sys/types.h>

#include "../audit/log.h"

/* The command. Returns the exit code of the program. */
int
audit(int argc, char **argv);

/* ---- what is reported ---- */

/* A function on a stack. */
struct audit_frame {
	char *function; /* NULL: not known */
	char *file; /* of its source; NULL: not known */
	unsigned line;
	char *object; /* the path of the file that has its code, or "" */
	uint64_t offset; /* in it */
	bool plumbing; /* it only forwards a request */
	/* its frame was gone: it ended in a jump to what is before it */
	bool jumped;
};

struct audit_frames {
	struct audit_frame *items; /* innermost first */
	size_t count;
};

/* C, C++, or the Rust of an object. */
struct audit_side {
	const char *kind; /* "C", "C++", "Rust" */
	char *object; /* its path; NULL: not Rust */
	bool main; /* that object is the program itself */
};

struct audit_report_finding {
	struct audit_finding raw; /* stacks: see below */
	struct audit_side owner, freed_by;
	char *place_object; /* AUDIT_PLACE_STATIC: its path */
	struct audit_frames alloc, freed, again;
	uint64_t count;
	pid_t pid; /* the first process that it was in */
};

/* Something that was not checked. */
struct audit_not_checked {
	const char *id; /* "stripped" */
	char *reason;
	const char *remedy;
	char *object; /* or "" */
};

enum {
	KIND_C,
	KIND_CPP,
	KIND_RUST,
	KINDS
};

struct audit_process {
	pid_t pid, forked_from;
	char *program;
	struct audit_count blocks[KINDS];
	uint64_t rust_objects, thunks, moved;
	bool cpp_is_c;
};

struct audit_report {
	char **command; /* NULL at its end */
	bool ran; /* the program began */
	int status; /* as wait() tells it */
	double seconds;
	bool fast;
	struct audit_process *processes;
	size_t process_count;
	struct audit_report_finding *findings;
	size_t finding_count;
	struct audit_not_checked *not_checked;
	size_t not_checked_count;
	uint64_t findings_lost, stacks_lost;
};

/* ---- audit_program.c ---- */

/* Look at the file of @program before it runs; NULL: nothing prevents it. */
const char *
audit_prevents(const char *program, char **reason_out);

/* ---- audit_read.c ---- */

/* The paths of what is in @folder, sorted; without what begins with a dot. */
struct list
audit_entries(const char *folder);

/* Read all logs in @folder. */
void
audit_read(struct audit_report *report, const char *folder);
void
audit_report_release(struct audit_report *report);

/* ---- audit_gather.c ---- */

/* A folder in @dir for a run of @program, whose report comes later. */
char *
audit_collect_folder(const char *dir, const char *program);

/* Read all runs that were collected in @dir by what ended with @status. */
void
audit_gather(struct audit_report *report, const char *dir, int status);

/* ---- audit_words.c ---- */

void
audit_add_not_checked(struct audit_report *report, const char *id,
		      const char *object, char *reason);
/* The same for what the preloaded object could not check. */
void
audit_add_refusal(struct audit_report *report,
		  const struct audit_refusal_entry *entry);

/* The numbers of all processes. */
struct audit_process
audit_total(const struct audit_report *report);

const char *
audit_fault_name(enum audit_fault fault);
/* The operator of C++ that allocated, or that freed. */
const char *
audit_form_name(enum audit_form form, bool freed);
/* "inside", "stack", ...; NULL for AUDIT_PLACE_NONE */
const char *
audit_place_name(enum audit_place place);
/* "wrong-side free: 6 bytes of Rust (prog), freed by C" */
char *
audit_finding_words(const struct audit_report_finding *finding);
const char *
audit_advice(const struct audit_report_finding *finding);
/* "make_name (prog.rs:12)" */
char *
audit_frame_words(const struct audit_frame *frame);
/* "1 object with Rust, ...": what was checked */
char *
audit_summary_words(const struct audit_report *report);
/* "it ended with exit code 3"; NULL: with 0 */
char *
audit_status_words(const struct audit_report *report);
/*
 * The next frame from @at on that a person is shown: not what only forwards a
 * request, unless there is nothing else. The number of frames: there is none.
 */
size_t
audit_next_shown(const struct audit_frames *frames, size_t at);

/* ---- the reports ---- */

void
audit_text(const struct audit_report *report, FILE *file);
/* @data is a struct audit_report; see output.h. */
bool
audit_json(const void *data, FILE *file);
bool
audit_junit(const void *data, FILE *file);

#endif
