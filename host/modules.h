/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Modules: the objects that a cell has loaded, noted when they come and when
 * they go, so that an address keeps its meaning when its object is gone.
 */
#ifndef FERRULE_MODULES_H
#define FERRULE_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODULES 128
#define MODULE_PATH 1024
#define MODULE_FILES (32u << 20)

enum module_kind {
	MODULE_OTHER, /* a library that only works for those that call it */
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
	uint32_t owner; /* of its calls to malloc(); see enum owner */
	uint32_t rust; /* see enum rust_seen */
	uint32_t build_id_len;
	unsigned char build_id[32];
	/* a copy of a plugin's file: where it lies in `files`, if it does */
	uint64_t copy;
	uint64_t copy_len;
	char path[MODULE_PATH]; /* absolute, or "" if it has no file */
};

/* What is known of them; a cell shares it with its parent. */
struct module_map {
	uint32_t count;
	struct module items[MODULES];
	uint64_t files_len;
	unsigned char files[MODULE_FILES];
};

/* ---- in the cell ---- */

/* A module that is number @at has come: it sets its owner and its rust. */
typedef void
module_came_fn(struct module *module, uint32_t at);

/*
 * From now on what is loaded is noted in @map, which is empty. @lane and
 * @library are addresses in these two, or NULL.
 */
void
modules_begin(struct module_map *map, const void *lane, const void *library,
	      module_came_fn *came);

/*
 * Look what is loaded. It waits for the dynamic linker's lock, so the caller
 * holds none that malloc() takes. False: another thread is at it.
 */
bool
modules_scan(void);

/*
 * Note what was seen, after modules_scan() only and one thread at a time. True:
 * some have come or gone.
 */
bool
modules_merge(void);

/* The one that @address lies in now, or NULL. */
const struct module *
modules_at(const void *address);

/* Its number in the map; MODULES, if it is NULL. */
uint8_t
modules_number(const struct module *module);

/* ---- in the parent ---- */

/* Is all of the copy @map of a cell's map within its bounds? */
bool
module_map_check(struct module_map *map);

#endif
