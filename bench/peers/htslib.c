/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rows of htslib in the speed table: MODE FILE THREADS LEVEL, as
 * ../throughput.c. Its random reads are at the same offsets.
 */
#include <fcntl.h>
#include <htslib/bgzf.h>
#include <htslib/kstring.h>
#include <htslib/thread_pool.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	READ_SIZE = 1 << 20
};

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
die(const char *what)
{
	fprintf(stderr, "htslib: %s failed\n", what);
	exit(1);
}

static BGZF *
open_file(const char *path, int threads)
{
	BGZF *file = bgzf_open(path, "r");

	if (file == NULL || (threads > 1 && bgzf_mt(file, threads, 256) != 0))
		die(path);
	return file;
}

static uint64_t
decode(const char *path, int threads)
{
	BGZF *file = open_file(path, threads);
	char *to = malloc(READ_SIZE);
	uint64_t sum = 0;
	ssize_t got;

	while ((got = bgzf_read(file, to, READ_SIZE)) > 0)
		sum += (uint64_t)got;
	if (got < 0 || bgzf_close(file) != 0)
		die(path);
	free(to);
	return sum;
}

static uint64_t
lines(const char *path, int threads)
{
	BGZF *file = open_file(path, threads);
	kstring_t line = { 0, 0, NULL };
	uint64_t sum = 0;
	int got;

	/* it does not say whether the last line has an end */
	while ((got = bgzf_getline(file, '\n', &line)) >= 0)
		sum += (uint64_t)got + 1;
	if (got < -1 || bgzf_close(file) != 0)
		die(path);
	free(line.s);
	return sum;
}

static uint64_t
load_index(const char *path)
{
	BGZF *file = bgzf_open("/dev/null", "w");

	if (file == NULL || bgzf_index_load(file, path, NULL) != 0)
		die(path);
	bgzf_close(file);
	return 1;
}

struct reads {
	const char *mode;
	size_t len;
	uint64_t span;
	unsigned int count;
};

static const struct reads all_reads[] = {
	{ "seek", 100, UINT64_MAX, 20000 },
	{ "seek-64k", 65536, UINT64_MAX, 5000 },
	{ "seek-block", 100, 60000, 2000000 },
	{ "seek-cache", 100, 1 << 21, 100000 },
};

static double
read_around(const char *path, const struct reads *reads, uint64_t size,
	    uint64_t *did)
{
	BGZF *file = open_file(path, 1);
	unsigned char *to = malloc(reads->len);
	uint64_t seed = 1;
	double start;

	if (bgzf_index_load(file, path, ".gzi") != 0)
		die("bgzf_index_load");
	if (strcmp(reads->mode, "seek-cache") == 0)
		bgzf_set_cache_size(file, 8 << 20);
	size -= reads->len;
	size = size < reads->span ? size : reads->span;
	start = now();
	for (unsigned int i = 0; i < reads->count; i++) {
		ssize_t got;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		if (bgzf_useek(file, (off_t)((seed >> 20) % size), SEEK_SET) <
		    0)
			die("bgzf_useek");
		got = bgzf_read(file, to, reads->len);
		if (got < 0)
			die("bgzf_read");
		*did += (uint64_t)got;
	}
	start = now() - start;
	bgzf_close(file);
	free(to);
	return start / reads->count;
}

/* MODE FILE THREADS LEVEL SIZE: SIZE is that of the text. */
int
main(int argc, char **argv)
{
	const char *mode, *path;
	uint64_t did = 0;
	double seconds;
	int threads;

	if (argc != 6) {
		fprintf(stderr, "htslib MODE FILE THREADS LEVEL SIZE\n");
		return 2;
	}
	mode = argv[1];
	path = argv[2];
	threads = atoi(argv[3]);
	for (size_t i = 0; i < sizeof(all_reads) / sizeof(*all_reads); i++)
		if (strcmp(mode, all_reads[i].mode) == 0) {
			seconds = read_around(path, &all_reads[i],
					      strtoull(argv[5], NULL, 10),
					      &did);
			goto out;
		}
	seconds = now();
	if (strcmp(mode, "decode") == 0)
		did = decode(path, threads);
	else if (strcmp(mode, "lines") == 0)
		did = lines(path, threads);
	else if (strcmp(mode, "load-index") == 0)
		did = load_index(path);
	seconds = now() - seconds;
out:
	printf("%.9g %llu\n", seconds, (unsigned long long)did);
	return did > 0 ? 0 : 1;
}
