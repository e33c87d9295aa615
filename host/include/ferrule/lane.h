/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The contract between the driver and a lane.
 *
 * A lane is a shared object with one exported symbol, ferrule_lane(). It
 * returns a table of lessons; the driver runs each one in its own process and
 * passes it an input and a recorder. A lesson works and records. It prints
 * nothing and judges nothing.
 */
#ifndef FERRULE_LANE_H
#define FERRULE_LANE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FERRULE_ABI 2u

/* The input of a lesson. The host owns all of it for the whole run. */
struct ferrule_input {
	/* the first bytes of the file, or all of a small file */
	const unsigned char *data;
	size_t len;
	/* the file itself: its absolute path, its last component, its size */
	const char *path;
	const char *name;
	uint64_t size;
};

struct ferrule_recorder;

/*
 * How a lesson records what it saw. Texts are a pointer and a length, and are
 * copied. A label names a fact in its step. Each lesson has its own current
 * directory, which is empty at first and removed afterwards. Files in it have
 * the same names in every lane, so a lesson may record these names.
 *
 * Facts, steps and blocks belong to a task: the lesson's own thread is one, and
 * each thread that calls `task`. What a task records is ordered; tasks are
 * matched by name. Any thread may record. Facts from a thread that is not a
 * task belong to the whole lesson and have no order.
 */
struct ferrule_recorder_ops {
	/* of this struct; the host has no fields beyond it */
	size_t size;
	/* a new step begins; lanes are aligned by the steps' names */
	void (*step)(struct ferrule_recorder *rec, const char *name,
		     size_t name_len);
	void (*integer)(struct ferrule_recorder *rec, const char *label,
			size_t label_len, int64_t value);
	void (*text)(struct ferrule_recorder *rec, const char *label,
		     size_t label_len, const char *text, size_t len);
	/* any number of bytes; of a long value the length, the CRC-32 and the
	 * first bytes are kept */
	void (*bytes)(struct ferrule_recorder *rec, const char *label,
		      size_t label_len, const void *data, size_t len);
	/* an enum sgz_status, by number */
	void (*status)(struct ferrule_recorder *rec, const char *label,
		       size_t label_len, int32_t status);
	/* the details of a failure, as in struct sgz_error */
	void (*error)(struct ferrule_recorder *rec, const char *label,
		      size_t label_len, int32_t status, int32_t sys_errno,
		      int64_t offset, const char *text, size_t len);
	/* a note for the reader of the report; lanes may have different
	 * notes */
	void (*note)(struct ferrule_recorder *rec, const char *text,
		     size_t len);
	/* this step cannot be written in this lane; `by` says what prevents
	 * it */
	void (*prevented)(struct ferrule_recorder *rec, const char *by,
			  size_t len);
	/* the calling thread becomes a task; its name must be unique */
	void (*task)(struct ferrule_recorder *rec, const char *name,
		     size_t name_len);
	/* not 0: later facts of this task have no order; 0: they are ordered
	 * again, as they are after each new step */
	void (*unordered)(struct ferrule_recorder *rec, int32_t on);
};

/* The host's own state follows this struct. A lane sees only the functions. */
struct ferrule_recorder {
	const struct ferrule_recorder_ops *ops;
};

/*
 * What the host offers to a lane. The four functions serve Rust's global
 * allocator, so that the host knows which side owns a block.
 */
struct ferrule_host {
	uint32_t abi; /* FERRULE_ABI */
	uint32_t size; /* of this struct */
	void *(*alloc)(size_t size, size_t align);
	void *(*alloc_zeroed)(size_t size, size_t align);
	void *(*realloc)(void *ptr, size_t size, size_t align, size_t new_size);
	void (*dealloc)(void *ptr, size_t size, size_t align);
};

struct ferrule_lesson {
	/* the lesson's folder: "04-handles" */
	const char *name;
	/* the file that was compiled, for reports to show */
	const char *source;
	void (*run)(struct ferrule_recorder *rec,
		    const struct ferrule_input *input);
};

struct ferrule_lane {
	uint32_t abi; /* FERRULE_ABI */
	/* the position of the column, from the left; the C lane has 0 */
	uint32_t order;
	const char *name; /* "safe" */
	const char *title; /* "Safe Rust" */
	size_t lesson_count;
	const struct ferrule_lesson *lessons;
};

typedef const struct ferrule_lane *
ferrule_lane_fn(const struct ferrule_host *host);

/*
 * Return the lane's table, which stays valid while the lane is loaded; NULL if
 * the lane was built for another host->abi.
 */
ferrule_lane_fn ferrule_lane;

#ifdef __cplusplus
}
#endif

#endif
