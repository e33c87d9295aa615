/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Events that a reader or writer reports to its observer. */
#ifndef SGZ_EVENT_H
#define SGZ_EVENT_H

#include <sgz/header.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which part of sgz_event.data is set. Later versions add kinds. */
enum sgz_event_kind {
	SGZ_EVENT_MEMBER = 0, /* a member that is not a BGZF block begins */
	SGZ_EVENT_BLOCK = 1, /* a BGZF block was read or written */
	SGZ_EVENT_PROGRESS = 2, /* how much is done */
	SGZ_EVENT_LOG = 3, /* a message for people */
};

/* The bit of @kind in sgz_observer.mask. */
#define SGZ_EVENT_BIT(kind) (1u << (kind))
/* Every kind, including those of later versions. */
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
	uint64_t compressed_total; /* SGZ_UNKNOWN in a writer */
};

struct sgz_event_log {
	enum sgz_log_level level;
	const char *text; /* one line, NUL-terminated */
};

/* An event: `kind` says which member of `data` may be read. */
struct sgz_event {
	enum sgz_event_kind kind;
	/* for later versions: must be zero */
	uint32_t reserved;
	union {
		const struct sgz_header *member;
		struct sgz_event_block block;
		struct sgz_event_progress progress;
		struct sgz_event_log log;
	} data;
};

/* Receives events. A reader or writer copies the struct. It has at most one
 * observer. */
struct sgz_observer {
	/**
	 * Receive @event.
	 *
	 * Ownership: borrows @event and everything that it points to
	 * Lifetime: @event is invalid after the call
	 * Threads: called by the thread that called the library
	 * Errors: returns 0 to continue; any other value ends the current call
	 *   with SGZ_E_CANCELLED, and sys_errno is that value
	 * Re-entry: must not use the reader or writer that it observes: every
	 *   such call returns SGZ_E_STATE, also a call that removes the
	 *   observer
	 */
	int (*event)(void *ctx, const struct sgz_event *event);
	/**
	 * Release @ctx. The pointer is NULL if there is nothing to release.
	 *
	 * Ownership: transfers @ctx back to the caller's side
	 * Lifetime: this is the last call that gets @ctx
	 * Threads: called by the thread that replaces the observer, or closes
	 *   its reader or frees its writer
	 * Errors: none; it must not fail
	 * Re-entry: must not use the reader or writer that it observed
	 */
	void (*release)(void *ctx);
	/* passed to both functions */
	void *ctx;
	/* the kinds to report: SGZ_EVENT_BIT of each, or SGZ_EVENT_ALL */
	uint32_t mask;
};

#ifdef __cplusplus
}
#endif

#endif
