/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The start of the audit: before any constructor, with the first call of an
 * allocator or as the first object that the loader initializes (initfirst).
 *
 *   1. the folder of the logs, from the environment
 *   2. the log
 *   3. the objects, and the Rust in them
 *   4. the heap beneath us
 *   5. the loader's hook, which it calls when it has loaded another
 */
#include "start.h"

#include "audit.h"
#include "objects.h"
#include "patch.h"
#include "util.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct audit_state_page *audit_page;
static struct audit_count no_counts[AUDIT_SHARDS][AUDIT_OWNERS];
struct audit_count (*audit_counts)[AUDIT_OWNERS] = no_counts;
bool audit_fast;
bool cpp_is_c;

struct audit_environment audit_environment;
/* The log of the process that forked this one, until it has one of its own. */
static struct audit_log *last_log;
static bool starting;
/* Not even in a child process is there an audit. */
static bool given_up;

/* Cut it if there is no room. */
static void
copy_text(char *to, size_t size, const char *text)
{
	size_t len = MIN(strlen(text), size - 1);

	memcpy(to, text, len);
	to[len] = '\0';
}

void
refuse(enum audit_refusal reason, const char *path, const char *detail)
{
	struct audit_log *log = audit_log();
	struct audit_refusal_entry *entry;
	uint64_t at, i;

	if (log == NULL)
		log = last_log;
	if (log == NULL)
		return;
	path = path != NULL ? path : "";
	for (i = 0; i < MIN(log->refusal_count, AUDIT_REFUSALS_KEPT); i++)
		if (log->refusals[i].reason == reason &&
		    strcmp(log->refusals[i].object, path) == 0)
			return;
	at = __atomic_fetch_add(&log->refusal_count, 1, __ATOMIC_RELAXED);
	if (at >= AUDIT_REFUSALS_KEPT)
		return;
	entry = &log->refusals[at];
	copy_text(entry->object, sizeof(entry->object), path);
	copy_text(entry->detail, sizeof(entry->detail), detail);
	entry->reason = reason;
}

/* ---- the environment ---- */

static const char *
folder(void)
{
	return audit_environment.folder[0] != '\0' ?
		audit_environment.folder + sizeof(AUDIT_FOLDER "=") - 1 :
		"";
}

static void
take_setting(const char *entry)
{
	const size_t options_len = sizeof(AUDIT_OPTIONS "=") - 1;
	struct audit_environment *to = &audit_environment;

	if (strncmp(entry, AUDIT_FOLDER "=", sizeof(AUDIT_FOLDER)) == 0) {
		copy_text(to->folder, sizeof(to->folder), entry);
	} else if (strncmp(entry, AUDIT_OPTIONS "=", options_len) == 0) {
		copy_text(to->options, sizeof(to->options), entry);
		audit_fast = strchr(entry + options_len, AUDIT_FAST) != NULL;
		to->follow = strchr(entry + options_len, AUDIT_FOLLOW) != NULL;
	}
}

/* From the kernel: the C library may not have begun. */
static void
read_settings(void)
{
	static char text[2 * MODULE_PATH];
	int fd = open("/proc/self/environ", O_RDONLY | O_CLOEXEC);
	bool cut = false;
	size_t len = 0;
	char *entry, *end;
	ssize_t got;

	while (fd >= 0 &&
	       (got = read(fd, text + len, sizeof(text) - len)) > 0) {
		len += (size_t)got;
		entry = text;
		while ((end = memchr(entry, '\0',
				     (size_t)(text + len - entry))) != NULL) {
			if (!cut)
				take_setting(entry);
			cut = false;
			entry = end + 1;
		}
		len = (size_t)(text + len - entry);
		memmove(text, entry, len);
		/* an entry that is longer is none of ours */
		if (len == sizeof(text)) {
			cut = true;
			len = 0;
		}
	}
	if (fd >= 0)
		close(fd);
}

/* Take us out of the list of what is preloaded. */
static void
drop_preload(char *value)
{
	const char *own = audit_environment.object;
	char *at = own[0] != '\0' ? strstr(value, own) : NULL;
	size_t len = strlen(own);

	if (at == NULL)
		return;
	len += at[len] == ':' || at[len] == ' ';
	memmove(at, at + len, strlen(at + len) + 1);
}

static void
find_own_path(void)
{
	struct audit_environment *to = &audit_environment;
	Dl_info own;

	if (dladdr((void *)(uintptr_t)audit_start, &own) != 0)
		copy_text(to->object, sizeof(to->object), own.dli_fname);
}

/* Children that the program starts are not audited, unless they are followed:
 * they get the environment that they would have had. */
static void
clean_environment(char **entries)
{
	char **to = entries;

	for (; *entries != NULL; entries++) {
		if (strncmp(*entries, AUDIT_FOLDER "=", sizeof(AUDIT_FOLDER)) ==
			    0 ||
		    strncmp(*entries, AUDIT_OPTIONS "=",
			    sizeof(AUDIT_OPTIONS)) == 0)
			continue;
		if (strncmp(*entries, "LD_PRELOAD=", 11) == 0) {
			drop_preload(*entries + 11);
			if ((*entries)[11] == '\0')
				continue;
		}
		*to++ = *entries;
	}
	*to = NULL;
}

/* ---- the log ---- */

static struct audit_log *
make_log(void)
{
	char path[MODULE_PATH + 32];
	void *log = MAP_FAILED;
	int i, fd = -1;

	/* a process may become another program, with the same number */
	for (i = 0; i < 1000 && fd < 0; i++) {
		snprintf(path, sizeof(path), "%s/%d-%d", folder(),
			 (int)getpid(), i);
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			return NULL;
	}
	if (fd < 0)
		return NULL;
	if (ftruncate(fd, sizeof(struct audit_log)) == 0)
		log = mmap(NULL, sizeof(struct audit_log),
			   PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return log != MAP_FAILED ? log : NULL;
}

static void
begin_log(struct audit_log *log)
{
	ssize_t len;

	log->magic = AUDIT_MAGIC;
	log->pid = (int32_t)getpid();
	log->fast = audit_fast;
	log->cpp_is_c = cpp_is_c;
	len = readlink("/proc/self/exe", log->program,
		       sizeof(log->program) - 1);
	log->program[MAX(len, 0)] = '\0';
}

/* ---- forks ---- */

/* A child of fork() keeps books of its own: of the blocks that it inherited and
 * of its own ones. */
static bool
start_child(void)
{
	struct audit_log *log = make_log();
	uint32_t i;

	if (log == NULL) {
		refuse(AUDIT_NO_CHILD, NULL, "");
		audit_page->off = true;
		return false;
	}
	begin_log(log);
	log->forked_from = last_log->pid;
	log->owner_count = last_log->owner_count;
	for (i = 0; i < log->owner_count; i++)
		log->owners[i] = last_log->owners[i];
	log->refusal_count = MIN(last_log->refusal_count, AUDIT_REFUSALS_KEPT);
	memcpy(log->refusals, last_log->refusals, sizeof(log->refusals));
	log->site_count = last_log->site_count;
	memcpy(log->sites, last_log->sites, sizeof(log->sites));
	objects_of_child(log);
	books_of_child();
	audit_counts = log->counts;
	log->state = AUDIT_WATCHING;
	last_log = log;
	audit_page->log = log;
	return true;
}

static void
forked(void)
{
	books_after_fork();
	/* where the kernel does not empty it */
	audit_page->log = NULL;
}

/* ---- the loader's hook ---- */

/* The loader calls this when it begins to change its lists, and when they are
 * complete: then what it loaded is in memory, and has not run. */
static void
loader_changed(void)
{
	if (_r_debug.r_state == RT_CONSISTENT && audit_log() != NULL)
		objects_changed();
}

/*
 * Is there room for a jump? The loader's function does nothing, and what
 * follows it is padding: no instruction that is run.
 */
static bool
is_patchable(const unsigned char *code)
{
	static const unsigned char begin[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	static const unsigned char padding[] = { 0x66, 0x2e, 0x0f, 0x1f,
						 0x90, 0xcc, 0x84, 0x40,
						 0x44, 0x80, 0x00 };
	size_t i;

	if ((uintptr_t)code % 16 > 16 - PATCH_SIZE)
		return false;
	if (memcmp(code, begin, sizeof(begin)) == 0)
		return code[4] == 0xc3;
	for (i = 1; i < PATCH_SIZE; i++)
		if (memchr(padding, code[i], sizeof(padding)) == NULL)
			return false;
	return code[0] == 0xc3;
}

static void
hook_loader(void)
{
	static const unsigned char jump[] = { 0xff, 0x25, 0, 0, 0, 0 };
	uintptr_t at = (uintptr_t)_r_debug.r_brk;
	uintptr_t target = (uintptr_t)loader_changed;
	unsigned char *piece;

	if (at == 0 || !is_patchable((const unsigned char *)at))
		goto refused;
	piece = patch_near(at, at + PATCH_SIZE, (size_t)getpagesize());
	if (piece == NULL)
		goto refused;
	memcpy(piece, jump, sizeof(jump));
	memcpy(piece + sizeof(jump), &target, sizeof(target));
	if (mprotect(piece, (size_t)getpagesize(), PROT_READ | PROT_EXEC) ==
		    0 &&
	    patch_jump(at, (uintptr_t)piece))
		return;
refused:
	refuse(AUDIT_NO_LOADER_HOOK, NULL, "");
}

/* ---- the start ---- */

static void
start_all(void)
{
	struct audit_log *log = make_log();

	if (log == NULL) {
		audit_page->off = true;
		return;
	}
	begin_log(log);
	last_log = log;
	audit_page->log = log;
	audit_counts = log->counts;
	traces_begin();
	objects_begin();
	if (!heap_find())
		refuse(AUDIT_OWN_MALLOC, NULL, "");
	hook_loader();
	pthread_atfork(books_before_fork, books_after_fork, forked);
	if (log->refusal_count == 0) {
		log->state = AUDIT_WATCHING;
		return;
	}
	log->state = AUDIT_REFUSED;
	/* the program that was named does not run, but those that it starts
	 * are needed by it */
	if (!audit_environment.follow)
		_exit(AUDIT_EXIT_REFUSED);
	given_up = true;
	audit_page->log = NULL;
	audit_page->off = true;
}

bool
audit_start(void)
{
	int saved = errno;
	void *page;

	if (given_up || (audit_page != NULL && audit_page->off))
		return false;
	if (starting)
		return true;
	starting = true;
	if (audit_page == NULL) {
		page = mmap(NULL, (size_t)getpagesize(), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED)
			_exit(AUDIT_EXIT_REFUSED);
		madvise(page, (size_t)getpagesize(), MADV_WIPEONFORK);
		audit_page = page;
		read_settings();
		if (folder()[0] == '\0')
			audit_page->off = true;
		else
			start_all();
	} else if (folder()[0] == '\0') {
		audit_page->off = true; /* of a child, too */
	} else {
		start_child();
	}
	starting = false;
	errno = saved;
	return !audit_page->off;
}

static __attribute__((constructor)) void
construct(int argc, char **argv, char **entries)
{
	(void)argc, (void)argv;
	audit_ready();
	find_own_path();
	audit_environment.started = getpid();
	if (!audit_environment.follow && entries != NULL)
		clean_environment(entries);
}
