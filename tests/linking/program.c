/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program in C that uses the library. */
#include "tally.h"
#include <inttypes.h>
#include <stdio.h>

int
main(void)
{
	const unsigned char data[] = { 1, 2, 3, 250 };

	printf("sum %" PRIu64 ", mean %" PRIu64 "\n",
	       tally_sum(data, sizeof(data)), tally_mean(data, sizeof(data)));
	return 0;
}
