/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Several libraries in Rust in one program in C. */
#include <codec_zlib_rs.h>
#include <first.h>
#include <sgzfile.h>
#include <stdio.h>
#include <string.h>

int
main(void)
{
	/* one of them panics, and both go on */
	for (int i = 0; i < 2; i++) {
		if (first_add(UINT32_MAX, 1) != UINT32_MAX)
			return 1;
		if (sgzfile_test_panic(NULL) != SGZFILE_STATUS_PANIC)
			return 2;
		if (strstr(sgzfile_last_error(), "test_panic") == NULL)
			return 3;
		if (codec_zlib_rs_functions() == NULL)
			return 4;
	}
	puts("two: ok");
	return 0;
}
