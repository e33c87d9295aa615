/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Many ranges of one file, in the order of a list. */
#include "tool.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line "OFFSET SIZE"; an empty line or a comment has a size of 0. */
static bool
parse_range(char *line, uint64_t *offset_out, uint64_t *size_out)
{
	static const char blank[] = " \t";
	char *rest;
	const char *offset, *size;

	*offset_out = *size_out = 0;
	line[strcspn(line, "#\r\n")] = '\0';
	offset = strtok_r(line, blank, &rest);
	if (offset == NULL)
		return true;
	size = strtok_r(NULL, blank, &rest);
	return size != NULL && strtok_r(NULL, blank, &rest) == NULL &&
		parse_number(offset, offset_out) &&
		parse_number(size, size_out);
}

/* Write the bytes of one range. They end where the data ends. */
static bool
write_range(struct sgz_reader *reader, const char *name, uint64_t offset,
	    uint64_t size, void *data, struct output *output)
{
	struct sgz_error error = SGZ_ERROR_INIT;

	while (size > 0) {
		size_t want = size < TRANSFER_SIZE ? (size_t)size :
						     TRANSFER_SIZE;
		size_t len;

		if (sgz_reader_read_at(reader, offset, data, want, &len,
				       &error) < 0) {
			complain_error(name, &error);
			return false;
		}
		if (len == 0)
			return true;
		if (!output_write(output, data, len))
			return false;
		offset += len;
		size -= len;
	}
	return true;
}

bool
write_ranges(const char *list_name, struct sgz_reader *reader, const char *name,
	     struct output *output)
{
	const char *shown = is_dash(list_name) ? "(stdin)" : list_name;
	FILE *list = is_dash(list_name) ? stdin : fopen(list_name, "re");
	void *data = malloc(TRANSFER_SIZE);
	unsigned long number = 0;
	char *line = NULL;
	size_t room = 0;
	bool good = list != NULL && data != NULL;

	if (!good)
		complain(shown, "%s", strerror(errno));
	while (good && getline(&line, &room, list) >= 0) {
		uint64_t offset, size;

		number++;
		good = parse_range(line, &offset, &size);
		if (!good)
			complain(shown,
				 "line %lu: a range is two numbers, OFFSET "
				 "and SIZE",
				 number);
		good = good &&
			write_range(reader, name, offset, size, data, output);
	}
	if (good && ferror(list)) {
		complain(shown, "%s", strerror(errno));
		good = false;
	}
	if (list != NULL && list != stdin)
		fclose(list);
	free(line);
	free(data);
	return good;
}
