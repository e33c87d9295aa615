/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Run the lessons of one lane, and keep what they write: lane_files LANE FILE.
 *
 * Each lesson gets a folder of its name in the current directory. What it
 * records that is gzip, bytes in memory that is, becomes a file there as well.
 */
#include <dlfcn.h>
#include <errno.h>
#include <ferrule/lane.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAMPLE_MAX (1u << 20)

/* How many files the present lesson's records have become. */
static int recorded;

static void
die(const char *what)
{
	const char *why = dlerror();

	fprintf(stderr, "lane_files: %s: %s\n", what,
		why != NULL ? why : strerror(errno));
	exit(1);
}

static void
on_step(struct ferrule_recorder *rec, const char *name, size_t len)
{
	(void)rec, (void)name, (void)len;
}

static void
on_integer(struct ferrule_recorder *rec, const char *label, size_t label_len,
	   int64_t value)
{
	(void)rec, (void)label, (void)label_len, (void)value;
}

static void
on_text(struct ferrule_recorder *rec, const char *label, size_t label_len,
	const char *text, size_t len)
{
	(void)rec, (void)label, (void)label_len, (void)text, (void)len;
}

static void
on_bytes(struct ferrule_recorder *rec, const char *label, size_t label_len,
	 const void *data, size_t len)
{
	char name[40];
	FILE *file;

	(void)rec, (void)label, (void)label_len;
	if (len < 18 || memcmp(data, "\x1f\x8b", 2) != 0)
		return;
	snprintf(name, sizeof(name), "recorded-%d.gz", ++recorded);
	file = fopen(name, "wb");
	if (file == NULL || fwrite(data, 1, len, file) != len ||
	    fclose(file) != 0)
		die(name);
}

static void
on_status(struct ferrule_recorder *rec, const char *label, size_t label_len,
	  int32_t status)
{
	(void)rec, (void)label, (void)label_len, (void)status;
}

static void
on_error(struct ferrule_recorder *rec, const char *label, size_t label_len,
	 int32_t status, int32_t sys_errno, int64_t offset, const char *text,
	 size_t len)
{
	(void)rec, (void)label, (void)label_len, (void)status;
	(void)sys_errno, (void)offset, (void)text, (void)len;
}

static void *
host_alloc(size_t size, size_t align)
{
	void *block = NULL;

	if (align < sizeof(void *))
		align = sizeof(void *);
	return posix_memalign(&block, align, size) == 0 ? block : NULL;
}

static void *
host_alloc_zeroed(size_t size, size_t align)
{
	void *block = host_alloc(size, align);

	return block != NULL ? memset(block, 0, size) : NULL;
}

static void *
host_realloc(void *ptr, size_t size, size_t align, size_t new_size)
{
	void *block = host_alloc(new_size, align);

	if (block == NULL)
		return NULL;
	memcpy(block, ptr, size < new_size ? size : new_size);
	free(ptr);
	return block;
}

static void
host_dealloc(void *ptr, size_t size, size_t align)
{
	(void)size, (void)align;
	free(ptr);
}

static const struct ferrule_lane *
load_lane(const char *path)
{
	static const struct ferrule_host host = {
		.abi = FERRULE_ABI,
		.size = sizeof(host),
		.alloc = host_alloc,
		.alloc_zeroed = host_alloc_zeroed,
		.realloc = host_realloc,
		.dealloc = host_dealloc,
	};
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	ferrule_lane_fn *get = NULL;
	const struct ferrule_lane *lane;

	if (handle == NULL)
		die(path);
	/* ISO C knows no conversion between the two kinds of pointers */
	*(void **)&get = dlsym(handle, "ferrule_lane");
	if (get == NULL)
		die(path);
	lane = get(&host);
	if (lane == NULL || lane->abi != FERRULE_ABI)
		die("the lane's ABI");
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
		die(path);
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
	static const struct ferrule_recorder_ops ops = {
		.size = sizeof(ops),
		.step = on_step,
		.integer = on_integer,
		.text = on_text,
		.bytes = on_bytes,
		.status = on_status,
		.error = on_error,
		.note = on_step,
		.prevented = on_step,
	};
	struct ferrule_recorder recorder = { &ops };
	struct ferrule_input input;
	const struct ferrule_lane *lane;

	if (argc != 3) {
		fputs("Usage: lane_files LANE FILE\n", stderr);
		return 2;
	}
	lane = load_lane(argv[1]);
	load_input(argv[2], &input);
	for (size_t i = 0; i < lane->lesson_count; i++) {
		const struct ferrule_lesson *lesson = &lane->lessons[i];

		if (mkdir(lesson->name, 0777) != 0 || chdir(lesson->name) != 0)
			die(lesson->name);
		recorded = 0;
		lesson->run(&recorder, &input);
		if (chdir("..") != 0)
			die("..");
	}
	return 0;
}
