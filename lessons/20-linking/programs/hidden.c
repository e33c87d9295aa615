/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lesson 20: the same program, whose CRC stays inside: nothing outside can see
 * it. Where one file needs it alone, `static` does the same.
 */
#include "parts/gz.h"

__attribute__((visibility("hidden"))) uLong
crc32(uLong crc, const Bytef *data, uInt len)
{
	return castagnoli(crc, data, len);
}

int
main(void)
{
	return use_linked("hidden.gz");
}
