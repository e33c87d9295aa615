/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Observers: set, called, released. */
#include "event.h"

enum sgz_status
sgz_events_observe(struct sgz_events *events,
		   const struct sgz_observer *observer, struct sgz_error *error)
{
	struct sgz_observer former;

	/* release it also after a failure, for what its ctx holds */
	if (*events->busy)
		return sgz_error_set_busy(error);
	if (observer != NULL && observer->event == NULL)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "an observer needs an event function");
	former = events->observer;
	memset(&events->observer, 0, sizeof(events->observer));
	if (observer != NULL)
		events->observer = *observer;
	if (former.release != NULL) {
		*events->busy = 1;
		former.release(former.ctx);
		*events->busy = 0;
	}
	return SGZ_OK;
}

void
sgz_events_end(struct sgz_events *events)
{
	if (events->observer.release != NULL)
		events->observer.release(events->observer.ctx);
}

static enum sgz_status
send(struct sgz_events *events, const struct sgz_event *event)
{
	int answer;

	if ((events->observer.mask & SGZ_EVENT_BIT(event->kind)) == 0)
		return SGZ_OK;
	*events->busy = 1;
	answer = events->observer.event(events->observer.ctx, event);
	*events->busy = 0;
	if (answer == 0)
		return SGZ_OK;
	return sgz_error_set(events->error, SGZ_E_CANCELLED, answer,
			     *events->name, -1, "the observer returned %d",
			     answer);
}

enum sgz_status
sgz_events_member(struct sgz_events *events, const struct sgz_header *header)
{
	struct sgz_event event = { .kind = SGZ_EVENT_MEMBER };

	event.data.member = header;
	return send(events, &event);
}

enum sgz_status
sgz_events_log(struct sgz_events *events, const char *text)
{
	struct sgz_event event = { .kind = SGZ_EVENT_LOG };

	event.data.log.level = SGZ_LOG_WARNING;
	event.data.log.text = text;
	return send(events, &event);
}

enum sgz_status
sgz_events_block(struct sgz_events *events, const struct sgz_event_block *block)
{
	struct sgz_event event = { .kind = SGZ_EVENT_BLOCK };

	event.data.block = *block;
	return send(events, &event);
}

enum sgz_status
sgz_events_progress(struct sgz_events *events, uint64_t done,
		    uint64_t compressed_done, uint64_t compressed_total)
{
	struct sgz_event event = { .kind = SGZ_EVENT_PROGRESS };

	events->told_at = done;
	event.data.progress.done = done;
	event.data.progress.compressed_done = compressed_done;
	event.data.progress.compressed_total = compressed_total;
	return send(events, &event);
}
