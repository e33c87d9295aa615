/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The heap below the ledger. Glibc's internal names avoid dlsym(), which could
 * itself allocate. A build for AddressSanitizer leaves malloc() to the
 * sanitizer.
 */
#ifndef FERRULE_HEAP_H
#define FERRULE_HEAP_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#include <malloc.h>
#include <stdlib.h>
#define heap_malloc malloc
#define heap_calloc calloc
#define heap_realloc realloc
#define heap_free free
#define heap_memalign memalign
#else
void *
__libc_malloc(size_t size);
void *
__libc_calloc(size_t count, size_t size);
void *
__libc_memalign(size_t align, size_t size);
void *
__libc_realloc(void *ptr, size_t size);
void
__libc_free(void *ptr);
#define heap_malloc __libc_malloc
#define heap_calloc __libc_calloc
#define heap_realloc __libc_realloc
#define heap_free __libc_free
#define heap_memalign __libc_memalign
#endif

/* Every allocation of glibc has at least this alignment. */
#define HEAP_ALIGN 16

#endif
