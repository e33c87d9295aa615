/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the source files of the `sgz` command share. */
#ifndef SGZ_TOOL_H
#define SGZ_TOOL_H

#include <sgz.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Bytes per read() and write(): large, for few system calls. */
#define TRANSFER_SIZE (1u << 18)

enum mode {
	MODE_COMPRESS,
	MODE_DECOMPRESS,
	MODE_TEST,
	MODE_REINDEX,
};

/* The command line, once checked. */
struct args {
	enum mode mode;
	bool to_stdout;
	bool keep;
	bool force;
	bool build_index;
	/* with MODE_COMPRESS: cut blocks where the index says */
	bool by_index;
	/* with MODE_REINDEX: inflate every block rather than trust it */
	bool verify;
	/* a BGZF file without its end marker is an error, not a warning */
	bool require_eof;
	int level;
	/* the first byte wanted, and how many: SGZ_UNKNOWN for all */
	uint64_t offset;
	uint64_t size;
	bool has_range;
	/* NULL: the compressed file's name and ".gzi"; "-": standard input
	 * where it is read, standard output where it is written */
	const char *index_name;
	/* NULL: a name made of the input's, or standard output */
	const char *output_name;
	/* NULL in there stands for standard input */
	char **files;
	int file_count;
};

/* Fill @args, and return -1 to go on; anything else is the exit code. */
int
args_parse(int argc, char **argv, struct args *args);

/*
 * Each does its work on @count files, which share one output if there is one,
 * complains if it fails, and says so.
 */
bool
compress_files(const struct args *args, char **files, int count);
bool
decompress_files(const struct args *args, char **files, int count);
bool
test_files(const struct args *args, char **files, int count);
bool
reindex_files(const struct args *args, char **files, int count);

/* Does an output take the place of the input @file? */
static inline bool
replaces_input(const struct args *args, const char *file)
{
	return args->mode != MODE_TEST && file != NULL && !args->to_stdout &&
		args->output_name == NULL;
}

/* --- names.c: what names say, and what they lead to --- */

static inline bool
is_dash(const char *name)
{
	return name != NULL && name[0] == '-' && name[1] == '\0';
}

/* The length of @path without ".gz" or its like; 0: it has none. */
size_t
stem_length(const char *path);
/* @path and @suffix as one string; free() it. */
char *
join_suffix(const char *path, const char *suffix);

/* A file that takes part, for it to be told from the others. */
struct party {
	/* for messages: "the input", and its name */
	const char *role;
	const char *name;
	/* its path if it has one, else its descriptor */
	const char *path;
	int fd;
	bool is_written;
};

/* The party at @path, or if it is NULL or "-" at the standard @std_fd. */
struct party
party_of(const char *role, const char *path, int std_fd, bool is_written);

/*
 * Is none that is written another one, too? Complains if so. Links are followed; a file that
 * is not there yet is known by its folder and the last part of its name.
 */
bool
check_distinct(const struct party *parties, size_t count);
/* Does a link on the way to @path lie in /proc, as /dev/stdin's does? */
bool
leads_through_proc(const char *path);

/* --- input.c: what is read --- */

struct input {
	/* for messages: the path, or "(stdin)" */
	const char *name;
	/* NULL for standard input */
	const char *path;
	int fd;
	struct stat stat;
	/* what finish_input() removes: the file, or the link to it, by the
	 * folder that it is in; -1: it stays, whatever happens */
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
 * Open @path (NULL: standard input). @stays: it is only read. If not, it is to
 * be replaced by the output: regular files only, unless @force.
 */
bool
input_open(struct input *input, const char *path, bool stays, bool force);
/* Close @input, and remove its file if it was to be replaced. */
bool
input_finish(struct input *input, bool keep);
void
input_close(struct input *input);
/* Size in bytes if it can be known, else SGZ_UNKNOWN. */
uint64_t
input_size(const struct input *input);
/* Read from @input, waiting where there is nothing yet. */
ssize_t
input_read(const struct input *input, void *data, size_t len);
/*
 * Open a reader of @input that keeps the progress line going. @observer (NULL:
 * none) is told of the rest, its mask permitting.
 */
struct sgz_reader *
input_reader(const struct args *args, const struct input *input,
	     const struct sgz_observer *observer);
/* The index called @name ("-": standard input), or NULL and why, in @error. */
struct sgz_index *
load_index(const char *name, struct sgz_error *error);
/* Is the file at @path an index? A link is none, nor is a pipe. */
bool
is_index(const char *path);

/* --- output.c: what is written --- */

struct output;

/* Have the signals that end the process remove temporary files first. */
void
output_catch_signals(void);
/* Room for an output that is not open; free it with output_close(). */
struct output *
output_new(void);
/* The output at @target (NULL: standard output), open, or NULL. */
struct output *
output_for(const struct args *args, const char *target);
/* Open standard output. */
void
output_open_stdout(struct output *output);
/*
 * Open a new file that will be at @path. It may replace one if @force or a
 * person says so; a device or a pipe is written to.
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
/* Have the owner and the mode of @like, and its times if @times. */
void
output_imitate(struct output *output, const struct stat *like, bool times);
/* Put the file in its place; @sync: have it on the disk before. */
bool
output_commit(struct output *output, bool sync);
/* Give up what was not committed. NULL is allowed. */
void
output_close(struct output *output);

/* --- progress.c: what a person sees --- */

/* Print "sgz: NAME: ..." as a line of its own. */
void
complain(const char *name, const char *format, ...) SGZ_PRINTF(2, 3);
/* Print what @error says about @name. */
void
complain_error(const char *name, const struct sgz_error *error);
/* Start a progress line, which appears if the work takes long. */
void
progress_start(const char *name, uint64_t total, bool to_stdout);
/* @done of the total is done, and @bytes of uncompressed data are through. */
void
progress_update(uint64_t done, uint64_t bytes);
void
progress_end(void);

#endif
