/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A function in Rust that C calls. */
#ifndef FIRST_H
#define FIRST_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The sum; the largest number, if the sum is larger.
 *
 * Ownership: none
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: none
 */
uint32_t
first_add(uint32_t a, uint32_t b);

#ifdef __cplusplus
}
#endif

#endif
