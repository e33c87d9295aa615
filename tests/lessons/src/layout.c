/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How C lays out what lane.h declares, for Rust to compare. */
#include <ferrule/lane.h>

/* A struct's size, and where its last field lies. */
#define ROW(type, last) sizeof(struct type), offsetof(struct type, last)

const size_t ferrule_layout[] = {
	ROW(ferrule_input, size),
	ROW(ferrule_recorder_ops, unordered),
	ROW(ferrule_recorder, ops),
	ROW(ferrule_host, dealloc),
	ROW(ferrule_lesson, run),
	ROW(ferrule_lane, lessons),
	offsetof(struct ferrule_lane, lesson_count),
	FERRULE_ABI,
};
