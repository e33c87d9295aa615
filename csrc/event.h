/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Events: what a reader and a writer tell their observers, in the same way. */
#ifndef SGZ_EVENT_INTERNAL_H
#define SGZ_EVENT_INTERNAL_H

#include "internal.h"

/* The observer of a handle, and what has to be known to tell it. */
struct sgz_events {
	struct sgz_observer observer;
	/* the handle's: 1 while a callback runs */
	unsigned char *busy;
	/* where a failure is noted, and the name that it gets */
	struct sgz_error *error;
	char *const *name;
	/* progress is told every so many uncompressed bytes */
	uint32_t interval;
	uint64_t told_at;
};

/* Take @observer (NULL: none) in place of the present one. */
enum sgz_status
sgz_events_observe(struct sgz_events *events,
		   const struct sgz_observer *observer,
		   struct sgz_error *error);

/* Release the observer. */
void
sgz_events_end(struct sgz_events *events);

/* SGZ_E_CANCELLED, noted, if the observer said so. */
enum sgz_status
sgz_events_member(struct sgz_events *events, const struct sgz_header *header);

enum sgz_status
sgz_events_log(struct sgz_events *events, const char *text);

enum sgz_status
sgz_events_block(struct sgz_events *events,
		 const struct sgz_event_block *block);

enum sgz_status
sgz_events_progress(struct sgz_events *events, uint64_t done,
		    uint64_t compressed_done, uint64_t compressed_total);

/* Is it time to tell of progress, with @done bytes done? */
static inline bool
sgz_events_is_due(const struct sgz_events *events, uint64_t done)
{
	return done - events->told_at >= events->interval;
}

#endif
