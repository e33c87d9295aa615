/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Looks at a program before it is audited: can an object be preloaded into
 * it? */
#include "audit.h"

#include "object_file.h"
#include "util.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifdef __x86_64__
#define MACHINE EM_X86_64
#else
#define MACHINE EM_NONE
#endif

/* The segments that matter. */
struct parts {
	bool dynamic;
	char interpreter[256];
};

static bool
read_at(int fd, uint64_t offset, void *bytes, size_t len)
{
	return pread(fd, bytes, len, (off_t)offset) == (ssize_t)len;
}

static void
read_parts(int fd, const ElfW(Ehdr) * header, struct parts *parts)
{
	ElfW(Phdr) part;
	size_t i, len;

	for (i = 0; i < header->e_phnum; i++) {
		if (!read_at(fd, header->e_phoff + i * header->e_phentsize,
			     &part, sizeof(part)))
			return;
		parts->dynamic |= part.p_type == PT_DYNAMIC;
		len = MIN(part.p_filesz, sizeof(parts->interpreter) - 1);
		if (part.p_type == PT_INTERP &&
		    read_at(fd, part.p_offset, parts->interpreter, len))
			parts->interpreter[len] = '\0';
	}
}

static const char *
prevents_elf(int fd, const ElfW(Ehdr) * header, char **reason_out)
{
	struct parts parts = { 0 };

	if (header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    header->e_machine != MACHINE) {
		*reason_out = xasprintf(
			"it is for another architecture (%s, "
			"machine %u) than the audit's",
			header->e_ident[EI_CLASS] == ELFCLASS64 ? "64 bits" :
								  "32 bits",
			header->e_machine);
		return "other-machine";
	}
	read_parts(fd, header, &parts);
	if (parts.interpreter[0] == '\0') {
		*reason_out = xstrdup("it is linked statically, so nothing can "
				      "be preloaded into it");
		return "static";
	}
	if (strstr(parts.interpreter, "musl") != NULL ||
	    strstr(parts.interpreter, "uClibc") != NULL ||
	    strstr(parts.interpreter, "/system/") != NULL) {
		*reason_out = xasprintf("its C library is not glibc (its "
					"loader is %s)",
					parts.interpreter);
		return "other-libc";
	}
	return NULL;
}

/* Does the kernel give it more rights than we have? Then the loader ignores
 * what is to be preloaded. */
static bool
has_more_rights(int fd, const struct stat *st)
{
	char bytes[64];

	return (st->st_mode & S_ISUID) != 0 ||
		((st->st_mode & S_ISGID) != 0 &&
		 (st->st_mode & S_IXGRP) != 0) ||
		fgetxattr(fd, "security.capability", bytes, sizeof(bytes)) > 0;
}

static void
see(void *ctx, const struct object_symbol *symbol)
{
	*(bool *)ctx |= names_sanitizer(symbol->name);
}

/* A sanitizer ends the program before the audit can say anything. */
static bool
has_sanitizer(const char *program)
{
	struct object_file file;
	bool found = false;

	if (!object_open(&file, program))
		return false;
	if (!object_symbols(&file, SHT_SYMTAB, see, &found))
		object_symbols(&file, SHT_DYNSYM, see, &found);
	object_close(&file);
	return found;
}

const char *
audit_prevents(const char *program, char **reason_out)
{
	int fd = open(program, O_RDONLY | O_CLOEXEC);
	const char *id = NULL;
	ElfW(Ehdr) header;
	struct stat st;

	/* whether it can be run, the kernel decides */
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    has_more_rights(fd, &st)) {
		*reason_out = xstrdup("it runs with other rights (set-uid, "
				      "set-gid or capabilities), and then the "
				      "loader preloads nothing");
		id = "set-uid";
	} else if (read_at(fd, 0, &header, sizeof(header)) &&
		   memcmp(header.e_ident, ELFMAG, SELFMAG) == 0) {
		id = prevents_elf(fd, &header, reason_out);
		if (id == NULL && has_sanitizer(program)) {
			*reason_out = xstrdup("it was built with a sanitizer, "
					      "which has a malloc() of its "
					      "own");
			id = "sanitizer";
		}
	}
	close(fd);
	return id;
}
