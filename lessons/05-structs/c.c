/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 05, structs: sizes and offsets, packed, bits, arrays without end. */
#include "lesson.h"

#include <stddef.h>

/* Two subfields: "AP" with five bytes, and "ZZ" with none. */
static const unsigned char extra[] = {
	'A', 'P', 5, 0, 'h', 'e', 'l', 'l', 'o', 'Z', 'Z', 0, 0,
};

/* What a program compiled against a later version would pass. */
struct later {
	struct sgz_options options;
	uint64_t novelty;
};

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	rec_step(rec, "layout");
	rec_int(rec, "bytes of options", sizeof(struct sgz_options));
	rec_int(rec, "its block_size at",
		offsetof(struct sgz_options, block_size));
	rec_int(rec, "its allocator at",
		offsetof(struct sgz_options, allocator));
	rec_int(rec, "bytes of error", sizeof(struct sgz_error));
	rec_int(rec, "bytes of prefix", sizeof(struct sgz_prefix));
	rec_int(rec, "bytes of subfield", sizeof(struct sgz_subfield));

	rec_step(rec, "defaults");
	/* by macro here; a function does the same, and is there for others */
	struct sgz_options options = SGZ_OPTIONS_INIT;
	rec_int(rec, "size", (int64_t)options.size);
	rec_int(rec, "level", options.level);
	rec_int(rec, "block_size", options.block_size);
	rec_int(rec, "read_size", (int64_t)options.read_size);

	rec_step(rec, "bitfields");
	/* C hides where the bits are: no offsetof, no address */
	options.format = SGZ_FORMAT_GZIP;
	options.sync = 1;
	rec_bytes(rec, "bits", (unsigned char *)&options + 16, 4);
	options.sync = 0;

	rec_step(rec, "too small");
	struct sgz_buffer gz = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error err = SGZ_ERROR_INIT;
	struct sgz_options small = options;
	small.size = offsetof(struct sgz_options, allocator);
	rec_status(rec, "open",
		   sgz_writer_open_memory(&gz, &small, &writer, &err));
	rec_error(rec, "open", &err);

	rec_step(rec, "from the future");
	/* more than this library knows is fine, until it is used */
	struct later later = { options, 1 };
	later.options.size = sizeof(later);
	rec_status(rec, "used",
		   sgz_writer_open_memory(&gz, &later.options, &writer, &err));
	rec_error(rec, "used", &err);
	later.novelty = 0;
	rec_status(rec, "unused",
		   sgz_writer_open_memory(&gz, &later.options, &writer, &err));

	rec_step(rec, "a lying subfield");
	struct sgz_header fields = { .extra = extra };
	fields.extra_len = sizeof(extra) - 5; /* in the middle of "AP" */
	rec_status(rec, "set", sgz_writer_set_header(writer, &fields, &err));
	rec_error(rec, "set", &err);
	sgz_writer_free(writer);

	rec_step(rec, "write");
	sgz_writer_open_memory(&gz, &options, &writer, NULL);
	fields.extra_len = sizeof(extra);
	fields.prefix.mtime = 1234567890;
	rec_status(rec, "set", sgz_writer_set_header(writer, &fields, NULL));
	sgz_writer_write(writer, in->data, in->len, NULL);
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	sgz_writer_free(writer);

	rec_step(rec, "packed");
	struct sgz_reader *reader = NULL;
	sgz_reader_open_memory(gz.data, gz.len, NULL, &reader, NULL);
	const struct sgz_header *header = sgz_reader_get_header(reader);
	/* mtime need not be aligned: the compiler knows, a pointer would not */
	rec_int(rec, "mtime", header->prefix.mtime);
	rec_int(rec, "os", header->prefix.os);

	rec_step(rec, "inline functions");
	/* compiled into this file: the library has no such symbol */
	const struct sgz_subfield *sub = sgz_subfield_next(header, NULL);
	rec_int(rec, "bytes in the first", (int64_t)sgz_subfield_len(sub));

	rec_step(rec, "flexible array");
	for (; sub != NULL; sub = sgz_subfield_next(header, sub)) {
		const char id[2] = { (char)sub->si1, (char)sub->si2 };

		rec_text_n(rec, "id", id, sizeof(id));
		rec_bytes(rec, "data", sub->data, sgz_subfield_len(sub));
	}
	sgz_reader_close(reader);
	sgz_buffer_release(&gz);
}
