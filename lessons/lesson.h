/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a lesson in C writes with: the recorder's verbs, in their short form.
 *
 * A lesson's file defines one function, `lesson`, in these words; the lane
 * that collects them gives each a name of its own.
 */
#ifndef FERRULE_LESSON_H
#define FERRULE_LESSON_H

#include <ferrule/lane.h>
#include <sgz.h>
#include <stdbool.h>
#include <string.h>

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in);

/* A new step begins: what follows, up to the next one, is its. */
static inline void
rec_step(struct ferrule_recorder *rec, const char *name)
{
	rec->ops->step(rec, name, strlen(name));
}

static inline void
rec_int(struct ferrule_recorder *rec, const char *label, int64_t value)
{
	rec->ops->integer(rec, label, strlen(label), value);
}

/* @len bytes of text, of whatever encoding. */
static inline void
rec_text_n(struct ferrule_recorder *rec, const char *label, const char *text,
	   size_t len)
{
	rec->ops->text(rec, label, strlen(label), text, len);
}

/* A string; NULL is recorded as "(absent)". */
static inline void
rec_text(struct ferrule_recorder *rec, const char *label, const char *text)
{
	if (text == NULL)
		text = "(absent)";
	rec_text_n(rec, label, text, strlen(text));
}

/* Any number of bytes; they are compared by length and checksum. */
static inline void
rec_bytes(struct ferrule_recorder *rec, const char *label, const void *data,
	  size_t len)
{
	rec->ops->bytes(rec, label, strlen(label), data, len);
}

static inline void
rec_status(struct ferrule_recorder *rec, const char *label,
	   enum sgz_status status)
{
	rec->ops->status(rec, label, strlen(label), (int32_t)status);
}

/* A failure in full: status, errno, offset and text. */
static inline void
rec_error(struct ferrule_recorder *rec, const char *label,
	  const struct sgz_error *error)
{
	rec->ops->error(rec, label, strlen(label), (int32_t)error->status,
			error->sys_errno, error->offset, error->text,
			strnlen(error->text, sizeof(error->text)));
}

/* A remark for the reader of the report; lanes may differ in it. */
static inline void
rec_note(struct ferrule_recorder *rec, const char *text)
{
	rec->ops->note(rec, text, strlen(text));
}

/* This step cannot be written here; @by says what stops it. */
static inline void
rec_prevented(struct ferrule_recorder *rec, const char *by)
{
	rec->ops->prevented(rec, by, strlen(by));
}

/* The calling thread is a task of its own from now on. */
static inline void
rec_task(struct ferrule_recorder *rec, const char *name)
{
	rec->ops->task(rec, name, strlen(name));
}

/* What this task records has no order: until false, or the next step. */
static inline void
rec_unordered(struct ferrule_recorder *rec, bool on)
{
	rec->ops->unordered(rec, on);
}

#endif
