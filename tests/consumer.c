/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a program outside this tree does with libsgz: one header, one -l. */
#include <sgz.h>
#include <stdio.h>
#include <string.h>

int
main(void)
{
	struct sgz_buffer file = SGZ_BUFFER_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader = NULL;
	char back[16] = "";
	size_t len = 0;
	int code = 1;

	if (sgz_version_number() != SGZ_VERSION_NUMBER ||
	    sgz_writer_open_memory(&file, NULL, &writer, &error) < 0 ||
	    sgz_writer_printf(writer, &error, "%s", "hello") < 0 ||
	    sgz_writer_finish(writer, &error) < 0)
		goto out;
	if (sgz_reader_open_memory(file.data, file.len, NULL, &reader, &error) <
		    0 ||
	    sgz_reader_read(reader, back, sizeof(back), &len, &error) < 0)
		goto out;
	if (len == 5 && memcmp(back, "hello", 5) == 0) {
		printf("consumer: libsgz %s works\n", sgz_version_text);
		code = 0;
	}
out:
	if (code != 0)
		fprintf(stderr, "consumer: %s\n", error.text);
	sgz_reader_close(reader);
	sgz_writer_free(writer);
	sgz_buffer_release(&file);
	return code;
}
