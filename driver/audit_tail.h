/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Calls that left no frame. */
#ifndef FERRULE_DRIVER_AUDIT_TAIL_H
#define FERRULE_DRIVER_AUDIT_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "modules.h"

/* Code at an address, and the module that has it. */
struct tail_code {
	const struct module *module;
	uint64_t address;
};

/*
 * The function that the call before the return address @back was made to, if
 * its frame is gone: it ended in a jump to an allocator's function. Of the jump,
 * *code_out is the address of its instruction. False: it is not known that there
 * is one.
 */
bool
tail_call(const struct module_map *map, const struct tail_code *back,
	  struct tail_code *code_out);

/* Close the files that were read. */
void
tail_release(void);

#endif
