/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a reader or writer tells its observer while it works. */
#ifndef SGZ_EVENT_H
#define SGZ_EVENT_H

#include <sgz/header.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which part of sgz_event.data is set. Later versions add kinds. */
enum sgz_event_kind {
	SGZ_EVENT_MEMBER = 0, /* a gzip member that is no BGZF block begins */
	SGZ_EVENT_BLOCK = 1, /* a BGZF block was read or written */
	SGZ_EVENT_PROGRESS = 2, /* so much is done */
	SGZ_EVENT_LOG = 3, /* something worth telling a person */
};

/* The bit of @kind in sgz_observer.mask. */
#define SGZ_EVENT_BIT(kind) (1u << (kind))
/* Every kind, those of later versions too. */
#define SGZ_EVENT_ALL UINT32_MAX

enum sgz_log_level {
	SGZ_LOG_DEBUG = 0,
	SGZ_LOG_INFO = 1,
	SGZ_LOG_WARNING = 2,
};

struct sgz_event_block {
	uint64_t compressed_offset;
	uint64_t offset; /* of its first byte, uncompressed */
	uint32_t compressed_len;
	uint32_t len;
	uint32_t crc;
};

struct sgz_event_progress {
	uint64_t done; /* uncompressed bytes */
	uint64_t compressed_done;
	uint64_t compressed_total; /* or SGZ_UNKNOWN; always so for a writer */
};

struct sgz_event_log {
	enum sgz_log_level level;
	const char *text; /* one line, NUL-terminated */
};

/* An event: `kind` says which member of `data` may be read. */
struct sgz_event {
	enum sgz_event_kind kind;
	/* for later versions: zero */
	uint32_t reserved;
	union {
		const struct sgz_header *member;
		struct sgz_event_block block;
		struct sgz_event_progress progress;
		struct sgz_event_log log;
	} data;
};

/* Who is told. A reader or writer copies the struct and has one at most. */
struct sgz_observer {
	/**
	 * Be told of @event.
	 *
	 * Ownership: borrows @event and all that it points to
	 * Lifetime: @event is dead after the call
	 * Threads: called by the thread that called the library
	 * Errors: returns 0 to go on; anything else makes the call that is
	 *   under way end with SGZ_E_CANCELLED and that value in sys_errno
	 * Re-entry: may not use the reader or writer that it observes: every
	 *   such call returns SGZ_E_STATE, taking the observer off included
	 */
	int (*event)(void *ctx, const struct sgz_event *event);
	/**
	 * Release @ctx, or NULL if there is nothing to release.
	 *
	 * Ownership: transfers @ctx back to the caller's side
	 * Lifetime: the last call that gets @ctx
	 * Threads: called by the thread that replaces the observer, or closes
	 *   its reader or frees its writer
	 * Errors: none; it must not fail
	 * Re-entry: may not use the reader or writer that it observed
	 */
	void (*release)(void *ctx);
	/* passed to both */
	void *ctx;
	/* the kinds to be told of: SGZ_EVENT_BIT of each, or SGZ_EVENT_ALL */
	uint32_t mask;
};

#ifdef __cplusplus
}
#endif

#endif
