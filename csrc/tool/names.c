/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names: their suffixes, and the file that each name stands for. */
#include "tool.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
	/* the number of links that Linux follows */
	LINKS_MOST = 40,
	/* linux/magic.h: what statfs() says of /proc */
	PROC_MAGIC = 0x9fa0,
};

size_t
stem_length(const char *path)
{
	static const char *const suffixes[] = { ".gz", ".bgz", ".bgzf" };
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	size_t len = strlen(base);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		size_t suffix_len = strlen(suffixes[i]);

		if (len > suffix_len &&
		    strcasecmp(base + len - suffix_len, suffixes[i]) == 0)
			return strlen(path) - suffix_len;
	}
	return 0;
}

char *
join_suffix(const char *path, const char *suffix)
{
	size_t size = strlen(path) + strlen(suffix) + 1;
	char *joined = malloc(size);

	if (joined == NULL) {
		complain(path, "%s", strerror(ENOMEM));
		return NULL;
	}
	snprintf(joined, size, "%s%s", path, suffix);
	return joined;
}

struct party
party_of(const char *role, const char *path, int std_fd, bool is_written)
{
	bool is_std = path == NULL || is_dash(path);
	struct party party = { role, path, path, -1, is_written };

	if (is_std) {
		party.name = std_fd == STDIN_FILENO ? "(stdin)" : "(stdout)";
		party.path = NULL;
		party.fd = std_fd;
	}
	return party;
}

/* A name in a folder. The file need not exist. */
struct entry {
	dev_t dev;
	ino_t ino;
	char base[NAME_MAX + 1];
};

/* The identity of a party's file. */
struct identity {
	/* false for a device or a pipe: these can be shared */
	bool is_file;
	bool is_there;
	dev_t dev;
	ino_t ino;
	/* the name itself, and the name that its links lead to */
	struct entry entries[2];
	size_t entry_count;
};

/* Split @path into its folder ("." or up to the slash) and its last part. */
static const char *
split(const char *path, char folder[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL) {
		strcpy(folder, ".");
		return path;
	}
	snprintf(folder, PATH_MAX, "%.*s", (int)(slash - path) + 1, path);
	return slash + 1;
}

static bool
find_entry(const char *path, struct entry *entry)
{
	char folder[PATH_MAX];
	const char *base = split(path, folder);
	struct stat st;

	if (stat(folder, &st) != 0)
		return false;
	entry->dev = st.st_dev;
	entry->ino = st.st_ino;
	snprintf(entry->base, sizeof(entry->base), "%s", base);
	return true;
}

/* Replace @path by the target of the link there; false: it is not a link. */
static bool
follow_link(char path[PATH_MAX])
{
	char folder[PATH_MAX];
	char target[PATH_MAX];
	char joined[2 * PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	if (len < 0)
		return false;
	target[len] = '\0';
	split(path, folder);
	snprintf(joined, sizeof(joined), "%s/%s", folder, target);
	if (target[0] == '/')
		strcpy(joined, target);
	if (strlen(joined) >= PATH_MAX)
		return false;
	strcpy(path, joined);
	return true;
}

static void
identify(const struct party *party, struct identity *identity)
{
	char path[PATH_MAX];
	struct stat st;

	memset(identity, 0, sizeof(*identity));
	identity->is_there = (party->path != NULL ? stat(party->path, &st) :
						    fstat(party->fd, &st)) == 0;
	identity->is_file = !identity->is_there || S_ISREG(st.st_mode);
	if (identity->is_there) {
		identity->dev = st.st_dev;
		identity->ino = st.st_ino;
	}
	if (party->path == NULL || strlen(party->path) >= PATH_MAX)
		return;
	strcpy(path, party->path);
	if (find_entry(path, &identity->entries[0]))
		identity->entry_count++;
	for (int i = 0; i < LINKS_MOST && follow_link(path); i++)
		;
	if (find_entry(path, &identity->entries[identity->entry_count]))
		identity->entry_count++;
}

static bool
same_entry(const struct entry *a, const struct entry *b)
{
	return a->dev == b->dev && a->ino == b->ino &&
		strcmp(a->base, b->base) == 0;
}

static bool
same_file(const struct identity *a, const struct identity *b)
{
	if (!a->is_file || !b->is_file)
		return false;
	if (a->is_there && b->is_there && a->dev == b->dev && a->ino == b->ino)
		return true;
	for (size_t i = 0; i < a->entry_count; i++)
		for (size_t j = 0; j < b->entry_count; j++)
			if (same_entry(&a->entries[i], &b->entries[j]))
				return true;
	return false;
}

bool
check_distinct(const struct party *parties, size_t count)
{
	struct identity *known = malloc((count + 1) * sizeof(*known));
	bool good = true;

	if (known == NULL) {
		complain(parties[0].name, "%s", strerror(ENOMEM));
		return false;
	}
	for (size_t i = 0; i < count && good; i++) {
		identify(&parties[i], &known[i]);
		for (size_t j = 0; j < i && good; j++) {
			good = (!parties[i].is_written &&
				!parties[j].is_written) ||
				!same_file(&known[i], &known[j]);
			if (!good)
				complain(parties[i].name,
					 "%s and %s are the same file",
					 parties[j].role, parties[i].role);
		}
	}
	free(known);
	return good;
}

bool
leads_through_proc(const char *name)
{
	char path[PATH_MAX];
	char folder[PATH_MAX];
	struct statfs fs;

	if (strlen(name) >= PATH_MAX)
		return false;
	strcpy(path, name);
	for (int i = 0; i < LINKS_MOST; i++) {
		split(path, folder);
		if (statfs(folder, &fs) == 0 && fs.f_type == PROC_MAGIC)
			return true;
		if (!follow_link(path))
			return false;
	}
	return false;
}
