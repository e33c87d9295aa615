/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Code that may allocate for Rust without calling a thunk. */
#ifndef FERRULE_AUDIT_AROUND_H
#define FERRULE_AUDIT_AROUND_H

#include "scan.h"

/*
 * Note in the log each place in the code of @module, number @at, that uses what
 * a thunk of it ends in. It must not be patched yet.
 */
void
around_note(const struct module *module, uint32_t at,
	    const struct rust_signs *signs);

#endif
