/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 02, strings: who owns them, where they end, what they are made of. */
#include "lesson.h"

#include <stdlib.h>

/* Latin-1, as gzip has it: e with an acute accent is the byte e9. */
static const char name[] = "caf\xe9.txt";

/* Write Latin-1 as UTF-8: two bytes at most for each one. */
static void
utf8_from_latin1(char *utf8, const char *latin1)
{
	for (; *latin1 != '\0'; latin1++) {
		unsigned char c = (unsigned char)*latin1;

		if (c < 0x80) {
			*utf8++ = (char)c;
		} else {
			*utf8++ = (char)(0xc0 | c >> 6);
			*utf8++ = (char)(0x80 | (c & 0x3f));
		}
	}
	*utf8 = '\0';
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	rec_step(rec, "path");
	/* a path is bytes: these are not UTF-8, and name a file all the same */
	const char *path = "caf\xe9.gz";
	struct sgz_options options = SGZ_OPTIONS_INIT;
	options.format = SGZ_FORMAT_GZIP;
	struct sgz_writer *writer = NULL;
	rec_text(rec, "path", path);
	rec_status(rec, "open", sgz_writer_open(path, &options, &writer, NULL));

	rec_step(rec, "lend");
	/* the library copies what it borrows, so `borrowed` may go */
	char *borrowed = strdup(name);
	struct sgz_header fields = { .name = borrowed };
	rec_status(rec, "set", sgz_writer_set_header(writer, &fields, NULL));
	free(borrowed);
	sgz_writer_write(writer, in->data, in->len, NULL);
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	sgz_writer_free(writer);

	rec_step(rec, "borrow");
	struct sgz_reader *reader = NULL;
	rec_status(rec, "open", sgz_reader_open(path, NULL, &reader, NULL));
	const struct sgz_header *header = sgz_reader_get_header(reader);
	rec_text(rec, "name", header->name); /* the reader's, not ours */
	rec_int(rec, "length", (int64_t)strlen(header->name));

	rec_step(rec, "absent");
	rec_text(rec, "comment", header->comment); /* NULL: not even empty */

	rec_step(rec, "encoding");
	char utf8[2 * sizeof(name)];
	utf8_from_latin1(utf8, header->name);
	rec_text(rec, "in UTF-8", utf8);

	rec_step(rec, "own");
	char *text = NULL;
	rec_status(rec, "describe", sgz_header_describe(header, &text, NULL));
	rec_text(rec, "described", text);
	sgz_free(text); /* not free(): it is of the library's allocator */

	rec_step(rec, "keep");
	char *kept = strdup(header->name);
	sgz_reader_close(reader); /* header and header->name are dead now */
	rec_text(rec, "kept", kept);
	free(kept);

	rec_step(rec, "names of codes");
	/* neither borrowed nor owned: text of the program itself */
	enum sgz_status later = -99;
	rec_text(rec, "crc", sgz_status_name(SGZ_E_CRC));
	rec_text(rec, "later", sgz_status_name(later));

	rec_step(rec, "printf");
	struct sgz_buffer gz = SGZ_BUFFER_INIT;
	sgz_writer_open_memory(&gz, NULL, &writer, NULL);
	/* variadic: the format alone says what follows, and how wide it is */
	double kib = (double)in->len / 1024;
	enum sgz_status rc = sgz_writer_printf(
		writer, NULL, "sgz %s: %zu bytes, %.1f KiB, status %d\n",
		sgz_version_text, in->len, kib, later);
	rec_status(rec, "printf", rc);
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	rec_int(rec, "written", (int64_t)sgz_writer_tell(writer));
	sgz_writer_free(writer);
	sgz_buffer_release(&gz);

	rec_step(rec, "NUL inside");
	/* five bytes went in; C sees the first two, and nobody is told */
	const char *cut = "ab\0cd";
	rec_text(rec, "seen", cut);
}
