/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a lane of the table of call costs is: the same rows in each, which do
 * the same work, and whose results are compared. */
#ifndef ROWS_H
#define ROWS_H

#include <stddef.h>
#include <stdint.h>

/* In the order of the table. */
enum calls_row {
	CALLS_EMPTY,
	CALLS_STRUCT,
	CALLS_STRING_IN,
	CALLS_STR_IN,
	CALLS_STRING_OUT,
	CALLS_READ,
	CALLS_CALLBACK,
	CALLS_ERROR,
	CALLS_OWNED,
	CALLS_EXPORT,
	CALLS_ROWS
};

/* What the rows work on. It outlives each lane. */
struct calls_input {
	/* a BGZF file: one block of at least CALLS_BLOCK bytes */
	const void *file;
	size_t file_len;
	/* bytes that are no gzip file, though they begin as one */
	const void *damaged;
	size_t damaged_len;
};

/* One row does not read, or write, more than this between two resets. */
#define CALLS_BLOCK 64000

/* The bytes that a row reads, or gives away, in a call. */
#define CALLS_BYTES 64

struct calls_lane {
	/* NULL if it fails */
	void *(*open)(const struct calls_input *input);
	/* moves to the beginning of the block, and of an output block */
	void (*reset)(void *state);
	void (*close)(void *state);
	/* @n calls; the result depends on the result of each */
	uint64_t (*run[CALLS_ROWS])(void *state, uint64_t n);
};

extern const struct calls_lane calls_c;
extern const struct calls_lane calls_handwritten;
extern const struct calls_lane calls_generated;
extern const struct calls_lane calls_safe;

/* What each lane exports to border.c, and the loops there that call it. */
uint64_t
export_c(uint64_t value);
uint64_t
export_handwritten(uint64_t value);
uint64_t
export_generated(uint64_t value);
uint64_t
export_safe(uint64_t value);
uint64_t
border_use_c(void *state, uint64_t n);
uint64_t
border_use_handwritten(void *state, uint64_t n);
uint64_t
border_use_generated(void *state, uint64_t n);
uint64_t
border_use_safe(void *state, uint64_t n);

/* The same value, of which the compiler knows nothing. Otherwise it could
 * compute a loop of calls that it has inlined without running it. */
static inline uint64_t
opaque(uint64_t value)
{
	__asm__ volatile("" : "+r"(value));
	return value;
}

#endif
