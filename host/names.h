/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The names and lines of addresses. The parent reads them from the files. */
#ifndef FERRULE_NAMES_H
#define FERRULE_NAMES_H

#include "ledger.h"

/* Was this built with libdw? Without it there are no names. */
bool
names_known(void);

/* A function, by the debug information. */
struct symbol {
	char *function;
	char *file; /* NULL: not known */
	unsigned line;
};

/*
 * The functions at @address in @module of @map, innermost first. There are
 * several if calls were inlined. The caller frees them.
 */
size_t
symbols_at(const struct module_map *map, const struct module *module,
	   uint64_t address, struct symbol **symbols_out);
void
symbols_free(struct symbol *symbols, size_t count);

/* The part of a module that was compiled at once. */
struct unit {
	char *name; /* of its source, and more */
	bool rust;
};

/* The unit at @address. False: there is no debug information about it. The
 * caller frees its name. */
bool
unit_at(const struct module_map *map, const struct module *module,
	uint64_t address, struct unit *unit_out);

/* "lesson (c.c:12)", or only the function. The caller frees it. */
char *
symbol_describe(const struct symbol *symbol);
/* Does it only forward a request: Rust's library, an allocator, the start of a
 * thread? */
bool
symbol_is_plumbing(const struct symbol *symbol);

/* Close the files that were read. */
void
names_release(void);

/*
 * Describe which code allocated or freed, from the stack @trace of @ledger: the
 * function of the lane, or of a plugin that it uses. If the call went through
 * the library, its public function comes first. The caller frees the text.
 */
char *
trace_describe(const struct ledger *ledger, uint32_t trace);

/*
 * Describe the function at @address in a module that @ledger noted and that is
 * gone: "close_it (plugin.c:9) of plugin.so". NULL: there was none. The caller
 * frees the text.
 */
char *
gone_describe(const struct ledger *ledger, uint64_t address);

#endif
