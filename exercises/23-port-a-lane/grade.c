/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer is a port of reference.c, a module of six functions. */
#include "../grade.h"

#include "tail.h"

#include <stdio.h>

#define UNTOUCHED 777

static void
make_file(const char *path, const void *data, size_t len)
{
	struct sgz_writer *writer = NULL;

	sgz_writer_open(path, NULL, &writer, NULL);
	sgz_writer_write(writer, data, len, NULL);
	sgz_writer_finish(writer, NULL);
	sgz_writer_free(writer);
}

/* Change the byte at @offset. */
static void
damage(const char *path, long offset)
{
	FILE *file = fopen(path, "r+b");
	int byte;

	fseek(file, offset, SEEK_SET);
	byte = getc(file);
	fseek(file, offset, SEEK_SET);
	putc(byte ^ 0xff, file);
	fclose(file);
}

static struct tail *
open_it(struct ferrule_recorder *rec, const char *path)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct tail *tail = tail_open(path, &error);

	rec_int(rec, "opened", tail != NULL);
	rec_error(rec, "error", &error);
	return tail;
}

static void
read_at(struct ferrule_recorder *rec, struct tail *tail, uint64_t offset,
	size_t len)
{
	unsigned char data[64] = "untouched";
	size_t got = UNTOUCHED;
	enum sgz_status status = tail_read_at(tail, offset, data, len, &got);

	rec_status(rec, "read_at", status);
	rec_int(rec, "bytes", (int64_t)got);
	rec_bytes(rec, "data", data, status == SGZ_OK ? got : sizeof(data));
}

static void
last_line(struct ferrule_recorder *rec, struct tail *tail)
{
	const unsigned char *line = NULL;
	size_t len = UNTOUCHED;
	enum sgz_status status = tail_last_line(tail, &line, &len);

	rec_status(rec, "last_line", status);
	rec_int(rec, "length", (int64_t)len);
	if (status == SGZ_OK)
		rec_bytes(rec, "line", line, len);
}

static void
size_of(struct ferrule_recorder *rec, struct tail *tail)
{
	uint64_t size = UNTOUCHED;

	rec_status(rec, "get_size", tail_get_size(tail, &size));
	rec_int(rec, "size", (int64_t)size);
}

static void
fixed(struct ferrule_recorder *rec)
{
	static const char text[] = "one\ntwo\0\nthe last line, and no newline";
	struct tail *one, *two;

	make_file("text.gz", text, sizeof(text) - 1);
	make_file("empty.gz", text, 0);

	rec_step(rec, "no such file");
	open_it(rec, "nowhere.gz");
	tail_close(NULL);

	rec_step(rec, "a file");
	one = open_it(rec, "text.gz");
	two = open_it(rec, "empty.gz");
	size_of(rec, one);
	last_line(rec, one);
	read_at(rec, one, 4, 5);

	rec_step(rec, "an empty file");
	size_of(rec, two);
	last_line(rec, two);
	read_at(rec, two, 0, 5);
	tail_close(two);

	rec_step(rec, "beyond the end");
	read_at(rec, one, sizeof(text), 5);
	rec_error(rec, "error", tail_get_error(one));
	read_at(rec, one, sizeof(text) - 4, 64);
	last_line(rec, one);
	tail_close(one);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct tail *tail;

	fixed(rec);

	rec_step(rec, "drawn");
	make_file("drawn.gz", in->data, in->len);
	tail = open_it(rec, "drawn.gz");
	last_line(rec, tail);
	read_at(rec, tail, in->len / 2, 40);
	size_of(rec, tail);
	tail_close(tail);

	rec_step(rec, "damaged");
	damage("drawn.gz", 60);
	tail = open_it(rec, "drawn.gz");
	last_line(rec, tail);
	rec_error(rec, "error", tail_get_error(tail));
	read_at(rec, tail, 0, 40);
	tail_close(tail);

	rec_step(rec, "no gzip file");
	damage("drawn.gz", 0);
	open_it(rec, "drawn.gz");
}
