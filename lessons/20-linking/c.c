/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 20, linking: which function a name stands for. */
#define _GNU_SOURCE /* dlvsym() */
#include "lesson.h"
#include "helper.h"
#include <dlfcn.h>
#include <stdio.h>
#include <zlib.h>

static const char digits[] = "123456789";

/* A checksum of our own, which we call by a pointer. */
static uLong
count(uLong crc, const Bytef *data, uInt len)
{
	(void)data;
	return crc + len;
}

/* The CRC-32 in the file's last 8 bytes. */
static void
rec_trailer(struct ferrule_recorder *rec, const char *path)
{
	unsigned char end[4] = { 0 };
	FILE *file = fopen(path, "rb");

	if (file != NULL) {
		fseek(file, -8, SEEK_END);
		if (fread(end, 1, sizeof(end), file) != sizeof(end))
			end[0] = 0;
		fclose(file);
	}
	rec_int(rec, "trailer",
		(int64_t)end[0] | (int64_t)end[1] << 8 | (int64_t)end[2] << 16 |
			(int64_t)end[3] << 24);
}

/* A program writes a file and reads it again; then libsgz reads it. */
static void
rec_program(struct ferrule_recorder *rec, const char *name, const char *path)
{
	struct sgz_reader *reader = NULL;
	char text[sizeof(digits)];
	size_t got;

	rec_int(rec, "program", linking_run(name));
	rec_trailer(rec, path);
	sgz_reader_open(path, NULL, &reader, NULL);
	sgz_reader_read(reader, text, sizeof(text), &got, NULL);
	/* behind the last byte comes the check */
	rec_status(rec, "end",
		   sgz_reader_read(reader, text, sizeof(text), &got, NULL));
	sgz_reader_close(reader);
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgz_codec *codec = NULL;
	uLong (*crc)(uLong crc, const Bytef *data, uInt len);

	(void)in;
	rec_step(rec, "linked");
	rec_text(rec, "version", sgz_version_text);
	rec_int(rec, "crc", sgz_crc32(0, digits, 9));

	rec_step(rec, "what is compiled");
	rec_text(rec, "default codec", sgz_codec_get_built_in(0));
#ifdef SGZ_HAVE_LIBDEFLATE
	rec_text(rec, "libdeflate", sgz_codec_get_libdeflate());
#else
	rec_text(rec, "libdeflate", NULL);
#endif

	rec_step(rec, "loaded");
	void *zlib = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
	*(void **)&crc = dlsym(zlib, "crc32");
	rec_int(rec, "linked", (int64_t)crc32(0, (const Bytef *)digits, 9));
	rec_int(rec, "loaded", (int64_t)crc(0, (const Bytef *)digits, 9));
	crc = count;
	rec_int(rec, "our own", (int64_t)crc(0, (const Bytef *)digits, 9));

	rec_step(rec, "visible");
	rec_int(rec, "public", dlsym(zlib, "inflate") != NULL);
	rec_int(rec, "internal", dlsym(zlib, "inflate_fast") != NULL);
	rec_int(rec, "1.2.9", dlvsym(zlib, "crc32_z", "ZLIB_1.2.9") != NULL);
	rec_int(rec, "9.9", dlvsym(zlib, "crc32_z", "ZLIB_9.9") != NULL);
	dlclose(zlib);

	rec_step(rec, "a name that nobody has");
	linking_lay("unfinished.so");
	rec_status(rec, "load",
		   sgz_codec_load("./unfinished.so", NULL, &codec, NULL));

	rec_step(rec, "a name that two have");
	rec_program(rec, "exported", "exported.gz");

	rec_step(rec, "kept inside");
	rec_program(rec, "hidden", "hidden.gz");

	rec_step(rec, "another name");
	rec_program(rec, "renamed", "renamed.gz");

	rec_step(rec, "its own first");
	rec_program(rec, "deepbind", "deepbind.gz");

	rec_step(rec, "a name that Rust has too");
	rec_program(rec, "exported_rs", "exported_rs.gz");

	rec_step(rec, "a name of Rust's");
	rec_program(rec, "mangled_rs", "mangled_rs.gz");
}
