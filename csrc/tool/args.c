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
	OPTION_VERSION = 256
};

static const char help_text[] =
	"Usage: sgz [OPTION]... [FILE]...\n"
	"Compress each FILE to FILE.gz, in blocks that can be sought (BGZF).\n"
	"Without FILE, or as \"-\": from standard input to standard output.\n"
	"\n"
	"  -b, --offset N          write the data from uncompressed byte N on;\n"
	"                          implies -c and -d\n"
	"  -c, --stdout            write to standard output, keep the input\n"
	"  -d, --decompress        decompress\n"
	"  -f, --force             replace files that exist; write compressed\n"
	"                          data to a terminal\n"
	"  -h, --help              print this and exit\n"
	"  -i, --index             compress, and save an index as FILE.gz.gzi\n"
	"  -I, --index-name FILE   the name of the index\n"
	"  -k, --keep              keep the input\n"
	"  -l, --compress-level N  0 (stored) to 9 (smallest), -1 for the default\n"
	"  -r, --reindex           save the index of a compressed file; with -t,\n"
	"                          check the data as well\n"
	"  -s, --size N            write at most N bytes; implies -c and -d\n"
	"  -t, --test              check compressed files, write nothing\n"
	"      --version           print the version and exit\n"
	"\n"
	"-b uses the index FILE.gzi if it is there, and works without one.\n"
	"Exit status: 0 if all went well, 1 if a file failed, 2 for wrong usage.\n";

static const struct option long_options[] = {
	{ "offset", required_argument, NULL, 'b' },
	{ "stdout", no_argument, NULL, 'c' },
	{ "decompress", no_argument, NULL, 'd' },
	{ "force", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "index", no_argument, NULL, 'i' },
	{ "index-name", required_argument, NULL, 'I' },
	{ "keep", no_argument, NULL, 'k' },
	{ "compress-level", required_argument, NULL, 'l' },
	{ "reindex", no_argument, NULL, 'r' },
	{ "size", required_argument, NULL, 's' },
	{ "test", no_argument, NULL, 't' },
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

/* Returns -1 to go on. */
static int
check_together(struct args *args, const struct wishes *wishes)
{
	bool reads = wishes->decompress || wishes->test || wishes->reindex ||
		args->has_range;

	if (args->build_index && reads)
		return usage_error("-i is for compressing only");
	if (wishes->reindex && (wishes->decompress || args->has_range))
		return usage_error("-r does not go with -b, -d or -s");
	if (wishes->test && args->has_range)
		return usage_error("-t does not go with -b or -s");
	if (args->index_name != NULL && !args->build_index &&
	    !wishes->reindex && !args->has_range)
		return usage_error("-I needs -b, -i, -r or -s");
	if (args->index_name != NULL && args->file_count > 1)
		return usage_error("-I goes with one FILE only");

	if (wishes->reindex)
		args->mode = MODE_REINDEX;
	else if (wishes->test)
		args->mode = MODE_TEST;
	else if (reads)
		args->mode = MODE_DECOMPRESS;
	args->verify = wishes->test;
	if (args->has_range)
		args->to_stdout = true;

	for (int i = 0; i < args->file_count; i++) {
		bool nameless = args->files[i] == NULL ||
			(args->to_stdout && args->build_index);

		if (nameless && args->index_name == NULL &&
		    (args->build_index || wishes->reindex))
			return usage_error("the index needs a name: use -I");
	}
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

int
args_parse(int argc, char **argv, struct args *args)
{
	struct wishes wishes = { false, false, false };
	static char program[] = "sgz";
	int option;

	/* what getopt_long() puts in front of its complaints */
	if (argc > 0)
		argv[0] = program;
	*args = (struct args){
		.level = SGZ_LEVEL_DEFAULT,
		.size = SGZ_UNKNOWN,
	};
	while ((option = getopt_long(argc, argv, "b:cdfhiI:kl:rs:t",
				     long_options, NULL)) != -1) {
		switch (option) {
		case 'b':
			if (!parse_number(optarg, &args->offset))
				return usage_error("-b needs a number");
			args->has_range = true;
			break;
		case 'c':
			args->to_stdout = true;
			break;
		case 'd':
			wishes.decompress = true;
			break;
		case 'f':
			args->force = true;
			break;
		case 'h':
			fputs(help_text, stdout);
			return fflush(stdout) == 0 ? 0 : 1;
		case 'i':
			args->build_index = true;
			break;
		case 'I':
			args->index_name = optarg;
			break;
		case 'k':
			args->keep = true;
			break;
		case 'l':
			if (!parse_level(optarg, &args->level))
				return usage_error("-l needs -1 to 9");
			break;
		case 'r':
			wishes.reindex = true;
			break;
		case 's':
			if (!parse_number(optarg, &args->size))
				return usage_error("-s needs a number");
			args->has_range = true;
			break;
		case 't':
			wishes.test = true;
			break;
		case OPTION_VERSION:
			printf("sgz %s (libsgz %s)\n", SGZ_VERSION_STRING,
			       sgz_version_text);
			return fflush(stdout) == 0 ? 0 : 1;
		default:
			fputs("Try 'sgz --help'.\n", stderr);
			return EXIT_USAGE;
		}
	}
	take_files(args, argv + optind, argc - optind);
	return check_together(args, &wishes);
}
