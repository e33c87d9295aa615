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
	/* with MODE_REINDEX: inflate every block rather than trust it */
	bool verify;
	int level;
	/* the first byte wanted, and how many: SGZ_UNKNOWN for all */
	uint64_t offset;
	uint64_t size;
	bool has_range;
	/* NULL: the compressed file's name and ".gzi" */
	const char *index_name;
	/* NULL in there stands for standard input */
	char **files;
	int file_count;
};

/* Fill @args, and return -1 to go on; anything else is the exit code. */
int
args_parse(int argc, char **argv, struct args *args);

/* Each does its work on one file, complains if it fails, and says so. */
bool
compress_file(const struct args *args, const char *name);
bool
decompress_file(const struct args *args, const char *name);
bool
test_file(const struct args *args, const char *name);
bool
reindex_file(const struct args *args, const char *name);

/* --- input.c: what is read --- */

struct input {
	/* for messages: the path, or "(stdin)" */
	const char *name;
	/* NULL for standard input */
	const char *path;
	int fd;
	struct stat stat;
};

#define INPUT_INIT              \
	{                       \
		NULL, NULL, -1, \
		{               \
			0       \
		}               \
	}

/* Open @path (NULL: standard input); @any: regular files are not enough. */
bool
input_open(struct input *input, const char *path, bool any);
void
input_close(struct input *input);
/* Size in bytes if it can be known, else SGZ_UNKNOWN. */
uint64_t
input_size(const struct input *input);
/* Open a reader of @input that keeps the progress line going. */
struct sgz_reader *
input_reader(const struct input *input, bool to_stdout);

/* --- output.c: what is written --- */

/*
 * A file that gets its name only when it is complete: until then its bytes
 * are in a temporary file beside it, which no exit leaves behind.
 */
struct output {
	/* for messages: the path, or "(stdout)" */
	const char *name;
	/* NULL for standard output */
	const char *path;
	char *temp;
	int fd;
	bool replace;
};

#define OUTPUT_INIT                         \
	{                                   \
		NULL, NULL, NULL, -1, false \
	}

/* Have SIGINT, SIGTERM and SIGHUP remove the temporary file. */
void
output_catch_signals(void);
/* Hold these signals back, or let them come. */
void
output_hold_signals(bool hold);
/* Whether a file may be written at @path; asks a person if there is one. */
bool
output_may_replace(const char *path, bool force, bool *replace_out);
/* Open the output at @path (NULL: standard output). */
bool
output_open(struct output *output, const char *path, bool force);
bool
output_write(struct output *output, const void *data, size_t len);
/* Give the file its name, the mode and the times of @like. */
bool
output_commit(struct output *output, const struct stat *like, bool sync);
/* Give up what was not committed. Can be called at any time. */
void
output_release(struct output *output);
/* @path and @suffix as one string; free() it. */
char *
join_suffix(const char *path, const char *suffix);
/* Save @index at @path, without a signal leaving half of it. */
bool
save_index(const struct sgz_index *index, const char *path);
/* Close @input, remove its file unless told not to. */
bool
finish_input(struct input *input, const struct args *args);

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
