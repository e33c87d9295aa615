/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Run the lessons of one lane, and keep what they write: lane_files LANE FILE.
 *
 * Each lesson gets a folder of its name in the current directory. What it
 * records that is gzip, bytes in memory that is, becomes a file there as well.
 */
#include "ledger.h"
#include "transcript.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAMPLE_MAX (1u << 20)

/* How many files the present lesson's records have become. */
static int recorded;

static void
fail(const char *what)
{
	const char *why = dlerror();

	fprintf(stderr, "lane_files: %s: %s\n", what,
		why != NULL ? why : strerror(errno));
	exit(1);
}

static void
keep_gzip(void *ctx, enum event_kind kind, const void *data, size_t len)
{
	char name[40];
	FILE *file;

	(void)ctx;
	if (kind != EVENT_BYTES || len < 18 || memcmp(data, "\x1f\x8b", 2) != 0)
		return;
	snprintf(name, sizeof(name), "recorded-%d.gz", ++recorded);
	file = fopen(name, "wb");
	if (file == NULL || fwrite(data, 1, len, file) != len ||
	    fclose(file) != 0)
		fail(name);
}

static const struct ferrule_lane *
load_lane(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	ferrule_lane_fn *get = NULL;
	const struct ferrule_lane *lane;

	if (handle == NULL)
		fail(path);
	/* ISO C knows no conversion between the two kinds of pointers */
	*(void **)&get = dlsym(handle, "ferrule_lane");
	if (get == NULL)
		fail(path);
	lane = get(&ledger_host);
	if (lane == NULL || lane->abi != FERRULE_ABI)
		fail("the lane's ABI");
	return lane;
}

static void
load_input(const char *path, struct ferrule_input *input)
{
	static unsigned char data[SAMPLE_MAX];
	const char *slash = strrchr(path, '/');
	FILE *file = fopen(path, "rb");
	struct stat stat;

	if (file == NULL || fstat(fileno(file), &stat) != 0)
		fail(path);
	input->data = data;
	input->len = fread(data, 1, sizeof(data), file);
	input->path = path;
	input->name = slash != NULL ? slash + 1 : path;
	input->size = (uint64_t)stat.st_size;
	fclose(file);
}

int
main(int argc, char **argv)
{
	static struct transcript_log log;
	struct ferrule_recorder *recorder = transcript_recorder(&log);
	struct ferrule_input input;
	const struct ferrule_lane *lane;

	if (argc != 3) {
		fputs("Usage: lane_files LANE FILE\n", stderr);
		return 2;
	}
	transcript_watch(keep_gzip, NULL);
	lane = load_lane(argv[1]);
	load_input(argv[2], &input);
	for (size_t i = 0; i < lane->lesson_count; i++) {
		const struct ferrule_lesson *lesson = &lane->lessons[i];

		if (mkdir(lesson->name, 0777) != 0 || chdir(lesson->name) != 0)
			fail(lesson->name);
		recorded = 0;
		log.used = 0;
		lesson->run(recorder, &input);
		if (chdir("..") != 0)
			fail("..");
	}
	return 0;
}
