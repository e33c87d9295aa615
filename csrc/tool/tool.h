/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Shared by the source files of the command `sgz`. */
#ifndef SGZ_TOOL_H
#define SGZ_TOOL_H

#include <sgz.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Bytes per read() and write(): about a block. With more, the processor's
 * second cache does not hold both the input and what the codec works with.
 */
#define TRANSFER_SIZE (1u << 16)

enum mode {
	MODE_COMPRESS,
	MODE_DECOMPRESS,
	MODE_TEST,
	MODE_REINDEX,
};

/* The command line, after it was checked. */
struct args {
	enum mode mode;
	bool to_stdout;
	bool keep;
	bool force;
	bool build_index;
	/* with MODE_COMPRESS: end blocks where the index says */
	bool by_index;
	/* with MODE_REINDEX: inflate every block to check it */
	bool verify;
	/* a BGZF file without its end marker is an error, not a warning */
	bool require_eof;
	int level;
	uint64_t threads;
	/* NULL: one thread */
	struct sgz_pool *pool;
	/* --codec, and what it names; NULL: the default */
	const char *codec_name;
	struct sgz_codec *codec;
	/* the first byte, and the number of bytes: SGZ_UNKNOWN for all */
	uint64_t offset;
	uint64_t size;
	bool has_range;
	/* a list of ranges, instead of one; "-": standard input */
	const char *ranges_name;
	/* bytes of decompressed blocks to keep for them */
	uint64_t cache_size;
	/* NULL: the compressed file's name and ".gzi"; "-": standard input if
	 * the index is read, standard output if it is written */
	const char *index_name;
	/* NULL: a name made from the input's name, or standard output */
	const char *output_name;
	/* a NULL in the array is standard input */
	char **files;
	int file_count;
};

/* Fill @args, and return -1 to continue; any other value is the exit code. */
int
args_parse(int argc, char **argv, struct args *args);

/*
 * Each function works on @count files, which share one output if there is one.
 * On failure it prints a message and returns false.
 */
bool
compress_files(const struct args *args, char **files, int count);
bool
decompress_files(const struct args *args, char **files, int count);
bool
test_files(const struct args *args, char **files, int count);
bool
reindex_files(const struct args *args, char **files, int count);

/* Does an output replace the input @file? */
static inline bool
replaces_input(const struct args *args, const char *file)
{
	return args->mode != MODE_TEST && file != NULL && !args->to_stdout &&
		args->output_name == NULL;
}

/* Only digits, and nothing behind them. */
bool
parse_number(const char *text, uint64_t *number_out);

/* --- names.c: file names, and the files that they lead to --- */

static inline bool
is_dash(const char *name)
{
	return name != NULL && name[0] == '-' && name[1] == '\0';
}

/* The length of @path without ".gz" or a similar suffix; 0: no such suffix. */
size_t
stem_length(const char *path);
/* @path and @suffix as one string; free() it. */
char *
join_suffix(const char *path, const char *suffix);

/* A file that is read or written, to be compared with the others. */
struct party {
	/* for messages: a role such as "the input", and the name */
	const char *role;
	const char *name;
	/* the path if it has one, else the descriptor */
	const char *path;
	int fd;
	bool is_written;
};

/* The party at @path; for NULL or "-", at the standard descriptor @std_fd. */
struct party
party_of(const char *role, const char *path, int std_fd, bool is_written);

/*
 * Are all written files different from all other parties? If not, it prints a
 * message. Links are followed. A file that does not exist yet is identified by
 * its folder and the last part of its name.
 */
bool
check_distinct(const struct party *parties, size_t count);
/* Does @path lead through a link in /proc, as /dev/stdin does? */
bool
leads_through_proc(const char *path);

/* --- input.c: input files --- */

struct input {
	/* for messages: the path, or "(stdin)" */
	const char *name;
	/* NULL for standard input */
	const char *path;
	int fd;
	struct stat stat;
	/* the folder of the file or link that input_finish() removes; -1:
	 * nothing is removed */
	int dir;
	struct stat entry;
};

#define INPUT_INIT                         \
	{                                  \
		NULL, NULL, -1, { 0 }, -1, \
		{                          \
			0                  \
		}                          \
	}

/*
 * Open @path (NULL: standard input). @stays: the file is only read. Otherwise
 * the output will replace it: it must be a regular file, unless @force.
 */
bool
input_open(struct input *input, const char *path, bool stays, bool force);
/* Close @input, and remove its file if the output replaces it. */
bool
input_finish(struct input *input, bool keep);
void
input_close(struct input *input);
/* The size in bytes if it is known, else SGZ_UNKNOWN. */
uint64_t
input_size(const struct input *input);
/* Read from @input; wait if it has no data yet. */
ssize_t
input_read(const struct input *input, void *data, size_t len);
/*
 * Open a reader of @input that updates the progress line. @observer (NULL:
 * none) gets the other events that its mask selects.
 */
struct sgz_reader *
input_reader(const struct args *args, const struct input *input,
	     const struct sgz_observer *observer);
/* Load the index @name ("-": standard input). On failure: NULL, and @error. */
struct sgz_index *
load_index(const char *name, struct sgz_error *error);
/* Is the file at @path an index? A link or a pipe is not. */
bool
is_index(const char *path);

/* --- output.c: output files --- */

struct output;

/* Signals that end the process will remove temporary files first. */
void
output_catch_signals(void);
/* A new output that is not open; free it with output_close(). */
struct output *
output_new(void);
/* Open the output @target (NULL: standard output). NULL on failure. */
struct output *
output_for(const struct args *args, const char *target);
/* Open standard output. */
void
output_open_stdout(struct output *output);
/*
 * Open a new file that will be at @path. It may replace a file if @force is set
 * or the user agrees. A device or a pipe is written to.
 */
bool
output_open(struct output *output, const char *path, bool force);
int
output_fd(const struct output *output);
/* For messages: the path, or "(stdout)". */
const char *
output_name(const struct output *output);
bool
output_write(struct output *output, const void *data, size_t len);
/* Give the output the owner and mode of @like, and its times if @times. */
void
output_imitate(struct output *output, const struct stat *like, bool times);
/* Give the file its name; @sync: write it to the disk first. */
bool
output_commit(struct output *output, bool sync);
/* Close the output; drop it if it was not committed. NULL is allowed. */
void
output_close(struct output *output);

/* --- ranges.c: many ranges --- */

/*
 * Write the ranges of the list at @list_name ("-": standard input). Messages
 * call the input @name. The reader has an index.
 */
bool
write_ranges(const char *list_name, struct sgz_reader *reader, const char *name,
	     struct output *output);

/* --- codecs.c --- */

/* Load the codec that was asked for. */
bool
load_codec(struct args *args);
/* Print a line for each codec that is built in or in the folder of plugins. */
void
print_codecs(void);

/* --- progress.c: messages and progress --- */

/* Print the line "sgz: NAME: ...". */
void
complain(const char *name, const char *format, ...) SGZ_PRINTF(2, 3);
/* Print @error with @name. */
void
complain_error(const char *name, const struct sgz_error *error);
/* Start a progress line. It appears if the work takes long. */
void
progress_start(const char *name, uint64_t total, bool to_stdout);
/* Update it: @done of the total, and @bytes of uncompressed data. */
void
progress_update(uint64_t done, uint64_t bytes);
void
progress_end(void);

#endif
