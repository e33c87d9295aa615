/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The checksum of gzip files, under the name that zlib has for it. */

unsigned long
crc32(unsigned long crc, const unsigned char *data, unsigned int len)
{
	int bit;

	crc ^= 0xffffffff;
	while (len-- > 0)
		for (crc ^= *data++, bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1) * 0xedb88320;
	return crc ^ 0xffffffff;
}
