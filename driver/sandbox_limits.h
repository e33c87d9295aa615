/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a sandbox may use: memory, disk, output; and whether it is confined. */
#ifndef FERRULE_SANDBOX_LIMITS_H
#define FERRULE_SANDBOX_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

/* 0: no limit. */
struct limits {
	/* bytes of address space of a process, besides what it has at first */
	uint64_t memory;
	uint64_t file; /* bytes of a file */
	/* bytes of all files in its folder, and how many there are; these are
	 * counted now and then, so a sandbox can exceed them for a moment */
	uint64_t folder;
	uint64_t files;
	uint64_t output; /* bytes that it prints */
	unsigned descriptors; /* open at once */
	/* It writes only in its folder, as confine_files() says, */
	bool confined;
	const char *also; /* and in this one; NULL: in no other. */
	/* and starts no process, as confine_calls() says. */
	bool alone;
};

/*
 * From now on the limits hold for this process, whose folder is the current
 * one. False and errno: they could not be set.
 */
bool
limits_enter(const struct limits *limits);

/*
 * Which limit a sandbox exceeded that has @dir and has printed @printed bytes:
 * "it printed more than 16 MiB". NULL: none. The caller frees it.
 */
char *
limits_output(const struct limits *limits, uint64_t printed);
char *
limits_folder(const struct limits *limits, const char *dir);

/* "16 MiB", in one of a few static buffers. */
const char *
with_unit(uint64_t bytes);

#endif
