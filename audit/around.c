/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Code that may allocate for Rust without calling a thunk.
 *
 * A thunk ends in a call or a jump to the real allocator:
 *
 *   __rust_alloc:  jmp __rdl_alloc          or   jmp *malloc@GOT(%rip)
 *
 * If the optimizer put a copy of the thunk into its caller, that ends the same
 * way. So each place that refers to such a function, or to its slot, is noted;
 * the reader of the log has the debug information and decides whose it is.
 *
 * All references are relative to the address behind them, in four bytes:
 *
 *   call f | e8 dist |     mov f@GOT(%rip), %rax | 48 8b 05 dist |
 *
 * So we look at each four bytes, and at what stands before them.
 */
#include "around.h"

#include "audit.h"
#include "move.h"
#include "object_file.h"
#include "patch.h"
#include "start.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#define ENDS 32

struct ends {
	uintptr_t at[ENDS];
	size_t count;
	uintptr_t low, high;
};

static void
add_end(void *ctx, uintptr_t end)
{
	struct ends *ends = ctx;
	size_t i;

	for (i = 0; i < ends->count; i++)
		if (ends->at[i] == end)
			return;
	if (ends->count == ENDS)
		return;
	ends->at[ends->count++] = end;
	ends->low = ends->count == 1 || end < ends->low ? end : ends->low;
	ends->high = ends->count == 1 || end > ends->high ? end : ends->high;
}

/* ---- which of them are allocators ---- */

/* What any code calls: to copy, to end the program, and Rust's core. */
static bool
is_common(const char *name)
{
	static const char *const names[] = { "abort",	      "bcmp",
					     "memcmp",	      "memcpy",
					     "memmove",	      "memset",
					     "_Unwind_Resume" };
	size_t i, len = strcspn(name, "@");

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == len && memcmp(name, names[i], len) == 0)
			return true;
	return strstr(name, "4core") != NULL &&
		strstr(name, "GlobalAlloc") == NULL;
}

struct naming {
	struct ends *ends;
	struct ends slots; /* that lead to one of them */
	uintptr_t base;
};

static void
see_symbol(void *ctx, const struct object_symbol *symbol)
{
	const struct naming *naming = ctx;
	size_t i;

	if (!symbol->defined || !symbol->function || !is_common(symbol->name))
		return;
	for (i = 0; i < naming->ends->count; i++)
		if (naming->ends->at[i] == naming->base + symbol->value)
			naming->ends->at[i] = 0;
}

static void
see_slot(void *ctx, const struct object_slot *slot)
{
	struct naming *naming = ctx;
	uintptr_t at = naming->base + slot->at;
	size_t i;

	for (i = 0; i < naming->ends->count; i++) {
		if (naming->ends->at[i] == at && slot->name != NULL &&
		    is_common(slot->name))
			naming->ends->at[i] = 0;
		else if (slot->name == NULL && naming->ends->at[i] != 0 &&
			 naming->ends->at[i] == naming->base + slot->target)
			add_end(&naming->slots, at);
	}
}

/* Forget those that any code calls, and add the slots of the others. */
static void
keep_allocators(struct ends *ends, const struct module *module)
{
	struct naming naming = { ends,
				 { .count = 0 },
				 (uintptr_t)module->base };
	struct object_file file;
	size_t i;

	if (!object_open(&file, module->path))
		return;
	object_symbols(&file, SHT_SYMTAB, see_symbol, &naming);
	object_slots(&file, see_slot, &naming);
	object_close(&file);
	for (i = 0; i < ends->count; i++)
		if (ends->at[i] != 0)
			add_end(&naming.slots, ends->at[i]);
	*ends = naming.slots;
}

/* ---- where they are used ---- */

static bool
is_in_thunk(const struct rust_signs *signs, uintptr_t at)
{
	size_t i;

	for (i = 0; i < THUNKS; i++)
		if (at >= signs->thunks[i].at &&
		    at < signs->thunks[i].at + signs->thunks[i].size)
			return true;
	return false;
}

static void
note(uint32_t module, uintptr_t at)
{
	struct audit_log *log = audit_log();

	if (log->site_count < AUDIT_SITES)
		log->sites[log->site_count] = (struct audit_site){
			.module = module,
			.address = at,
		};
	log->site_count++;
}

struct looking {
	const struct rust_signs *signs;
	const struct ends *ends;
	uint32_t module;
};

/* Can what stands before @at be an instruction with such a distance? */
static bool
is_reference(const unsigned char *at)
{
	/* call, jmp; a jump with a condition; an operand in memory */
	return at[-1] == 0xe8 || at[-1] == 0xe9 ||
		(at[-2] == 0x0f && (at[-1] & 0xf0) == 0x80) ||
		(at[-1] & 0xc7) == 0x05;
}

static void
look(const struct looking *looking, uintptr_t start, uintptr_t stop)
{
	const struct ends *ends = looking->ends;
	uintptr_t at, target;
	int32_t far;
	size_t i;

	for (at = start + 2; at + sizeof(far) <= stop; at++) {
		memcpy(&far, (const void *)at, sizeof(far));
		target = at + sizeof(far) + (uintptr_t)(intptr_t)far;
		if (likely(target - ends->low > ends->high - ends->low))
			continue;
		for (i = 0; i < ends->count; i++)
			/* padding before a function is no jump to it */
			if (target == ends->at[i] && far != 0 &&
			    is_reference((const unsigned char *)at) &&
			    !is_in_thunk(looking->signs, at))
				note(looking->module, at);
	}
}

/* The code that is loaded. */
static void
look_at_code(const struct looking *looking, const struct module *module)
{
	const ElfW(Ehdr) *header = (const void *)(uintptr_t)module->start;
	const ElfW(Phdr) * parts;
	uintptr_t start;
	size_t i;

	/* where the first segment is that of the file's start */
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return;
	parts = (const void *)((uintptr_t)header + header->e_phoff);
	for (i = 0; i < header->e_phnum; i++) {
		if (parts[i].p_type != PT_LOAD ||
		    (parts[i].p_flags & (PF_X | PF_R)) != (PF_X | PF_R))
			continue;
		start = (uintptr_t)(module->base + parts[i].p_vaddr);
		look(looking, start, start + parts[i].p_filesz);
	}
}

void
around_note(const struct module *module, uint32_t at,
	    const struct rust_signs *signs)
{
	struct ends ends = { .count = 0 };
	const struct looking looking = { signs, &ends, at };
	size_t i;

	for (i = 0; i < THUNKS; i++)
		if (signs->thunks[i].at != 0)
			move_ends(signs->thunks[i].at, signs->thunks[i].size,
				  add_end, &ends);
	keep_allocators(&ends, module);
	if (ends.count > 0)
		look_at_code(&looking, module);
}
