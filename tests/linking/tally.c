/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A small library; with TALLY_OLD it is its first version. */
#include "tally.h"

uint64_t
tally_weigh(unsigned char byte)
{
	return byte;
}

uint64_t
tally_sum(const unsigned char *data, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += tally_weigh(data[i]);
	return sum;
}

#ifndef TALLY_OLD
uint64_t
tally_mean(const unsigned char *data, size_t len)
{
	return len == 0 ? 0 : tally_sum(data, len) / len;
}
#endif
