/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The transcript: what a lesson recorded, as the cell writes it to memory that
 * it shares with its parent, and as the parent reads it afterwards.
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
 * and counts once `used` covers it: a cell that dies in the middle of one
 * leaves the others whole.
 */
struct transcript_log {
	uint64_t used;
	uint64_t dropped; /* events that found no room, and their checksum: */
	uint32_t dropped_crc;
	uint32_t task_count; /* besides the lesson's own thread */
	_Alignas(8) unsigned char records[TRANSCRIPT_SIZE];
};

/*
 * A recorder that writes to @log, and tells the ledger of each step. The
 * calling thread is the lesson's own, unless another one enters.
 */
struct ferrule_recorder *
transcript_recorder(struct transcript_log *log);

/* The calling thread is the lesson's own. */
void
transcript_enter(void);

/* Called with each value as it is recorded, before it is cut. */
typedef void
transcript_watch_fn(void *ctx, enum event_kind kind, const void *value,
		    size_t len);

/* Have @watch see what is recorded from now on. */
void
transcript_watch(transcript_watch_fn *watch, void *ctx);

/* One event, as read back; label and value lie in the log. */
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
	uint32_t
		group; /* it has no order among those with the same, if not 0 */
};

/*
 * A step and its events; step 0 is what comes before the first. Behind the
 * steps of the lesson's own thread stand those of the tasks, which are sorted
 * by name: "task NAME", before its first step, and "NAME: STEP"; at the end
 * what threads recorded that are no task.
 */
struct step {
	char *name;
	uint32_t row; /* in the ledger */
	const struct event *events;
	size_t event_count;
};

struct transcript {
	struct event *events;
	size_t event_count;
	struct step *steps; /* step_count is at least 1 */
	size_t step_count;
	size_t last_step; /* in which the last event was recorded */
	size_t facts; /* events that are compared: notes are not */
	uint64_t dropped;
	uint32_t dropped_crc;
};

/*
 * Read what @log holds, up to where it makes no sense, if it does not. NULL, or
 * what is wrong there, to be freed.
 */
char *
transcript_read(struct transcript *transcript,
		const struct transcript_log *log);
void
transcript_release(struct transcript *transcript);

/* Are they the same fact? (Of notes the text does not matter.) */
bool
event_equal(const struct event *a, const struct event *b);
/* The value in words: `5 (0x5)`, `"text"`, `SGZ_E_CRC`. */
void
event_add_value(const struct event *event, struct text *text);
/* The whole event in words: `integer "size" 5`. */
void
event_add(const struct event *event, struct text *text);

#endif
