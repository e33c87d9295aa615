/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the file of a loaded object says: its symbols, and whether rustc made a
 * part of it. Nothing here allocates, because it runs within malloc().
 */
#ifndef FERRULE_OBJECT_FILE_H
#define FERRULE_OBJECT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* rustc puts these four functions into each object that it links. */
enum thunk {
	THUNK_ALLOC,
	THUNK_DEALLOC,
	THUNK_REALLOC,
	THUNK_ALLOC_ZEROED,
	THUNKS,
};

struct object_file {
	const unsigned char *bytes;
	size_t len;
};

struct object_symbol {
	const char *name;
	uint64_t value; /* its address in the file */
	uint64_t size;
	bool defined;
	bool local; /* no other object can use it */
	bool function;
};

typedef void
object_symbol_fn(void *ctx, const struct object_symbol *symbol);

bool
object_open(struct object_file *file, const char *path);
void
object_close(struct object_file *file);

/*
 * Call @fn for each symbol in a table of @type: SHT_SYMTAB or SHT_DYNSYM. False:
 * there is no such table.
 */
bool
object_symbols(const struct object_file *file, uint32_t type,
	       object_symbol_fn *fn, void *ctx);

/* An address that the loader writes into the object. */
struct object_slot {
	uint64_t at; /* in the file */
	const char *name; /* of what it is the address; NULL: of its own code */
	uint64_t target; /* then: the address in the file */
};

typedef void
object_slot_fn(void *ctx, const struct object_slot *slot);

/* Call @fn for each slot. */
void
object_slots(const struct object_file *file, object_slot_fn *fn, void *ctx);

/* Did rustc leave its name in the section for names of compilers? */
bool
object_by_rustc(const struct object_file *file);

/* The thunk that has this name; THUNKS: none. */
enum thunk
thunk_named(const char *name);

/* Does this symbol belong to the runtime of a sanitizer that has a malloc() of
 * its own? */
bool
names_sanitizer(const char *name);

/* Is it a function of a heap, as malloc()? A version may follow the name. */
bool
names_heap(const char *name);

bool
ends_with(const char *name, const char *end);

#endif
