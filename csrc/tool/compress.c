/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Compress files, or standard input, to BGZF. */
#include "tool.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One output, its inputs, and its index. */
struct job {
	const struct args *args;
	char **files;
	int count;
	struct input input;
	/* the output's path, unless it is standard output */
	char *target;
	struct output *output;
	/* the path of the new index, or "-", or NULL */
	char *index_name;
	struct output *index_output;
	/* with -g: the index that says where blocks end */
	struct sgz_index *cuts;
	size_t next_cut;
	struct sgz_writer *writer;
	/* bytes of the inputs before the current one */
	uint64_t before;
};

static bool
name_output(struct job *job)
{
	const struct args *args = job->args;

	if (args->output_name != NULL)
		job->target = join_suffix(args->output_name, "");
	else if (replaces_input(job->args, job->files[0]))
		job->target = join_suffix(job->files[0], ".gz");
	else
		return true;
	return job->target != NULL;
}

static bool
name_index(struct job *job)
{
	if (!job->args->build_index)
		return true;
	job->index_name = job->args->index_name != NULL ?
		join_suffix(job->args->index_name, "") :
		join_suffix(job->target, ".gzi");
	return job->index_name != NULL;
}

/* Check that no output is also an input or another output. */
static bool
check_parties(const struct job *job)
{
	size_t count = 0;
	struct party *parties =
		malloc((size_t)(job->count + 3) * sizeof(*parties));
	bool good;

	if (parties == NULL) {
		complain("(files)", "%s", strerror(ENOMEM));
		return false;
	}
	for (int i = 0; i < job->count; i++)
		parties[count++] = party_of("the input", job->files[i],
					    STDIN_FILENO, false);
	parties[count++] =
		party_of("the output", job->target, STDOUT_FILENO, true);
	if (job->index_name != NULL)
		parties[count++] = party_of("the index", job->index_name,
					    STDOUT_FILENO, true);
	if (job->args->by_index)
		parties[count++] = party_of("the index", job->args->index_name,
					    STDIN_FILENO, false);
	good = check_distinct(parties, count);
	free(parties);
	return good;
}

static bool
open_index_output(struct job *job)
{
	if (job->index_name == NULL)
		return true;
	job->index_output = output_new();
	if (job->index_output == NULL)
		return false;
	if (is_dash(job->index_name)) {
		output_open_stdout(job->index_output);
		return true;
	}
	/* replace an older index without a question */
	return output_open(job->index_output, job->index_name,
			   job->args->force || is_index(job->index_name));
}

static bool
refuse_terminal(const struct job *job)
{
	if (job->args->force || job->target != NULL ||
	    !isatty(output_fd(job->output)))
		return false;
	complain(output_name(job->output),
		 "compressed data is not written to a terminal: use -f");
	return true;
}

static bool
load_cuts(struct job *job)
{
	struct sgz_error error = SGZ_ERROR_INIT;

	if (!job->args->by_index)
		return true;
	job->cuts = load_index(job->args->index_name, &error);
	if (job->cuts == NULL)
		complain_error(NULL, &error);
	job->next_cut = 1;
	return job->cuts != NULL;
}

static bool
open_writer(struct job *job)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;

	options.level = job->args->level;
	options.pool = job->args->pool;
	options.codec = job->args->codec;
	options.build_index = job->args->build_index;
	if (sgz_writer_open_fd(output_fd(job->output), &options, &job->writer,
			       &error) >= 0)
		return true;
	complain_error(output_name(job->output), &error);
	return false;
}

/* Write @data, and end a block wherever the index has one. */
static bool
write_cut(struct job *job, const char *data, size_t len)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	enum sgz_status status = SGZ_OK;
	const struct sgz_index_entry *entries = NULL;
	size_t count = 0;

	if (job->cuts != NULL)
		entries = sgz_index_get_entries(job->cuts, &count);
	while (status >= 0 && len > 0) {
		size_t part = len;
		uint64_t at = sgz_writer_tell(job->writer);

		if (job->next_cut < count &&
		    entries[job->next_cut].offset - at < part)
			part = (size_t)(entries[job->next_cut].offset - at);
		status = sgz_writer_write(job->writer, data, part, &error);
		data += part;
		len -= part;
		if (status < 0 || job->next_cut >= count ||
		    sgz_writer_tell(job->writer) <
			    entries[job->next_cut].offset)
			continue;
		job->next_cut++;
		status = sgz_writer_flush(job->writer, &error);
	}
	if (status < 0)
		complain_error(output_name(job->output), &error);
	return status >= 0;
}

/* Did the data reach the start of the index's last block? */
static bool
check_cuts(const struct job *job)
{
	uint64_t len = sgz_writer_tell(job->writer);
	const struct sgz_index_entry *entries;
	size_t count = 0;

	if (job->cuts == NULL)
		return true;
	entries = sgz_index_get_entries(job->cuts, &count);
	if (len >= entries[count - 1].offset)
		return true;
	complain(job->args->index_name,
		 "belongs to a longer file: its last block starts at byte "
		 "%llu, but the input has %llu bytes",
		 (unsigned long long)entries[count - 1].offset,
		 (unsigned long long)len);
	return false;
}

/* Copy all of the current input to the writer. */
static bool
pump(struct job *job)
{
	const struct input *input = &job->input;
	char *data = malloc(TRANSFER_SIZE);
	uint64_t done = 0;
	ssize_t n;
	bool good = true;

	if (data == NULL) {
		complain(input->name, "%s", strerror(ENOMEM));
		return false;
	}
	progress_start(input->name, input_size(input), job->target == NULL);
	while (good && (n = input_read(input, data, TRANSFER_SIZE)) != 0) {
		if (n < 0) {
			complain(input->name, "at byte %llu: %s",
				 (unsigned long long)done, strerror(errno));
			good = false;
			break;
		}
		good = write_cut(job, data, (size_t)n);
		done += (uint64_t)n;
		progress_update(done, done);
	}
	progress_end();
	free(data);
	return good;
}

static bool
pump_all(struct job *job)
{
	bool good = true;

	/* the first input is open */
	for (int i = 0; i < job->count && good; i++) {
		if (i > 0) {
			input_close(&job->input);
			good = input_open(&job->input, job->files[i], true,
					  job->args->force);
		}
		good = good && pump(job);
	}
	return good && check_cuts(job);
}

static bool
finish_writer(struct job *job)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_index *index;
	enum sgz_status status;

	if (sgz_writer_finish(job->writer, &error) < 0) {
		complain_error(output_name(job->output), &error);
		return false;
	}
	if (job->index_output == NULL)
		return true;
	index = sgz_writer_ref_index(job->writer);
	status = sgz_index_save_fd(index, output_fd(job->index_output), &error);
	sgz_index_unref(index);
	if (status < 0)
		complain_error(output_name(job->index_output), &error);
	return status >= 0;
}

/*
 * An index of the file that was replaced is wrong now. If no new index has its
 * name, remove it.
 */
static void
drop_old_index(const struct job *job)
{
	char *path;

	if (job->target == NULL)
		return;
	path = join_suffix(job->target, ".gzi");
	if (path == NULL)
		return;
	if ((job->index_name == NULL || strcmp(path, job->index_name) != 0) &&
	    is_index(path)) {
		if (unlink(path) == 0)
			complain(path,
				 "removed: it was the index of a file "
				 "that is replaced");
		else
			complain(path,
				 "is the index of a file that is replaced, but "
				 "cannot be removed: %s",
				 strerror(errno));
	}
	free(path);
}

/* Give data and index their names, and only then remove the input. */
static bool
commit(struct job *job)
{
	const struct stat *like = &job->input.stat;
	bool removes = replaces_input(job->args, job->files[0]) &&
		!job->args->keep;

	if (job->count == 1) {
		output_imitate(job->output, like, true);
		if (job->index_output != NULL)
			output_imitate(job->index_output, like, false);
	}
	if (!output_commit(job->output, removes))
		return false;
	drop_old_index(job);
	if (job->index_output != NULL &&
	    !output_commit(job->index_output, removes))
		return false;
	return input_finish(&job->input, job->args->keep);
}

/* Is the file skipped, because its name is that of a compressed file? */
static bool
is_passed_over(const struct job *job)
{
	if (!replaces_input(job->args, job->files[0]) || job->args->force ||
	    stem_length(job->files[0]) == 0)
		return false;
	complain(job->files[0],
		 "has the name of a compressed file, and is skipped: use "
		 "-f to compress it again");
	return true;
}

static bool
prepare(struct job *job)
{
	return name_output(job) && name_index(job) && check_parties(job) &&
		load_cuts(job) &&
		(job->output = output_for(job->args, job->target)) != NULL &&
		!refuse_terminal(job) && open_index_output(job) &&
		open_writer(job);
}

bool
compress_files(const struct args *args, char **files, int count)
{
	struct job job = {
		.args = args,
		.files = files,
		.count = count,
		.input = INPUT_INIT,
	};
	bool good = false;

	if (!input_open(&job.input, files[0], !replaces_input(args, files[0]),
			args->force))
		goto out;
	if (is_passed_over(&job)) {
		good = true;
		goto out;
	}
	good = prepare(&job) && pump_all(&job) && finish_writer(&job) &&
		commit(&job);
out:
	sgz_writer_free(job.writer);
	sgz_index_unref(job.cuts);
	output_close(job.index_output);
	output_close(job.output);
	input_close(&job.input);
	free(job.index_name);
	free(job.target);
	return good;
}
