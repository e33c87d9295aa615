/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The objects of the process. Each that rustc made has four functions through
 * which all its allocation goes, the thunks:
 *
 *   __rust_alloc:  jmp __rdl_alloc     becomes     jmp piece
 *   piece:         mov edx, object     (the argument after the last one)
 *                  jmp [our function]
 *   moved:         jmp __rdl_alloc     by which we call the real one
 *
 * What is not as expected is not patched in part, but refused.
 */
#include "objects.h"

#include "around.h"
#include "audit.h"
#include "move.h"
#include "object_file.h"
#include "patch.h"
#include "scan.h"
#include "start.h"
#include "util.h"

#include <elf.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct rust_allocator rust_allocators[AUDIT_OWNERS];

/* ---- which object has an address ---- */

struct range {
	uintptr_t start, end;
	uint16_t number;
};

struct ranges {
	size_t count;
	struct range items[MODULES]; /* sorted */
};

/*
 * A reader may still look at the one before the last, so it is not overwritten
 * at once.
 */
static struct ranges versions[8];
static struct ranges *_Atomic current;

/* qsort() might allocate. */
static void
insert_range(struct ranges *ranges, const struct module *module,
	     uint16_t number)
{
	size_t at = ranges->count++;

	for (; at > 0 && ranges->items[at - 1].start > module->start; at--)
		ranges->items[at] = ranges->items[at - 1];
	ranges->items[at] = (struct range){
		.start = (uintptr_t)module->start,
		.end = (uintptr_t)module->end,
		.number = number,
	};
}

static void
publish_ranges(const struct audit_log *log)
{
	static unsigned version;
	struct ranges *next = &versions[version++ % ARRAY_SIZE(versions)];
	static uint16_t numbers[MODULES];
	size_t i, count = modules_loaded(numbers);

	next->count = 0;
	for (i = 0; i < count; i++)
		insert_range(next, &log->modules.items[numbers[i]], numbers[i]);
	atomic_store(&current, next);
}

uint16_t
objects_at(uintptr_t pc)
{
	const struct ranges *ranges = atomic_load(&current);
	size_t low = 0, high, middle;

	high = ranges != NULL ? ranges->count : 0;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (pc < ranges->items[middle].start)
			high = middle;
		else if (pc >= ranges->items[middle].end)
			low = middle + 1;
		else
			return ranges->items[middle].number;
	}
	return MODULES;
}

/* Is @address in this line of /proc/self/maps? The line's name. */
static const char *
line_has(const char *line, uintptr_t address)
{
	char *end;
	uintptr_t from = strtoul(line, &end, 16), to;

	if (*end != '-')
		return NULL;
	to = strtoul(end + 1, &end, 16);
	return address >= from && address < to ? end : NULL;
}

enum audit_place
place_of(const void *ptr, uint32_t *object_out)
{
	static char maps[1 << 16];
	enum audit_place place = AUDIT_PLACE_UNMAPPED;
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
	size_t len = 0;
	char *line, *next;
	const char *rest;
	ssize_t got;
	int fd;

	*object_out = objects_at((uintptr_t)ptr);
	if (*object_out != MODULES)
		return AUDIT_PLACE_STATIC;
	fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && place == AUDIT_PLACE_UNMAPPED &&
	       (got = read(fd, maps + len, sizeof(maps) - 1 - len)) > 0) {
		maps[len + (size_t)got] = '\0';
		for (line = maps; (next = strchr(line, '\n')) != NULL;
		     line = next + 1) {
			*next = '\0';
			rest = line_has(line, (uintptr_t)ptr);
			if (rest == NULL)
				continue;
			place = strstr(rest, "[stack]") != NULL ||
					line_has(line, sp) != NULL ?
				AUDIT_PLACE_STACK :
				AUDIT_PLACE_MAPPED;
		}
		len = strlen(line);
		memmove(maps, line, len);
	}
	if (fd >= 0)
		close(fd);
	return place;
}

/* ---- patching ---- */

/* What @at jumps to, if that is all it does; 0: it is not. */
static uintptr_t
jump_target(uintptr_t at)
{
	int32_t far;

	if (*(const unsigned char *)at != PATCH_JUMP)
		return 0;
	memcpy(&far, (const void *)(at + 1), sizeof(far));
	return at + PATCH_SIZE + (uintptr_t)(intptr_t)far;
}

struct patching {
	const struct module *module;
	const struct rust_signs *signs;
	unsigned char *memory;
	uintptr_t real[THUNKS];
	uint32_t patched, moved;
};

/* Find the real function behind @thunk. */
static enum audit_refusal
prepare(struct patching *patching, size_t thunk)
{
	const struct thunk_place *place = &patching->signs->thunks[thunk];
	unsigned char *room =
		patching->memory + THUNKS * PATCH_PIECE + thunk * MOVE_ROOM;

	if (place->at == 0)
		return AUDIT_NO_REFUSAL;
	if (place->size < PATCH_SIZE || place->at < patching->module->start ||
	    place->at + place->size > patching->module->end)
		return AUDIT_NOT_MOVABLE;
	patching->real[thunk] = jump_target(place->at);
	if (patching->real[thunk] != 0)
		return AUDIT_NO_REFUSAL;
	if (!move_known())
		return AUDIT_NO_DECODER;
	if (!move_code(place->at, place->size, PATCH_SIZE, room))
		return AUDIT_NOT_MOVABLE;
	patching->real[thunk] = (uintptr_t)room;
	patching->moved++;
	return AUDIT_NO_REFUSAL;
}

static enum audit_refusal
patch_object(struct patching *patching, uint32_t object)
{
	const uintptr_t targets[THUNKS] = {
		(uintptr_t)rust_alloc,
		(uintptr_t)rust_dealloc,
		(uintptr_t)rust_realloc,
		(uintptr_t)rust_alloc_zeroed,
	};
	const size_t size = (size_t)getpagesize();
	const struct module *module = patching->module;
	enum audit_refusal why;
	size_t i;

	patching->memory = patch_near(module->start, module->end, size);
	if (patching->memory == NULL)
		return AUDIT_NOT_PATCHED;
	for (i = 0; i < THUNKS; i++) {
		why = prepare(patching, i);
		if (why != AUDIT_NO_REFUSAL)
			return why;
		patch_piece(patching->memory + i * PATCH_PIECE, (enum thunk)i,
			    object, targets[i]);
	}
	rust_allocators[object] = (struct rust_allocator){
		.alloc = (void *(*)(size_t, size_t))patching->real[THUNK_ALLOC],
		.dealloc = (void (*)(void *, size_t,
				     size_t))patching->real[THUNK_DEALLOC],
		.realloc = (void *(*)(void *, size_t, size_t,
				      size_t))patching->real[THUNK_REALLOC],
		.alloc_zeroed = (void *(*)(size_t, size_t))
					patching->real[THUNK_ALLOC_ZEROED],
	};
	if (mprotect(patching->memory, size, PROT_READ | PROT_EXEC) != 0)
		return AUDIT_NOT_PATCHED;
	for (i = 0; i < THUNKS; i++) {
		if (patching->real[i] == 0)
			continue;
		if (!patch_jump(patching->signs->thunks[i].at,
				(uintptr_t)patching->memory + i * PATCH_PIECE))
			return AUDIT_NOT_PATCHED;
		patching->patched++;
	}
	return AUDIT_NO_REFUSAL;
}

/* The owner of @module's Rust: the former one, if it was loaded before. */
static uint32_t
owner_of(struct audit_log *log, uint32_t module)
{
	uint32_t i;

	for (i = AUDIT_RUST; i < log->owner_count; i++)
		if (log->owners[i].module == module)
			return i;
	return i;
}

static void
come_with_rust(struct audit_log *log, struct module *module, uint32_t at,
	       const struct rust_signs *signs)
{
	struct patching patching = { .module = module, .signs = signs };
	uint32_t owner = owner_of(log, at);
	enum audit_refusal why;

	if (owner == AUDIT_OWNERS) {
		refuse(AUDIT_TOO_MANY, module->path, "objects in Rust");
		return;
	}
	around_note(module, at, signs);
	why = patch_object(&patching, owner - AUDIT_RUST);
	if (why != AUDIT_NO_REFUSAL) {
		refuse(why, module->path, "");
		return;
	}
	log->owners[owner] = (struct audit_owner_entry){
		.module = at,
		.patched = patching.patched,
		.moved = patching.moved,
	};
	log->owner_count = MAX(log->owner_count, owner + 1);
}

/* The program's path is not in the loader's list. */
static void
complete_path(struct module *module)
{
	ssize_t len;

	if (module->kind != MODULE_PROGRAM)
		return;
	len = readlink("/proc/self/exe", module->path,
		       sizeof(module->path) - 1);
	module->path[MAX(len, 0)] = '\0';
	/* it is not the reader's program */
	module->kind = MODULE_OTHER;
}

static uintptr_t own_start, own_end;

bool
objects_own(uintptr_t pc)
{
	return pc >= own_start && pc < own_end;
}

static bool
is_own(const struct module *module)
{
	uintptr_t here = (uintptr_t)rust_alloc;

	if (here < module->start || here >= module->end)
		return false;
	own_start = (uintptr_t)module->start;
	own_end = (uintptr_t)module->end;
	return true;
}

static void
object_came(struct module *module, uint32_t at)
{
	struct audit_log *log = audit_log();
	struct rust_signs signs;
	enum audit_refusal why;

	complete_path(module);
	if (is_own(module))
		return;
	why = scan_object(module, &signs);
	cpp_is_c |= signs.own_new;
	log->cpp_is_c |= signs.own_new;
	if (why != AUDIT_NO_REFUSAL)
		refuse(why, module->path, signs.detail);
	else if (signs.thunks_found > 0)
		come_with_rust(log, module, at, &signs);
}

/* ---- when ---- */

static void
check_room(const struct audit_log *log)
{
	if (log->modules.left_out > 0)
		refuse(AUDIT_TOO_MANY, NULL, "objects");
}

void
objects_begin(void)
{
	static const struct module_marks marks; /* none */
	struct audit_log *log = audit_log();

	log->owner_count = AUDIT_RUST;
	modules_begin(&log->modules, &marks, object_came);
	publish_ranges(log);
	check_room(log);
}

void
objects_changed(void)
{
	struct audit_log *log = audit_log();
	size_t before;

	if (log == NULL || !modules_scan())
		return;
	before = atomic_load(&current)->count;
	if (!modules_merge())
		return;
	publish_ranges(log);
	/* what came may have the address of what went at the same time */
	if (before > 0) {
		unwind_forget();
		traces_forget();
	}
	check_room(log);
}

void
objects_of_child(struct audit_log *log)
{
	modules_continue(&log->modules);
}
