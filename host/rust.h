/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rust objects that were not built for a ledger. All allocation of such an
 * object goes through four functions. They are redirected to the ledger.
 */
#ifndef FERRULE_RUST_H
#define FERRULE_RUST_H

#include "modules.h"

/* Does the ledger see the allocations of the Rust in an object? */
enum rust_seen {
	RUST_NONE, /* there is no Rust in it */
	RUST_HOOKED, /* yes: its functions were redirected */
	RUST_LANE, /* it was built as a lane, and calls the host itself */
	RUST_UNSEEN, /* no: it has another allocator, or no symbols */
};

/* The ledger's functions. @owner is the owner of the object. */
struct rust_hooks {
	void *(*alloc)(size_t size, size_t align, uint32_t owner);
	void (*dealloc)(void *ptr, size_t size, size_t align, uint32_t owner);
	void *(*realloc)(void *ptr, size_t size, size_t align, size_t new_size,
			 uint32_t owner);
	void *(*alloc_zeroed)(size_t size, size_t align, uint32_t owner);
};

/*
 * Look for Rust in @module, which was just loaded, and redirect it to @hooks as
 * @owner. It does not allocate.
 */
enum rust_seen
rust_hook(const struct module *module, const struct rust_hooks *hooks,
	  uint32_t owner);

#endif
