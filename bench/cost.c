/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Read a file to its end, and do next to nothing with it: what is left is the
 * cost of the calls. cost.rs does the same work through the safe wrapper.
 *
 *   cost-c read|next-line|read-line FILE
 */
#include <sgz.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE 65536

struct work {
	uint64_t calls;
	uint64_t bytes;
	/* of each piece the last byte, so that it has to be looked at */
	uint64_t sum;
};

static void
look(struct work *work, const void *data, size_t len)
{
	work->calls++;
	work->bytes += len;
	work->sum += ((const unsigned char *)data)[len - 1];
}

static enum sgz_status
read_buffers(struct sgz_reader *reader, struct work *work,
	     struct sgz_error *error)
{
	static unsigned char buffer[BUFFER_SIZE];
	enum sgz_status status;
	size_t len;

	for (;;) {
		status = sgz_reader_read(reader, buffer, sizeof(buffer), &len,
					 error);
		if (status != SGZ_OK || len == 0)
			return status;
		look(work, buffer, len);
	}
}

static enum sgz_status
next_lines(struct sgz_reader *reader, struct work *work,
	   struct sgz_error *error)
{
	enum sgz_status status;
	const char *line;
	size_t len;

	for (;;) {
		status = sgz_reader_next_line(reader, '\n', &line, &len, error);
		if (status != SGZ_OK || len == 0)
			return status;
		look(work, line, len);
	}
}

static enum sgz_status
read_lines(struct sgz_reader *reader, struct work *work,
	   struct sgz_error *error)
{
	struct sgz_buffer line = SGZ_BUFFER_INIT;
	enum sgz_status status;

	for (;;) {
		status = sgz_reader_read_line(reader, '\n', &line, error);
		if (status != SGZ_OK || line.len == 0)
			break;
		look(work, line.data, line.len);
	}
	sgz_buffer_release(&line);
	return status;
}

static const struct {
	const char *name;
	enum sgz_status (*run)(struct sgz_reader *reader, struct work *work,
			       struct sgz_error *error);
} modes[] = {
	{ "read", read_buffers },
	{ "next-line", next_lines },
	{ "read-line", read_lines },
};

int
main(int argc, char **argv)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct work work = { 0, 0, 0 };
	struct sgz_reader *reader;
	enum sgz_status status = SGZ_E_INVALID;
	size_t i;

	if (argc != 3) {
		fprintf(stderr, "usage: cost-c MODE FILE\n");
		return EXIT_FAILURE;
	}
	if (sgz_reader_open(argv[2], NULL, &reader, &error) != SGZ_OK) {
		fprintf(stderr, "%s\n", error.text);
		return EXIT_FAILURE;
	}
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			status = modes[i].run(reader, &work, &error);
	sgz_reader_close(reader);
	if (status != SGZ_OK) {
		fprintf(stderr, "%s: %s\n", argv[1], error.text);
		return EXIT_FAILURE;
	}
	printf("%llu %llu %llu\n", (unsigned long long)work.calls,
	       (unsigned long long)work.bytes, (unsigned long long)work.sum);
	return EXIT_SUCCESS;
}
