/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Runs a lesson of a lane and judges nothing: what a sanitizer or valgrind says
 * then, it says by itself.
 *
 *   plain LANE LESSON INPUT
 */
#include <ferrule/lane.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "plain: %s\n", what);
	exit(2);
}

/* ---- a recorder that reads what it is given, and keeps nothing ---- */

static void
look(const void *data, size_t len)
{
	/* one for each call: any thread may record */
	volatile unsigned char sum = 0;
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++)
		sum ^= bytes[i];
}

static void
step(struct ferrule_recorder *rec, const char *name, size_t len)
{
	(void)rec, (void)name, (void)len;
}

static void
integer(struct ferrule_recorder *rec, const char *label, size_t label_len,
	int64_t value)
{
	(void)rec, (void)label, (void)label_len, (void)value;
}

static void
text(struct ferrule_recorder *rec, const char *label, size_t label_len,
     const char *value, size_t len)
{
	(void)rec, (void)label, (void)label_len;
	look(value, len);
}

static void
bytes(struct ferrule_recorder *rec, const char *label, size_t label_len,
      const void *data, size_t len)
{
	(void)rec, (void)label, (void)label_len;
	look(data, len);
}

static void
status(struct ferrule_recorder *rec, const char *label, size_t label_len,
       int32_t value)
{
	(void)rec, (void)label, (void)label_len, (void)value;
}

static void
error(struct ferrule_recorder *rec, const char *label, size_t label_len,
      int32_t value, int32_t sys_errno, int64_t offset, const char *words,
      size_t len)
{
	(void)rec, (void)label, (void)label_len, (void)value;
	(void)sys_errno, (void)offset;
	look(words, len);
}

static void
unordered(struct ferrule_recorder *rec, int32_t on)
{
	(void)rec, (void)on;
}

static const struct ferrule_recorder_ops ops = {
	.size = sizeof(ops),
	.step = step,
	.integer = integer,
	.text = text,
	.bytes = bytes,
	.status = status,
	.error = error,
	.note = step,
	.prevented = step,
	.task = step,
	.unordered = unordered,
};

/* ---- Rust's memory, as without a host: from malloc() ---- */

static void *
host_alloc(size_t size, size_t align)
{
	void *ptr = NULL;

	if (align <= 16)
		return malloc(size);
	return posix_memalign(&ptr, align, size) == 0 ? ptr : NULL;
}

static void *
host_alloc_zeroed(size_t size, size_t align)
{
	void *ptr;

	if (align <= 16)
		return calloc(1, size);
	ptr = host_alloc(size, align);
	if (ptr != NULL)
		memset(ptr, 0, size);
	return ptr;
}

static void
host_dealloc(void *ptr, size_t size, size_t align)
{
	(void)size, (void)align;
	free(ptr);
}

static void *
host_realloc(void *ptr, size_t size, size_t align, size_t new_size)
{
	void *bigger;

	if (align <= 16)
		return realloc(ptr, new_size);
	bigger = host_alloc(new_size, align);
	if (bigger == NULL)
		return NULL;
	memcpy(bigger, ptr, size < new_size ? size : new_size);
	free(ptr);
	return bigger;
}

static const struct ferrule_host host = {
	.abi = FERRULE_ABI,
	.size = sizeof(host),
	.alloc = host_alloc,
	.alloc_zeroed = host_alloc_zeroed,
	.realloc = host_realloc,
	.dealloc = host_dealloc,
};

static unsigned char *
read_input(const char *path, size_t *len_out)
{
	FILE *file = fopen(path, "rb");
	unsigned char *data = malloc(1 << 20);

	if (file == NULL || data == NULL)
		fail("cannot read the input");
	*len_out = fread(data, 1, 1 << 20, file);
	fclose(file);
	return data;
}

int
main(int argc, char **argv)
{
	struct ferrule_recorder recorder = { .ops = &ops };
	struct ferrule_input input = { 0 };
	const struct ferrule_lane *lane;
	ferrule_lane_fn *entry = NULL;
	unsigned char *data;
	void *handle;
	size_t i;

	if (argc != 4)
		fail("LANE LESSON INPUT");
	data = read_input(argv[3], &input.len);
	input.data = data;
	input.path = argv[3];
	input.name = "input";
	input.size = input.len;
	handle = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		fail(dlerror());
	*(void **)&entry = dlsym(handle, "ferrule_lane");
	lane = entry != NULL ? entry(&host) : NULL;
	if (lane == NULL)
		fail("no lane for this interface");
	for (i = 0; i < lane->lesson_count; i++)
		if (strcmp(lane->lessons[i].name, argv[2]) == 0)
			lane->lessons[i].run(&recorder, &input);
	free(data);
	return 0;
}
