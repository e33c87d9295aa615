/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The start of the audit in a process, and its log. */
#ifndef FERRULE_AUDIT_START_H
#define FERRULE_AUDIT_START_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"

/*
 * In memory that a child process finds empty, however it was forked: so it
 * notices that it needs books of its own.
 */
struct audit_state_page {
	struct audit_log *log;
	bool off; /* nobody asked for an audit */
};
extern struct audit_state_page *audit_page;

/* What another program needs so that the audit goes along. */
struct audit_environment {
	bool follow; /* into children, too */
	int32_t started; /* the process that was started to be audited */
	char object[MODULE_PATH]; /* our path; "": not known */
	char folder[MODULE_PATH]; /* NAME=value */
	char options[32];
};
extern struct audit_environment audit_environment;

/* Where each shard counts: in the log. */
extern struct audit_count (*audit_counts)[AUDIT_OWNERS];
extern bool audit_fast;
/* An object brings its own operator new. */
extern bool cpp_is_c;

/* This process's log; NULL: it has none (yet). */
static inline struct audit_log *
audit_log(void)
{
	return audit_page != NULL ? audit_page->log : NULL;
}

/* Start the audit. False: it is off. */
bool
audit_start(void);

/* Is the audit on? It starts with the first call, before any constructor. */
static inline bool
audit_ready(void)
{
	return __builtin_expect(audit_page != NULL && audit_page->log != NULL,
				1) ||
		audit_start();
}

/* Note that something cannot be checked: of the object at @path, or NULL. */
void
refuse(enum audit_refusal reason, const char *path, const char *detail);

#endif
