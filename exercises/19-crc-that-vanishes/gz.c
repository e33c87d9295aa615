/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A small library that makes gzip files, without compression. Like zlib it is
 * linked from an archive, and it calls crc32() by its name. */
#include <stdint.h>
#include <string.h>

unsigned long
crc32(unsigned long crc, const unsigned char *data, unsigned int len);

static void
put(unsigned char *to, uint32_t value)
{
	int i;

	for (i = 0; i < 4; i++)
		to[i] = (unsigned char)(value >> 8 * i);
}

/* Write @len bytes, at most 65535, as a gzip file of @len + 23 bytes. */
size_t
gz_store(unsigned char *to, const unsigned char *data, uint16_t len)
{
	/* the header, and that of the last block, which is stored */
	static const unsigned char head[11] = {
		0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1,
	};

	memcpy(to, head, sizeof(head));
	to += sizeof(head);
	put(to, len | (uint32_t)(uint16_t)~len << 16);
	memcpy(to + 4, data, len);
	put(to + 4 + len, (uint32_t)crc32(0, data, len));
	put(to + 8 + len, len);
	return sizeof(head) + 12 + len;
}

/* Is the checksum of such a file the one of its data? */
int
gz_good(const unsigned char *file, size_t size)
{
	unsigned int len = (unsigned int)(size - 23);
	unsigned char crc[4];

	put(crc, (uint32_t)crc32(0, file + 15, len));
	return memcmp(crc, file + 15 + len, sizeof(crc)) == 0;
}
