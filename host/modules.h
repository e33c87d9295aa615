/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Modules: the objects that a cell loads. Each is noted when it is loaded and
 * unloaded, so that its addresses can be named after it was unloaded.
 */
#ifndef FERRULE_MODULES_H
#define FERRULE_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODULES 512
#define MODULE_PATH 1024
#define MODULE_FILES (32u << 20)

enum module_kind {
	MODULE_OTHER, /* a library that only works for its callers */
	MODULE_PROGRAM,
	MODULE_LIBRARY, /* libsgz */
	MODULE_LANE,
	MODULE_LIBC,
	MODULE_LOADER, /* the dynamic linker */
	MODULE_PLUGIN, /* the lesson loaded it */
	MODULE_KINDS,
};

struct module {
	/* all its segments lie in [start, end) */
	uint64_t start;
	uint64_t end;
	/* what to subtract for the address in the file */
	uint64_t base;
	uint32_t kind;
	uint32_t owner; /* the owner of its calls to malloc(); see enum owner */
	uint32_t rust; /* see enum rust_seen */
	/* counts the loads of all modules: two may have had one place */
	uint32_t came;
	uint32_t build_id_len;
	unsigned char build_id[32];
	/* a copy of a plugin's file: its position in `files`, if there is
	 * one */
	uint64_t copy;
	uint64_t copy_len;
	char path[MODULE_PATH]; /* absolute, or "" if it has no file */
};

/* All modules. A cell shares this with its parent. */
struct module_map {
	uint32_t count;
	uint32_t left_out; /* objects for which there was no room */
	struct module items[MODULES];
	uint64_t files_len;
	unsigned char files[MODULE_FILES];
};

/* ---- in the cell ---- */

/* Whether it lies where the system's libraries do: the lesson did not bring it,
 * neither as a plugin nor as a library of the lane's. */
bool
module_of_system(const struct module *module);

/* Module number @at was loaded: set its owner and its rust. */
typedef void
module_came_fn(struct module *module, uint32_t at);

/* Addresses in what has a part of its own; NULL: there is none. */
struct module_marks {
	const void *lane;
	const void *library; /* that the lane uses */
	const void *own_library; /* that this program uses */
};

/* Start to note loaded modules in @map, which is empty. */
void
modules_begin(struct module_map *map, const struct module_marks *marks,
	      module_came_fn *came);

/* Go on in @to, which is empty: for a child process, whose map is its own. */
void
modules_continue(struct module_map *to);

/*
 * Scan the loaded modules. This waits for the dynamic linker's lock, so the
 * caller must not hold a lock that malloc() needs. False: another thread is
 * scanning.
 */
bool
modules_scan(void);

/*
 * Note the result of modules_scan(), one thread at a time. True: modules were
 * loaded or unloaded.
 */
bool
modules_merge(void);

/* The module that @address is in now, or NULL. */
const struct module *
modules_at(const void *address);

/* The numbers of all modules that are loaded now; how many. */
size_t
modules_loaded(uint16_t numbers[MODULES]);

/* The number of @module in the map; MODULES if it is NULL. */
uint16_t
modules_number(const struct module *module);

/* ---- in the parent ---- */

/* Is everything in @map, a copy of a cell's map, within its bounds? */
bool
module_map_check(struct module_map *map);

#endif
