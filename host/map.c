/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which objects a cell had loaded, and where. */
#include "map.h"

#include "util.h"

#include <link.h>
#include <stdio.h>
#include <string.h>

static int
visit(struct dl_phdr_info *info, size_t size, void *ctx)
{
	struct module_map *map = ctx;
	const ElfW(Phdr) * header;
	struct module *module;
	ElfW(Half) i;

	(void)size;
	if (map->count >= MAP_MODULES)
		return 1;
	module = &map->modules[map->count];
	for (i = 0; i < info->dlpi_phnum; i++) {
		header = &info->dlpi_phdr[i];
		if (header->p_type == PT_LOAD && (header->p_flags & PF_X))
			module->code = (struct ledger_range){
				info->dlpi_addr + header->p_vaddr,
				info->dlpi_addr + header->p_vaddr +
					header->p_memsz,
			};
	}
	module->base = info->dlpi_addr;
	/* the dynamic linker has no name for the program itself */
	module->is_program = info->dlpi_name[0] == '\0';
	snprintf(module->path, sizeof(module->path), "%s",
		 module->is_program ? "/proc/self/exe" : info->dlpi_name);
	map->count++;
	return 0;
}

void
map_fill(struct module_map *map)
{
	map->count = 0;
	dl_iterate_phdr(visit, map);
}

const char *
map_problem(const struct module_map *map)
{
	uint32_t i;

	if (map->count > MAP_MODULES)
		return "the number of loaded objects";
	for (i = 0; i < map->count; i++)
		if (memchr(map->modules[i].path, '\0',
			   sizeof(map->modules[i].path)) == NULL ||
		    *(const unsigned char *)&map->modules[i].is_program > 1)
			return "the list of loaded objects";
	return NULL;
}

const struct module *
map_find(const struct module_map *map, uintptr_t address)
{
	uint32_t i;

	for (i = 0; i < map->count; i++)
		if (address >= map->modules[i].code.start &&
		    address < map->modules[i].code.end)
			return &map->modules[i];
	return NULL;
}
