/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The module in C; see tail.h. */
#include "tail.h"

#include <stdlib.h>

struct tail {
	struct sgz_reader *reader;
	struct sgz_buffer line; /* that is read */
	struct sgz_buffer last; /* the one before, which is lent */
	struct sgz_error error;
};

struct tail *
tail_open(const char *path, struct sgz_error *error)
{
	struct tail *tail = calloc(1, sizeof(*tail));

	if (tail == NULL)
		abort();
	if (sgz_reader_open(path, NULL, &tail->reader, &tail->error) == SGZ_OK)
		return tail;
	*error = tail->error;
	tail_close(tail);
	return NULL;
}

enum sgz_status
tail_get_size(struct tail *tail, uint64_t *size_out)
{
	return sgz_reader_get_size(tail->reader, size_out, &tail->error);
}

enum sgz_status
tail_read_at(struct tail *tail, uint64_t offset, unsigned char *data,
	     size_t len, size_t *len_out)
{
	enum sgz_status status;

	status = sgz_reader_seek(tail->reader, offset, &tail->error);
	if (status != SGZ_OK)
		return status;
	return sgz_reader_read(tail->reader, data, len, len_out, &tail->error);
}

enum sgz_status
tail_last_line(struct tail *tail, const unsigned char **line_out,
	       size_t *len_out)
{
	enum sgz_status status;
	struct sgz_buffer line;

	tail->last.len = 0;
	status = sgz_reader_seek(tail->reader, 0, &tail->error);
	while (status == SGZ_OK) {
		status = sgz_reader_read_line(tail->reader, '\n', &tail->line,
					      &tail->error);
		if (status != SGZ_OK || tail->line.len == 0)
			break;
		line = tail->last;
		tail->last = tail->line;
		tail->line = line;
	}
	if (status != SGZ_OK)
		return status;
	*line_out = tail->last.data;
	*len_out = tail->last.len;
	return SGZ_OK;
}

const struct sgz_error *
tail_get_error(const struct tail *tail)
{
	return &tail->error;
}

void
tail_close(struct tail *tail)
{
	if (tail == NULL)
		return;
	sgz_reader_close(tail->reader);
	sgz_buffer_release(&tail->line);
	sgz_buffer_release(&tail->last);
	free(tail);
}
