/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The transcript: everything that a lesson recorded. The cell writes it to
 * memory that it shares with its parent, and the parent reads it afterwards.
 */
#ifndef FERRULE_TRANSCRIPT_H
#define FERRULE_TRANSCRIPT_H

#include <ferrule/lane.h>
#include <stdbool.h>

#include "util.h"

enum event_kind {
	EVENT_STEP,
	EVENT_INTEGER,
	EVENT_TEXT,
	EVENT_BYTES,
	EVENT_STATUS,
	EVENT_ERROR,
	EVENT_NOTE,
	EVENT_PREVENTED,
	EVENT_TASK,
};

/* "integer", ... */
const char *
event_kind_name(enum event_kind kind);

#define TRANSCRIPT_SIZE (8u << 20)

/*
 * The shared memory. A record is
 *
 *   | struct event_head | label | value, as far as kept | zeros, to 8 |
 *
 * and is valid once `used` covers it. If a cell ends in the middle of a record,
 * the others are complete.
 */
struct transcript_log {
	uint64_t used;
	uint64_t dropped; /* events without room, and their checksum: */
	uint32_t dropped_crc;
	uint32_t task_count; /* besides the lesson's own thread */
	_Alignas(8) unsigned char records[TRANSCRIPT_SIZE];
};

/*
 * Make a recorder that writes to @log, and reports each step to the ledger. The
 * calling thread is the lesson's own, unless another one enters.
 */
struct ferrule_recorder *
transcript_recorder(struct transcript_log *log);

/* The calling thread is the lesson's own. */
void
transcript_enter(void);

/* Called with each value that is recorded, before it is shortened. */
typedef void
transcript_watch_fn(void *ctx, enum event_kind kind, const void *value,
		    size_t len);

/* Call @watch for each later record. */
void
transcript_watch(transcript_watch_fn *watch, void *ctx);

/* An event, as read from the log. Label and value point into the log. */
struct event {
	enum event_kind kind;
	const char *label;
	size_t label_len;
	/* text, bytes, error, note and prevented: what was kept of `len` */
	const char *value;
	size_t kept;
	uint64_t len;
	uint32_t crc;
	int64_t number; /* integer; error: the offset */
	int32_t status; /* status and error */
	int32_t sys_errno; /* error */
	uint32_t task; /* that recorded it */
	uint32_t row; /* step and task: in the ledger */
	uint32_t group; /* if not 0, events of the same group have no order */
};

/*
 * A step and its events. Step 0 has the events before the first step. First
 * come the steps of the lesson's own thread, then those of the tasks, sorted by
 * name: "task NAME" (before its first step) and "NAME: STEP". The last step has
 * the events of threads that are not tasks.
 */
struct step {
	char *name;
	/* the end of `name` that the lesson gave it; NULL: it is what a task
	 * did outside its steps */
	const char *given;
	uint32_t row; /* in the ledger */
	const struct event *events;
	size_t event_count;
};

struct transcript {
	struct event *events;
	size_t event_count;
	struct step *steps; /* step_count is at least 1 */
	size_t step_count;
	size_t last_step; /* the step in which the last event was recorded */
	size_t facts; /* events that are compared (notes are not) */
	uint64_t dropped;
	uint32_t dropped_crc;
};

/*
 * Read @log up to its first invalid record. Returns NULL, or the fault of that
 * record, which the caller frees.
 */
char *
transcript_read(struct transcript *transcript,
		const struct transcript_log *log);
void
transcript_release(struct transcript *transcript);

/* Are they the same fact? (The text of a note does not matter.) */
bool
event_equal(const struct event *a, const struct event *b);
/* The value in words: `5 (0x5)`, `"text"`, `SGZ_E_CRC`. */
void
event_add_value(const struct event *event, struct text *text);
/* The whole event in words: `integer "size" 5`. */
void
event_add(const struct event *event, struct text *text);

#endif
