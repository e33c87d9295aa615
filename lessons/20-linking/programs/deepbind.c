/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lesson 20: the same program, which exports its CRC, and loads zlib so that
 * zlib looks for names in itself first.
 */
#define _GNU_SOURCE /* RTLD_DEEPBIND */
#include "parts/gz.h"
#include <dlfcn.h>

#define HOW (RTLD_NOW | RTLD_DEEPBIND)

uLong
crc32(uLong crc, const Bytef *data, uInt len)
{
	return castagnoli(crc, data, len);
}

int
main(void)
{
	void *library = dlopen("libz.so.1", HOW);
	struct zlib zlib;

	if (library == NULL)
		return 2;
	*(void **)&zlib.open = dlsym(library, "gzopen");
	*(void **)&zlib.write = dlsym(library, "gzwrite");
	*(void **)&zlib.read = dlsym(library, "gzread");
	*(void **)&zlib.close = dlsym(library, "gzclose");
	return use(&zlib, "deepbind.gz");
}
