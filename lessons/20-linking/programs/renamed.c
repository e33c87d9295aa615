/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 20: the same program, with a prefix before its name. */
#include "parts/gz.h"

uLong
own_crc32(uLong crc, const Bytef *data, uInt len);

uLong
own_crc32(uLong crc, const Bytef *data, uInt len)
{
	return castagnoli(crc, data, len);
}

int
main(void)
{
	return use_linked("renamed.gz");
}
