/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* CRC-32: several times faster than zlib's, if the processor supports it. */
#if defined(__x86_64__)
/* it uses malloc(), which internal.h forbids */
#include <immintrin.h>
#endif
#include "internal.h"

#ifdef SGZ_HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif
#include <zlib.h>

#if defined(__x86_64__)

/*
 * A CRC is a remainder of polynomials over GF(2). Bytes can be folded onto
 * later bytes without changing the remainder, if they are multiplied by
 * x^distance mod P. A 128-bit lane needs two such multiplications, one for each
 * half: the two constants of a distance are a pair. Bits are reflected.
 *
 *   | lane 0 | lane 1 | lane 2 | lane 3 | next 64 bytes ...
 *       '------------ * fold_64 ----------^
 */

static const long long fold_64[2] = { 0x154442bd4, 0x1c6e41596 };
static const long long fold_16[2] = { 0x1751997d0, 0x0ccaa009e };

__attribute__((target("pclmul,sse2"))) static inline __m128i
fold(__m128i lane, __m128i by, __m128i onto)
{
	__m128i low = _mm_clmulepi64_si128(lane, by, 0x00);
	__m128i high = _mm_clmulepi64_si128(lane, by, 0x11);

	return _mm_xor_si128(_mm_xor_si128(low, high), onto);
}

__attribute__((target("pclmul,sse2"))) static inline __m128i
load(const unsigned char *at)
{
	return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/*
 * Fold the first @len bytes (a multiple of 64, not 0) and @crc (the register,
 * not inverted) into 16 bytes with the same remainder.
 */
__attribute__((target("pclmul,sse2"))) static void
fold_all(uint32_t crc, const unsigned char *at, size_t len,
	 unsigned char folded[16])
{
	const __m128i far = _mm_loadu_si128((const void *)fold_64);
	const __m128i near = _mm_loadu_si128((const void *)fold_16);
	const unsigned char *end = at + len;
	__m128i lanes[4];

	for (int i = 0; i < 4; i++)
		lanes[i] = load(at + 16 * i);
	lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128((int)crc));
	for (at += 64; at < end; at += 64)
		for (int i = 0; i < 4; i++)
			lanes[i] = fold(lanes[i], far, load(at + 16 * i));
	for (int i = 1; i < 4; i++)
		lanes[i] = fold(lanes[i - 1], near, lanes[i]);
	_mm_storeu_si128((void *)folded, lanes[3]);
}

/* *at and *len become the rest of @data. */
static uint32_t
fold_front(uint32_t crc, const unsigned char **at, size_t *len)
{
	unsigned char folded[16];
	size_t front = *len & ~(size_t)63;

	if (front == 0 || !__builtin_cpu_supports("pclmul"))
		return crc;
	/* crc32() takes and returns the inverted register; the folded bytes
	 * already contain @crc, so they start with a register of 0 */
	fold_all(~crc, *at, front, folded);
	*at += front;
	*len -= front;
	return (uint32_t)crc32(UINT32_MAX, folded, sizeof(folded));
}
#else
static uint32_t
fold_front(uint32_t crc, const unsigned char **at, size_t *len)
{
	(void)at;
	(void)len;
	return crc;
}
#endif

uint32_t
sgz_crc32_folded(uint32_t crc, const void *data, size_t len)
{
	const unsigned char *at = data;

	crc = fold_front(crc, &at, &len);
	/* for NULL, crc32() returns its start value and not @crc */
	while (len > 0) {
		uInt part = len > 1u << 30 ? 1u << 30 : (uInt)len;

		crc = (uint32_t)crc32(crc, at, part);
		at += part;
		len -= part;
	}
	return crc;
}

uint32_t
sgz_crc32(uint32_t crc, const void *data, size_t len)
{
#ifdef SGZ_HAVE_LIBDEFLATE
	/* of a NULL it would return the first value and not @crc */
	return len > 0 ? libdeflate_crc32(crc, data, len) : crc;
#else
	return sgz_crc32_folded(crc, data, len);
#endif
}
