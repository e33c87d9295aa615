/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Decompress whole files or a range of one; test files. */
#include "tool.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct job {
	const struct args *args;
	char **files;
	int count;
	struct input input;
	struct sgz_reader *reader;
	bool has_index;
	/* the output's path; NULL for standard output, or no output */
	char *target;
	struct output *output;
};

static bool
name_output(struct job *job)
{
	const char *path = job->files[0];
	size_t len;

	if (job->args->output_name != NULL) {
		job->target = join_suffix(job->args->output_name, "");
		return job->target != NULL;
	}
	if (!replaces_input(job->args, job->files[0]))
		return true;
	len = stem_length(path);
	if (len == 0) {
		complain(path, "does not end in .gz: use -c or -o");
		return false;
	}
	job->target = join_suffix(path, "");
	if (job->target != NULL)
		job->target[len] = '\0';
	return job->target != NULL;
}

/* The name of the index, if there is one; free() it. */
static char *
index_name(const struct job *job)
{
	char *name = NULL;

	if (job->args->index_name != NULL)
		return join_suffix(job->args->index_name, "");
	if (job->input.path == NULL)
		return NULL;
	name = join_suffix(job->input.path, ".gzi");
	if (name != NULL && access(name, F_OK) != 0) {
		free(name);
		return NULL;
	}
	return name;
}

static bool
check_parties(const struct job *job)
{
	struct party *parties =
		calloc((size_t)job->count + 2, sizeof(*parties));
	char *index = job->args->has_range ? index_name(job) : NULL;
	size_t count = 0;
	bool good;

	if (parties == NULL) {
		complain("(files)", "%s", strerror(ENOMEM));
		free(index);
		return false;
	}
	for (int i = 0; i < job->count; i++)
		parties[count++] = party_of("the input", job->files[i],
					    STDIN_FILENO, false);
	if (index != NULL)
		parties[count++] =
			party_of("the index", index, STDIN_FILENO, false);
	parties[count++] =
		party_of("the output", job->target, STDOUT_FILENO, true);
	good = check_distinct(parties, count);
	free(index);
	free(parties);
	return good;
}

/*
 * Use the index of -I, or the one beside the file. If it cannot be used, this
 * is an error only if -I names it and the offset needs it.
 */
static bool
use_index(struct job *job)
{
	const struct args *args = job->args;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_index *index = NULL;
	char *name = index_name(job);
	bool is_needed = args->index_name != NULL &&
		(args->offset > 0 || args->ranges_name != NULL) &&
		S_ISREG(job->input.stat.st_mode);
	bool good = true;

	if (name == NULL)
		return args->index_name == NULL;
	index = load_index(name, &error);
	if (index == NULL) {
		complain_error(NULL, &error);
		good = false;
	} else if (sgz_reader_set_index(job->reader, index, &error) < 0) {
		complain_error(name, &error);
		good = false;
	}
	job->has_index = good;
	if (!good && !is_needed)
		complain(name, "is not used");
	sgz_index_unref(index);
	free(name);
	return good || !is_needed;
}

static bool
refuse_terminal(const struct job *job)
{
	if (job->args->force || job->input.path != NULL ||
	    !isatty(job->input.fd))
		return false;
	complain(job->input.name,
		 "compressed data is not read from a terminal: use -f");
	return true;
}

/* Ranges in any order need an index: if none is there, build it. */
static bool
build_index(const struct job *job)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_index *index = NULL;
	bool good = sgz_index_build(job->reader, false, &index, &error) >= 0 &&
		sgz_reader_set_index(job->reader, index, &error) >= 0;

	if (!good)
		complain_error(job->input.name, &error);
	sgz_index_unref(index);
	return good;
}

/* Open the reader of the current input, and seek to the first byte. */
static bool
open_reader(struct job *job)
{
	const struct args *args = job->args;
	struct sgz_error error = SGZ_ERROR_INIT;

	if (refuse_terminal(job))
		return false;
	job->reader = input_reader(args, &job->input, NULL);
	if (job->reader == NULL)
		return false;
	if (args->has_range && !use_index(job))
		return false;
	if (args->ranges_name != NULL && !job->has_index && !build_index(job))
		return false;
	if (args->offset > 0 &&
	    sgz_reader_seek(job->reader, args->offset, &error) < 0) {
		complain_error(job->input.name, &error);
		return false;
	}
	return true;
}

/* Copy the range of the current input to the output, if there is one. */
static bool
pump(struct job *job)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	uint64_t limit = job->args->size;
	void *data = malloc(TRANSFER_SIZE);
	bool good = false;

	if (data == NULL) {
		complain(job->input.name, "%s", strerror(ENOMEM));
		return false;
	}
	progress_start(job->input.name, input_size(&job->input),
		       job->output != NULL && job->target == NULL);
	for (;;) {
		size_t want = limit < TRANSFER_SIZE ? (size_t)limit :
						      TRANSFER_SIZE;
		size_t len = 0;

		if (want > 0 &&
		    sgz_reader_read(job->reader, data, want, &len, &error) <
			    0) {
			complain_error(job->input.name, &error);
			break;
		}
		if (len == 0) {
			good = true;
			break;
		}
		if (job->output != NULL &&
		    !output_write(job->output, data, len))
			break;
		if (limit != SGZ_UNKNOWN)
			limit -= len;
	}
	progress_end();
	free(data);
	return good;
}

/* The first input and its reader are open. */
static bool
pump_all(struct job *job)
{
	const char *ranges = job->args->ranges_name;
	bool good = ranges == NULL ?
		pump(job) :
		write_ranges(ranges, job->reader, job->input.name, job->output);

	for (int i = 1; i < job->count && good; i++) {
		sgz_reader_close(job->reader);
		job->reader = NULL;
		input_close(&job->input);
		good = input_open(&job->input, job->files[i], true,
				  job->args->force) &&
			open_reader(job) && pump(job);
	}
	return good;
}

static bool
commit(struct job *job)
{
	bool keep = job->args->keep ||
		!replaces_input(job->args, job->files[0]);

	if (job->count == 1)
		output_imitate(job->output, &job->input.stat, true);
	return output_commit(job->output, !keep) &&
		input_finish(&job->input, keep);
}

static void
release(struct job *job)
{
	sgz_reader_close(job->reader);
	output_close(job->output);
	input_close(&job->input);
	free(job->target);
}

bool
decompress_files(const struct args *args, char **files, int count)
{
	struct job job = {
		.args = args,
		.files = files,
		.count = count,
		.input = INPUT_INIT,
	};
	bool good = input_open(&job.input, files[0],
			       !replaces_input(args, files[0]), args->force) &&
		name_output(&job) && check_parties(&job) && open_reader(&job) &&
		(job.output = output_for(args, job.target)) != NULL &&
		pump_all(&job) && commit(&job);

	release(&job);
	return good;
}

bool
test_files(const struct args *args, char **files, int count)
{
	struct job job = {
		.args = args,
		.files = files,
		.count = count,
		.input = INPUT_INIT,
	};
	bool good = input_open(&job.input, files[0], true, args->force) &&
		open_reader(&job) && pump_all(&job);

	release(&job);
	return good;
}
