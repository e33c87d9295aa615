/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Names and lines, by libdw.
 *
 * The debug information is a tree: a compilation unit, in it namespaces and
 * types, in these functions, and in a function the calls that were inlined. We
 * walk it down to the address, because rustc does not write the tables for a
 * direct lookup.
 */
#include "names.h"

#include "util.h"

#ifdef HAVE_LIBDW

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#ifdef HAVE_LIBIBERTY
#include <libiberty/demangle.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* An open file, and the module that it belongs to. */
struct object {
	struct object *next;
	char *path;
	unsigned char build_id[32];
	size_t build_id_len;
	int fd;
	Elf *elf; /* NULL: it cannot be read, or it has changed */
	Dwarf *dwarf; /* NULL: it has no debug information */
	int debug_fd; /* if that is a separate file */
};

static struct object *objects;

/* ---- the files ---- */

/* Make a file of the copy that the cell kept. */
static int
open_copy(const struct module_map *map, const struct module *module)
{
	int fd = memfd_create("module", MFD_CLOEXEC);
	uint64_t done = 0;
	ssize_t wrote;

	while (fd >= 0 && done < module->copy_len) {
		wrote = write(fd, map->files + module->copy + done,
			      module->copy_len - done);
		if (wrote <= 0) {
			close(fd);
			return -1;
		}
		done += (uint64_t)wrote;
	}
	return fd;
}

static bool
has_build_id(Elf *elf, const struct module *module)
{
	const void *bits;
	ssize_t len = dwelf_elf_gnu_build_id(elf, &bits);

	if (module->build_id_len == 0)
		return len <= 0;
	return len == (ssize_t)module->build_id_len &&
		memcmp(bits, module->build_id, (size_t)len) == 0;
}

/* Debian and Fedora have separate packages of debug information. */
static void
open_debug(struct object *object)
{
	char path[64 + 2 * sizeof(object->build_id)];
	size_t len, i;

	if (object->build_id_len < 2)
		return;
	len = (size_t)snprintf(path, sizeof(path),
			       "/usr/lib/debug/.build-id/%02x/",
			       object->build_id[0]);
	for (i = 1; i < object->build_id_len; i++)
		len += (size_t)snprintf(path + len, sizeof(path) - len, "%02x",
					object->build_id[i]);
	snprintf(path + len, sizeof(path) - len, ".debug");
	object->debug_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (object->debug_fd >= 0)
		object->dwarf = dwarf_begin(object->debug_fd, DWARF_C_READ);
}

static void
open_object(struct object *object, const struct module_map *map,
	    const struct module *module)
{
	elf_version(EV_CURRENT);
	if (module->copy_len > 0)
		object->fd = open_copy(map, module);
	else if (module->kind == MODULE_PROGRAM)
		object->fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	else
		object->fd = open(module->path, O_RDONLY | O_CLOEXEC);
	if (object->fd < 0)
		return;
	object->elf = elf_begin(object->fd, ELF_C_READ_MMAP, NULL);
	if (object->elf != NULL && !has_build_id(object->elf, module)) {
		elf_end(object->elf);
		object->elf = NULL;
	}
	if (object->elf != NULL)
		object->dwarf =
			dwarf_begin_elf(object->elf, DWARF_C_READ, NULL);
	if (object->elf != NULL && object->dwarf == NULL)
		open_debug(object);
}

static struct object *
object_of(const struct module_map *map, const struct module *module)
{
	struct object *object;

	for (object = objects; object != NULL; object = object->next)
		if (strcmp(object->path, module->path) == 0 &&
		    object->build_id_len == module->build_id_len &&
		    memcmp(object->build_id, module->build_id,
			   object->build_id_len) == 0)
			return object;
	object = xcalloc(1, sizeof(*object));
	object->path = xstrdup(module->path);
	object->build_id_len = module->build_id_len;
	memcpy(object->build_id, module->build_id, module->build_id_len);
	object->fd = object->debug_fd = -1;
	object->next = objects;
	objects = object;
	open_object(object, map, module);
	return object;
}

void
names_release(void)
{
	struct object *object;

	while ((object = objects) != NULL) {
		objects = object->next;
		dwarf_end(object->dwarf);
		elf_end(object->elf);
		if (object->fd >= 0)
			close(object->fd);
		if (object->debug_fd >= 0)
			close(object->debug_fd);
		free(object->path);
		free(object);
	}
}

/* ---- names ---- */

/* Cut the hash of Rust's older mangling: "a::b::h0123456789abcdef" */
static void
cut_hash(char *name)
{
	size_t len = strlen(name);

	if (len > 19 && strncmp(name + len - 19, "::h", 3) == 0 &&
	    strspn(name + len - 16, "0123456789abcdef") == 16)
		name[len - 19] = '\0';
}

/* Demangle a name. A name of C is not changed. */
static char *
readable(const char *name)
{
	char *text = NULL;

#ifdef HAVE_LIBIBERTY
	if (name[0] == '_') {
		text = rust_demangle(name, 0);
		if (text == NULL)
			text = cplus_demangle_v3(name, DMGL_PARAMS);
	}
#endif
	if (text == NULL)
		text = xstrdup(name);
	cut_hash(text);
	return text;
}

struct chain {
	struct symbol *symbols; /* outermost first */
	size_t count;
};

static void
chain_add(struct chain *chain, const char *name)
{
	chain->symbols = xrealloc(chain->symbols,
				  (chain->count + 1) * sizeof(*chain->symbols));
	chain->symbols[chain->count++] = (struct symbol){
		.function = readable(name),
	};
}

/* ---- by the debug information ---- */

static const char *
name_of(Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	const char *name = NULL;

#ifdef HAVE_LIBIBERTY
	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute) != NULL)
		name = dwarf_formstring(&attribute);
#endif
	if (name == NULL &&
	    dwarf_attr_integrate(die, DW_AT_name, &attribute) != NULL)
		name = dwarf_formstring(&attribute);
	return name != NULL ? name : "a function without a name";
}

/* The place of an inlined call belongs to the function around it. */
static void
place_call(Dwarf_Die *unit, Dwarf_Die *inlined, struct symbol *around)
{
	Dwarf_Attribute attribute;
	Dwarf_Word file, line;
	Dwarf_Files *files;
	const char *path;
	size_t count;

	if (dwarf_attr(inlined, DW_AT_call_file, &attribute) == NULL ||
	    dwarf_formudata(&attribute, &file) != 0 ||
	    dwarf_attr(inlined, DW_AT_call_line, &attribute) == NULL ||
	    dwarf_formudata(&attribute, &line) != 0 ||
	    dwarf_getsrcfiles(unit, &files, &count) != 0)
		return;
	path = dwarf_filesrc(files, file, NULL, NULL);
	if (path == NULL)
		return;
	around->file = xstrdup(path);
	around->line = (unsigned)line;
}

/* Add the functions at @pc that are below @parent. */
static bool
descend(Dwarf_Die *unit, Dwarf_Die *parent, Dwarf_Addr pc, struct chain *chain)
{
	Dwarf_Die die;

	if (dwarf_child(parent, &die) != 0)
		return false;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_inlined_subroutine:
		case DW_TAG_subprogram:
			if (dwarf_haspc(&die, pc) <= 0)
				break;
			if (chain->count > 0)
				place_call(unit, &die,
					   &chain->symbols[chain->count - 1]);
			chain_add(chain, name_of(&die));
			descend(unit, &die, pc, chain);
			return true;
		case DW_TAG_class_type:
		case DW_TAG_enumeration_type:
		case DW_TAG_lexical_block:
		case DW_TAG_module:
		case DW_TAG_namespace:
		case DW_TAG_structure_type:
		case DW_TAG_union_type:
			if (descend(unit, &die, pc, chain))
				return true;
			break;
		default:
			break;
		}
	} while (dwarf_siblingof(&die, &die) == 0);
	return false;
}

static void
find_functions(Dwarf *dwarf, Dwarf_Addr pc, struct chain *chain)
{
	Dwarf_CU *unit = NULL;
	struct symbol *innermost;
	Dwarf_Line *line;
	const char *path;
	Dwarf_Die die;
	int number;

	while (dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &die, NULL) ==
	       0) {
		if (dwarf_haspc(&die, pc) <= 0 ||
		    !descend(&die, &die, pc, chain))
			continue;
		innermost = &chain->symbols[chain->count - 1];
		line = dwarf_getsrc_die(&die, pc);
		path = line != NULL ? dwarf_linesrc(line, NULL, NULL) : NULL;
		if (path != NULL && dwarf_lineno(line, &number) == 0) {
			innermost->file = xstrdup(path);
			innermost->line = (unsigned)number;
		}
		return;
	}
}

/* ---- by the table of symbols, if there is nothing else ---- */

static void
find_in_section(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
		GElf_Addr pc, struct chain *chain)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_entsize > 0 ?
		header->sh_size / header->sh_entsize :
		0;
	const char *name;
	GElf_Sym symbol;
	size_t i;

	for (i = 0; data != NULL && i < count && chain->count == 0; i++) {
		if (gelf_getsym(data, (int)i, &symbol) == NULL ||
		    GELF_ST_TYPE(symbol.st_info) != STT_FUNC ||
		    pc < symbol.st_value ||
		    pc >= symbol.st_value + symbol.st_size)
			continue;
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (name != NULL && name[0] != '\0')
			chain_add(chain, name);
	}
}

static void
find_symbol(Elf *elf, GElf_Addr pc, struct chain *chain)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while (chain->count == 0 &&
	       (section = elf_nextscn(elf, section)) != NULL)
		if (gelf_getshdr(section, &header) != NULL &&
		    (header.sh_type == SHT_SYMTAB ||
		     header.sh_type == SHT_DYNSYM))
			find_in_section(elf, section, &header, pc, chain);
}

bool
names_known(void)
{
	return true;
}

size_t
symbols_at(const struct module_map *map, const struct module *module,
	   uint64_t address, struct symbol **symbols_out)
{
	struct object *object = object_of(map, module);
	uint64_t pc = address - module->base;
	struct chain chain = { 0 };
	struct symbol outer;
	size_t i;

	if (object->dwarf != NULL)
		find_functions(object->dwarf, pc, &chain);
	if (object->elf != NULL && chain.count == 0)
		find_symbol(object->elf, pc, &chain);
	for (i = 0; i < chain.count / 2; i++) {
		outer = chain.symbols[i];
		chain.symbols[i] = chain.symbols[chain.count - 1 - i];
		chain.symbols[chain.count - 1 - i] = outer;
	}
	*symbols_out = chain.symbols;
	return chain.count;
}

#ifndef DW_LANG_Rust
#define DW_LANG_Rust 0x1c
#endif

bool
unit_at(const struct module_map *map, const struct module *module,
	uint64_t address, struct unit *unit_out)
{
	struct object *object = object_of(map, module);
	uint64_t pc = address - module->base;
	Dwarf_CU *unit = NULL;
	const char *name;
	Dwarf_Die die;

	while (object->dwarf != NULL &&
	       dwarf_get_units(object->dwarf, unit, &unit, NULL, NULL, &die,
			       NULL) == 0) {
		if (dwarf_haspc(&die, pc) <= 0)
			continue;
		name = dwarf_diename(&die);
		unit_out->name = xstrdup(name != NULL ? name : "");
		unit_out->rust = dwarf_srclang(&die) == DW_LANG_Rust;
		return true;
	}
	return false;
}

#else /* no libdw */

#include <stdlib.h>

bool
names_known(void)
{
	return false;
}

size_t
symbols_at(const struct module_map *map, const struct module *module,
	   uint64_t address, struct symbol **symbols_out)
{
	(void)map, (void)module, (void)address;
	*symbols_out = NULL;
	return 0;
}

bool
unit_at(const struct module_map *map, const struct module *module,
	uint64_t address, struct unit *unit_out)
{
	(void)map, (void)module, (void)address, (void)unit_out;
	return false;
}

void
names_release(void)
{
}

#endif

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
