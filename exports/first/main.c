/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <first.h>
#include <stdio.h>

int
main(void)
{
	printf("%u\n", first_add(40, 2));
	return 0;
}
