/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reads the symbols of an ELF file, which nothing guarantees to be valid. */
#include "object_file.h"

#include "util.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool
object_open(struct object_file *file, const char *path)
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
	*file = (struct object_file){ bytes, (size_t)stat.st_size };
	return true;
}

void
object_close(struct object_file *file)
{
	munmap((void *)file->bytes, file->len);
	*file = (struct object_file){ 0 };
}

/* @count entries of @size at @offset; NULL if they are not all there. */
static const void *
file_at(const struct object_file *file, uint64_t offset, uint64_t count,
	size_t size)
{
	if (offset > file->len || count > (file->len - offset) / size)
		return NULL;
	return file->bytes + offset;
}

/* The sections; NULL if there are none. */
static const ElfW(Shdr) *
	sections_of(const struct object_file *file, size_t *count_out)
{
	const ElfW(Ehdr) *header = file_at(file, 0, 1, sizeof(*header));

	if (header == NULL || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    header->e_shentsize != sizeof(ElfW(Shdr)))
		return NULL;
	*count_out = header->e_shnum;
	return file_at(file, header->e_shoff, header->e_shnum,
		       sizeof(ElfW(Shdr)));
}

static bool
each_symbol(const struct object_file *file, const ElfW(Shdr) * section,
	    const ElfW(Shdr) * strings, object_symbol_fn *fn, void *ctx)
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
		return false;
	for (i = 0; i < count; i++) {
		struct object_symbol symbol = {
			.value = symbols[i].st_value,
			.size = symbols[i].st_size,
			.defined = symbols[i].st_shndx != SHN_UNDEF,
			.local = ELF64_ST_BIND(symbols[i].st_info) ==
					STB_LOCAL ||
				ELF64_ST_VISIBILITY(symbols[i].st_other) !=
					STV_DEFAULT,
			.function = ELF64_ST_TYPE(symbols[i].st_info) ==
				STT_FUNC,
		};

		if (symbols[i].st_name >= strings->sh_size)
			continue;
		symbol.name = text + symbols[i].st_name;
		fn(ctx, &symbol);
	}
	return true;
}

bool
object_symbols(const struct object_file *file, uint32_t type,
	       object_symbol_fn *fn, void *ctx)
{
	const ElfW(Shdr) * sections;
	bool found = false;
	size_t count = 0, i;

	sections = sections_of(file, &count);
	for (i = 0; sections != NULL && i < count; i++)
		if (sections[i].sh_type == type && sections[i].sh_link < count)
			found |= each_symbol(file, &sections[i],
					     &sections[sections[i].sh_link], fn,
					     ctx);
	return found;
}

/* The name of symbol @number in the table @section. */
static const char *
symbol_name(const struct object_file *file, const ElfW(Shdr) * section,
	    const ElfW(Shdr) * strings, uint64_t number)
{
	const ElfW(Sym) * symbol;
	const char *text;

	symbol = file_at(file, section->sh_offset + number * sizeof(*symbol), 1,
			 sizeof(*symbol));
	text = file_at(file, strings->sh_offset, strings->sh_size, 1);
	if (symbol == NULL || text == NULL || strings->sh_size == 0 ||
	    text[strings->sh_size - 1] != '\0' ||
	    symbol->st_name >= strings->sh_size)
		return NULL;
	return text + symbol->st_name;
}

static void
each_slot(const struct object_file *file, const ElfW(Shdr) * section,
	  const ElfW(Shdr) * symbols, const ElfW(Shdr) * strings,
	  object_slot_fn *fn, void *ctx)
{
	uint64_t count = section->sh_size / sizeof(ElfW(Rela)), i, number;
	const ElfW(Rela) * entries;

	entries = file_at(file, section->sh_offset, count, sizeof(*entries));
	for (i = 0; entries != NULL && i < count; i++) {
		number = ELF64_R_SYM(entries[i].r_info);
		fn(ctx,
		   &(struct object_slot){
			   .at = entries[i].r_offset,
			   .name = number != 0 ?
				   symbol_name(file, symbols, strings, number) :
				   NULL,
			   .target = (uint64_t)entries[i].r_addend,
		   });
	}
}

void
object_slots(const struct object_file *file, object_slot_fn *fn, void *ctx)
{
	const ElfW(Shdr) * sections, *section;
	size_t count = 0, i;

	sections = sections_of(file, &count);
	for (i = 0; sections != NULL && i < count; i++) {
		section = &sections[i];
		if (section->sh_type == SHT_RELA && section->sh_link < count &&
		    sections[section->sh_link].sh_link < count)
			each_slot(file, section, &sections[section->sh_link],
				  &sections[sections[section->sh_link].sh_link],
				  fn, ctx);
	}
}

bool
object_by_rustc(const struct object_file *file)
{
	const ElfW(Shdr) * sections;
	const void *text;
	size_t count = 0, i;

	sections = sections_of(file, &count);
	for (i = 0; sections != NULL && i < count; i++) {
		/* it is the only one of its kind that is as small as this */
		if (sections[i].sh_type != SHT_PROGBITS ||
		    (sections[i].sh_flags & SHF_ALLOC) != 0 ||
		    sections[i].sh_size >= 4096)
			continue;
		text = file_at(file, sections[i].sh_offset, sections[i].sh_size,
			       1);
		if (text != NULL &&
		    memmem(text, sections[i].sh_size, "rustc version", 13) !=
			    NULL)
			return true;
	}
	return false;
}

bool
ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

/*
 * The plain name before Rust 1.88, "_RNvCs..._7___rustc12___rust_alloc" since:
 * then the part before the plain name ends with an underscore.
 */
enum thunk
thunk_named(const char *name)
{
	static const char *const names[THUNKS] = {
		"__rust_alloc",
		"__rust_dealloc",
		"__rust_realloc",
		"__rust_alloc_zeroed",
	};
	bool mangled = strstr(name, "___rustc") != NULL;
	size_t i;

	for (i = 0; i < THUNKS; i++)
		if (mangled ? ends_with(name, names[i]) :
			      strcmp(name, names[i]) == 0)
			break;
	return (enum thunk)i;
}

bool
names_heap(const char *name)
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

bool
names_sanitizer(const char *name)
{
	static const char *const names[] = {
		"__asan_init", "__hwasan_init", "__lsan_init",
		"__msan_init", "__tsan_init",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}
