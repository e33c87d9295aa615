/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The command line: options, and which of them go together. */
#include "tool.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	EXIT_USAGE = 2,
	OPTION_VERSION = 256,
	OPTION_BINARY,
	OPTION_REQUIRE_EOF,
};

static const char help_text[] =
	"Usage: sgz [OPTION]... [FILE]...\n"
	"Compress each FILE to FILE.gz, in blocks with random access (BGZF).\n"
	"Without FILE, or as \"-\": from standard input to standard output.\n"
	"\n"
	"  -b, --offset N          write the data from uncompressed byte N on;\n"
	"                          implies -c and -d\n"
	"  -c, --stdout            write to standard output, keep the input\n"
	"  -d, --decompress        decompress\n"
	"  -f, --force             replace files that exist; compress what is\n"
	"                          compressed already; read through links;\n"
	"                          write compressed data to a terminal\n"
	"  -g, --rebgzip           compress in the blocks of the index of -I\n"
	"  -h, --help              print this and exit\n"
	"  -i, --index             compress, and save an index as FILE.gz.gzi\n"
	"  -I, --index-name FILE   the name of the index; - for standard output\n"
	"                          or, where it is read, standard input\n"
	"  -k, --keep              keep the input\n"
	"  -l, --compress-level N  0 (stored) to 9 (smallest), -1 for the default\n"
	"  -o, --output FILE       write to FILE, over what is there, and keep the\n"
	"                          input; several inputs become one output\n"
	"  -r, --reindex           save the index of a compressed file; with -t,\n"
	"                          check the data as well\n"
	"  -s, --size N            write at most N bytes; implies -c and -d\n"
	"  -t, --test              check compressed files, write nothing\n"
	"  -@, --threads N         accepted, as bgzip has it: one thread works\n"
	"      --binary            accepted, as bgzip has it: blocks never depend\n"
	"                          on lines\n"
	"      --require-eof       a BGZF file without its end marker is an error,\n"
	"                          not a warning\n"
	"      --version           print the version and exit\n"
	"\n"
	"-b uses the index FILE.gzi if it is there, and works without one.\n"
	"A link, a device or a pipe is read with -c, -o or -f. -f removes the link,\n"
	"not its file, and nothing else that is no regular file.\n"
	"Exit status: 0 if all went well, 1 if a file failed, 2 for wrong usage.\n";

static const struct option long_options[] = {
	{ "offset", required_argument, NULL, 'b' },
	{ "stdout", no_argument, NULL, 'c' },
	{ "decompress", no_argument, NULL, 'd' },
	{ "force", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "index", no_argument, NULL, 'i' },
	{ "index-name", required_argument, NULL, 'I' },
	{ "binary", no_argument, NULL, OPTION_BINARY },
	{ "keep", no_argument, NULL, 'k' },
	{ "compress-level", required_argument, NULL, 'l' },
	{ "output", required_argument, NULL, 'o' },
	{ "rebgzip", no_argument, NULL, 'g' },
	{ "reindex", no_argument, NULL, 'r' },
	{ "require-eof", no_argument, NULL, OPTION_REQUIRE_EOF },
	{ "size", required_argument, NULL, 's' },
	{ "test", no_argument, NULL, 't' },
	{ "threads", required_argument, NULL, '@' },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

static int
usage_error(const char *text)
{
	fprintf(stderr, "sgz: %s\nTry 'sgz --help'.\n", text);
	return EXIT_USAGE;
}

/* Digits and nothing else, unlike strtoull(), which takes "-1" and " 1". */
static bool
parse_number(const char *text, uint64_t *number_out)
{
	char *end;
	unsigned long long number;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	*number_out = number;
	return true;
}

static bool
parse_level(const char *text, int *level_out)
{
	uint64_t level;

	if (strcmp(text, "-1") == 0) {
		*level_out = SGZ_LEVEL_DEFAULT;
		return true;
	}
	if (!parse_number(text, &level) || level > 9)
		return false;
	*level_out = (int)level;
	return true;
}

/* What was asked for, before it is known what goes together. */
struct wishes {
	bool decompress;
	bool test;
	bool reindex;
};

/* What is wrong with the index's name, or NULL. */
static const char *
check_index_name(const struct args *args, const struct wishes *wishes)
{
	bool written = args->build_index || wishes->reindex;
	bool to_stdout = args->to_stdout || args->output_name == NULL;

	if (args->by_index && args->index_name == NULL)
		return "-g needs an index: use -I";
	if (args->index_name != NULL && !written && !args->by_index &&
	    !args->has_range)
		return "-I needs -b, -g, -i, -r or -s";
	if (args->index_name != NULL && args->file_count > 1 &&
	    args->output_name == NULL)
		return "-I goes with one FILE only";
	for (int i = 0; i < args->file_count; i++) {
		bool is_std = args->files[i] == NULL;
		bool nameless = wishes->reindex ?
			is_std :
			to_stdout && (is_std || args->to_stdout);

		if (written && nameless && args->index_name == NULL)
			return "the index needs a name: use -I";
		if (args->build_index && nameless && is_dash(args->index_name))
			return "data and index cannot both go to standard "
			       "output";
		if (!written && is_std && is_dash(args->index_name))
			return "data and index cannot both come from standard "
			       "input";
	}
	return NULL;
}

/* What does not go together, or NULL. */
static const char *
check_together(const struct args *args, const struct wishes *wishes)
{
	bool reads = wishes->decompress || wishes->test || wishes->reindex ||
		args->has_range;

	if (args->build_index && reads)
		return "-i is for compressing only";
	if (args->by_index && (reads || args->build_index))
		return "-g does not go with -b, -d, -i, -r, -s or -t";
	if (wishes->reindex && (wishes->decompress || args->has_range))
		return "-r does not go with -b, -d or -s";
	if (wishes->test && args->has_range)
		return "-t does not go with -b or -s";
	if (args->output_name != NULL && args->to_stdout)
		return "-o does not go with -c";
	if (args->output_name != NULL && (wishes->test || wishes->reindex))
		return "-o does not go with -r or -t";
	return check_index_name(args, wishes);
}

/* Set the mode. Returns -1 to go on. */
static int
choose_mode(struct args *args, const struct wishes *wishes)
{
	const char *problem;

	if (is_dash(args->output_name)) {
		args->output_name = NULL;
		args->to_stdout = true;
	}
	problem = check_together(args, wishes);
	if (problem != NULL)
		return usage_error(problem);
	if (wishes->reindex)
		args->mode = MODE_REINDEX;
	else if (wishes->test)
		args->mode = MODE_TEST;
	else if (wishes->decompress || args->has_range)
		args->mode = MODE_DECOMPRESS;
	args->verify = wishes->test;
	if (args->has_range && args->output_name == NULL)
		args->to_stdout = true;
	return -1;
}

/* The rest of the arguments are files, and no files are standard input. */
static void
take_files(struct args *args, char **files, int count)
{
	static char *no_files[] = { NULL };

	args->files = count > 0 ? files : no_files;
	args->file_count = count > 0 ? count : 1;
	for (int i = 0; i < count; i++)
		if (strcmp(files[i], "-") == 0)
			files[i] = NULL;
}

/* A number to @number_out, or what is wrong. */
static int
take_number(const char *text, uint64_t *number_out, const char *problem)
{
	return parse_number(text, number_out) ? -1 : usage_error(problem);
}

static int
print_and_exit(const char *text)
{
	fputs(text, stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}

/* Options with a value, and those that end the program. -1 to go on. */
static int
take_value(int option, struct args *args)
{
	uint64_t threads;

	switch (option) {
	case 'b':
		args->has_range = true;
		return take_number(optarg, &args->offset, "-b needs a number");
	case 'h':
		return print_and_exit(help_text);
	case 'I':
		args->index_name = optarg;
		return -1;
	case 'l':
		if (!parse_level(optarg, &args->level))
			return usage_error("-l needs -1 to 9");
		return -1;
	case 'o':
		args->output_name = optarg;
		return -1;
	case 's':
		args->has_range = true;
		return take_number(optarg, &args->size, "-s needs a number");
	case '@':
		return take_number(optarg, &threads, "-@ needs a number");
	case OPTION_VERSION:
		printf("sgz %s (libsgz %s)\n", SGZ_VERSION_STRING,
		       sgz_version_text);
		return print_and_exit("");
	default:
		fputs("Try 'sgz --help'.\n", stderr);
		return EXIT_USAGE;
	}
}

static int
take_option(int option, struct args *args, struct wishes *wishes)
{
	bool *flag;

	switch (option) {
	case 'c':
		flag = &args->to_stdout;
		break;
	case 'd':
		flag = &wishes->decompress;
		break;
	case 'f':
		flag = &args->force;
		break;
	case 'g':
		flag = &args->by_index;
		break;
	case 'i':
		flag = &args->build_index;
		break;
	case 'k':
		flag = &args->keep;
		break;
	case 'r':
		flag = &wishes->reindex;
		break;
	case 't':
		flag = &wishes->test;
		break;
	case OPTION_BINARY:
		return -1;
	case OPTION_REQUIRE_EOF:
		flag = &args->require_eof;
		break;
	default:
		return take_value(option, args);
	}
	*flag = true;
	return -1;
}

int
args_parse(int argc, char **argv, struct args *args)
{
	struct wishes wishes = { false, false, false };
	static char program[] = "sgz";
	int code = -1;
	int option;

	/* what getopt_long() puts in front of its complaints */
	if (argc > 0)
		argv[0] = program;
	*args = (struct args){
		.level = SGZ_LEVEL_DEFAULT,
		.size = SGZ_UNKNOWN,
	};
	while (code < 0 &&
	       (option = getopt_long(argc, argv, "b:cdfghiI:kl:o:rs:t@:",
				     long_options, NULL)) != -1)
		code = take_option(option, args, &wishes);
	if (code >= 0)
		return code;
	take_files(args, argv + optind, argc - optind);
	return choose_mode(args, &wishes);
}
