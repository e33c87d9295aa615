/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Compressing: one file, or standard input, into BGZF. */
#include "tool.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
refuse_terminal(const struct args *args, const struct output *output)
{
	if (args->force || output->path != NULL || !isatty(output->fd))
		return false;
	complain(output->name,
		 "compressed data is not for a terminal: -f writes it there");
	return true;
}

/* Copy all of @input to @writer. */
static bool
pump(const struct input *input, struct sgz_writer *writer,
     const struct output *output)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	char *data = malloc(TRANSFER_SIZE);
	uint64_t done = 0;
	ssize_t n = 0;

	if (data == NULL) {
		complain(input->name, "%s", strerror(ENOMEM));
		return false;
	}
	progress_start(input->name, input_size(input), output->path == NULL);
	for (;;) {
		n = read(input->fd, data, TRANSFER_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (sgz_writer_write(writer, data, (size_t)n, &error) < 0) {
			complain_error(output->name, &error);
			break;
		}
		done += (uint64_t)n;
		progress_update(done, done);
	}
	if (n < 0)
		complain(input->name, "at byte %llu: %s",
			 (unsigned long long)done, strerror(errno));
	progress_end();
	free(data);
	return n == 0;
}

/* Compress @input to @output, and give the index if one was asked for. */
static bool
compress_input(const struct args *args, const struct input *input,
	       struct output *output, struct sgz_index **index_out)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_writer *writer = NULL;
	bool good = false;

	options.level = args->level;
	options.build_index = args->build_index;
	if (sgz_writer_open_fd(output->fd, &options, &writer, &error) < 0) {
		complain_error(output->name, &error);
		goto out;
	}
	if (!pump(input, writer, output))
		goto out;
	if (sgz_writer_finish(writer, &error) < 0) {
		complain_error(output->name, &error);
		goto out;
	}
	*index_out = sgz_writer_ref_index(writer);
	good = true;
out:
	sgz_writer_free(writer);
	return good;
}

/* The name of the index, after asking whether it may be written. */
static bool
prepare_index(const struct args *args, const char *target, char **name_out)
{
	bool replace;
	char *name;

	if (!args->build_index)
		return true;
	name = args->index_name != NULL ? join_suffix(args->index_name, "") :
					  join_suffix(target, ".gzi");
	if (name == NULL)
		return false;
	if (!output_may_replace(name, args->force, &replace)) {
		free(name);
		return false;
	}
	*name_out = name;
	return true;
}

bool
compress_file(const struct args *args, const char *path)
{
	struct input input = INPUT_INIT;
	struct output output = OUTPUT_INIT;
	struct sgz_index *index = NULL;
	char *target = NULL;
	char *index_name = NULL;
	bool filter = path == NULL || args->to_stdout;
	bool good = false;

	if (!input_open(&input, path, filter))
		goto out;
	if (!filter && (target = join_suffix(path, ".gz")) == NULL)
		goto out;
	if (!prepare_index(args, target, &index_name) ||
	    !output_open(&output, target, args->force) ||
	    refuse_terminal(args, &output) ||
	    !compress_input(args, &input, &output, &index) ||
	    !output_commit(&output, &input.stat, !args->keep))
		goto out;
	if (index != NULL && !save_index(index, index_name))
		goto out;
	good = finish_input(&input, args);
out:
	sgz_index_unref(index);
	output_release(&output);
	input_close(&input);
	free(index_name);
	free(target);
	return good;
}
