/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Make the index of an existing file. */
#include "tool.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The blocks of an input without random access, collected from events. */
struct blocks {
	const char *name;
	struct sgz_index_entry *entries;
	size_t count;
	size_t capacity;
	/* a block with data was seen: the first one has no entry */
	bool any;
};

static bool
add_entry(struct blocks *blocks, uint64_t compressed_offset, uint64_t offset)
{
	if (blocks->count == blocks->capacity) {
		size_t capacity = 2 * blocks->capacity + 64;
		struct sgz_index_entry *entries =
			realloc(blocks->entries, capacity * sizeof(*entries));

		if (entries == NULL) {
			complain(blocks->name, "%s", strerror(ENOMEM));
			return false;
		}
		blocks->entries = entries;
		blocks->capacity = capacity;
	}
	blocks->entries[blocks->count++] =
		(struct sgz_index_entry){ compressed_offset, offset };
	return true;
}

static int
on_event(void *ctx, const struct sgz_event *event)
{
	struct blocks *blocks = ctx;

	if (event->kind == SGZ_EVENT_MEMBER) {
		complain(blocks->name,
			 "at byte %llu: this member is not a BGZF block",
			 (unsigned long long)event->data.member->offset);
		return 1;
	}
	if (event->data.block.len == 0)
		return 0;
	if (blocks->any &&
	    !add_entry(blocks, event->data.block.compressed_offset,
		       event->data.block.offset))
		return 1;
	blocks->any = true;
	return 0;
}

/* Read everything, and note where the blocks are. */
static bool
read_blocks(const struct args *args, const struct input *input,
	    struct blocks *blocks)
{
	const struct sgz_observer observer = {
		.event = on_event,
		.ctx = blocks,
		.mask = SGZ_EVENT_BIT(SGZ_EVENT_BLOCK) |
			SGZ_EVENT_BIT(SGZ_EVENT_MEMBER),
	};
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = input_reader(args, input, &observer);
	enum sgz_status status = SGZ_OK;
	const void *data;
	size_t len = 1;

	if (reader == NULL)
		return false;
	while (status >= 0 && len > 0) {
		status = sgz_reader_peek(reader, &data, &len, &error);
		if (status >= 0)
			sgz_reader_consume(reader, len);
	}
	/* our observer cancelled, and printed the reason */
	if (status < 0 && status != SGZ_E_CANCELLED)
		complain_error(input->name, &error);
	sgz_reader_close(reader);
	return status >= 0;
}

static struct sgz_index *
index_in_sequence(const struct args *args, const struct input *input)
{
	struct blocks blocks = { .name = input->name };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_index *index = NULL;

	if (add_entry(&blocks, 0, 0) && read_blocks(args, input, &blocks) &&
	    sgz_index_from_entries(blocks.entries, blocks.count, NULL, &index,
				   &error) < 0)
		complain_error(input->name, &error);
	free(blocks.entries);
	return index;
}

static struct sgz_index *
index_by_seeking(const struct args *args, const struct input *input)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = input_reader(args, input, NULL);
	struct sgz_index *index = NULL;

	if (reader != NULL &&
	    sgz_index_build(reader, args->verify, &index, &error) < 0)
		complain_error(input->name, &error);
	sgz_reader_close(reader);
	return index;
}

/* Is @path the name of an index? An index can be made again. */
static bool
is_index_name(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && strcmp(path + len - 4, ".gzi") == 0;
}

static bool
open_output(struct output *output, const struct args *args, const char *name)
{
	if (is_dash(name)) {
		output_open_stdout(output);
		return true;
	}
	return output_open(output, name,
			   args->force || is_index_name(name) ||
				   is_index(name));
}

static bool
check_parties(const struct input *input, const char *name)
{
	const struct party parties[] = {
		party_of("the input", input->path, STDIN_FILENO, false),
		party_of("the index", name, STDOUT_FILENO, true),
	};

	return check_distinct(parties, 2);
}

static bool
write_index(const struct args *args, const struct input *input,
	    struct output *output)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_index *index;
	enum sgz_status status;

	progress_start(input->name, input_size(input), false);
	index = S_ISREG(input->stat.st_mode) || S_ISBLK(input->stat.st_mode) ?
		index_by_seeking(args, input) :
		index_in_sequence(args, input);
	progress_end();
	if (index == NULL)
		return false;
	status = sgz_index_save_fd(index, output_fd(output), &error);
	sgz_index_unref(index);
	if (status < 0) {
		complain_error(output_name(output), &error);
		return false;
	}
	output_imitate(output, &input->stat, false);
	return output_commit(output, false);
}

static bool
reindex_file(const struct args *args, const char *path)
{
	struct input input = INPUT_INIT;
	struct output *output = output_new();
	char *name = args->index_name != NULL ?
		join_suffix(args->index_name, "") :
		join_suffix(path, ".gzi");
	bool good = output != NULL && name != NULL &&
		input_open(&input, path, true, args->force) &&
		check_parties(&input, name) &&
		open_output(output, args, name) &&
		write_index(args, &input, output);

	output_close(output);
	input_close(&input);
	free(name);
	return good;
}

bool
reindex_files(const struct args *args, char **files, int count)
{
	bool good = true;

	for (int i = 0; i < count; i++)
		good = reindex_file(args, files[i]) && good;
	return good;
}
