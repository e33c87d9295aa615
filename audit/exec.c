/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A process that becomes another program is still the one that was to be
 * audited: a wrapper, a script that ends with exec. So the audit goes along. A
 * child process that becomes one is audited only if it is followed.
 */
#include "audit.h"

#include "start.h"

#include <alloca.h>
#include <dlfcn.h>
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define PRELOAD "LD_PRELOAD="
/* What is added to an environment, and its end. */
#define ADDED 4

static size_t
count_of(char *const *entries)
{
	size_t count = 0;

	while (entries != NULL && entries[count] != NULL)
		count++;
	return count;
}

static bool
is_set(const char *entry, const char *name)
{
	return strncmp(entry, name, strlen(name)) == 0;
}

static const char *
preload_in(char *const *entries)
{
	for (; entries != NULL && *entries != NULL; entries++)
		if (is_set(*entries, PRELOAD))
			return *entries + strlen(PRELOAD);
	return "";
}

/* @entries with the audit, in @room; @preload has room for its first entry. */
static char **
with_audit(char *const *entries, char **room, char *preload)
{
	const struct audit_environment *own = &audit_environment;
	const char *theirs = preload_in(entries);
	char **to = room;

	strcpy(preload, PRELOAD);
	strcat(preload, own->object);
	if (theirs[0] != '\0' && strstr(theirs, own->object) == NULL) {
		strcat(preload, ":");
		strcat(preload, theirs);
	} else if (theirs[0] != '\0') {
		strcpy(preload + strlen(PRELOAD), theirs);
	}
	*to++ = preload;
	*to++ = (char *)own->folder;
	*to++ = (char *)own->options;
	for (; entries != NULL && *entries != NULL; entries++)
		if (!is_set(*entries, PRELOAD) &&
		    !is_set(*entries, AUDIT_FOLDER "=") &&
		    !is_set(*entries, AUDIT_OPTIONS "="))
			*to++ = *entries;
	*to = NULL;
	return room;
}

static bool
goes_along(void)
{
	return audit_log() != NULL && audit_environment.object[0] != '\0' &&
		(audit_environment.follow ||
		 audit_environment.started == getpid());
}

/* Not a function: the room must outlive it. */
#define WITH_AUDIT(entries)                                              \
	with_audit(entries,                                              \
		   alloca((count_of(entries) + ADDED) * sizeof(char *)), \
		   alloca(sizeof(PRELOAD) + 1 +                          \
			  strlen(audit_environment.object) +             \
			  strlen(preload_in(entries))))

#define REAL(name) dlsym(RTLD_NEXT, name)

HOOK int
execve(const char *path, char *const *arguments, char *const *entries)
{
	int (*real)(const char *, char *const *, char *const *);

	*(void **)&real = REAL("execve");
	if (goes_along())
		entries = WITH_AUDIT(entries);
	return real(path, arguments, entries);
}

HOOK int
execvpe(const char *file, char *const *arguments, char *const *entries)
{
	int (*real)(const char *, char *const *, char *const *);

	*(void **)&real = REAL("execvpe");
	if (goes_along())
		entries = WITH_AUDIT(entries);
	return real(file, arguments, entries);
}

HOOK int
fexecve(int fd, char *const *arguments, char *const *entries)
{
	int (*real)(int, char *const *, char *const *);

	*(void **)&real = REAL("fexecve");
	if (goes_along())
		entries = WITH_AUDIT(entries);
	return real(fd, arguments, entries);
}

HOOK int
execv(const char *path, char *const *arguments)
{
	return execve(path, arguments, environ);
}

HOOK int
execvp(const char *file, char *const *arguments)
{
	return execvpe(file, arguments, environ);
}

/* Put the arguments that follow @first into an array, up to NULL. */
#define COLLECT(first, arguments, list)                                   \
	do {                                                              \
		va_list counting;                                         \
		size_t count = 1, at = 1;                                 \
                                                                          \
		va_start(list, first);                                    \
		va_copy(counting, list);                                  \
		while (va_arg(counting, char *) != NULL)                  \
			count++;                                          \
		va_end(counting);                                         \
		(arguments) = alloca((count + 1) * sizeof(*(arguments))); \
		(arguments)[0] = (char *)(first);                         \
		do                                                        \
			(arguments)[at] = va_arg(list, char *);           \
		while ((arguments)[at++] != NULL);                        \
	} while (0)

HOOK int
execl(const char *path, const char *first, ...)
{
	char **arguments;
	va_list list;

	COLLECT(first, arguments, list);
	va_end(list);
	return execve(path, arguments, environ);
}

HOOK int
execlp(const char *file, const char *first, ...)
{
	char **arguments;
	va_list list;

	COLLECT(first, arguments, list);
	va_end(list);
	return execvpe(file, arguments, environ);
}

HOOK int
execle(const char *path, const char *first, ...)
{
	char **arguments, *const *entries;
	va_list list;

	COLLECT(first, arguments, list);
	entries = va_arg(list, char *const *);
	va_end(list);
	return execve(path, arguments, entries);
}

typedef int
spawn_fn(pid_t *pid_out, const char *path,
	 const posix_spawn_file_actions_t *actions,
	 const posix_spawnattr_t *attributes, char *const *arguments,
	 char *const *entries);

HOOK int
posix_spawn(pid_t *pid_out, const char *path,
	    const posix_spawn_file_actions_t *actions,
	    const posix_spawnattr_t *attributes, char *const *arguments,
	    char *const *entries)
{
	spawn_fn *real;

	*(void **)&real = REAL("posix_spawn");
	if (goes_along() && audit_environment.follow)
		entries = WITH_AUDIT(entries);
	return real(pid_out, path, actions, attributes, arguments, entries);
}

HOOK int
posix_spawnp(pid_t *pid_out, const char *file,
	     const posix_spawn_file_actions_t *actions,
	     const posix_spawnattr_t *attributes, char *const *arguments,
	     char *const *entries)
{
	spawn_fn *real;

	*(void **)&real = REAL("posix_spawnp");
	if (goes_along() && audit_environment.follow)
		entries = WITH_AUDIT(entries);
	return real(pid_out, file, actions, attributes, arguments, entries);
}
