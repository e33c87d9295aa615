/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads the logs of an audit. The audited program could write to every byte of
 * them, so each is copied first, and everything in the copy is checked.
 */
#include "audit.h"

#include "audit_tail.h"
#include "names.h"
#include "util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Frames of a person's stack that make two findings the same one. */
#define KEY_FRAMES 4

/* ---- the file ---- */

static struct audit_log *
copy_log(const struct audit_log *shared)
{
	struct audit_log *log = xcalloc(1, sizeof(*log));

	memcpy(log, shared, offsetof(struct audit_log, modules.files));
	if (log->modules.files_len <= MODULE_FILES)
		memcpy(log->modules.files, shared->modules.files,
		       log->modules.files_len);
	return log;
}

/* Cut what must be a text; false: its end is missing. */
static bool
is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool
is_valid(struct audit_log *log)
{
	size_t i;

	if (log->magic != AUDIT_MAGIC || log->state > AUDIT_REFUSED ||
	    log->owner_count > AUDIT_OWNERS ||
	    log->findings_kept > AUDIT_FINDINGS ||
	    !module_map_check(&log->modules) ||
	    !is_text(log->program, sizeof(log->program)))
		return false;
	for (i = 0; i < log->modules.count; i++)
		/* it is not this program, whatever the log says */
		if (log->modules.items[i].kind == MODULE_PROGRAM)
			return false;
	for (i = 0; i < MIN(log->refusal_count, AUDIT_REFUSALS_KEPT); i++)
		if (log->refusals[i].reason >= AUDIT_REFUSALS ||
		    !is_text(log->refusals[i].object, MODULE_PATH) ||
		    !is_text(log->refusals[i].detail,
			     sizeof(log->refusals[i].detail)))
			return false;
	for (i = AUDIT_RUST; i < log->owner_count; i++)
		if (log->owners[i].module >= log->modules.count)
			return false;
	for (i = 0; i < MIN(log->site_count, AUDIT_SITES); i++)
		if (log->sites[i].module >= log->modules.count)
			return false;
	memset(log->around, 0, sizeof(log->around));
	return true;
}

static bool
is_valid_finding(const struct audit_log *log, const struct audit_finding *raw)
{
	return raw->fault < AUDIT_FAULTS && raw->place < AUDIT_PLACES &&
		raw->form < AUDIT_FORMS && raw->given_form < AUDIT_FORMS &&
		raw->owner < MAX(log->owner_count, (uint32_t)AUDIT_RUST) &&
		raw->freed_by < MAX(log->owner_count, (uint32_t)AUDIT_RUST) &&
		(raw->place != AUDIT_PLACE_STATIC ||
		 raw->module < log->modules.count) &&
		raw->alloc.depth <= STACK_DEPTH &&
		raw->freed.depth <= STACK_DEPTH &&
		raw->again.depth <= STACK_DEPTH;
}

/* ---- names ---- */

/* The names at an address, which many stacks have in common. */
struct known {
	struct known *next;
	const struct module *module;
	uint64_t pc;
	struct audit_frame *frames;
	size_t count;
};

struct naming {
	const struct audit_log *log;
	struct known *known[1024];
};

static void
name_address(const struct audit_log *log, struct known *known)
{
	const struct module *module = known->module;
	struct symbol *symbols = NULL;
	struct audit_frame *frame;
	size_t count, i;

	count = module != NULL ?
		symbols_at(&log->modules, module, known->pc, &symbols) :
		0;
	known->count = MAX(count, 1u);
	known->frames = xcalloc(known->count, sizeof(*known->frames));
	for (i = 0; i < known->count; i++) {
		frame = &known->frames[i];
		frame->object = (char *)(module != NULL ? module->path : "");
		frame->offset = known->pc - (module != NULL ? module->base : 0);
		if (i == count)
			break;
		frame->plumbing = symbol_is_plumbing(&symbols[i]);
		frame->function = xstrdup(symbols[i].function);
		frame->file = symbols[i].file != NULL ?
			xstrdup(symbols[i].file) :
			NULL;
		frame->line = symbols[i].line;
	}
	symbols_free(symbols, count);
}

static const struct known *
names_at(struct naming *naming, const struct module *module, uint64_t pc)
{
	struct known **at = &naming->known[pc % ARRAY_SIZE(naming->known)];

	for (; *at != NULL; at = &(*at)->next)
		if ((*at)->pc == pc && (*at)->module == module)
			return *at;
	*at = xcalloc(1, sizeof(**at));
	(*at)->module = module;
	(*at)->pc = pc;
	name_address(naming->log, *at);
	return *at;
}

static void
naming_release(struct naming *naming)
{
	struct known *known;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(naming->known); i++) {
		while ((known = naming->known[i]) != NULL) {
			naming->known[i] = known->next;
			for (j = 0; j < known->count; j++) {
				free(known->frames[j].function);
				free(known->frames[j].file);
			}
			free(known->frames);
			free(known);
		}
	}
	names_release();
	tail_release();
}

static void
add_frames(struct naming *naming, const struct module *module, uint64_t pc,
	   bool jumped, struct audit_frames *frames)
{
	const struct known *known = names_at(naming, module, pc);
	struct audit_frame *frame;
	size_t i;

	frames->items = xrealloc(frames->items,
				 (frames->count + known->count) *
					 sizeof(*frames->items));
	for (i = 0; i < known->count; i++) {
		frame = &frames->items[frames->count++];
		*frame = known->frames[i];
		frame->jumped = jumped;
		frame->object = xstrdup(frame->object);
		if (frame->function != NULL)
			frame->function = xstrdup(frame->function);
		if (frame->file != NULL)
			frame->file = xstrdup(frame->file);
	}
}

static void
name_stack(struct naming *naming, const struct audit_stack *stack,
	   struct audit_frames *frames)
{
	const struct module_map *map = &naming->log->modules;
	struct tail_code back, jump;
	uint32_t i;

	for (i = 0; i < stack->depth; i++) {
		back = (struct tail_code){
			.module = stack->module[i] < map->count ?
				&map->items[stack->module[i]] :
				NULL,
			.address = stack->pc[i],
		};
		if (i == 0 && back.module != NULL &&
		    tail_call(map, &back, &jump))
			add_frames(naming, jump.module, jump.address, true,
				   frames);
		add_frames(naming, back.module, back.address - 1, false,
			   frames);
	}
}

/* ---- findings ---- */

static struct audit_side
side_of(const struct audit_log *log, uint32_t owner)
{
	const struct module *module;

	if (owner < AUDIT_RUST || owner >= log->owner_count)
		return (struct audit_side){ .kind = owner == AUDIT_CPP ? "C++" :
									 "C" };
	module = &log->modules.items[log->owners[owner].module];
	return (struct audit_side){ "Rust", xstrdup(module->path),
				    strcmp(module->path, log->program) == 0 };
}

static void
frames_release(struct audit_frames *frames)
{
	size_t i;

	for (i = 0; i < frames->count; i++) {
		free(frames->items[i].function);
		free(frames->items[i].file);
		free(frames->items[i].object);
	}
	free(frames->items);
}

static void
finding_release(struct audit_report_finding *finding)
{
	free(finding->owner.object);
	free(finding->freed_by.object);
	free(finding->place_object);
	frames_release(&finding->alloc);
	frames_release(&finding->freed);
	frames_release(&finding->again);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Several programs may be built of the same source: of tests, for instance. */
static bool
same_side(const struct audit_side *a, const struct audit_side *b)
{
	return strcmp(a->kind, b->kind) == 0 &&
		((a->main && b->main) || same_text(a->object, b->object));
}

static bool
same_frame(const struct audit_frame *a, const struct audit_frame *b)
{
	return same_text(a->function, b->function) &&
		same_text(a->file, b->file) && a->line == b->line &&
		/* without a line, two calls of one function are two */
		(a->file != NULL ||
		 (same_text(a->object, b->object) && a->offset == b->offset));
}

/* Do a person's first frames agree? */
static bool
same_frames(const struct audit_frames *a, const struct audit_frames *b)
{
	size_t at_a = audit_next_shown(a, 0), at_b = audit_next_shown(b, 0);
	size_t i;

	for (i = 0; i < KEY_FRAMES; i++) {
		if (at_a == a->count || at_b == b->count)
			return at_a == a->count && at_b == b->count;
		if (!same_frame(&a->items[at_a], &b->items[at_b]))
			return false;
		at_a = audit_next_shown(a, at_a + 1);
		at_b = audit_next_shown(b, at_b + 1);
	}
	return true;
}

static bool
same_finding(const struct audit_report_finding *a,
	     const struct audit_report_finding *b)
{
	return a->raw.fault == b->raw.fault && a->raw.place == b->raw.place &&
		a->raw.resized == b->raw.resized &&
		same_side(&a->owner, &b->owner) &&
		same_side(&a->freed_by, &b->freed_by) &&
		same_frames(&a->alloc, &b->alloc) &&
		same_frames(&a->freed, &b->freed) &&
		same_frames(&a->again, &b->again);
}

static void
add_finding(struct audit_report *report, struct audit_report_finding *finding)
{
	size_t i;

	for (i = 0; i < report->finding_count; i++) {
		if (!same_finding(&report->findings[i], finding))
			continue;
		report->findings[i].count += finding->count;
		finding_release(finding);
		return;
	}
	report->findings = xrealloc(report->findings,
				    (report->finding_count + 1) *
					    sizeof(*report->findings));
	report->findings[report->finding_count++] = *finding;
}

static bool
read_findings(struct audit_report *report, const struct audit_log *log)
{
	struct naming *naming = xcalloc(1, sizeof(*naming));
	const struct audit_finding *raw;
	bool valid = true;
	uint32_t i;

	naming->log = log;
	for (i = 0; i < log->findings_kept && valid; i++) {
		struct audit_report_finding finding = { 0 };

		raw = &log->findings[i];
		valid = is_valid_finding(log, raw);
		if (!valid)
			break;
		/* it would be guesswork */
		if (log->around[raw->owner] || log->around[raw->freed_by])
			continue;
		finding.raw = *raw;
		finding.count = raw->count;
		finding.pid = log->pid;
		finding.owner = side_of(log, raw->owner);
		finding.freed_by = side_of(log, raw->freed_by);
		if (raw->place == AUDIT_PLACE_STATIC)
			finding.place_object =
				xstrdup(log->modules.items[raw->module].path);
		name_stack(naming, &raw->alloc, &finding.alloc);
		name_stack(naming, &raw->freed, &finding.freed);
		name_stack(naming, &raw->again, &finding.again);
		add_finding(report, &finding);
	}
	naming_release(naming);
	free(naming);
	return valid;
}

/* ---- code that calls around the thunks ---- */

/* Rust's own library was compiled before: nothing of a program is in it,
 * without LTO. */
static bool
is_of_library(const struct unit *unit)
{
	return strncmp(unit->name, "/rustc/", 7) == 0 ||
		strncmp(unit->name, "library/", 8) == 0 ||
		strstr(unit->name, "/rustlib/src/rust/library/") != NULL;
}

/*
 * Is the function itself a part of an allocator, and not a caller of it? In
 * Rust's library some code uses the system's heap by itself.
 */
static bool
may_call(const struct symbol *symbols, size_t count, const struct unit *unit)
{
	const char *outermost = symbols[count - 1].function;
	bool system = false;
	size_t i;

	if (strstr(outermost, "GlobalAlloc") != NULL ||
	    strstr(outermost, "__rg_") != NULL ||
	    strstr(outermost, "__rdl_") != NULL)
		return true;
	if (!is_of_library(unit))
		return false;
	for (i = 0; i < count; i++) {
		if (strstr(symbols[i].function, "__rust_") != NULL ||
		    (strstr(symbols[i].function, "GlobalAlloc") != NULL &&
		     strstr(symbols[i].function, "System as") == NULL))
			return false;
		system |= strstr(symbols[i].function, "alloc::System") != NULL;
	}
	/* it frees what realpath() allocated */
	return system || strstr(outermost, "canonicalize") != NULL;
}

/* Does @site use an allocator for Rust that is not its own? *name_out: who. */
static bool
calls_around(const struct audit_log *log, const struct audit_site *site,
	     char **name_out)
{
	const struct module *module = &log->modules.items[site->module];
	struct unit unit = { 0 };
	bool known = unit_at(&log->modules, module, site->address, &unit);
	struct symbol *symbols = NULL;
	bool around = !known || unit.rust;
	size_t count = 0;

	if (around) {
		count = symbols_at(&log->modules, module, site->address,
				   &symbols);
		around = count == 0 || !may_call(symbols, count, &unit);
	}
	if (around)
		*name_out = xasprintf(
			"%s%s",
			count > 0 ? symbols[count - 1].function :
				    "code without a symbol",
			known ? "" : ", which has no debug information");
	symbols_free(symbols, count);
	free(unit.name);
	return around;
}

/* Refuse objects whose Rust has copies of the thunks, each once. */
static void
read_sites(struct audit_report *report, struct audit_log *log)
{
	struct audit_refusal_entry entry = { .reason = AUDIT_CALLED_AROUND };
	uint32_t count = MIN(log->site_count, (uint32_t)AUDIT_SITES), i, owner;
	const struct module *module;
	char *name;

	for (i = 0; i < count; i++) {
		for (owner = AUDIT_RUST; owner < log->owner_count; owner++)
			if (log->owners[owner].module == log->sites[i].module)
				break;
		if (owner == log->owner_count || log->around[owner] ||
		    !calls_around(log, &log->sites[i], &name))
			continue;
		module = &log->modules.items[log->sites[i].module];
		memcpy(entry.object, module->path, sizeof(entry.object));
		snprintf(entry.detail, sizeof(entry.detail), "%s", name);
		audit_add_refusal(report, &entry);
		log->around[owner] = 1;
		free(name);
	}
	names_release();
	if (log->site_count > AUDIT_SITES)
		audit_add_refusal(report,
				  &(struct audit_refusal_entry){
					  .reason = AUDIT_TOO_MANY,
				  });
}

/* ---- the log ---- */

static void
read_counts(struct audit_process *process, const struct audit_log *log)
{
	uint32_t owner, kind;
	size_t i;

	for (owner = 0; owner < log->owner_count; owner++) {
		kind = MIN(owner, (uint32_t)AUDIT_RUST);
		for (i = 0; i < AUDIT_SHARDS; i++) {
			process->blocks[kind].allocs +=
				log->counts[i][owner].allocs;
			process->blocks[kind].frees +=
				log->counts[i][owner].frees;
			process->blocks[kind].bytes +=
				log->counts[i][owner].bytes;
		}
		if (owner < AUDIT_RUST)
			continue;
		process->rust_objects++;
		process->thunks += log->owners[owner].patched;
		process->moved += log->owners[owner].moved;
	}
}

/* Where the program was removed, what was kept of it in @folder has its names. */
static void
use_kept_file(struct audit_log *log, const char *folder)
{
	const char *name = strrchr(log->program, '/');
	char *kept = xasprintf("%s/.kept%s", folder, name != NULL ? name : "/");
	uint32_t i;

	if (strlen(kept) < MODULE_PATH && access(kept, R_OK) == 0) {
		for (i = 0; i < log->modules.count; i++)
			if (strcmp(log->modules.items[i].path, log->program) ==
			    0)
				strcpy(log->modules.items[i].path, kept);
		strcpy(log->program, kept);
	}
	free(kept);
}

static bool
read_log(struct audit_report *report, struct audit_log *log, const char *folder)
{
	struct audit_process *process;
	uint64_t i;

	if (!is_valid(log))
		return false;
	report->processes = xrealloc(report->processes,
				     (report->process_count + 1) *
					     sizeof(*report->processes));
	process = &report->processes[report->process_count++];
	*process = (struct audit_process){
		.pid = log->pid,
		.forked_from = log->forked_from,
		.program = xstrdup(log->program),
		.cpp_is_c = log->cpp_is_c != 0,
	};
	use_kept_file(log, folder);
	read_counts(process, log);
	for (i = 0; i < MIN(log->refusal_count, AUDIT_REFUSALS_KEPT); i++)
		if (log->refusals[i].reason != AUDIT_NO_REFUSAL)
			audit_add_refusal(report, &log->refusals[i]);
	read_sites(report, log);
	report->ran |= log->state == AUDIT_WATCHING;
	report->findings_lost += log->findings_lost;
	report->stacks_lost += log->stacks_lost;
	return read_findings(report, log);
}

static void
read_file_of(struct audit_report *report, const char *path, const char *folder)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *shared = MAP_FAILED;
	struct audit_log *log;

	if (fd >= 0 && lseek(fd, 0, SEEK_END) >= (off_t)sizeof(*log))
		shared = mmap(NULL, sizeof(*log), PROT_READ, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (shared == MAP_FAILED) {
		audit_add_not_checked(report, "invalid-log", "",
				      xstrdup("a process left no valid log"));
		return;
	}
	log = copy_log(shared);
	munmap(shared, sizeof(*log));
	if (!read_log(report, log, folder))
		audit_add_not_checked(report, "invalid-log", "",
				      xstrdup("the program overwrote the log"));
	free(log);
}

struct list
audit_entries(const char *folder)
{
	struct list names = { 0 };
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (dir == NULL)
		die("%s: %s", folder, strerror(errno));
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			list_add(&names,
				 xasprintf("%s/%s", folder, entry->d_name));
	closedir(dir);
	list_sort(&names);
	return names;
}

void
audit_read(struct audit_report *report, const char *folder)
{
	struct list names = audit_entries(folder);
	size_t i;

	for (i = 0; i < names.count; i++)
		read_file_of(report, names.items[i], folder);
	list_release(&names);
}

void
audit_report_release(struct audit_report *report)
{
	size_t i;

	for (i = 0; i < report->finding_count; i++)
		finding_release(&report->findings[i]);
	for (i = 0; i < report->process_count; i++)
		free(report->processes[i].program);
	for (i = 0; i < report->not_checked_count; i++) {
		free(report->not_checked[i].reason);
		free(report->not_checked[i].object);
	}
	free(report->findings);
	free(report->processes);
	free(report->not_checked);
}
