/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The objects of the process, and the Rust in them. */
#ifndef FERRULE_AUDIT_OBJECTS_H
#define FERRULE_AUDIT_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"

/* The allocator of an object in Rust, as it was before it was patched. */
struct rust_allocator {
	void *(*alloc)(size_t size, size_t align);
	void (*dealloc)(void *ptr, size_t size, size_t align);
	void *(*realloc)(void *ptr, size_t size, size_t align, size_t new_size);
	void *(*alloc_zeroed)(size_t size, size_t align);
};
/* By number: of the owner, without AUDIT_RUST. */
extern struct rust_allocator rust_allocators[AUDIT_OWNERS];

/* What patched functions lead to, in hooks.c. */
void *
rust_alloc(size_t size, size_t align, uint32_t object);
void
rust_dealloc(void *ptr, size_t size, size_t align, uint32_t object);
void *
rust_realloc(void *ptr, size_t size, size_t align, size_t new_size,
	     uint32_t object);
void *
rust_alloc_zeroed(size_t size, size_t align, uint32_t object);

/* Note what is loaded, and patch it. */
void
objects_begin(void);
/* Something was loaded or unloaded. */
void
objects_changed(void);
/* In a child process, whose log is new. */
void
objects_of_child(struct audit_log *log);

/* Is @pc in the audit's own code? */
bool
objects_own(uintptr_t pc);

/* The number of the object that @pc is in, or MODULES. It takes no lock. */
uint16_t
objects_at(uintptr_t pc);

/* What @ptr points to, which no allocator returned. */
enum audit_place
place_of(const void *ptr, uint32_t *object_out);

#endif
