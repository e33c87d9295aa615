/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Version and limits. */
#include "internal.h"

const char sgz_version_text[] = SGZ_VERSION_STRING;

const uint32_t sgz_block_sizes[3] = { 1, SGZ_BLOCK_DEFAULT, SGZ_BLOCK_MAX };

/* The empty block that ends a BGZF file (SAM specification, 4.1.2). */
const unsigned char sgz_bgzf_eof[BGZF_EOF_SIZE] = {
	0x1f, 0x8b, 0x08, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff,
	0x06, 0x00, 0x42, 0x43, 0x02, 0x00, 0x1b, 0x00, 0x03, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

uint32_t
sgz_version_number(void)
{
	return SGZ_VERSION_NUMBER;
}
