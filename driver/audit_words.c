/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The audit in words, for all of its reports. */
#include "audit.h"

#include "util.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const char *
file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* ---- what was not checked ---- */

struct refusal_words {
	const char *id, *reason, *remedy;
};

/* A reason follows the name of the object. */
static const struct refusal_words refusals[AUDIT_REFUSALS] = {
	[AUDIT_UNREADABLE] = {
		"unreadable",
		"its file cannot be read, so it is not known whether Rust is "
		"in it",
		"load it from a file that stays while the program runs",
	},
	[AUDIT_STRIPPED] = {
		"stripped",
		"it has Rust in it and no symbols, so the functions of Rust's "
		"allocator cannot be found",
		"build it with strip = \"none\" in its Cargo profile, and do "
		"not run strip on it",
	},
	[AUDIT_INLINED] = {
		"inlined",
		"it has Rust in it, and not all functions of Rust's "
		"allocator: optimization across crates (LTO) put copies of "
		"them where they are called",
		"build it with lto = \"off\" in its Cargo profile "
		"(CARGO_PROFILE_RELEASE_LTO=off)",
	},
	[AUDIT_CALLED_AROUND] = {
		"called-around",
		"some of its Rust does not call the functions of Rust's "
		"allocator, but has copies of them",
		"build it with opt-level = 0, or with its #[global_allocator] "
		"in a crate of its own; with debug = 1; and with lto = \"off\" "
		"(CARGO_PROFILE_RELEASE_LTO=off)",
	},
	[AUDIT_NO_DECODER] = {
		"no-decoder",
		"it has an allocator of its own (#[global_allocator]), and "
		"this build of ferrule has no decoder to patch it",
		"build ferrule with -Dzydis=enabled",
	},
	[AUDIT_NOT_MOVABLE] = {
		"not-movable",
		"it has an allocator of its own (#[global_allocator]) whose "
		"functions cannot be patched",
		"run a build with Rust's default allocator, or with another "
		"opt-level",
	},
	[AUDIT_NOT_PATCHED] = {
		"not-patched",
		"the system does not permit to change its code in memory",
		"run it where code may be changed: not under SELinux's "
		"execmod, nor a seccomp filter of mprotect()",
	},
	[AUDIT_OWN_MALLOC] = {
		"own-malloc",
		"the program has a malloc() of its own, which comes before "
		"the audit's",
		"build it without it: mimalloc without the feature "
		"\"override\", jemalloc without \"unprefixed_malloc\"",
	},
	[AUDIT_HIDDEN_MALLOC] = {
		"hidden-malloc",
		"it has a malloc() of its own, which nobody else can see",
		"build it without it: mimalloc without the feature "
		"\"override\", jemalloc without \"unprefixed_malloc\"",
	},
	[AUDIT_DEEPBIND] = {
		"deepbind",
		"it was loaded with RTLD_DEEPBIND, so its malloc() is not the "
		"audit's",
		"load it without RTLD_DEEPBIND",
	},
	[AUDIT_NAMESPACE] = {
		"namespace",
		"it was loaded by dlmopen(), with a C library of its own",
		"load it by dlopen()",
	},
	[AUDIT_SANITIZER] = {
		"sanitizer",
		"it was built with a sanitizer, which has a malloc() of its "
		"own",
		"build it without the sanitizer",
	},
	[AUDIT_NO_LOADER_HOOK] = {
		"no-loader-hook",
		"the dynamic loader cannot be watched, so what it loads later "
		"would not be seen",
		"use a system with glibc 2.34 or later, for x86-64",
	},
	[AUDIT_TOO_MANY] = {
		"too-many",
		"the process has more objects than the audit can note",
		"audit a part of it: one test program at a time",
	},
	[AUDIT_NO_MEMORY] = {
		"no-memory",
		"the audit had no memory for its books",
		"audit a part of it, or permit more memory (ulimit -v)",
	},
	[AUDIT_NO_CHILD] = {
		"no-child",
		"a child process could not write a log",
		"run it where the child may write to $TMPDIR",
	},
};

/* What the driver finds itself, before the program runs. */
static const struct refusal_words prevented[] = {
	{ "static", NULL,
	  "link it dynamically: not for a musl target, and without "
	  "-C target-feature=+crt-static" },
	{ "other-libc", NULL, "build it for a target with glibc" },
	{ "other-machine", NULL,
	  "run it on a system of its architecture, "
	  "with a ferrule that was built there" },
	{ "set-uid", NULL,
	  "audit a copy of it without the bit and without capabilities" },
	{ "sanitizer", NULL, "build it without the sanitizer" },
	{ "nothing-ran", NULL, "name tests, or a program, that can be run" },
	{ "not-loaded", NULL,
	  "name the program itself, and not a script that clears the "
	  "environment" },
	{ "no-rust", NULL,
	  "name the program that has the Rust in it; --follow audits what "
	  "the program starts, too" },
	{ "invalid-log", NULL,
	  "run it again; if it is the same, it overwrites memory at random: "
	  "look for that with AddressSanitizer first" },
};

static void
add_not_checked(struct audit_report *report, struct audit_not_checked entry)
{
	size_t i;

	for (i = 0; i < report->not_checked_count; i++) {
		if (strcmp(report->not_checked[i].id, entry.id) != 0 ||
		    strcmp(report->not_checked[i].object, entry.object) != 0)
			continue;
		free(entry.reason);
		free(entry.object);
		return;
	}
	report->not_checked = xrealloc(report->not_checked,
				       (report->not_checked_count + 1) *
					       sizeof(*report->not_checked));
	report->not_checked[report->not_checked_count++] = entry;
}

void
audit_add_not_checked(struct audit_report *report, const char *id,
		      const char *object, char *reason)
{
	size_t i = 0;

	while (strcmp(prevented[i].id, id) != 0)
		i++;
	add_not_checked(report,
			(struct audit_not_checked){
				.id = prevented[i].id,
				.reason = reason,
				.remedy = prevented[i].remedy,
				.object = xstrdup(object),
			});
}

void
audit_add_refusal(struct audit_report *report,
		  const struct audit_refusal_entry *entry)
{
	const struct refusal_words *words = &refusals[entry->reason];
	bool details = entry->detail[0] != '\0';

	add_not_checked(
		report,
		(struct audit_not_checked){
			.id = words->id,
			.reason = xasprintf("%s%s%s%s", words->reason,
					    details ? " (" : "", entry->detail,
					    details ? ")" : ""),
			.remedy = words->remedy,
			.object = xstrdup(entry->object),
		});
}

/* ---- findings ---- */

const char *
audit_fault_name(enum audit_fault fault)
{
	static const char *const names[] = {
		"wrong-side",  "layout",	"mismatched-delete",
		"double-free", "not-allocated",
	};

	return names[fault];
}

const char *
audit_form_name(enum audit_form form, bool freed)
{
	static const char *const names[][2] = {
		{ NULL, NULL },
		{ "new", "delete" },
		{ "new[]", "delete[]" },
		{ "aligned new", "aligned delete" },
		{ "aligned new[]", "aligned delete[]" },
	};

	return names[form][freed];
}

const char *
audit_place_name(enum audit_place place)
{
	static const char *const names[] = { NULL,     "inside", "stack",
					     "static", "mapped", "unmapped",
					     "null" };

	return names[place];
}

/* "Rust (prog)" */
static char *
side_words(const struct audit_side *side)
{
	if (side->object == NULL)
		return xstrdup(side->kind);
	return xasprintf("%s (%s)", side->kind, file_name(side->object));
}

static char *
bytes_words(uint64_t size)
{
	return xasprintf("%s byte%s", with_commas(size), size == 1 ? "" : "s");
}

static char *
place_words(const struct audit_report_finding *finding, const char *owner)
{
	const struct audit_finding *raw = &finding->raw;

	switch (raw->place) {
	case AUDIT_PLACE_INSIDE:
		return xasprintf("an address inside %s bytes of %s, %s behind "
				 "their start",
				 with_commas(raw->size), owner,
				 with_commas(raw->offset));
	case AUDIT_PLACE_STACK:
		return xstrdup("an address on the stack");
	case AUDIT_PLACE_STATIC:
		return xasprintf("a static address, in %s",
				 file_name(finding->place_object));
	case AUDIT_PLACE_NULL:
		return xstrdup("NULL");
	case AUDIT_PLACE_UNMAPPED:
		return xstrdup("an address where no memory is");
	default:
		return xstrdup("an address that no allocator returned");
	}
}

char *
audit_finding_words(const struct audit_report_finding *finding)
{
	const struct audit_finding *raw = &finding->raw;
	const char *verb = raw->resized ? "resized" : "freed";
	char *owner = side_words(&finding->owner);
	char *by = side_words(&finding->freed_by);
	char *size = bytes_words(raw->size);
	char *more = NULL, *words = NULL;

	switch (raw->fault) {
	case AUDIT_WRONG_SIDE:
		words = xasprintf("wrong-side free: %s of %s, %s by %s", size,
				  owner, verb, by);
		break;
	case AUDIT_LAYOUT:
		more = bytes_words(raw->given_size);
		words = xasprintf(
			"layout mismatch: %s of %s, aligned to %" PRIu64
			", %s as %s, aligned to %" PRIu64,
			size, owner, raw->align, verb, more, raw->given_align);
		break;
	case AUDIT_FORM:
		words = xasprintf("mismatched delete: %s of %s, allocated by "
				  "%s, freed by %s",
				  size, owner,
				  audit_form_name(raw->form, false),
				  audit_form_name(raw->given_form, true));
		break;
	case AUDIT_DOUBLE_FREE:
		words = xasprintf("double free: %s of %s, %s again by %s", size,
				  owner, verb, by);
		break;
	default:
		more = place_words(finding, owner);
		words = xasprintf("free of what was never allocated: %s, %s by "
				  "%s",
				  more, verb, by);
	}
	free(owner);
	free(by);
	free(size);
	free(more);
	return words;
}

const char *
audit_advice(const struct audit_report_finding *finding)
{
	switch (finding->raw.fault) {
	case AUDIT_WRONG_SIDE:
		return "give it back through the function of the library that "
		       "allocated it";
	case AUDIT_LAYOUT:
		return "Rust has to give back the size and the alignment that "
		       "it asked for: keep them beside the pointer";
	case AUDIT_FORM:
		return "free by delete what new allocated, by delete[] what "
		       "new[] allocated, and both as the type that it was "
		       "allocated as";
	case AUDIT_DOUBLE_FREE:
		return "one side owns it: who gives the pointer away must not "
		       "free it";
	default:
		break;
	}
	switch (finding->raw.place) {
	case AUDIT_PLACE_INSIDE:
		return "give back the pointer that the allocator returned, not "
		       "one behind it";
	case AUDIT_PLACE_NULL:
		return "test for NULL before you take a pointer back: Rust's "
		       "allocator may not be asked to free it";
	default:
		return "this memory was lent: who did not allocate it must not "
		       "free it";
	}
}

char *
audit_frame_words(const struct audit_frame *frame)
{
	const char *object = file_name(frame->object);

	if (frame->function == NULL)
		return frame->object[0] == '\0' ?
			xasprintf("code without a file, at %#" PRIx64,
				  frame->offset) :
			xasprintf("%s+%#" PRIx64, object, frame->offset);
	if (frame->file == NULL)
		return xasprintf("%s (%s)", frame->function, object);
	return xasprintf("%s (%s:%u)", frame->function, file_name(frame->file),
			 frame->line);
}

/* What starts a program, a thread or a test. */
static bool
is_start(const char *function)
{
	static const char *const names[] = {
		"_start",
		"__libc_start_main",
		"__libc_start_call_main",
		"test::",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strncmp(function, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool
is_worth(const struct audit_frame *frame)
{
	if (frame->function == NULL)
		return frame->object[0] != '\0';
	/* of Rust's own main there is no source */
	return !frame->plumbing && !is_start(frame->function) &&
		(strcmp(frame->function, "main") != 0 || frame->file != NULL);
}

size_t
audit_next_shown(const struct audit_frames *frames, size_t at)
{
	bool any = false;
	size_t i;

	for (i = 0; i < frames->count && !any; i++)
		any = is_worth(&frames->items[i]);
	while (any && at < frames->count && !is_worth(&frames->items[at]))
		at++;
	return at;
}

/* ---- the whole ---- */

struct audit_process
audit_total(const struct audit_report *report)
{
	struct audit_process total = { 0 };
	const struct audit_process *process;
	size_t i, kind;

	for (i = 0; i < report->process_count; i++) {
		process = &report->processes[i];
		for (kind = 0; kind < KINDS; kind++) {
			total.blocks[kind].allocs +=
				process->blocks[kind].allocs;
			total.blocks[kind].frees += process->blocks[kind].frees;
			total.blocks[kind].bytes += process->blocks[kind].bytes;
		}
		/* a child of fork() has those of its parent */
		if (process->forked_from != 0)
			continue;
		total.rust_objects += process->rust_objects;
		total.thunks += process->thunks;
		total.moved += process->moved;
	}
	return total;
}

char *
audit_summary_words(const struct audit_report *report)
{
	struct audit_process total = audit_total(report);

	return xasprintf(
		"%s process%s, %s object%s with Rust, %s of %s allocator "
		"functions patched; blocks: Rust %s, C %s, C++ %s",
		with_commas(report->process_count),
		report->process_count == 1 ? "" : "es",
		with_commas(total.rust_objects),
		total.rust_objects == 1 ? "" : "s", with_commas(total.thunks),
		with_commas(4 * total.rust_objects),
		with_commas(total.blocks[KIND_RUST].allocs),
		with_commas(total.blocks[KIND_C].allocs),
		with_commas(total.blocks[KIND_CPP].allocs));
}

char *
audit_status_words(const struct audit_report *report)
{
	if (!report->ran)
		return xstrdup("it did not run");
	if (WIFSIGNALED(report->status))
		return xasprintf("it was ended by signal %d (%s)",
				 WTERMSIG(report->status),
				 strsignal(WTERMSIG(report->status)));
	if (WEXITSTATUS(report->status) != 0)
		return xasprintf("it ended with exit code %d",
				 WEXITSTATUS(report->status));
	return NULL;
}
