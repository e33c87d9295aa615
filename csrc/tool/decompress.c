/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Decompressing: a whole file or a range of it; testing; indexing. */
#include "tool.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* @path without its suffix, or NULL after a complaint. */
static char *
strip_suffix(const char *path)
{
	static const char *const suffixes[] = { ".gz", ".bgz", ".bgzf" };
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	size_t len = strlen(base);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		size_t suffix_len = strlen(suffixes[i]);
		char *stripped;

		if (len <= suffix_len ||
		    strcasecmp(base + len - suffix_len, suffixes[i]) != 0)
			continue;
		stripped = join_suffix(path, "");
		if (stripped != NULL)
			stripped[strlen(path) - suffix_len] = '\0';
		return stripped;
	}
	complain(path, "does not end in .gz: use -c");
	return NULL;
}

/* Seek by the index that was named, or the one beside the file. */
static bool
use_index(const struct args *args, const struct input *input,
	  struct sgz_reader *reader)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_index *index = NULL;
	char *name = NULL;
	bool good = false;

	if (args->index_name != NULL)
		name = join_suffix(args->index_name, "");
	else if (input->path != NULL)
		name = join_suffix(input->path, ".gzi");
	else
		return true;
	if (name == NULL)
		return false;
	if (args->index_name == NULL && access(name, F_OK) != 0) {
		good = true;
		goto out;
	}
	if (sgz_index_load(name, NULL, &index, &error) < 0) {
		complain_error(NULL, &error);
		goto out;
	}
	if (sgz_reader_set_index(reader, index, &error) < 0) {
		complain_error(name, &error);
		goto out;
	}
	good = true;
out:
	sgz_index_unref(index);
	free(name);
	return good;
}

/* Copy up to @limit bytes of @reader to @output (NULL: nowhere). */
static bool
pump(struct sgz_reader *reader, const char *name, struct output *output,
     uint64_t limit)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	void *data = malloc(TRANSFER_SIZE);
	bool good = false;

	if (data == NULL) {
		complain(name, "%s", strerror(ENOMEM));
		return false;
	}
	for (;;) {
		size_t want = limit < TRANSFER_SIZE ? (size_t)limit :
						      TRANSFER_SIZE;
		size_t len = 0;

		if (want > 0 &&
		    sgz_reader_read(reader, data, want, &len, &error) < 0) {
			complain_error(name, &error);
			break;
		}
		if (len == 0) {
			good = true;
			break;
		}
		if (output != NULL && !output_write(output, data, len))
			break;
		if (limit != SGZ_UNKNOWN)
			limit -= len;
	}
	progress_end();
	free(data);
	return good;
}

static bool
refuse_terminal(const struct args *args, const struct input *input)
{
	if (args->force || input->path != NULL || !isatty(input->fd))
		return false;
	complain(input->name, "compressed data does not come from a terminal");
	return true;
}

bool
decompress_file(const struct args *args, const char *path)
{
	struct input input = INPUT_INIT;
	struct output output = OUTPUT_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	char *target = NULL;
	bool filter = path == NULL || args->to_stdout;
	bool good = false;

	if (!input_open(&input, path, filter) || refuse_terminal(args, &input))
		goto out;
	if (!filter && (target = strip_suffix(path)) == NULL)
		goto out;
	reader = input_reader(&input, filter);
	if (reader == NULL)
		goto out;
	if (args->has_range && !use_index(args, &input, reader))
		goto out;
	if (args->offset > 0 &&
	    sgz_reader_seek(reader, args->offset, &error) < 0) {
		complain_error(input.name, &error);
		goto out;
	}
	if (!output_open(&output, target, args->force) ||
	    !pump(reader, input.name, &output, args->size) ||
	    !output_commit(&output, &input.stat, !args->keep))
		goto out;
	good = finish_input(&input, args);
out:
	progress_end();
	sgz_reader_close(reader);
	output_release(&output);
	input_close(&input);
	free(target);
	return good;
}

bool
test_file(const struct args *args, const char *path)
{
	struct input input = INPUT_INIT;
	struct sgz_reader *reader = NULL;
	bool good = false;

	if (!input_open(&input, path, true) || refuse_terminal(args, &input))
		goto out;
	reader = input_reader(&input, false);
	if (reader == NULL)
		goto out;
	good = pump(reader, input.name, NULL, SGZ_UNKNOWN);
out:
	progress_end();
	sgz_reader_close(reader);
	input_close(&input);
	return good;
}

bool
reindex_file(const struct args *args, const char *path)
{
	struct input input = INPUT_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	char *name = NULL;
	bool replace;
	bool good = false;

	if (!input_open(&input, path, true))
		goto out;
	name = args->index_name != NULL ? join_suffix(args->index_name, "") :
					  join_suffix(path, ".gzi");
	if (name == NULL || !output_may_replace(name, args->force, &replace))
		goto out;
	reader = input_reader(&input, false);
	if (reader == NULL)
		goto out;
	if (sgz_index_build(reader, args->verify, &index, &error) < 0) {
		complain_error(input.name, &error);
		goto out;
	}
	progress_end();
	good = save_index(index, name);
out:
	progress_end();
	sgz_index_unref(index);
	sgz_reader_close(reader);
	input_close(&input);
	free(name);
	return good;
}
