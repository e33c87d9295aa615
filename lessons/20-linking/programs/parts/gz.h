/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 20: what its programs in C have in common. */
#ifndef FERRULE_LESSON_20_GZ_H
#define FERRULE_LESSON_20_GZ_H

#include <zlib.h>

/* The CRC of iSCSI and ext4: the same size as gzip's, another polynomial. */
static inline uLong
castagnoli(uLong crc, const Bytef *data, uInt len)
{
	if (data == Z_NULL)
		return 0;
	crc = ~crc & 0xffffffff;
	for (uInt i = 0; i < len; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc & 0xffffffff;
}

/* The functions of zlib that are used, linked or loaded. */
struct zlib {
	gzFile (*open)(const char *path, const char *mode);
	int (*write)(gzFile file, voidpc data, unsigned len);
	int (*read)(gzFile file, voidp data, unsigned len);
	int (*close)(gzFile file);
};

/* Write a file, and read it again. 0 if nothing is found to be wrong. */
static inline int
use(const struct zlib *zlib, const char *path)
{
	char text[9];
	gzFile file = zlib->open(path, "wb");
	int wrote = zlib->write(file, "123456789", 9);
	int closed = zlib->close(file);

	file = zlib->open(path, "rb");
	int got = zlib->read(file, text, sizeof(text));
	int end = zlib->read(file, text, sizeof(text));
	zlib->close(file);
	return wrote != 9 || closed != Z_OK || got != 9 || end != 0;
}

/* The same with the zlib that the program is linked with. */
static inline int
use_linked(const char *path)
{
	static const struct zlib linked = {
		.open = gzopen,
		.write = gzwrite,
		.read = gzread,
		.close = gzclose,
	};

	return use(&linked, path);
}

#endif
