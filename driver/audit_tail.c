/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Calls that left no frame. An optimizer makes a jump of a call that is the
 * last action of a function, and then the function is on no stack:
 *
 *   caller:      call give_back          (the return address is behind this)
 *   give_back:   ...
 *                jmp  free               (its frame is gone)
 *
 * The instruction before the return address still says who was called. If that
 * is not an allocator's function, but has a jump to one, it is the missing
 * frame.
 */
#include "audit_tail.h"

#include "object_file.h"
#include "util.h"

#include <elf.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

/* A file, and its functions. */
struct tail_file {
	struct tail_file *next;
	struct object_slot *slots;
	size_t slot_count;
	char *path;
	struct object_file file; /* empty: it cannot be read */
	struct tail_symbol *symbols;
	size_t count;
};

struct tail_symbol {
	const char *name;
	uint64_t start, size;
};

static struct tail_file *files;

static void
add_symbol(void *ctx, const struct object_symbol *symbol)
{
	struct tail_file *file = ctx;

	if (!symbol->defined || !symbol->function || symbol->size == 0)
		return;
	if (file->count % 1024 == 0)
		file->symbols =
			xrealloc(file->symbols,
				 (file->count + 1024) * sizeof(*file->symbols));
	file->symbols[file->count++] = (struct tail_symbol){
		.name = symbol->name,
		.start = symbol->value,
		.size = symbol->size,
	};
}

static void
add_slot(void *ctx, const struct object_slot *slot)
{
	struct tail_file *file = ctx;

	if (file->slot_count % 1024 == 0)
		file->slots = xrealloc(file->slots,
				       (file->slot_count + 1024) *
					       sizeof(*file->slots));
	file->slots[file->slot_count++] = *slot;
}

static struct tail_file *
file_of(const struct module *module)
{
	struct tail_file *file;

	for (file = files; file != NULL; file = file->next)
		if (strcmp(file->path, module->path) == 0)
			return file;
	file = xcalloc(1, sizeof(*file));
	file->path = xstrdup(module->path);
	file->next = files;
	files = file;
	if (!object_open(&file->file, file->path))
		return file;
	if (!object_symbols(&file->file, SHT_SYMTAB, add_symbol, file))
		object_symbols(&file->file, SHT_DYNSYM, add_symbol, file);
	object_slots(&file->file, add_slot, file);
	return file;
}

void
tail_release(void)
{
	struct tail_file *file;

	while ((file = files) != NULL) {
		files = file->next;
		if (file->file.bytes != NULL)
			object_close(&file->file);
		free(file->symbols);
		free(file->slots);
		free(file->path);
		free(file);
	}
}

/* @len bytes of code at @address in the file; NULL: it has none there. */
static const unsigned char *
code_at(const struct tail_file *file, uint64_t address, size_t len)
{
	const unsigned char *bytes = file->file.bytes;
	const ElfW(Ehdr) *header = (const void *)bytes;
	const ElfW(Phdr) * part;
	size_t i;

	if (bytes == NULL || file->file.len < sizeof(*header))
		return NULL;
	for (i = 0; i < header->e_phnum; i++) {
		if (header->e_phoff + (i + 1) * sizeof(*part) > file->file.len)
			return NULL;
		part = (const void *)(bytes + header->e_phoff +
				      i * sizeof(*part));
		if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0 &&
		    address >= part->p_vaddr &&
		    address - part->p_vaddr + len <= part->p_filesz &&
		    part->p_offset + part->p_filesz <= file->file.len)
			return bytes + part->p_offset +
				(address - part->p_vaddr);
	}
	return NULL;
}

static uint64_t
behind(const unsigned char *distance, uint64_t address)
{
	int32_t far;

	memcpy(&far, distance, sizeof(far));
	return address + (uint64_t)(int64_t)far;
}

static const struct tail_symbol *
function_at(const struct tail_file *file, uint64_t address)
{
	size_t i;

	for (i = 0; i < file->count; i++)
		if (address >= file->symbols[i].start &&
		    address - file->symbols[i].start < file->symbols[i].size)
			return &file->symbols[i];
	return NULL;
}

/* What was called: code in this file, or by a name in any. */
struct called {
	uint64_t address; /* 0: by name */
	const char *name;
};

/* What the slot at @address leads to. */
static struct called
slot_target(const struct tail_file *file, uint64_t address)
{
	size_t i;

	for (i = 0; i < file->slot_count; i++)
		if (file->slots[i].at == address)
			return (struct called){
				.name = file->slots[i].name,
				.address = file->slots[i].name == NULL ?
					file->slots[i].target :
					0,
			};
	return (struct called){ 0 };
}

/* What code at @address is: a function, or a stub that jumps by a slot. */
static struct called
code_target(const struct tail_file *file, uint64_t address)
{
	static const unsigned char begin[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	const unsigned char *code = code_at(file, address, 12);
	size_t at = 0;

	if (function_at(file, address) != NULL || code == NULL)
		return (struct called){ .address = address };
	if (memcmp(code, begin, sizeof(begin)) == 0)
		at += sizeof(begin);
	at += code[at] == 0xf2;
	if (code[at] != 0xff || code[at + 1] != 0x25)
		return (struct called){ 0 };
	return slot_target(file, behind(code + at + 2, address + at + 6));
}

/* What the call that ends at @end calls. */
static struct called
read_call(const struct tail_file *file, uint64_t end)
{
	const unsigned char *code = code_at(file, end - 6, 6);

	if (code != NULL && code[0] == 0xff && code[1] == 0x15)
		return slot_target(file, behind(code + 2, end));
	if (code != NULL && code[1] == 0xe8)
		return code_target(file, behind(code + 2, end));
	return (struct called){ 0 };
}

static bool
is_allocator(const char *name)
{
	static const char *const names[] = { "free", "memalign", "valloc",
					     "pvalloc" };
	size_t i, len = strcspn(name, "@");

	if (names_heap(name) || thunk_named(name) != THUNKS ||
	    strncmp(name, "_Zn", 3) == 0 || strncmp(name, "_Zd", 3) == 0)
		return true;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == len && memcmp(name, names[i], len) == 0)
			return true;
	return false;
}

/* Is what stands at @address a jump to an allocator? Its bytes are @code. */
static bool
jumps_to_allocator(const struct tail_file *file, const unsigned char *code,
		   uint64_t address)
{
	const struct tail_symbol *target;
	struct called called = { 0 };

	if (code[0] == 0xff && code[1] == 0x25)
		called = slot_target(file, behind(code + 2, address + 6));
	else if (code[0] == 0xe9)
		called = code_target(file, behind(code + 1, address + 5));
	if (called.address != 0) {
		target = function_at(file, called.address);
		called.name = target != NULL ? target->name : NULL;
	}
	return called.name != NULL && is_allocator(called.name);
}

/* The last jump to an allocator in @function. */
static bool
find_jump(const struct tail_file *file, const struct tail_symbol *function,
	  uint64_t *jump_out)
{
	const unsigned char *code =
		code_at(file, function->start, function->size);
	uint64_t at;

	if (code == NULL || is_allocator(function->name))
		return false;
	for (at = function->size; at-- > 0;) {
		/* a slot needs six bytes, a jump five */
		if (at + 5 > function->size ||
		    (code[at] == 0xff && at + 6 > function->size))
			continue;
		if (!jumps_to_allocator(file, code + at, function->start + at))
			continue;
		*jump_out = function->start + at;
		return true;
	}
	return false;
}

/* The function @name that other objects can use. */
static const struct tail_symbol *
function_named(const struct tail_file *file, const char *name)
{
	size_t i, len = strcspn(name, "@");

	for (i = 0; i < file->count; i++)
		if (strncmp(file->symbols[i].name, name, len) == 0 &&
		    file->symbols[i].name[len] == '\0')
			return &file->symbols[i];
	return NULL;
}

bool
tail_call(const struct module_map *map, const struct tail_code *back,
	  struct tail_code *code_out)
{
	const struct tail_file *file = file_of(back->module);
	const struct tail_symbol *function = NULL;
	const struct module *module = back->module;
	struct called called;
	uint64_t jump;
	uint32_t i;

	called = read_call(file, back->address - module->base);
	if (called.address == 0 && called.name == NULL)
		return false;
	if (called.address != 0)
		function = function_at(file, called.address);
	else if (is_allocator(called.name))
		return false;
	for (i = 0; i < map->count && function == NULL; i++) {
		module = &map->items[i];
		if (module->path[0] == '\0')
			continue;
		file = file_of(module);
		function = function_named(file, called.name);
	}
	if (function == NULL || !find_jump(file, function, &jump))
		return false;
	*code_out = (struct tail_code){ module, module->base + jump };
	return true;
}
