/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The length of the longest line of a gzip file that lies in memory. */
#include <sgz.h>

/* Write it to *longest_out, but not on failure. Returns an enum sgz_status. */
int
longest_line(const void *file, size_t size, size_t *longest_out)
{
	struct sgz_buffer line = SGZ_BUFFER_INIT;
	struct sgz_reader *reader = NULL;
	enum sgz_status status;
	size_t longest = 0;

	status = sgz_reader_open_memory(file, size, NULL, &reader, NULL);
	if (status != SGZ_OK)
		goto out;
	do {
		status = sgz_reader_read_line(reader, '\n', &line, NULL);
		if (status != SGZ_OK)
			goto out;
		if (line.len > longest)
			longest = line.len;
	} while (line.len > 0);
	*longest_out = longest;
out:
	sgz_buffer_release(&line);
	sgz_reader_close(reader);
	return status;
}
