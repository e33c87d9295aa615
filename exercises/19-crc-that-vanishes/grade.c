/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer has a checksum of its own; the archive of gz.c has another one. */
#include "../grade.h"

#include <stdio.h>

uint32_t
frame_check(const unsigned char *data, size_t len);
size_t
gz_store(unsigned char *to, const unsigned char *data, uint16_t len);
int
gz_good(const unsigned char *file, size_t size);

/* As `nm` and the tools of gzip write such numbers. */
static void
rec_hex(struct ferrule_recorder *rec, const char *label, uint32_t value)
{
	char text[9];

	snprintf(text, sizeof(text), "%08x", value);
	rec_text(rec, label, text);
}

/* What libsgz, which has a CRC of its own, thinks of the file. */
static void
read_with_libsgz(struct ferrule_recorder *rec, const unsigned char *file,
		 size_t size)
{
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader = NULL;
	static unsigned char data[8192];
	enum sgz_status status;
	size_t len = 0;

	status = sgz_reader_open_memory(file, size, NULL, &reader, &error);
	if (status == SGZ_OK)
		status = sgz_reader_read(reader, data, sizeof(data), &len,
					 &error);
	rec_status(rec, "libsgz reads it", status);
	sgz_reader_close(reader);
}

static void
store(struct ferrule_recorder *rec, const unsigned char *data, size_t len)
{
	static unsigned char file[8192];
	size_t size = gz_store(file, data, (uint16_t)len);

	const unsigned char *crc = file + size - 8;

	rec_hex(rec, "CRC in the trailer",
		crc[0] | crc[1] << 8 | crc[2] << 16 | (uint32_t)crc[3] << 24);
	rec_int(rec, "its writer reads it", gz_good(file, size));
	read_with_libsgz(rec, file, size);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const unsigned char text[] = "123456789";
	size_t half = in->len / 2;

	rec_step(rec, "a frame");
	rec_hex(rec, "check of nothing", frame_check(NULL, 0));
	rec_hex(rec, "check", frame_check(text, sizeof(text) - 1));

	rec_step(rec, "a drawn frame");
	rec_hex(rec, "check", frame_check(in->data, in->len));
	rec_hex(rec, "of a half", frame_check(in->data + half, half));

	rec_step(rec, "a gzip file");
	store(rec, text, sizeof(text) - 1);

	rec_step(rec, "a drawn gzip file");
	store(rec, in->data, in->len);
}
