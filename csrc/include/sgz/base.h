/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Version, limits and checksums: everything that needs no handle. */
#ifndef SGZ_BASE_H
#define SGZ_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SGZ_API __attribute__((visibility("default")))
#define SGZ_PRINTF(at, first) __attribute__((format(printf, at, first)))
#define SGZ_PACKED __attribute__((packed))
#else
#error "libsgz needs GCC or Clang: its on-disk structs are packed"
#endif

#define SGZ_VERSION_MAJOR 0
#define SGZ_VERSION_MINOR 1
#define SGZ_VERSION_PATCH 0
#define SGZ_VERSION_STRING "0.1.0"

/* One number from three, so that `<` compares versions. */
#define SGZ_VERSION_MAKE(major, minor, patch) \
	(((major) << 16) | ((minor) << 8) | (patch))

/* The version of the header that the caller was compiled against. */
#define SGZ_VERSION_NUMBER                                     \
	SGZ_VERSION_MAKE(SGZ_VERSION_MAJOR, SGZ_VERSION_MINOR, \
			 SGZ_VERSION_PATCH)

/* The maximum of uncompressed bytes in one BGZF block. */
#define SGZ_BLOCK_MAX 65536u
/* The default. Compressed data of this size always fits a block. */
#define SGZ_BLOCK_DEFAULT 65280u
/* The codec's own default level. */
#define SGZ_LEVEL_DEFAULT (-1)
/* The highest level. A codec with fewer levels uses its highest one for it. */
#define SGZ_LEVEL_MAX 12
/* An unknown size or offset. */
#define SGZ_UNKNOWN (0ULL - 1)

/* The version of the library that is running, as text ("0.1.0"). */
extern SGZ_API const char sgz_version_text[];

/* Uncompressed bytes per block: [0] minimum, [1] default, [2] maximum. */
extern SGZ_API const uint32_t sgz_block_sizes[3];

/**
 * The version of the library that is running.
 *
 * Compare it with SGZ_VERSION_NUMBER, the version that the caller was compiled
 * against.
 *
 * Ownership: none
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API uint32_t
sgz_version_number(void);

/**
 * The CRC-32 of gzip over @len bytes at @data, continued from @crc.
 *
 * Start with 0. @len may exceed 4 GiB, although zlib's crc32() takes 32-bit
 * lengths.
 *
 * Ownership: borrows @data for the call; NULL is allowed if @len is 0
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API uint32_t
sgz_crc32(uint32_t crc, const void *data, size_t len);

#ifdef __cplusplus
}
#endif

#endif
