/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lesson 20: a program with a CRC of its own, under a name that zlib has too.
 * It is exported, and so all of the process calls it, zlib included. Neither
 * the compiler nor the linker says anything.
 */
#include "parts/gz.h"

uLong
crc32(uLong crc, const Bytef *data, uInt len)
{
	return castagnoli(crc, data, len);
}

int
main(void)
{
	return use_linked("exported.gz");
}
