/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which loaded object an address belongs to, and what lies there. */
#ifndef FERRULE_MODULES_H
#define FERRULE_MODULES_H

#include "ledger.h"

struct module {
	/* where its code lies */
	struct ledger_range code;
	/* what to subtract for the address in the file */
	uintptr_t base;
	/* its file; the executable's is "/proc/self/exe" */
	char path[4096];
	bool is_program;
};

/* False: @address lies in no loaded object. */
bool
module_find(uintptr_t address, struct module *module);

/* A function, by the debug information. */
struct symbol {
	char *function; /* NULL: not known */
	char *file; /* NULL: not known */
	unsigned line;
};

/*
 * The functions that stand at @address in @module, innermost first: several
 * where calls were inlined. The caller frees the texts and the array.
 */
size_t
symbols_at(const struct module *module, uintptr_t address,
	   struct symbol **symbols_out);
void
symbols_free(struct symbol *symbols, size_t count);

struct module_map;

/*
 * Who allocated or freed, by the stack @trace of @ledger: the function of the
 * lane (which has code at @lane), and before it the library's public function
 * if it went through the library. @map says what was loaded. The caller frees
 * the text.
 */
char *
trace_describe(const struct ledger *ledger, uint32_t trace,
	       const struct module_map *map, uintptr_t lane);

#endif
