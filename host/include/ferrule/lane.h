/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The contract between the driver and a lane.
 *
 * A lane is a shared object with one exported symbol, ferrule_lane(). It
 * returns a table of lessons; the driver runs each one in a process of its
 * own and hands it an input and a recorder. A lesson does and records: it
 * prints nothing and judges nothing.
 */
#ifndef FERRULE_LANE_H
#define FERRULE_LANE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FERRULE_ABI 2u

/* What a lesson works on. All of it is the host's, for the whole run. */
struct ferrule_input {
	/* the first bytes of the file: all of it, if it is small */
	const unsigned char *data;
	size_t len;
	/* the file itself: its absolute path, its last component, its size */
	const char *path;
	const char *name;
	uint64_t size;
};

struct ferrule_recorder;

/*
 * How a lesson tells what it saw. Texts are pointer and length, and copied.
 * Labels name a fact within its step. The current directory of a lesson is
 * empty, its own, and removed afterwards: files in it have the same names in
 * every lane, so their names may be recorded.
 *
 * Facts, steps and blocks belong to a task: the lesson's own thread is one, and
 * each thread that calls `task`. What a task records is ordered; tasks are
 * matched by name. Any thread may record; what one records that is no task
 * belongs to the lesson as a whole, and is not ordered.
 */
struct ferrule_recorder_ops {
	/* of this struct: what lies beyond it, the host does not have */
	size_t size;
	/* a new step begins; its name is the row that lanes are lined up by */
	void (*step)(struct ferrule_recorder *rec, const char *name,
		     size_t name_len);
	void (*integer)(struct ferrule_recorder *rec, const char *label,
			size_t label_len, int64_t value);
	void (*text)(struct ferrule_recorder *rec, const char *label,
		     size_t label_len, const char *text, size_t len);
	/* any number of bytes; long ones are kept as length, CRC-32 and the
	 * first few */
	void (*bytes)(struct ferrule_recorder *rec, const char *label,
		      size_t label_len, const void *data, size_t len);
	/* an enum sgz_status, by number */
	void (*status)(struct ferrule_recorder *rec, const char *label,
		       size_t label_len, int32_t status);
	/* a failure in detail, as in struct sgz_error */
	void (*error)(struct ferrule_recorder *rec, const char *label,
		      size_t label_len, int32_t status, int32_t sys_errno,
		      int64_t offset, const char *text, size_t len);
	/* for the reader of the report; lanes may differ in their notes */
	void (*note)(struct ferrule_recorder *rec, const char *text,
		     size_t len);
	/* this step cannot be written in this lane; `by` says what stops it */
	void (*prevented)(struct ferrule_recorder *rec, const char *by,
			  size_t len);
	/* the calling thread is a task from now on; no other has its name */
	void (*task)(struct ferrule_recorder *rec, const char *name,
		     size_t name_len);
	/* not 0: what this task records from now on has no order; 0: it has
	 * one again, as from each new step on */
	void (*unordered)(struct ferrule_recorder *rec, int32_t on);
};

/* The host's own state follows this struct; a lane sees only the functions. */
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
	/* the column's place, from the left; the C lane has 0 */
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
 * host->abi is not the one that the lane was built for.
 */
ferrule_lane_fn ferrule_lane;

#ifdef __cplusplus
}
#endif

#endif
