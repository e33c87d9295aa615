/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A small library that is linked in each way that there is. */
#ifndef TALLY_H
#define TALLY_H

#include <stddef.h>
#include <stdint.h>

#define TALLY_API __attribute__((visibility("default")))

/* The sum of @len bytes at @data. */
TALLY_API uint64_t
tally_sum(const unsigned char *data, size_t len);

/* Their mean, rounded down; 0 if there are none. Since version 2. */
TALLY_API uint64_t
tally_mean(const unsigned char *data, size_t len);

/* Of use within the library alone, and hidden. */
uint64_t
tally_weigh(unsigned char byte);

#endif
