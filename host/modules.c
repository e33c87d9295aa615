/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which loaded object an address belongs to, and what lies there. */
#include "modules.h"

#include "map.h"
#include "util.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct search {
	uintptr_t address;
	struct module *module;
};

static int
visit(struct dl_phdr_info *info, size_t size, void *ctx)
{
	struct search *search = ctx;
	struct module *module = search->module;
	const ElfW(Phdr) * header;
	uintptr_t start, end;
	bool found = false;
	ElfW(Half) i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		header = &info->dlpi_phdr[i];
		start = info->dlpi_addr + header->p_vaddr;
		end = start + header->p_memsz;
		if (header->p_type != PT_LOAD)
			continue;
		if (header->p_flags & PF_X)
			module->code = (struct ledger_range){ start, end };
		if (search->address >= start && search->address < end)
			found = true;
	}
	if (!found)
		return 0;
	module->base = info->dlpi_addr;
	/* the dynamic linker has no name for the program itself */
	module->is_program = info->dlpi_name[0] == '\0';
	snprintf(module->path, sizeof(module->path), "%s",
		 module->is_program ? "/proc/self/exe" : info->dlpi_name);
	return 1;
}

bool
module_find(uintptr_t address, struct module *module)
{
	struct search search = { address, module };

	return dl_iterate_phdr(visit, &search) != 0;
}

/* ---- names, by addr2line ---- */

/* All that `addr2line` says of @offset in @path; NULL if it can't be had. */
static char *
ask_addr2line(const char *path, uintptr_t offset)
{
	char address[32];
	char *const argv[] = { (char *)"addr2line", (char *)"-Cfie",
			       (char *)path, address, NULL };
	posix_spawn_file_actions_t actions;
	struct text text = { 0 };
	char buffer[4096];
	ssize_t got;
	pid_t pid;
	int fds[2];
	int status = -1;

	snprintf(address, sizeof(address), "%#zx", (size_t)offset);
	if (pipe(fds) != 0)
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, fds[0]);
	posix_spawn_file_actions_addclose(&actions, fds[1]);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
					 2 /* O_RDWR */, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	while (pid > 0 && (got = read(fds[0], buffer, sizeof(buffer))) != 0) {
		if (got > 0)
			text_add(&text, buffer, (size_t)got);
		else if (errno != EINTR)
			break;
	}
	close(fds[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || status != 0) {
		free(text.data);
		return NULL;
	}
	return text_take(&text);
}

/* Cut the hash that Rust's older mangling leaves: "a::b::h0123456789abcdef" */
static void
cut_hash(char *name)
{
	size_t len = strlen(name);

	if (len > 19 && strncmp(name + len - 19, "::h", 3) == 0 &&
	    strspn(name + len - 16, "0123456789abcdef") == 16)
		name[len - 19] = '\0';
}

/* A pair of lines: the function, and "file:line (discriminator 1)". */
static void
add_symbol(struct symbol **symbols, size_t *count, char *function, char *place)
{
	struct symbol symbol = { 0 };
	char *colon = strrchr(place, ':');

	if (strncmp(function, "??", 2) == 0)
		return;
	cut_hash(function);
	symbol.function = xstrdup(function);
	if (colon != NULL && strncmp(place, "??", 2) != 0) {
		symbol.line = (unsigned)strtoul(colon + 1, NULL, 10);
		symbol.file = xstrndup(place, (size_t)(colon - place));
	}
	*symbols = xrealloc(*symbols, (*count + 1) * sizeof(symbol));
	(*symbols)[(*count)++] = symbol;
}

size_t
symbols_at(const struct module *module, uintptr_t address,
	   struct symbol **symbols_out)
{
	char *answer = ask_addr2line(module->path, address - module->base);
	char *save = NULL;
	char *function, *place;
	size_t count = 0;

	*symbols_out = NULL;
	if (answer == NULL)
		return 0;
	function = strtok_r(answer, "\n", &save);
	while (function != NULL) {
		place = strtok_r(NULL, "\n", &save);
		if (place == NULL)
			break;
		add_symbol(symbols_out, &count, function, place);
		function = strtok_r(NULL, "\n", &save);
	}
	free(answer);
	return count;
}

void
symbols_free(struct symbol *symbols, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		free(symbols[i].function);
		free(symbols[i].file);
	}
	free(symbols);
}

/* ---- who did it ---- */

/* Does @symbol only pass the request on, on its way to an allocator? */
static bool
is_plumbing(const struct symbol *symbol)
{
	static const char *const starts[] = {
		"alloc::",     "core::",	 "std::",
		"hashbrown::", "ferrule_lane::", "__rust",
		"__rg_",       "__rdl_",	 "rust_begin_unwind",
	};
	const char *name = symbol->function;
	size_t i;

	/* where Rust's own library was compiled, or is kept to be read */
	if (symbol->file != NULL &&
	    (strncmp(symbol->file, "/rustc/", 7) == 0 ||
	     strstr(symbol->file, "/rustlib/src/rust/library/") != NULL))
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

static char *
symbol_describe(const struct symbol *symbol)
{
	if (symbol->file == NULL)
		return xstrdup(symbol->function);
	return xasprintf("%s (%s:%u)", symbol->function,
			 last_component(symbol->file), symbol->line);
}

/* Is this module the library? By where its own functions lie. */
static bool
is_library(const struct module *module)
{
	uintptr_t inside = (uintptr_t)sgz_allocator_set_default;

	return inside >= module->code.start && inside < module->code.end;
}

/* The first name at @pc that is not plumbing, or NULL. */
static char *
lane_name_at(const struct module *module, uintptr_t pc)
{
	struct symbol *symbols;
	size_t count = symbols_at(module, pc, &symbols);
	char *name = NULL;
	size_t i;

	for (i = 0; i < count && name == NULL; i++)
		if (!is_plumbing(&symbols[i]))
			name = symbol_describe(&symbols[i]);
	symbols_free(symbols, count);
	return name;
}

/*
 * Name the library's function at @pc in *name: a public one, or else the first
 * that is met (a public one may have jumped to it, and left no frame).
 */
static void
library_name_at(const struct module *module, uintptr_t pc, char **name)
{
	struct symbol *symbols;
	size_t count = symbols_at(module, pc, &symbols);
	size_t i;
	bool exported;

	for (i = 0; i < count; i++) {
		exported = dlsym(RTLD_DEFAULT, symbols[i].function) != NULL;
		if (!exported && *name != NULL)
			continue;
		free(*name);
		*name = xstrdup(symbols[i].function);
	}
	symbols_free(symbols, count);
}

/* What the frames of a stack say of who did it. */
struct suspects {
	char *through; /* the library's function, outermost so far */
	char *lane; /* the lane's, innermost */
	char *other; /* another object's, innermost: better than nothing */
};

static void
ask_frame(struct suspects *suspects, uintptr_t pc, const struct module_map *map,
	  uintptr_t lane)
{
	const struct module *module = map_find(map, pc);
	char *name;

	if (module == NULL || module->is_program)
		return;
	if (is_library(module)) {
		library_name_at(module, pc, &suspects->through);
		return;
	}
	name = lane_name_at(module, pc);
	if (module == map_find(map, lane)) {
		suspects->lane = name;
		if (name != NULL)
			return;
	} else if (suspects->other == NULL && name != NULL) {
		suspects->other = name;
		return;
	}
	free(name);
	if (suspects->other == NULL)
		suspects->other = xasprintf("%s+%#zx",
					    last_component(module->path),
					    (size_t)(pc - module->base));
}

char *
trace_describe(const struct ledger *ledger, uint32_t trace,
	       const struct module_map *map, uintptr_t lane)
{
	struct suspects suspects = { 0 };
	const struct ledger_trace *stack;
	const char *who;
	char *text;
	uint32_t i;

	if (trace == 0 || trace >= ledger->trace_count)
		return xstrdup("a function that was not noted");
	stack = &ledger->traces[trace];
	/* return addresses: the call is the instruction before */
	for (i = 0; i < stack->depth && suspects.lane == NULL; i++)
		ask_frame(&suspects, (uintptr_t)stack->pc[i] - 1, map, lane);
	who = suspects.lane != NULL ? suspects.lane : suspects.other;
	if (who == NULL)
		who = "a function without a name";
	if (suspects.through != NULL)
		text = xasprintf("%s, called by %s", suspects.through, who);
	else
		text = xstrdup(who);
	free(suspects.through);
	free(suspects.lane);
	free(suspects.other);
	return text;
}
