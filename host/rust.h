/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rust objects that were not built for a ledger. Each has four functions
 * through which all its allocation goes; they are made to lead here.
 */
#ifndef FERRULE_RUST_H
#define FERRULE_RUST_H

#include "modules.h"

/* How far the ledger sees what Rust allocates in an object. */
enum rust_seen {
	RUST_NONE, /* there is no Rust in it */
	RUST_HOOKED, /* its functions lead to the ledger */
	RUST_LANE, /* it was built as a lane, and asks the host by itself */
	RUST_UNSEEN, /* nothing: another allocator, or no symbols */
};

/* The ledger's functions; @owner is whose object it is. */
struct rust_hooks {
	void *(*alloc)(size_t size, size_t align, uint32_t owner);
	void (*dealloc)(void *ptr, size_t size, size_t align, uint32_t owner);
	void *(*realloc)(void *ptr, size_t size, size_t align, size_t new_size,
			 uint32_t owner);
	void *(*alloc_zeroed)(size_t size, size_t align, uint32_t owner);
};

/*
 * Look for Rust in @module, which was just loaded, and lead it to @hooks as
 * @owner. It does not allocate.
 */
enum rust_seen
rust_hook(const struct module *module, const struct rust_hooks *hooks,
	  uint32_t owner);

#endif
