/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The command line: options, and which of them can be combined. */
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
	OPTION_CACHE,
	OPTION_CODEC,
	OPTION_RANGES,
	OPTION_REQUIRE_EOF,
};

static const char help_text[] =
	"Usage: sgz [OPTION]... [FILE]...\n"
	"Compress each FILE to FILE.gz, in blocks with random access (BGZF).\n"
	"Without FILE, or as \"-\": from standard input to standard output.\n"
	"\n"
	"  -b, --offset N          start at uncompressed byte N;\n"
	"                          implies -c and -d\n"
	"  -c, --stdout            write to standard output, keep the input\n"
	"  -d, --decompress        decompress\n"
	"  -f, --force             replace existing files; compress files that\n"
	"                          are compressed already; follow links;\n"
	"                          allow compressed data on a terminal\n"
	"  -g, --rebgzip           end blocks where the index of -I ends them\n"
	"  -h, --help              print this and exit\n"
	"  -i, --index             compress, and save an index as FILE.gz.gzi\n"
	"  -I, --index-name FILE   the name of the index; - for standard input\n"
	"                          (if it is read) or standard output\n"
	"  -k, --keep              keep the input\n"
	"  -l, --compress-level N  0 (stored) to 12 (smallest), -1 for the default;\n"
	"                          zlib's highest is 9\n"
	"  -o, --output FILE       write to FILE, replace it if it exists, and\n"
	"                          keep the input; join several inputs\n"
	"  -r, --reindex           save the index of a compressed file; with -t,\n"
	"                          check the data as well\n"
	"  -s, --size N            write at most N bytes; implies -c and -d\n"
	"  -t, --test              check compressed files, write nothing\n"
	"  -@, --threads N         use N threads; 0: one for each processor\n"
	"      --cache N           with --ranges: keep N bytes of decompressed\n"
	"                          blocks for later ranges (default: 8388608)\n"
	"      --codec NAME        compress and decompress blocks by this codec:\n"
	"                          a name that --version prints, or the path of\n"
	"                          a plugin, with a slash; its levels are its own\n"
	"      --ranges LIST       write the ranges in LIST, which has a line\n"
	"                          \"OFFSET SIZE\" for each; - for standard\n"
	"                          input; implies -c and -d\n"
	"      --binary            ignored: bgzip has it, in sgz blocks never\n"
	"                          depend on lines\n"
	"      --require-eof       a BGZF file without its end marker is an error,\n"
	"                          not a warning\n"
	"      --version           print the version and the codecs, and exit\n"
	"\n"
	"-b uses the index FILE.gzi if it exists, and also works without an index.\n"
	"To read a link, a device or a pipe, use -c, -o or -f. With -f a link is\n"
	"removed, but its file is kept. A device or a pipe is never removed.\n"
	"Exit status: 0 for success, 1 if a file failed, 2 for a usage error.\n";

static const struct option long_options[] = {
	{ "offset", required_argument, NULL, 'b' },
	{ "stdout", no_argument, NULL, 'c' },
	{ "decompress", no_argument, NULL, 'd' },
	{ "force", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "index", no_argument, NULL, 'i' },
	{ "index-name", required_argument, NULL, 'I' },
	{ "cache", required_argument, NULL, OPTION_CACHE },
	{ "codec", required_argument, NULL, OPTION_CODEC },
	{ "ranges", required_argument, NULL, OPTION_RANGES },
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

/* strtoull() would also accept "-1" and " 1". */
bool
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
	if (!parse_number(text, &level) || level > SGZ_LEVEL_MAX)
		return false;
	*level_out = (int)level;
	return true;
}

/* The options that were given, before their combination is checked. */
struct wishes {
	bool decompress;
	bool test;
	bool reindex;
};

/* The fault of the index's name, or NULL. */
static const char *
check_index_name(const struct args *args, const struct wishes *wishes)
{
	bool written = args->build_index || wishes->reindex;
	bool to_stdout = args->to_stdout || args->output_name == NULL;

	if (args->by_index && args->index_name == NULL)
		return "-g needs an index: use -I";
	if (args->index_name != NULL && !written && !args->by_index &&
	    !args->has_range)
		return "-I needs -b, -g, -i, -r, -s or --ranges";
	if (args->index_name != NULL && args->file_count > 1 &&
	    args->output_name == NULL)
		return "-I can be used with one FILE only";
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
		if (is_dash(args->ranges_name) &&
		    (is_std || is_dash(args->index_name)))
			return "only one of data, index and ranges can come "
			       "from standard input";
	}
	return NULL;
}

/* The options that cannot be combined, or NULL. */
static const char *
check_together(const struct args *args, const struct wishes *wishes)
{
	bool reads = wishes->decompress || wishes->test || wishes->reindex ||
		args->has_range;

	if (args->build_index && reads)
		return "-i can only be used to compress";
	if (args->by_index && (reads || args->build_index))
		return "-g cannot be used with -b, -d, -i, -r, -s or -t";
	if (wishes->reindex && (wishes->decompress || args->has_range))
		return "-r cannot be used with -b, -d or -s";
	if (wishes->test && args->has_range)
		return "-t cannot be used with -b or -s";
	if (args->ranges_name != NULL &&
	    (args->offset != 0 || args->size != SGZ_UNKNOWN))
		return "--ranges cannot be used with -b or -s";
	if (args->ranges_name != NULL && args->file_count > 1)
		return "--ranges can be used with one FILE only";
	if (args->cache_size != SGZ_UNKNOWN && args->ranges_name == NULL)
		return "--cache needs --ranges";
	if (args->output_name != NULL && args->to_stdout)
		return "-o cannot be used with -c";
	if (args->output_name != NULL && (wishes->test || wishes->reindex))
		return "-o cannot be used with -r or -t";
	return check_index_name(args, wishes);
}

/* Set the mode. Returns -1 to continue. */
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

/* The other arguments are files. Without files, standard input is read. */
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

/* Put the number in @number_out, or return the fault. */
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

/* Options with a value, and options that end the program. Returns -1 to
 * continue. */
static int
take_value(int option, struct args *args)
{
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
			return usage_error("-l needs a number from -1 to 12");
		return -1;
	case 'o':
		args->output_name = optarg;
		return -1;
	case 's':
		args->has_range = true;
		return take_number(optarg, &args->size, "-s needs a number");
	case '@':
		if (!parse_number(optarg, &args->threads) ||
		    args->threads > SGZ_POOL_MOST)
			return usage_error("-@ needs a number up to 256");
		return -1;
	case OPTION_CACHE:
		return take_number(optarg, &args->cache_size,
				   "--cache needs a number");
	case OPTION_CODEC:
		args->codec_name = optarg;
		return -1;
	case OPTION_RANGES:
		args->has_range = true;
		args->ranges_name = optarg;
		return -1;
	case OPTION_VERSION:
		printf("sgz %s (libsgz %s)\n", SGZ_VERSION_STRING,
		       sgz_version_text);
		print_codecs();
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

	/* getopt_long() puts it before its messages */
	if (argc > 0)
		argv[0] = program;
	*args = (struct args){
		.level = SGZ_LEVEL_DEFAULT,
		.threads = 1,
		.size = SGZ_UNKNOWN,
		.cache_size = SGZ_UNKNOWN,
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
