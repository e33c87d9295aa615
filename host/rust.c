/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rust objects that were not built for a ledger.
 *
 * rustc puts four functions into each object, __rust_alloc and so on. If the
 * program chose no allocator, each of them is one jump to the default
 * allocator. We redirect the jump to a piece of code that adds the owner:
 *
 *   __rust_alloc:  jmp __rdl_alloc     becomes     jmp piece
 *   piece:         mov edx, owner      (the argument after the last one)
 *                  jmp [ledger's function]
 */
#include "rust.h"

#include "object_file.h"
#include "patch.h"

#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the symbols of an object say. */
struct findings {
	uintptr_t base;
	uintptr_t thunks[THUNKS];
	bool rust;
	bool own_allocator; /* it chose an allocator */
	bool lane; /* the allocator of lanes */
	bool symbols; /* there are any, ... */
	bool allocates; /* ... and one is a function of the heap */
};

static void
look_at_symbol(void *ctx, const struct object_symbol *symbol)
{
	struct findings *findings = ctx;
	enum thunk thunk;

	findings->symbols = true;
	if (!symbol->defined) {
		findings->allocates |= names_heap(symbol->name);
		return;
	}
	if (strcmp(symbol->name, "rust_eh_personality") == 0)
		findings->rust = true;
	/* lanes/support: ferrule_lane::LEDGER, however it is mangled */
	if (strstr(symbol->name, "12ferrule_lane6LEDGER") != NULL)
		findings->lane = true;
	if (strstr(symbol->name, "__r") == NULL)
		return;
	if (ends_with(symbol->name, "__rg_alloc"))
		findings->own_allocator = true;
	thunk = thunk_named(symbol->name);
	if (thunk != THUNKS)
		findings->thunks[thunk] = findings->base + symbol->value;
}

/* ---- the jumps ---- */

static bool
bend_all(const struct module *module, const uintptr_t *thunks,
	 const struct rust_hooks *hooks, uint32_t owner)
{
	const uintptr_t targets[THUNKS] = {
		(uintptr_t)hooks->alloc,
		(uintptr_t)hooks->dealloc,
		(uintptr_t)hooks->realloc,
		(uintptr_t)hooks->alloc_zeroed,
	};
	size_t size = (size_t)getpagesize();
	unsigned char *pieces;
	size_t i;

	for (i = 0; i < THUNKS; i++)
		if (thunks[i] < module->start ||
		    thunks[i] >= module->end - PATCH_SIZE ||
		    *(const unsigned char *)thunks[i] != PATCH_JUMP)
			return false;
	pieces = patch_near(module->start, module->end, size);
	if (pieces == NULL)
		return false;
	for (i = 0; i < THUNKS; i++)
		patch_piece(pieces + i * PATCH_PIECE, (enum thunk)i, owner,
			    targets[i]);
	if (mprotect(pieces, size, PROT_READ | PROT_EXEC) != 0)
		return false;
	for (i = 0; i < THUNKS; i++)
		if (!patch_jump(thunks[i], (uintptr_t)pieces + i * PATCH_PIECE))
			return false;
	return true;
}

enum rust_seen
rust_hook(const struct module *module, const struct rust_hooks *hooks,
	  uint32_t owner)
{
	struct findings findings = { .base = (uintptr_t)module->base };
	struct object_file file;

	if (!object_open(&file, module->path))
		return RUST_NONE;
	object_symbols(&file, SHT_SYMTAB, look_at_symbol, &findings);
	findings.rust |= object_by_rustc(&file);
	object_close(&file);
	if (!findings.rust)
		return RUST_NONE;
	if (findings.lane)
		return RUST_LANE;
	/* its linker dropped the four functions, for nothing calls them */
	if (findings.symbols && !findings.allocates)
		return RUST_NONE;
	if (!findings.own_allocator &&
	    bend_all(module, findings.thunks, hooks, owner))
		return RUST_HOOKED;
	return RUST_UNSEEN;
}
