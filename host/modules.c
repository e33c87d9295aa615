/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Modules: noted when they are loaded and unloaded.
 *
 * In the cell nothing here may allocate, because it runs within malloc(). So it
 * reads files by system calls, and its buffers are static.
 */
#include "modules.h"

#include "util.h"

#include <fcntl.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- in the cell ---- */

#define NOTES (4 * MODULES)

/* The address range of a loaded module. It is small, because it is looked up
 * often. */
struct place {
	uint64_t start;
	uint64_t end;
	uint32_t at; /* in the map */
};

static struct module_map *map;
static struct place places[MODULES];
static size_t place_count;
static uintptr_t known[MODULE_KINDS]; /* an address in each kind */
static uintptr_t own_library;
static bool begun;
static uint32_t loads;
static module_came_fn *on_coming;

/* The result of a scan. */
static struct module seen[MODULES];
static size_t seen_count;
/* The addresses of their notes. Only the notes of new modules are read: a
 * module that is being unloaded may not be mapped any more. */
static struct place notes[NOTES];
static size_t note_count;
static atomic_flag scanning = ATOMIC_FLAG_INIT;

static bool
lies_in(const struct module *module, uint64_t address)
{
	return address >= module->start && address < module->end;
}

static int
see(struct dl_phdr_info *info, size_t size, void *ctx)
{
	struct module *module = &seen[seen_count];
	ElfW(Half) i;

	(void)size, (void)ctx;
	if (seen_count == MODULES) {
		map->left_out++;
		return 1;
	}
	*module = (struct module){
		.start = UINT64_MAX,
		.base = info->dlpi_addr,
	};
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + header->p_vaddr;
		uintptr_t end = start + header->p_memsz;

		if (header->p_type == PT_LOAD) {
			module->start = MIN(module->start, start);
			module->end = MAX(module->end, end);
		} else if (header->p_type == PT_NOTE && note_count < NOTES) {
			notes[note_count++] = (struct place){
				start,
				end,
				(uint32_t)seen_count,
			};
		}
	}
	if (info->dlpi_name != NULL)
		snprintf(module->path, sizeof(module->path), "%s",
			 info->dlpi_name);
	seen_count += module->start < module->end;
	return 0;
}

bool
modules_scan(void)
{
	if (atomic_flag_test_and_set_explicit(&scanning, memory_order_acquire))
		return false;
	seen_count = note_count = 0;
	dl_iterate_phdr(see, NULL);
	return true;
}

/* Notes are | name_len | len | type | name, to 4 | content, to 4 |. */
static void
read_note(struct module *module, const ElfW(Nhdr) * note,
	  const unsigned char *end)
{
	const unsigned char *content;
	size_t room, size;

	while ((room = (size_t)(end - (const unsigned char *)note)) >=
	       sizeof(*note)) {
		content = (const unsigned char *)(note + 1) +
			((note->n_namesz + 3) & ~3u);
		size = sizeof(*note) + ((note->n_namesz + 3) & ~3u) +
			((note->n_descsz + 3) & ~3u);
		if (size > room)
			return;
		if (note->n_type == NT_GNU_BUILD_ID &&
		    note->n_descsz <= sizeof(module->build_id)) {
			module->build_id_len = note->n_descsz;
			memcpy(module->build_id, content, note->n_descsz);
			return;
		}
		note = (const void *)((const unsigned char *)note + size);
	}
}

static void
read_build_id(struct module *module)
{
	size_t at = (size_t)(module - seen);
	size_t i;

	for (i = 0; i < note_count && module->build_id_len == 0; i++)
		if (notes[i].at == at)
			read_note(module, (const void *)notes[i].start,
				  (const void *)notes[i].end);
}

/*
 * The absolute path of the file that is mapped at @module's start. The dynamic
 * linker's name may be relative to an earlier current folder.
 */
static void
find_path(struct module *module)
{
	static char maps[1 << 18];
	size_t len = 0;
	ssize_t got;
	char start[32];
	char *line, *path, *end;
	bool relative = strchr(module->path, '/') != NULL;
	int fd;

	if (module->path[0] == '/')
		return;
	module->path[0] = '\0';
	/* the program and the kernel's own mappings have no path here */
	if (!relative)
		return;
	fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while (len < sizeof(maps) - 1 &&
	       (got = read(fd, maps + len, sizeof(maps) - 1 - len)) > 0)
		len += (size_t)got;
	close(fd);
	maps[len] = '\0';
	snprintf(start, sizeof(start), "%lx-", (unsigned long)module->start);
	for (line = maps; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		if (strncmp(line, start, strlen(start)) != 0)
			continue;
		*end = '\0';
		path = strchr(line, '/');
		if (path != NULL)
			snprintf(module->path, sizeof(module->path), "%s",
				 path);
		return;
	}
}

/* Keep a copy of @module's file if there is room: a lesson may remove it. */
static void
keep_copy(struct module *module)
{
	uint64_t room = MODULE_FILES - map->files_len;
	int fd = open(module->path, O_RDONLY | O_CLOEXEC);
	struct stat stat;
	uint64_t len = 0;
	ssize_t got;

	if (fd < 0)
		return;
	if (fstat(fd, &stat) == 0 && (uint64_t)stat.st_size <= room)
		while ((got = read(fd, map->files + map->files_len + len,
				   room - len)) > 0)
			len += (uint64_t)got;
	close(fd);
	module->copy = map->files_len;
	module->copy_len = len;
	map->files_len += len;
}

bool
module_of_system(const struct module *module)
{
	static const char *const folders[] = {
		"/lib/",     "/lib32/",	    "/lib64/",
		"/usr/lib/", "/usr/lib32/", "/usr/lib64/",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(folders); i++)
		if (strncmp(module->path, folders[i], strlen(folders[i])) == 0)
			return true;
	return module->path[0] == '\0';
}

static uint32_t
kind_of(const struct module *module)
{
	uint32_t kind;

	/* the library may be linked into the lane */
	if (known[MODULE_LANE] != 0 && lies_in(module, known[MODULE_LANE]))
		return MODULE_LANE;
	for (kind = 0; kind < MODULE_KINDS; kind++)
		if (known[kind] != 0 && lies_in(module, known[kind]))
			return kind;
	if (own_library != 0 && lies_in(module, own_library))
		return MODULE_LIBRARY;
	return begun && !module_of_system(module) ? MODULE_PLUGIN :
						    MODULE_OTHER;
}

static bool
is_at(const struct module *a, const struct module *b)
{
	return a->start == b->start && a->end == b->end && a->base == b->base;
}

static bool
is_same(const struct module *a, const struct module *b)
{
	return is_at(a, b) && a->build_id_len == b->build_id_len &&
		memcmp(a->build_id, b->build_id, a->build_id_len) == 0;
}

/* The old entry of @new, if there is one: a module may be loaded many times. */
static struct module *
find_former(const struct module *new)
{
	uint32_t i;

	for (i = 0; i < map->count; i++)
		if (is_same(&map->items[i], new))
			return &map->items[i];
	return NULL;
}

static void
add(struct module *new)
{
	struct module *module;

	read_build_id(new);
	module = find_former(new);
	if (place_count >= MODULES ||
	    (module == NULL && map->count >= MODULES)) {
		map->left_out++;
		return;
	}
	if (module == NULL) {
		module = &map->items[map->count];
		*module = *new;
		find_path(module);
		module->kind = kind_of(module);
		if (module->kind == MODULE_PLUGIN)
			keep_copy(module);
		map->count++;
	}
	module->came = ++loads;
	on_coming(module, (uint32_t)(module - map->items));
	places[place_count++] = (struct place){
		module->start,
		module->end,
		(uint32_t)(module - map->items),
	};
}

bool
modules_merge(void)
{
	static bool matched[MODULES];
	struct module *module;
	bool changed = false;
	size_t i, j;

	if (map == NULL)
		goto out;
	memset(matched, 0, sizeof(matched));
	for (i = 0; i < place_count; i++) {
		module = &map->items[places[i].at];
		for (j = 0; j < seen_count; j++)
			if (!matched[j] && is_at(module, &seen[j]))
				break;
		if (j < seen_count) {
			matched[j] = true;
			continue;
		}
		places[i--] = places[--place_count];
		changed = true;
	}
	for (j = 0; j < seen_count; j++) {
		if (matched[j])
			continue;
		add(&seen[j]);
		changed = true;
	}
out:
	atomic_flag_clear_explicit(&scanning, memory_order_release);
	return changed;
}

void
modules_begin(struct module_map *to, const struct module_marks *marks,
	      module_came_fn *came)
{
	map = to;
	on_coming = came;
	place_count = 0;
	loads = 0;
	begun = false;
	known[MODULE_LANE] = (uintptr_t)marks->lane;
	known[MODULE_LIBRARY] = (uintptr_t)marks->library;
	own_library = (uintptr_t)marks->own_library;
	known[MODULE_LIBC] = (uintptr_t)gnu_get_libc_version;
	known[MODULE_LOADER] = getauxval(AT_BASE);
	known[MODULE_PROGRAM] = getauxval(AT_ENTRY);
	if (modules_scan())
		modules_merge();
	begun = true;
}

void
modules_continue(struct module_map *to)
{
	const size_t head = offsetof(struct module_map, files);

	memcpy(to, map, head);
	memcpy(to->files, map->files, map->files_len);
	map = to;
	atomic_flag_clear_explicit(&scanning, memory_order_relaxed);
}

const struct module *
modules_at(const void *address)
{
	static size_t last;
	size_t i;

	if (map == NULL)
		return NULL;
	if (last < place_count && (uintptr_t)address >= places[last].start &&
	    (uintptr_t)address < places[last].end)
		return &map->items[places[last].at];
	for (i = 0; i < place_count; i++) {
		if ((uintptr_t)address < places[i].start ||
		    (uintptr_t)address >= places[i].end)
			continue;
		last = i;
		return &map->items[places[i].at];
	}
	return NULL;
}

size_t
modules_loaded(uint16_t numbers[MODULES])
{
	size_t i;

	for (i = 0; i < place_count; i++)
		numbers[i] = (uint16_t)places[i].at;
	return place_count;
}

uint16_t
modules_number(const struct module *module)
{
	return (uint16_t)(module != NULL ? module - map->items : MODULES);
}

/* ---- in the parent ---- */

bool
module_map_check(struct module_map *copy)
{
	struct module *module;
	uint32_t i;

	if (copy->count > MODULES || copy->files_len > MODULE_FILES)
		return false;
	for (i = 0; i < copy->count; i++) {
		module = &copy->items[i];
		if (module->kind >= MODULE_KINDS ||
		    module->build_id_len > sizeof(module->build_id) ||
		    module->copy > copy->files_len ||
		    module->copy_len > copy->files_len - module->copy ||
		    memchr(module->path, '\0', sizeof(module->path)) == NULL)
			return false;
	}
	return true;
}
