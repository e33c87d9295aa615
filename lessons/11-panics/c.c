/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 11, panics: a callback that cannot return. */
#include "lesson.h"
#include "helper.h"
#include <errno.h>
#include <stdlib.h>

/* What C has for a panic: each callback ends the process. */

static int64_t
dying_read(void *ctx, void *data, size_t len)
{
	(void)ctx, (void)data, (void)len;
	abort();
}

static int64_t
dying_write(void *ctx, const void *data, size_t len)
{
	(void)ctx, (void)data, (void)len;
	abort();
}

static int
dying_event(void *ctx, const struct sgz_event *event)
{
	(void)ctx, (void)event;
	abort();
}

static int
quiet(void *ctx, const struct sgz_event *event)
{
	(void)ctx, (void)event;
	return 0;
}

static void
dying_end(void *ctx)
{
	(void)ctx;
	abort();
}

static void
use_source(void *ctx)
{
	struct sgz_reader *reader = NULL;

	/* to open it is to read */
	sgz_reader_open_source(ctx, NULL, &reader, NULL);
	sgz_reader_close(reader);
}

static void
use_sink(void *ctx)
{
	struct sgz_writer *writer = NULL;

	sgz_writer_open_sink(ctx, NULL, &writer, NULL);
	sgz_writer_write(writer, "text", 4, NULL);
	sgz_writer_finish(writer, NULL);
	sgz_writer_free(writer);
}

static void
use_observer(void *ctx)
{
	struct sgz_writer *writer = NULL;

	sgz_writer_open("panics.gz", NULL, &writer, NULL);
	sgz_writer_set_observer(writer, ctx, NULL);
	sgz_writer_write(writer, "text", 4, NULL);
	sgz_writer_finish(writer, NULL);
	sgz_writer_free(writer);
}

static void
rec_child(struct ferrule_recorder *rec, const char *label,
	  void (*run)(void *ctx), void *ctx)
{
	struct panics_end end;

	panics_in_child(run, ctx, &end);
	rec_int(rec, label, end.signal);
}

/* Cleans up, and leaves panics_under_lock() with a jump. */
static int
leave(void *ctx)
{
	++*(int *)ctx;
	panics_jump();
}

struct under_lock {
	int cleaned;
	void *block;
};

static int
leave_under_lock(void *ctx)
{
	struct under_lock *under = ctx;

	return panics_under_lock(leave, &under->cleaned, &under->block);
}

static void
throw_it(void *ctx)
{
	(void)ctx;
	panics_throw();
}

/* A sink that fails, and keeps why: C can only be told an errno. */
struct failing {
	const char *why;
	bool also_in_close;
	int calls, closed;
};

static int64_t
fail(struct failing *failing, const char *why)
{
	if (failing->why == NULL)
		failing->why = why;
	return -EIO;
}

static int64_t
failing_write(void *ctx, const void *data, size_t len)
{
	struct failing *failing = ctx;

	(void)data, (void)len;
	failing->calls++;
	return fail(failing, "no room");
}

static void
failing_close(void *ctx)
{
	struct failing *failing = ctx;

	failing->closed++;
	if (failing->also_in_close)
		fail(failing, "not closed");
}

static void
write_to(struct failing *failing, struct ferrule_recorder *rec)
{
	struct sgz_sink sink = { failing_write, NULL, failing_close, failing };
	struct sgz_writer *writer = NULL;

	sgz_writer_open_sink(&sink, NULL, &writer, NULL);
	sgz_writer_write(writer, "text", 4, NULL);
	rec_status(rec, "flush", sgz_writer_flush(writer, NULL));
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	sgz_writer_free(writer);
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgz_source bad_read = { .read = dying_read };
	struct sgz_sink bad_write = { .write = dying_write };
	struct sgz_observer bad_event = { .event = dying_event,
					  .mask = SGZ_EVENT_ALL };
	struct sgz_observer bad_release = { .event = quiet,
					    .release = dying_end };

	(void)in;
	rec_step(rec, "abort");
	rec_child(rec, "read", use_source, &bad_read);
	rec_child(rec, "write", use_sink, &bad_write);
	rec_child(rec, "event", use_observer, &bad_event);
	rec_child(rec, "release", use_observer, &bad_release);

	rec_step(rec, "unwind");
	struct under_lock under = { 0 };
	rec_int(rec, "arrived", panics_catch_jump(leave_under_lock, &under));
	rec_int(rec, "cleaned up", under.cleaned);
	rec_int(rec, "block left", under.block != NULL);
	rec_int(rec, "lock", panics_lock_state()); /* EBUSY */
	panics_clean_up(under.block);
	rec_int(rec, "unlocked", panics_lock_state());

	rec_step(rec, "jump");
	int cleaned = 0;
	rec_int(rec, "arrived", panics_catch_jump(leave, &cleaned));
	rec_int(rec, "cleaned up", cleaned);

	rec_step(rec, "foreign exception");
	if (panics_has_cpp())
		rec_child(rec, "signal", throw_it, NULL);
	else
		rec_text(rec, "not run", "there is no compiler for C++");

	rec_step(rec, "carry");
	struct failing failing = { 0 };
	write_to(&failing, rec);
	rec_text(rec, "why", failing.why);
	rec_int(rec, "calls", failing.calls); /* not again */
	rec_int(rec, "closed", failing.closed);

	rec_step(rec, "two");
	struct failing twice = { .also_in_close = true };
	write_to(&twice, rec);
	rec_text(rec, "why", twice.why); /* the first */
	rec_int(rec, "closed", twice.closed);
}
