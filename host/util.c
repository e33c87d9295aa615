/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Strings that grow, lists of strings, and allocation that cannot return
 * NULL. */
#include "util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

_Noreturn void
die(const char *format, ...)
{
	va_list args;

	fputs("ferrule: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	fflush(NULL);
	/* not exit(): memory that is still in use must not be reported as a
	 * leak */
	quick_exit(EXIT_NOT_RUN);
}

void *
xcalloc(size_t count, size_t size)
{
	void *ptr = calloc(count > 0 ? count : 1, size);

	if (ptr == NULL)
		die("out of memory");
	return ptr;
}

void *
xrealloc(void *ptr, size_t size)
{
	ptr = realloc(ptr, size > 0 ? size : 1);
	if (ptr == NULL)
		die("out of memory");
	return ptr;
}

char *
xstrdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xcalloc(size, 1), text, size);
}

char *
xasprintf(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		die("out of memory");
	return text;
}

static void
text_reserve(struct text *text, size_t more)
{
	size_t need = text->len + more + 1;

	if (need <= text->capacity)
		return;
	text->capacity = MAX(need, text->capacity * 2);
	text->data = xrealloc(text->data, text->capacity);
}

void
text_add(struct text *text, const char *bytes, size_t len)
{
	text_reserve(text, len);
	if (len > 0)
		memcpy(text->data + text->len, bytes, len);
	text->len += len;
	text->data[text->len] = '\0';
}

void
text_addf(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		die("cannot format a text");
	text_reserve(text, (size_t)len);
	va_start(args, format);
	vsnprintf(text->data + text->len, (size_t)len + 1, format, args);
	va_end(args);
	text->len += (size_t)len;
}

/* The length of the well-formed UTF-8 sequence at @at, or 0. */
static size_t
utf8_length(const unsigned char *at, size_t len)
{
	size_t need, i;
	unsigned long code;

	if (at[0] < 0x80)
		return 1;
	if (at[0] >= 0xc2 && at[0] <= 0xdf)
		need = 2;
	else if (at[0] >= 0xe0 && at[0] <= 0xef)
		need = 3;
	else if (at[0] >= 0xf0 && at[0] <= 0xf4)
		need = 4;
	else
		return 0;
	if (need > len)
		return 0;
	code = at[0] & (0xffu >> (need + 1));
	for (i = 1; i < need; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3fu);
	}
	if ((need == 3 && code < 0x800) || (need == 4 && code < 0x10000) ||
	    code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ||
	    code == 0xfffe || code == 0xffff || (code >= 0x80 && code < 0xa0))
		return 0;
	return need;
}

void
text_add_escaped(struct text *text, const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t step;

	text_add(text, "", 0); /* so that an empty text is terminated too */
	for (; len > 0; at += step, len -= step) {
		step = utf8_length(at, len);
		if (step > 1 || (step == 1 && *at >= 0x20 && *at < 0x7f)) {
			text_add(text, (const char *)at, step);
			continue;
		}
		step = 1;
		if (*at == '\n')
			text_add(text, "\\n", 2);
		else if (*at == '\t')
			text_add(text, "\\t", 2);
		else
			text_addf(text, "\\x%02x", *at);
	}
}

char *
text_take(struct text *text)
{
	char *data = text->data;

	if (data == NULL)
		data = xstrdup("");
	*text = (struct text){ 0 };
	return data;
}

void
list_add(struct list *list, char *item)
{
	size_t count = list->count;

	/* double the room when it is full: at powers of two */
	if ((count & (count - 1)) == 0)
		list->items = xrealloc(
			list->items, MAX(2 * count, 1) * sizeof(*list->items));
	list->items[list->count++] = item;
}

bool
list_has(const struct list *list, const char *item)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (strcmp(list->items[i], item) == 0)
			return true;
	return false;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
list_sort(struct list *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), by_text);
}

void
list_release(struct list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct list){ 0 };
}

const char *
with_commas(unsigned long long number)
{
	static char buffers[8][32];
	static unsigned turn;
	char *at = buffers[turn++ % ARRAY_SIZE(buffers)] + 31;
	int digits = 0;

	*at = '\0';
	do {
		if (digits > 0 && digits % 3 == 0)
			*--at = ',';
		*--at = (char)('0' + number % 10);
		digits++;
		number /= 10;
	} while (number > 0);
	return at;
}

char *
read_file(const char *path, size_t *len_out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct text text = { 0 };
	char buffer[65536];
	ssize_t got;
	int failure;

	if (fd < 0)
		return NULL;
	while ((got = read(fd, buffer, sizeof(buffer))) != 0) {
		if (got > 0) {
			text_add(&text, buffer, (size_t)got);
		} else if (errno != EINTR) {
			failure = errno;
			close(fd);
			free(text.data);
			errno = failure;
			return NULL;
		}
	}
	close(fd);
	if (len_out != NULL)
		*len_out = text.len;
	return text_take(&text);
}

/*
 * Is @name in @at a folder (not a link to one)? If so, set its mode so that we
 * can enter, change and move it: a lesson may leave folders without these
 * permissions.
 */
static bool
make_accessible(int at, const char *name)
{
	struct stat st;

	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		S_ISDIR(st.st_mode) && fchmodat(at, name, 0700, 0) == 0;
}

char *
make_scratch(const char *name)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/%s-XXXXXX",
			       tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp",
			       name);

	if (mkdtemp(path) == NULL)
		die("%s: cannot make a folder: %s", path, strerror(errno));
	return path;
}

/* -1: there is no such folder, or it cannot be opened. */
static int
open_folder(int at, const char *name)
{
	if (!make_accessible(at, name))
		return -1;
	return openat(at, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool
remove_entry(int at, const char *name)
{
	return unlinkat(at, name, 0) == 0 ||
		unlinkat(at, name, AT_REMOVEDIR) == 0;
}

/* The next entry but "." and ".."; NULL at the end. */
static const char *
next_entry(DIR *folder)
{
	struct dirent *entry;

	while ((entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			return entry->d_name;
	return NULL;
}

/* Move the folder @name from @from into @top, under a new name. */
static bool
lift(int from, const char *name, int top)
{
	static unsigned long long number;
	char lifted[64];

	if (!make_accessible(from, name))
		return false;
	snprintf(lifted, sizeof(lifted), "lifted-%llu", number++);
	return renameat(from, name, top, lifted) == 0;
}

/* Remove the content of folder @name of @top; move its folders into @top. */
static bool
empty_into(int top, const char *name)
{
	int fd = open_folder(top, name);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	const char *entry;
	bool moved = false;

	if (folder == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while ((entry = next_entry(folder)) != NULL)
		if (remove_entry(fd, entry) || lift(fd, entry, top))
			moved = true;
	closedir(folder);
	return moved;
}

/*
 * Level by level: inner folders are moved into @path. So two descriptors and
 * short paths are enough, however deep the folders are.
 */
void
remove_tree(const char *path)
{
	int top = open_folder(AT_FDCWD, path);
	DIR *folder = top >= 0 ? fdopendir(top) : NULL;
	const char *entry;
	bool moved = true;

	if (folder == NULL && top >= 0)
		close(top);
	while (folder != NULL && moved) {
		moved = false;
		rewinddir(folder);
		while ((entry = next_entry(folder)) != NULL)
			if (remove_entry(top, entry) || empty_into(top, entry))
				moved = true;
	}
	if (folder != NULL)
		closedir(folder);
	remove(path);
}

double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}
