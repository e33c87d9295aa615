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

#include "util.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum thunk {
	THUNK_ALLOC,
	THUNK_DEALLOC,
	THUNK_REALLOC,
	THUNK_ALLOC_ZEROED,
	THUNKS,
};

/* What the symbols of an object say. */
struct findings {
	uintptr_t thunks[THUNKS];
	bool rust;
	bool own_allocator; /* it chose an allocator */
	bool lane; /* the allocator of lanes */
	bool symbols; /* there are any, ... */
	bool allocates; /* ... and one is a function of the heap */
};

/* ---- the file ---- */

struct file {
	const unsigned char *bytes;
	size_t len;
};

static bool
file_map(struct file *file, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;
	void *bytes = MAP_FAILED;

	if (fd < 0)
		return false;
	if (fstat(fd, &stat) == 0 && stat.st_size > 0)
		bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE,
			     fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return false;
	*file = (struct file){ bytes, (size_t)stat.st_size };
	return true;
}

/* @count entries of @size at @offset; NULL if they are not all there. */
static const void *
file_at(const struct file *file, uint64_t offset, uint64_t count, size_t size)
{
	if (offset > file->len || count > (file->len - offset) / size)
		return NULL;
	return file->bytes + offset;
}

/* ---- its symbols ---- */

static bool
ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

/*
 * The plain name before Rust 1.88, "_RNvCs..._7___rustc12___rust_alloc" since:
 * then the part before the plain name ends with an underscore.
 */
static bool
is_thunk(const char *name, const char *plain)
{
	return strcmp(name, plain) == 0 ||
		(strstr(name, "___rustc") != NULL && ends_with(name, plain));
}

static void
look_at_symbol(struct findings *findings, const char *name, uintptr_t address)
{
	static const char *const names[THUNKS] = {
		"__rust_alloc",
		"__rust_dealloc",
		"__rust_realloc",
		"__rust_alloc_zeroed",
	};
	size_t i;

	if (strcmp(name, "rust_eh_personality") == 0)
		findings->rust = true;
	if (strstr(name, "LedgerAllocator") != NULL)
		findings->lane = true;
	if (strstr(name, "__r") == NULL)
		return;
	if (ends_with(name, "__rg_alloc"))
		findings->own_allocator = true;
	for (i = 0; i < THUNKS; i++)
		if (is_thunk(name, names[i]))
			findings->thunks[i] = address;
}

/* Is it what Rust's default allocator calls? A version may follow. */
static bool
is_of_heap(const char *name)
{
	static const char *const names[] = {
		"malloc",	  "calloc",	   "realloc",
		"posix_memalign", "aligned_alloc",
	};
	size_t i, len = strcspn(name, "@");

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == len && memcmp(name, names[i], len) == 0)
			return true;
	return false;
}

static void
look_at_symbols(struct findings *findings, const struct file *file,
		const ElfW(Shdr) * section, const ElfW(Shdr) * strings,
		uintptr_t base)
{
	const ElfW(Sym) * symbols;
	uint64_t count = section->sh_size / sizeof(*symbols);
	const char *text;
	uint64_t i;

	symbols = file_at(file, section->sh_offset, count, sizeof(*symbols));
	text = file_at(file, strings->sh_offset, strings->sh_size, 1);
	/* the last string is terminated */
	if (symbols == NULL || text == NULL || strings->sh_size == 0 ||
	    text[strings->sh_size - 1] != '\0')
		return;
	findings->symbols = true;
	for (i = 0; i < count; i++) {
		if (symbols[i].st_name >= strings->sh_size)
			continue;
		if (symbols[i].st_shndx != SHN_UNDEF)
			look_at_symbol(findings, text + symbols[i].st_name,
				       base + symbols[i].st_value);
		else if (is_of_heap(text + symbols[i].st_name))
			findings->allocates = true;
	}
}

/* The section in which compilers write their names. */
static void
look_at_comment(struct findings *findings, const struct file *file,
		const ElfW(Shdr) * section)
{
	const void *text =
		file_at(file, section->sh_offset, section->sh_size, 1);

	if (text != NULL &&
	    memmem(text, section->sh_size, "rustc version", 13) != NULL)
		findings->rust = true;
}

static void
look_at_file(struct findings *findings, const struct file *file, uintptr_t base)
{
	const ElfW(Ehdr) *header = file_at(file, 0, 1, sizeof(*header));
	const ElfW(Shdr) * sections;
	const char *names;
	size_t i;

	if (header == NULL || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    header->e_shentsize != sizeof(*sections))
		return;
	sections = file_at(file, header->e_shoff, header->e_shnum,
			   sizeof(*sections));
	if (sections == NULL || header->e_shstrndx >= header->e_shnum)
		return;
	names = file_at(file, sections[header->e_shstrndx].sh_offset,
			sections[header->e_shstrndx].sh_size, 1);
	for (i = 0; i < header->e_shnum; i++) {
		if (sections[i].sh_type == SHT_SYMTAB &&
		    sections[i].sh_link < header->e_shnum)
			look_at_symbols(findings, file, &sections[i],
					&sections[sections[i].sh_link], base);
		else if (names != NULL && sections[i].sh_type == SHT_PROGBITS &&
			 (sections[i].sh_flags & SHF_ALLOC) == 0 &&
			 sections[i].sh_size < 4096)
			look_at_comment(findings, file, &sections[i]);
	}
}

/* ---- the jumps ---- */

#ifdef __x86_64__

#define PIECE 32 /* bytes of code for each function */
#define JUMP 0xe9 /* then four bytes: the distance, from behind them */

/* Get memory that a jump from @module can reach; NULL if there is none. */
static unsigned char *
near_memory(const struct module *module, size_t size)
{
	uintptr_t hint = (uintptr_t)module->start;
	void *memory;
	int i;

	for (i = 0; i < 64 && hint > (16u << 20); i++) {
		hint -= 16u << 20;
		memory = mmap((void *)hint, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			      -1, 0);
		if (memory == (void *)hint)
			return memory;
		if (memory != MAP_FAILED)
			munmap(memory, size);
	}
	return NULL;
}

static void
write_piece(unsigned char *at, enum thunk thunk, uint32_t owner,
	    uintptr_t target)
{
	/* mov edx, ecx, r8d or edx, owner: the register after the last one */
	static const unsigned char moves[THUNKS][2] = {
		{ 0xba },
		{ 0xb9 },
		{ 0x41, 0xb8 },
		{ 0xba },
	};
	static const unsigned char jump[] = { 0xff, 0x25, 0, 0, 0, 0 };
	size_t len = moves[thunk][1] != 0 ? 2 : 1;

	memcpy(at, moves[thunk], len);
	memcpy(at + len, &owner, sizeof(owner));
	len += sizeof(owner);
	memcpy(at + len, jump, sizeof(jump));
	memcpy(at + len + sizeof(jump), &target, sizeof(target));
}

static bool
bend(uintptr_t thunk, uintptr_t piece)
{
	uintptr_t page = (uintptr_t)getpagesize();
	uintptr_t start = thunk & ~(page - 1);
	size_t size = (thunk + 5 - start + page - 1) & ~(page - 1);
	int32_t far = (int32_t)(piece - (thunk + 5));

	if (mprotect((void *)start, size, PROT_READ | PROT_WRITE | PROT_EXEC) !=
	    0)
		return false;
	memcpy((void *)(thunk + 1), &far, sizeof(far));
	return mprotect((void *)start, size, PROT_READ | PROT_EXEC) == 0;
}

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
		if (thunks[i] < module->start || thunks[i] >= module->end - 5 ||
		    *(const unsigned char *)thunks[i] != JUMP)
			return false;
	pieces = near_memory(module, size);
	if (pieces == NULL)
		return false;
	for (i = 0; i < THUNKS; i++)
		write_piece(pieces + i * PIECE, (enum thunk)i, owner,
			    targets[i]);
	if (mprotect(pieces, size, PROT_READ | PROT_EXEC) != 0)
		return false;
	for (i = 0; i < THUNKS; i++)
		if (!bend(thunks[i], (uintptr_t)pieces + i * PIECE))
			return false;
	return true;
}

#else

static bool
bend_all(const struct module *module, const uintptr_t *thunks,
	 const struct rust_hooks *hooks, uint32_t owner)
{
	(void)module, (void)thunks, (void)hooks, (void)owner;
	return false;
}

#endif

enum rust_seen
rust_hook(const struct module *module, const struct rust_hooks *hooks,
	  uint32_t owner)
{
	struct findings findings = { 0 };
	struct file file;

	if (!file_map(&file, module->path))
		return RUST_NONE;
	look_at_file(&findings, &file, (uintptr_t)module->base);
	munmap((void *)file.bytes, file.len);
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
