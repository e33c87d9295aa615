/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an object's file says. It has to prove that all its Rust allocates by
 * the thunks: all four are there. An optimizer that works across crates (LTO)
 * keeps one or two of them, and puts copies of all of them where they are
 * called.
 */
#include "scan.h"

#include "util.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

struct scan {
	const struct module *module;
	struct rust_signs *signs;
	bool rust; /* a function of Rust's library is in it */
	bool calls_heap;
	bool shares; /* it uses the thunks of another object */
	bool calls[THUNKS]; /* the function that each ends in, by default */
	bool malloc_hidden; /* it has a malloc() that only it can call */
	bool malloc_shown;
	bool sanitizer;
};

static void
see_undefined(struct scan *scan, const char *name)
{
	static const char *const ends[THUNKS] = { "malloc", "free", "realloc",
						  "calloc" };
	size_t i, len = strcspn(name, "@");

	scan->calls_heap |= names_heap(name);
	scan->shares |= thunk_named(name) != THUNKS;
	for (i = 0; i < THUNKS; i++)
		if (strlen(ends[i]) == len && memcmp(name, ends[i], len) == 0)
			scan->calls[i] = true;
}

/* The forms of operator new and delete that a program may replace. */
static bool
is_operator(const char *name)
{
	static const char *const names[] = {
		"_Znwm",
		"_Znam",
		"_ZdlPv",
		"_ZdaPv",
		"_ZnwmSt11align_val_t",
		"_ZnamSt11align_val_t",
		"_ZdlPvSt11align_val_t",
		"_ZdaPvSt11align_val_t",
	};
	size_t i;

	if (strncmp(name, "_Zn", 3) != 0 && strncmp(name, "_Zd", 3) != 0)
		return false;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void
see(void *ctx, const struct object_symbol *symbol)
{
	struct scan *scan = ctx;
	struct thunk_place *place;
	enum thunk thunk;

	if (!symbol->defined) {
		see_undefined(scan, symbol->name);
		return;
	}
	scan->sanitizer |= names_sanitizer(symbol->name);
	if (!symbol->function)
		return;
	if (strcmp(symbol->name, "rust_eh_personality") == 0)
		scan->rust = true;
	else if (is_operator(symbol->name))
		scan->signs->own_new = true;
	else if (strcmp(symbol->name, "malloc") == 0)
		*(symbol->local ? &scan->malloc_hidden : &scan->malloc_shown) =
			true;
	if (strstr(symbol->name, "__rust_") == NULL)
		return;
	thunk = thunk_named(symbol->name);
	if (thunk == THUNKS)
		return;
	place = &scan->signs->thunks[thunk];
	scan->signs->thunks_found += place->at == 0;
	place->at = (uintptr_t)(scan->module->base + symbol->value);
	place->size = symbol->size;
}

/*
 * Rust's library says where its code was compiled, in each message of a panic:
 * "/rustc/HASH/library/". That is in a stripped object, too.
 */
static bool
mentions_rust(const struct object_file *file)
{
	const unsigned char *at = file->bytes;
	const unsigned char *end = at + file->len;
	static const char start[] = "/rustc/", behind[] = "/library/";

	while ((at = memmem(at, (size_t)(end - at), start, 7)) != NULL) {
		at += 7;
		if (end - at > 49 &&
		    memcmp(at + 40, behind, sizeof(behind) - 1) == 0)
			return true;
	}
	return false;
}

/* Is a thunk that is not there not needed either? Its linker dropped it then,
 * for nothing calls it. */
static bool
is_dropped(const struct scan *scan, size_t thunk)
{
	return !scan->calls[thunk];
}

static enum audit_refusal
check_thunks(struct scan *scan)
{
	static const char *const names[THUNKS] = {
		"__rust_alloc",
		"__rust_dealloc",
		"__rust_realloc",
		"__rust_alloc_zeroed",
	};
	struct rust_signs *signs = scan->signs;
	size_t i;

	/* the file does not tell one from the other */
	if (signs->thunks_found == 0) {
		snprintf(signs->detail, sizeof(signs->detail),
			 "all four are missing; they are also missing where "
			 "the Rust never allocates");
		return AUDIT_INLINED;
	}
	for (i = 0; i < THUNKS; i++) {
		if (signs->thunks[i].at != 0 || is_dropped(scan, i))
			continue;
		snprintf(signs->detail, sizeof(signs->detail), "%s is missing",
			 names[i]);
		return AUDIT_INLINED;
	}
	return AUDIT_NO_REFUSAL;
}

static bool
is_file_of(const struct module *module, const char *name)
{
	const char *slash = strrchr(module->path, '/');

	slash = slash != NULL ? slash + 1 : module->path;
	return strncmp(slash, name, strlen(name)) == 0;
}

/* Libraries that define these functions for all. */
static bool
is_runtime(const struct module *module)
{
	return is_file_of(module, "libc.so") || is_file_of(module, "libc-2") ||
		is_file_of(module, "ld-linux") ||
		is_file_of(module, "libstdc++.so") ||
		is_file_of(module, "libc++.so") ||
		is_file_of(module, "libc++abi.so");
}

/* Some calls of the system, which have no file. */
static bool
is_of_kernel(const struct module *module)
{
	uint64_t at = getauxval(AT_SYSINFO_EHDR);

	return at >= module->start && at < module->end;
}

enum audit_refusal
scan_object(const struct module *module, struct rust_signs *signs)
{
	struct scan scan = { .module = module, .signs = signs };
	struct object_file file;
	bool symbols, by_rustc;

	*signs = (struct rust_signs){ .thunks_found = 0 };
	if (is_runtime(module) || is_of_kernel(module))
		return AUDIT_NO_REFUSAL;
	if (!object_open(&file, module->path))
		return AUDIT_UNREADABLE;
	symbols = object_symbols(&file, SHT_SYMTAB, see, &scan);
	if (!symbols)
		object_symbols(&file, SHT_DYNSYM, see, &scan);
	by_rustc = scan.rust || object_by_rustc(&file);
	if (!by_rustc && !symbols && scan.calls_heap)
		by_rustc = mentions_rust(&file);
	object_close(&file);
	if (scan.sanitizer)
		return AUDIT_SANITIZER;
	if (scan.malloc_hidden && !scan.malloc_shown)
		return AUDIT_HIDDEN_MALLOC;
	if (signs->thunks_found == 0 &&
	    (!by_rustc || !scan.calls_heap || scan.shares))
		return AUDIT_NO_REFUSAL;
	if (signs->thunks_found == 0 && !symbols)
		return AUDIT_STRIPPED;
	return check_thunks(&scan);
}
