/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Describes the frames of a stack in words: which code made the call. */
#include "names.h"

#include "util.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Inline functions of the system's headers; Rust's library, where it was
 * compiled or installed, and in the folder in which it was compiled. */
static bool
is_of_a_system(const char *file)
{
	static const char *const folders[] = {
		"/usr/include/",     "/rustc/",		 "library/alloc/src/",
		"library/core/src/", "library/std/src/",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(folders); i++)
		if (strncmp(file, folders[i], strlen(folders[i])) == 0)
			return true;
	return strstr(file, "/rustlib/src/rust/library/") != NULL;
}

bool
symbol_is_plumbing(const struct symbol *symbol)
{
	static const char *const starts[] = {
		"alloc::",
		"core::",
		"std::",
		"hashbrown::",
		"ferrule_lane::",
		"__rust",
		"__rg_",
		"__rdl_",
		"rust_begin_unwind",
		/* the start of a thread */
		"start_thread",
		"clone3",
		"__clone",
	};
	const char *name = symbol->function;
	size_t i;

	if (symbol->file != NULL && is_of_a_system(symbol->file))
		return true;
	/* "<alloc::vec::Vec<T> as ...>::clone" */
	while (*name == '<' || *name == '&')
		name++;
	for (i = 0; i < ARRAY_SIZE(starts); i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return strstr(name, "ferrule_lane::") != NULL;
}

static const char *
last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

char *
symbol_describe(const struct symbol *symbol)
{
	if (symbol->file == NULL)
		return xstrdup(symbol->function);
	return xasprintf("%s (%s:%u)", symbol->function,
			 last_component(symbol->file), symbol->line);
}

/* An address in a module, and the data to name it. */
struct frame {
	const struct module_map *map;
	const struct module *module;
	uint64_t pc;
};

/*
 * The first name at this address that is not a forwarding function, or NULL.
 * *any_out: is there any name?
 */
static char *
caller_name(const struct frame *frame, bool *any_out)
{
	struct symbol *symbols;
	size_t count =
		symbols_at(frame->map, frame->module, frame->pc, &symbols);
	char *name = NULL;
	size_t i;

	for (i = 0; i < count && name == NULL; i++)
		if (!symbol_is_plumbing(&symbols[i]))
			name = symbol_describe(&symbols[i]);
	*any_out = count > 0;
	symbols_free(symbols, count);
	return name;
}

/*
 * Put the library's function in *name: a public one, else the first one (a
 * public one may have jumped to it, and left no frame).
 */
static void
library_name(const struct frame *frame, char **name)
{
	struct symbol *symbols;
	size_t count =
		symbols_at(frame->map, frame->module, frame->pc, &symbols);
	bool exported;
	size_t i;

	for (i = 0; i < count; i++) {
		exported = dlsym(RTLD_DEFAULT, symbols[i].function) != NULL;
		if (!exported && *name != NULL)
			continue;
		free(*name);
		*name = xstrdup(symbols[i].function);
	}
	symbols_free(symbols, count);
}

/* The functions that a stack has, by kind. */
struct suspects {
	char *through; /* the library's function, outermost so far */
	char *own; /* the innermost one of the lane or a plugin */
	char *other; /* the innermost one of another object */
};

static void
ask_frame(struct suspects *suspects, const struct frame *frame)
{
	const struct module *module = frame->module;
	char *name;
	bool any;

	if (module == NULL || module->kind == MODULE_PROGRAM)
		return;
	if (module->kind == MODULE_LIBRARY) {
		library_name(frame, &suspects->through);
		return;
	}
	name = caller_name(frame, &any);
	if (module->kind == MODULE_LANE || module->kind == MODULE_PLUGIN) {
		suspects->own = name;
		if (name != NULL)
			return;
	} else if (suspects->other == NULL && name != NULL) {
		suspects->other = name;
		return;
	}
	free(name);
	/* the C library does not call by itself: its caller left no frame */
	if (suspects->other == NULL && !any && module->kind != MODULE_LIBC)
		suspects->other = xasprintf("%s+%#zx",
					    last_component(module->path),
					    (size_t)(frame->pc - module->base));
}

char *
trace_describe(const struct ledger *ledger, uint32_t trace)
{
	struct suspects suspects = { 0 };
	const struct ledger_trace *stack;
	struct frame frame = { .map = ledger->modules };
	const char *who;
	char *text;
	uint32_t i;

	if (trace == 0 || trace >= ledger->trace_count)
		return xstrdup("a function that was not noted");
	stack = &ledger->traces[trace];
	for (i = 0; i < stack->depth && suspects.own == NULL; i++) {
		/* these are return addresses: the call is the instruction
		 * before */
		frame.pc = (uintptr_t)stack->pc[i] - 1;
		frame.module = stack->modules[i] < frame.map->count ?
			&frame.map->items[stack->modules[i]] :
			NULL;
		ask_frame(&suspects, &frame);
	}
	who = suspects.own != NULL ? suspects.own : suspects.other;
	if (who == NULL)
		who = "a function that left no frame";
	if (suspects.through != NULL)
		text = xasprintf("%s, called by %s", suspects.through, who);
	else
		text = xstrdup(who);
	free(suspects.through);
	free(suspects.own);
	free(suspects.other);
	return text;
}

char *
gone_describe(const struct ledger *ledger, uint64_t address)
{
	const struct module_map *map = ledger->modules;
	const struct module *module = NULL;
	char *name, *text;
	struct frame frame;
	bool any;
	uint32_t i;

	for (i = 0; map != NULL && i < map->count; i++)
		if (address >= map->items[i].start &&
		    address < map->items[i].end &&
		    (module == NULL || map->items[i].came > module->came))
			module = &map->items[i];
	if (module == NULL)
		return NULL;
	frame = (struct frame){ map, module, address };
	name = caller_name(&frame, &any);
	text = xasprintf("%s of %s", name != NULL ? name : "a function",
			 last_component(module->path));
	free(name);
	return text;
}
