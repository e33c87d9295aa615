/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One row of the speed table: MODE FILE THREADS LEVEL [CODEC]. It prints the seconds
 * that the work took, without starting the program and reading FILE, and what
 * it did, so that those who ask can compare. `raw` is the plain loop over the
 * same blocks in memory, by the same codec: what no library can beat.
 */
#include "../csrc/block.h"
#include "../csrc/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	READ_SIZE = 1 << 20
};

static struct sgz_memory memory;
/* of the plain loops, too */
static struct sgz_codec *codec;

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
die(const char *what, const struct sgz_error *error)
{
	fprintf(stderr, "throughput: %s: %s\n", what,
		error != NULL ? error->text : strerror(errno));
	exit(1);
}

/* All of the file at @path. */
static unsigned char *
load(const char *path, size_t *len_out)
{
	int fd = open(path, O_RDONLY);
	unsigned char *data;
	struct stat st;
	size_t sum = 0;

	if (fd < 0 || fstat(fd, &st) != 0)
		die(path, NULL);
	data = sgz_alloc((size_t)st.st_size + 1);
	while (data != NULL && sum < (size_t)st.st_size) {
		ssize_t got = read(fd, data + sum, (size_t)st.st_size - sum);

		if (got <= 0)
			die(path, NULL);
		sum += (size_t)got;
	}
	close(fd);
	*len_out = sum;
	return data;
}

/* The plain loops: every so manieth block belongs to a thread. */

struct raw {
	const unsigned char *data;
	size_t len;
	unsigned int number;
	unsigned int threads;
	int level;
	uint64_t made;
};

static void *
raw_decode(void *ctx)
{
	struct raw *raw = ctx;
	struct sgz_coder *decoder = sgz_coder_new_decoder(codec, &memory);
	unsigned char *to = sgz_alloc(BGZF_BLOCK_SIZE + UNPACK_SLACK);
	unsigned int number = 0;

	for (size_t at = 0, size; at < raw->len; at += size, number++) {
		const unsigned char *block = raw->data + at;

		size = 1u + get_le16(block + BGZF_HEADER_SIZE - 2);
		/* eight in a row, as in a file that is read */
		if (number / 8 % raw->threads != raw->number)
			continue;
		if (!sgz_block_unpack(decoder, block + BGZF_HEADER_SIZE,
				      size - BGZF_HEADER_SIZE, to, UNPACK_SLACK,
				      true))
			die("a block", NULL);
		raw->made += get_le32(block + size - 4);
	}
	sgz_coder_free(decoder);
	sgz_free(to);
	return NULL;
}

static void *
raw_encode(void *ctx)
{
	struct raw *raw = ctx;
	struct sgz_coder *encoder =
		sgz_coder_new_encoder(codec, &memory, raw->level);
	unsigned char *to = sgz_alloc(BGZF_BLOCK_SIZE);

	for (size_t at = (size_t)raw->number * SGZ_BLOCK_DEFAULT; at < raw->len;
	     at += (size_t)raw->threads * SGZ_BLOCK_DEFAULT) {
		size_t len = raw->len - at;

		if (len > SGZ_BLOCK_DEFAULT)
			len = SGZ_BLOCK_DEFAULT;
		raw->made += sgz_block_pack(encoder, raw->data + at, len, to);
	}
	sgz_coder_free(encoder);
	sgz_free(to);
	return NULL;
}

static uint64_t
run_raw(void *(*work)(void *), const unsigned char *data, size_t len,
	unsigned int threads, int level)
{
	pthread_t ids[64];
	struct raw raws[64];
	uint64_t sum = 0;

	for (unsigned int i = 0; i < threads; i++) {
		raws[i] = (struct raw){ data, len, i, threads, level, 0 };
		if (i > 0)
			pthread_create(&ids[i], NULL, work, &raws[i]);
	}
	work(&raws[0]);
	for (unsigned int i = 0; i < threads; i++) {
		if (i > 0)
			pthread_join(ids[i], NULL);
		sum += raws[i].made;
	}
	return sum;
}

/* The library */

static uint64_t
read_file(const char *path, const struct sgz_options *options, bool lines)
{
	struct sgz_reader *reader = NULL;
	unsigned char *to = sgz_alloc(READ_SIZE);
	struct sgz_error error;
	uint64_t sum = 0;
	size_t n = 1;

	if (sgz_reader_open(path, options, &reader, &error) != SGZ_OK)
		die(path, &error);
	while (n > 0) {
		const char *line;
		enum sgz_status status = lines ?
			sgz_reader_next_line(reader, '\n', &line, &n, &error) :
			sgz_reader_read(reader, to, READ_SIZE, &n, &error);

		if (status != SGZ_OK)
			die(path, &error);
		sum += n;
	}
	sgz_reader_close(reader);
	sgz_free(to);
	return sum;
}

static int64_t
count_bytes(void *ctx, const void *data, size_t len)
{
	(void)data;
	*(uint64_t *)ctx += len;
	return (int64_t)len;
}

static uint64_t
write_file(const unsigned char *data, size_t len,
	   const struct sgz_options *options)
{
	uint64_t sum = 0;
	const struct sgz_sink sink = { .write = count_bytes, .ctx = &sum };
	struct sgz_writer *writer = NULL;
	struct sgz_error error;

	if (sgz_writer_open_sink(&sink, options, &writer, &error) != SGZ_OK)
		die("write", &error);
	for (size_t at = 0; at < len; at += READ_SIZE)
		if (sgz_writer_write(writer, data + at,
				     len - at < READ_SIZE ? len - at :
							    READ_SIZE,
				     &error) != SGZ_OK)
			die("write", &error);
	if (sgz_writer_finish(writer, &error) != SGZ_OK)
		die("write", &error);
	sgz_writer_free(writer);
	return sum;
}

static uint64_t
build_index(const char *path)
{
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	struct sgz_error error;
	size_t count;

	if (sgz_reader_open(path, NULL, &reader, &error) != SGZ_OK ||
	    sgz_index_build(reader, false, &index, &error) != SGZ_OK)
		die(path, &error);
	sgz_index_get_entries(index, &count);
	sgz_index_unref(index);
	sgz_reader_close(reader);
	return count;
}

static uint64_t
load_index(const char *path)
{
	struct sgz_index *index = NULL;
	struct sgz_error error;
	size_t count;

	if (sgz_index_load(path, NULL, &index, &error) != SGZ_OK)
		die(path, &error);
	sgz_index_get_entries(index, &count);
	sgz_index_unref(index);
	return count;
}

/* Random reads: @count of @len bytes each, within the first @span bytes. */
struct reads {
	const char *mode;
	size_t len;
	uint64_t span;
	unsigned int count;
	bool early;
	size_t cache_size;
	/* by moving the reader, not by sgz_reader_read_at() */
	bool moves;
};

static const struct reads all_reads[] = {
	{ "at", 100, UINT64_MAX, 20000, false, 0, false },
	{ "at-early", 100, UINT64_MAX, 20000, true, 0, false },
	{ "at-64k", 65536, UINT64_MAX, 5000, false, 0, false },
	{ "at-hit", 100, 1 << 21, 2000000, false, 8 << 20, false },
	{ "at-block", 100, 60000, 2000000, false, 8 << 20, false },
	{ "seek", 100, UINT64_MAX, 20000, false, 0, true },
	{ "seek-64k", 65536, UINT64_MAX, 5000, false, 0, true },
	{ "seek-block", 100, 60000, 2000000, false, 0, true },
};

static struct sgz_reader *
open_indexed(const char *path, const struct sgz_options *options,
	     uint64_t *size_out)
{
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	struct sgz_error error;

	if (sgz_reader_open(path, options, &reader, &error) != SGZ_OK ||
	    sgz_index_build(reader, false, &index, &error) != SGZ_OK ||
	    sgz_reader_set_index(reader, index, &error) != SGZ_OK ||
	    sgz_reader_get_size(reader, size_out, &error) != SGZ_OK)
		die(path, &error);
	sgz_index_unref(index);
	return reader;
}

/* The seconds that one read takes. bench/peers/htslib.c reads the same. */
static double
read_around(const char *path, const struct sgz_options *from,
	    const struct reads *reads, uint64_t *did)
{
	struct sgz_options options = *from;
	unsigned char *to = sgz_alloc(reads->len);
	struct sgz_reader *reader;
	struct sgz_error error;
	uint64_t size, seed = 1;
	double start;

	options.stop_early = reads->early;
	options.cache_size = reads->cache_size;
	reader = open_indexed(path, &options, &size);
	size -= reads->len;
	size = size < reads->span ? size : reads->span;
	start = now();
	for (unsigned int i = 0; i < reads->count; i++) {
		enum sgz_status status;
		uint64_t at;
		size_t n;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		at = (seed >> 20) % size;
		if (!reads->moves) {
			status = sgz_reader_read_at(reader, at, to, reads->len,
						    &n, &error);
		} else {
			status = sgz_reader_seek(reader, at, &error);
			if (status == SGZ_OK)
				status = sgz_reader_read(reader, to, reads->len,
							 &n, &error);
		}
		if (status != SGZ_OK)
			die(path, &error);
		*did += n;
	}
	start = now() - start;
	sgz_reader_close(reader);
	sgz_free(to);
	return start / reads->count;
}

/* What one thread does for the others, per task: for the model. */

static void
do_nothing(struct sgz_task *task)
{
	(void)task;
}

/* The seconds to give a task to the pool and to have it back. */
static double
hand_over(struct sgz_pool *pool)
{
	enum {
		TASKS = 2000000
	};
	struct sgz_task tasks[6] = { 0 };
	struct sgz_task *order[6];
	struct sgz_task_ring ring = { order, 6, 0, 0 };
	double start = now();

	for (size_t i = 0; i < 6; i++) {
		tasks[i].run = do_nothing;
		order[i] = &tasks[i];
	}
	for (size_t i = 0; i < TASKS; i++) {
		if (ring.count == ring.size) {
			sgz_pool_finish(pool, &ring);
			ring.first = (ring.first + 1) % ring.size;
			ring.count--;
		}
		sgz_pool_submit(pool, sgz_task_at(&ring, ring.count++));
	}
	while (ring.count > 0) {
		sgz_pool_finish(pool, &ring);
		ring.first = (ring.first + 1) % ring.size;
		ring.count--;
	}
	return (now() - start) / TASKS;
}

/* The seconds to read a byte of the file, and to copy it elsewhere. */
static double
read_and_drop(const char *path, const unsigned char *data, size_t len)
{
	int fd = open(path, O_RDONLY);
	unsigned char *to = sgz_alloc(READ_SIZE);
	size_t sum = 0;
	double start = now();

	while (sum < len) {
		ssize_t got = read(fd, to, 160 << 10);

		if (got <= 0 || data == NULL)
			die(path, NULL);
		sum += (size_t)got;
	}
	start = now() - start;
	close(fd);
	sgz_free(to);
	return start / (double)len;
}

static double
copy(const unsigned char *data, size_t len)
{
	unsigned char *to = sgz_alloc(READ_SIZE);
	double start = now();

	for (size_t at = 0; at < len; at += READ_SIZE)
		memcpy(to, data + at,
		       len - at < READ_SIZE ? len - at : READ_SIZE);
	start = now() - start;
	sgz_free(to);
	return start / (double)len;
}

/* Run @mode: the seconds that it took. */
static double
run(const char *mode, const char *path, unsigned int threads,
    const struct sgz_options *options, uint64_t *did)
{
	/* this puts the file into the system's cache, too */
	size_t len;
	unsigned char *data = load(path, &len);
	double start = now();

	*did = 1;
	if (strcmp(mode, "raw-decode") == 0)
		*did = run_raw(raw_decode, data, len, threads, 0);
	else if (strcmp(mode, "raw-encode") == 0)
		*did = run_raw(raw_encode, data, len, threads, options->level);
	else if (strcmp(mode, "decode") == 0)
		*did = read_file(path, options, false);
	else if (strcmp(mode, "lines") == 0)
		*did = read_file(path, options, true);
	else if (strcmp(mode, "encode") == 0)
		*did = write_file(data, len, options);
	else if (strcmp(mode, "index") == 0)
		*did = build_index(path);
	else if (strcmp(mode, "load-index") == 0)
		*did = load_index(path);
	else if (strcmp(mode, "hand-over") == 0)
		return hand_over(options->pool);
	else if (strcmp(mode, "read") == 0)
		return read_and_drop(path, data, len);
	else if (strcmp(mode, "copy") == 0)
		return copy(data, len);
	else
		*did = 0;
	start = now() - start;
	sgz_free(data);
	return start;
}

/* Have the codec called @name, or (NULL) the default one. */
static void
choose_codec(const char *name, struct sgz_options *options)
{
	struct sgz_error error;

	codec = sgz_codec_find_built_in(NULL);
	if (name == NULL)
		return;
	if (sgz_codec_load(name, NULL, &codec, &error) != SGZ_OK)
		die(name, &error);
	options->codec = codec;
}

int
main(int argc, char **argv)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	const struct reads *reads = NULL;
	unsigned int threads;
	uint64_t did = 0;
	double seconds;

	if (argc == 3 && strcmp(argv[1], "codec") == 0) {
		choose_codec(argv[2], &options);
		printf("%s %s\n", sgz_codec_get_name(codec),
		       sgz_codec_get_version(codec));
		sgz_codec_unref(codec);
		return 0;
	}
	if (argc != 5 && argc != 6) {
		fprintf(stderr, "throughput MODE FILE THREADS LEVEL [CODEC]\n");
		return 2;
	}
	choose_codec(argc == 6 ? argv[5] : NULL, &options);
	threads = (unsigned int)atoi(argv[3]);
	options.level = atoi(argv[4]);
	sgz_memory_init(&memory, NULL);
	if (threads < 1 || threads > 64 ||
	    sgz_pool_new(threads, threads, NULL, &options.pool, NULL) != SGZ_OK)
		die("threads", NULL);
	for (size_t i = 0; i < sizeof(all_reads) / sizeof(*all_reads); i++)
		if (strcmp(argv[1], all_reads[i].mode) == 0)
			reads = &all_reads[i];
	seconds = reads != NULL ?
		read_around(argv[2], &options, reads, &did) :
		run(argv[1], argv[2], threads, &options, &did);
	sgz_pool_unref(options.pool);
	sgz_codec_unref(codec);
	printf("%.9g %llu\n", seconds, (unsigned long long)did);
	return did > 0 ? 0 : 1;
}
