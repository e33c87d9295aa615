/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What an object's file says: the Rust in it, and what stands in our way. */
#ifndef FERRULE_AUDIT_SCAN_H
#define FERRULE_AUDIT_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"
#include "object_file.h"

struct thunk_place {
	uintptr_t at; /* 0: it is not there */
	uint64_t size;
};

struct rust_signs {
	struct thunk_place thunks[THUNKS];
	size_t thunks_found;
	bool own_new; /* it defines an operator new or delete */
	char detail[128]; /* of what is refused */
};

/* Scan @module's file. Anything but AUDIT_NO_REFUSAL: it cannot be audited. */
enum audit_refusal
scan_object(const struct module *module, struct rust_signs *signs);

#endif
