/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer is a library of three functions; theirs.c is another library. */
#define _GNU_SOURCE
#include "../grade.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>

size_t
words_count(const unsigned char *data, size_t len);
size_t
words_longest(const unsigned char *data, size_t len);
size_t
words_lines(const unsigned char *data, size_t len);
size_t
fields_count(const unsigned char *data, size_t len);

#define NAMES 32

/* Is it a name of the answer's own, and not one that a compiler chose? */
static bool
is_own(const ElfW(Sym) * symbol, const char *name)
{
	return symbol->st_shndx != SHN_UNDEF && name[0] != '_' &&
		strncmp(name, "rust_", 5) != 0 &&
		strcmp(name, "ferrule_lane") != 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names that this shared object has for others. */
static size_t
exported(const char **names)
{
	const ElfW(Sym) *symbols = NULL;
	const ElfW(Word) *hash = NULL;
	const char *texts = NULL, *name;
	const ElfW(Dyn) * entry;
	struct link_map *map;
	size_t i, count = 0;
	Dl_info info;

	if (dladdr1(exported, &info, (void **)&map, RTLD_DL_LINKMAP) == 0)
		return 0;
	for (entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
		if (entry->d_tag == DT_SYMTAB)
			symbols = (const void *)entry->d_un.d_ptr;
		else if (entry->d_tag == DT_STRTAB)
			texts = (const void *)entry->d_un.d_ptr;
		else if (entry->d_tag == DT_HASH)
			hash = (const void *)entry->d_un.d_ptr;
	}
	for (i = 1; hash != NULL && i < hash[1] && count < NAMES; i++) {
		name = texts + symbols[i].st_name;
		if (is_own(&symbols[i], name))
			names[count++] = name;
	}
	qsort(names, count, sizeof(*names), by_name);
	return count;
}

static void
rec_exported(struct ferrule_recorder *rec)
{
	const char *names[NAMES];
	char text[1024] = "";
	size_t i, count, len = 0;

	count = exported(names);
	for (i = 0; i < count && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
					i > 0 ? " " : "", names[i]);
	rec_text(rec, "names", text);
}

static void
all(struct ferrule_recorder *rec, const unsigned char *data, size_t len)
{
	rec_int(rec, "words", (int64_t)words_count(data, len));
	rec_int(rec, "the longest", (int64_t)words_longest(data, len));
	rec_int(rec, "lines", (int64_t)words_lines(data, len));
	rec_int(rec, "their fields", (int64_t)fields_count(data, len));
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const unsigned char text[] = " one,\n\nthree\tfour,5\n";

	rec_step(rec, "nothing");
	all(rec, NULL, 0);

	rec_step(rec, "a text");
	all(rec, text, sizeof(text) - 1);

	rec_step(rec, "drawn");
	all(rec, in->data, in->len);

	rec_step(rec, "what is exported");
	rec_exported(rec);
}
