/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* `sgz`: compress and decompress seekable gzip files, as `bgzip` does. */
#include "tool.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * If a standard descriptor is closed, the next file that is opened gets its
 * number, and messages or data would be written into that file. Open /dev/null
 * instead, in the mode that makes such a use fail.
 */
static void
fill_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		int flags = fd == 0 ? O_WRONLY : O_RDONLY;

		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
		    open("/dev/null", flags) != fd)
			abort();
	}
}

static bool
run_files(const struct args *args, char **files, int count)
{
	switch (args->mode) {
	case MODE_COMPRESS:
		return compress_files(args, files, count);
	case MODE_DECOMPRESS:
		return decompress_files(args, files, count);
	case MODE_TEST:
		return test_files(args, files, count);
	case MODE_REINDEX:
		return reindex_files(args, files, count);
	}
	return false;
}

/* Have the threads that were asked for, or as many as can be had. */
static bool
start_threads(struct args *args)
{
	struct sgz_error error;

	if (args->threads == 1 || args->mode == MODE_REINDEX)
		return true;
	if (sgz_pool_new((uint32_t)args->threads, 1, NULL, &args->pool,
			 &error) == SGZ_OK)
		return true;
	complain_error("threads", &error);
	return false;
}

int
main(int argc, char **argv)
{
	struct args args;
	bool good = true;
	int code;

	fill_standard_descriptors();
	code = args_parse(argc, argv, &args);
	if (code >= 0)
		return code;

	output_catch_signals();
	/* a write beyond the file size limit must fail, not kill the process */
	signal(SIGXFSZ, SIG_IGN);
	if (!load_codec(&args) || !start_threads(&args))
		return 1;
	/* one output for all inputs, or one for each */
	if (args.output_name != NULL)
		good = run_files(&args, args.files, args.file_count);
	else
		for (int i = 0; i < args.file_count; i++)
			good = run_files(&args, args.files + i, 1) && good;

	sgz_pool_unref(args.pool);
	sgz_codec_unref(args.codec);
	/* some file systems report a failed write only now */
	if (close(STDOUT_FILENO) != 0 && errno != EBADF) {
		complain("(stdout)", "%s", strerror(errno));
		good = false;
	}
	return good ? 0 : 1;
}
