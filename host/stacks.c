/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The stacks of all threads of another process, by libdwfl.
 *
 *   system, system | lane, libsgz, system, lane | program, libc
 *     ends shown                all                 left out
 *
 * The system's code is libc, the linker, and Rust's library. Of several such
 * frames in a row the innermost says what the thread does, and the outermost
 * what was called for it; those between are left out.
 */
#include "stacks.h"

#include "names.h"
#include "util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_LIBDW

#include <elfutils/libdwfl.h>
#include <limits.h>
#include <unistd.h>

/* A deeper stack is a recursion. */
#define FRAMES 64

struct raw_stack {
	pid_t id;
	bool crashed; /* it is in the handler of a signal */
	size_t depth;
	Dwarf_Addr pc[FRAMES]; /* in the call, not behind it */
	char failure[100]; /* why there is none, or it ends early */
};

/* The threads as they were stopped. They are named when they run again. */
struct snapshot {
	struct raw_stack *threads;
	size_t count, left_out;
};

/* ---- taking them ---- */

static int
take_frame(Dwfl_Frame *frame, void *ctx)
{
	struct raw_stack *stack = ctx;
	bool interrupted;
	Dwarf_Addr pc;

	if (!dwfl_frame_pc(frame, &pc, &interrupted))
		return DWARF_CB_ABORT;
	/* the handler and what it called are ours */
	if (stack->crashed && interrupted)
		stack->depth = 0;
	stack->pc[stack->depth++] = interrupted ? pc : pc - 1;
	return stack->depth < FRAMES ? DWARF_CB_OK : DWARF_CB_ABORT;
}

/* Its frames were taken, as far as it goes. */
static void
end_frames(struct raw_stack *stack, int error)
{
	const char *why = error < 0 ? dwfl_errmsg(0) : NULL;

	/* an end that was not found is normal: the last frames are the
	 * system's */
	if (stack->depth == 0)
		snprintf(stack->failure, sizeof(stack->failure), "%s",
			 why != NULL ? why : "it was not running");
}

static int
take_thread(Dwfl_Thread *thread, void *ctx)
{
	struct snapshot *snapshot = ctx;
	struct raw_stack *stack;

	if (snapshot->count == STACKS) {
		snapshot->left_out++;
		return DWARF_CB_OK;
	}
	stack = &snapshot->threads[snapshot->count++];
	stack->id = dwfl_thread_tid(thread);
	dwfl_errno();
	end_frames(stack, dwfl_thread_getframes(thread, take_frame, stack));
	return DWARF_CB_OK;
}

/* @only: of one thread, in the handler of its crash; 0: of all. */
static int
take_threads(Dwfl *dwfl, pid_t only, struct snapshot *snapshot)
{
	struct raw_stack *stack = snapshot->threads;

	if (only == 0)
		return dwfl_getthreads(dwfl, take_thread, snapshot);
	*stack = (struct raw_stack){ .id = only, .crashed = true };
	snapshot->count = 1;
	dwfl_errno();
	end_frames(stack, dwfl_getthread_frames(dwfl, only, take_frame, stack));
	return 0;
}

/* ---- naming them ---- */

/* One name, and whether it is of the system. */
struct named {
	char *words;
	bool system;
};

struct naming {
	struct named *names; /* innermost first */
	size_t count;
};

static void
name_add(struct naming *naming, char *words, bool system)
{
	naming->names = xrealloc(naming->names,
				 (naming->count + 1) * sizeof(*naming->names));
	naming->names[naming->count++] = (struct named){ words, system };
}

static const char *
file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* What symbols_at() needs of a module. False: it has no file. */
static bool
describe_module(Dwfl_Module *found, struct module *module)
{
	const char *name, *file = NULL;
	const unsigned char *bits;
	Dwarf_Addr start, end;
	GElf_Addr base, at;
	int len;

	*module = (struct module){ .kind = MODULE_OTHER };
	name = dwfl_module_info(found, NULL, &start, &end, NULL, NULL, &file,
				NULL);
	if (dwfl_module_getelf(found, &base) == NULL)
		return false;
	module->start = start;
	module->end = end;
	module->base = base;
	len = dwfl_module_build_id(found, &bits, &at);
	if (len > 0 && (size_t)len <= sizeof(module->build_id)) {
		module->build_id_len = (uint32_t)len;
		memcpy(module->build_id, bits, (size_t)len);
	}
	snprintf(module->path, sizeof(module->path), "%s",
		 file != NULL ? file : name);
	return true;
}

/* Is it of the system, or our own program? */
static bool
is_system(const struct module *module)
{
	static const char *const names[] = {
		"[vdso",       "ld-linux",     "libc.so",
		"libgcc_s.so", "libm.so",      "libasan",
		"libpthread",  "libstdc++.so", "linux-vdso",
	};
	const char *name = file_name(module->path);
	char own[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", own, sizeof(own) - 1);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strncmp(name, names[i], strlen(names[i])) == 0)
			return true;
	if (len < 0)
		return false;
	own[len] = '\0';
	return strcmp(own, module->path) == 0;
}

static void
name_frame(Dwfl *dwfl, Dwarf_Addr pc, struct naming *naming)
{
	Dwfl_Module *found = dwfl_addrmodule(dwfl, pc);
	struct symbol *symbols = NULL;
	struct module module;
	size_t count, i;
	char *words;
	bool system;

	if (found == NULL || !describe_module(found, &module)) {
		name_add(naming, xstrdup("code without a file"), true);
		return;
	}
	system = is_system(&module);
	count = symbols_at(NULL, &module, pc, &symbols);
	for (i = 0; i < count; i++) {
		words = symbols[i].file != NULL ?
			symbol_describe(&symbols[i]) :
			xasprintf("%s (%s)", symbols[i].function,
				  file_name(module.path));
		name_add(naming, words,
			 system || symbol_is_plumbing(&symbols[i]));
	}
	if (count == 0)
		name_add(naming,
			 xasprintf("%s+%#jx", file_name(module.path),
				   (uintmax_t)(pc - module.base)),
			 system);
	symbols_free(symbols, count);
}

/*
 * Is it the innermost or the outermost of the system's in a row? Of a crash the
 * innermost ones say only how a process ends itself.
 */
static bool
is_shown(const struct naming *naming, size_t at, bool crashed)
{
	const struct named *names = naming->names;
	bool innermost = at == 0 ? !crashed : !names[at - 1].system;

	return !names[at].system || innermost || !names[at + 1].system;
}

/* False: there is nothing in it but the system and our own program. */
static bool
write_words(const struct naming *naming, bool crashed,
	    struct thread_stack *thread)
{
	struct text text = { 0 };
	size_t end = naming->count;
	size_t i;

	while (end > 0 && naming->names[end - 1].system)
		end--;
	for (i = 0; i < end; i++) {
		if (!is_shown(naming, i, crashed))
			continue;
		if (text.len > 0)
			text_addf(&text, ", called by ");
		/* a lane chooses the names of its functions */
		text_add_escaped(&text, naming->names[i].words,
				 strlen(naming->names[i].words));
	}
	if (text.len > 0)
		snprintf(thread->words, sizeof(thread->words), "%s", text.data);
	free(text.data);
	return end > 0;
}

static void
name_thread(Dwfl *dwfl, const struct raw_stack *raw, struct stacks *stacks)
{
	struct thread_stack *thread = &stacks->threads[stacks->count];
	struct naming naming = { 0 };
	size_t i;

	thread->id = raw->id;
	for (i = 0; i < raw->depth; i++)
		name_frame(dwfl, raw->pc[i], &naming);
	if (raw->depth == 0)
		snprintf(thread->words, sizeof(thread->words), "%s",
			 raw->failure);
	else
		thread->known = write_words(&naming, raw->crashed, thread);
	/* published last, so that it is complete if we are killed */
	if (raw->depth == 0 || thread->known)
		stacks->count++;
	for (i = 0; i < naming.count; i++)
		free(naming.names[i].words);
	free(naming.names);
}

/* The frames need no debug information, and names.c finds it by itself. */
static int
find_no_debuginfo(Dwfl_Module *module, void **data, const char *name,
		  Dwarf_Addr base, const char *file, const char *link,
		  GElf_Word crc, char **path_out)
{
	(void)module, (void)data, (void)name, (void)base, (void)file;
	(void)link, (void)crc, (void)path_out;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_linux_proc_find_elf,
	.find_debuginfo = find_no_debuginfo,
};

static void
fail_with(struct stacks *stacks, const char *what, const char *why)
{
	snprintf(stacks->failure, sizeof(stacks->failure), "%s: %s", what,
		 why != NULL ? why : "the reason is not known");
}

/* Is there no thread that could be stopped? */
static bool
refused(const struct snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < snapshot->count; i++)
		if (snapshot->threads[i].depth > 0)
			return false;
	return snapshot->count > 0;
}

static void
take(pid_t pid, pid_t only, struct stacks *stacks)
{
	struct snapshot snapshot = { 0 };
	Dwfl *dwfl = dwfl_begin(&callbacks);
	size_t i;
	int error;

	snapshot.threads = xcalloc(STACKS, sizeof(*snapshot.threads));
	if (dwfl == NULL) {
		fail_with(stacks, "libdw", dwfl_errmsg(-1));
		goto out;
	}
	error = dwfl_linux_proc_report(dwfl, pid);
	if (error == 0 && dwfl_report_end(dwfl, NULL, NULL) != 0)
		error = -1;
	if (error == 0)
		error = dwfl_linux_proc_attach(dwfl, pid, false);
	if (error != 0) {
		fail_with(stacks, "its process cannot be read",
			  error > 0 ? strerror(error) : dwfl_errmsg(-1));
		goto out;
	}
	if (take_threads(dwfl, only, &snapshot) < 0)
		fail_with(stacks, "its threads cannot be listed",
			  dwfl_errmsg(-1));
	for (i = 0; i < snapshot.count; i++)
		name_thread(dwfl, &snapshot.threads[i], stacks);
	stacks->left_out = (uint32_t)snapshot.left_out;
	if (stacks->failure[0] == '\0' && refused(&snapshot))
		fail_with(stacks, "ptrace() is not permitted here",
			  snapshot.threads[0].failure);
out:
	names_release();
	free(snapshot.threads);
	dwfl_end(dwfl);
}

#else /* no libdw */

static void
take(pid_t pid, pid_t only, struct stacks *stacks)
{
	(void)pid, (void)only;
	snprintf(stacks->failure, sizeof(stacks->failure),
		 "this driver was built without libdw");
}

#endif

void
stacks_take(pid_t pid, struct stacks *stacks)
{
	take(pid, 0, stacks);
}

void
stacks_take_crash(pid_t pid, pid_t thread, struct stacks *stacks)
{
	take(pid, thread, stacks);
}
