/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Any bytes as the header of a member: what is read of it is within it, and a
 * writer that accepts it writes one that says the same.
 */
#include "fuzz.h"

static void
log_text(struct log *log, const char *text)
{
	log_number(log, text != NULL);
	if (text != NULL)
		log_bytes(log, text, strlen(text) + 1);
}

/* Everything in @header; false: its subfields do not fill the extra field. */
static bool
log_header(struct log *log, const struct sgz_header *header)
{
	const struct sgz_subfield *field = NULL;
	size_t sum = 0;

	log_text(log, header->name);
	log_text(log, header->comment);
	CHECK(header->extra != NULL || header->extra_len == 0);
	log_number(log, header->extra != NULL);
	log_bytes(log, header->extra, header->extra_len);
	log_number(log, header->prefix.mtime);
	while ((field = sgz_subfield_next(header, field)) != NULL) {
		CHECK((const unsigned char *)field == header->extra + sum);
		sum += 4 + sgz_subfield_len(field);
		CHECK(sum <= header->extra_len);
		log_bytes(log, field->data, sgz_subfield_len(field));
	}
	return sum == header->extra_len;
}

static void
write_again(const struct sgz_header *header, bool is_whole,
	    const struct log *wanted)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader = NULL;
	struct log log = { NULL, 0, 0 };
	struct sgz_error error;
	enum sgz_status status;

	options.format = SGZ_FORMAT_GZIP;
	CHECK(sgz_writer_open_memory(&buffer, &options, &writer, &error) ==
	      SGZ_OK);
	status = sgz_writer_set_header(writer, header, &error);
	CHECK(status == SGZ_OK || status == SGZ_E_INVALID);
	CHECK(is_whole || status != SGZ_OK);
	CHECK(sgz_writer_finish(writer, &error) == SGZ_OK);
	sgz_writer_free(writer);
	if (status == SGZ_OK) {
		CHECK(sgz_reader_open_memory(buffer.data, buffer.len, NULL,
					     &reader, &error) == SGZ_OK);
		log_header(&log, sgz_reader_get_header(reader));
		CHECK(logs_are_equal(&log, wanted));
		sgz_reader_close(reader);
	}
	free(log.data);
	sgz_buffer_release(&buffer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sgz_reader *reader = NULL;
	struct log log = { NULL, 0, 0 };
	struct sgz_error error;
	bool is_whole;

	if (sgz_reader_open_memory(data, len, NULL, &reader, &error) != SGZ_OK)
		return 0;
	if (sgz_reader_get_header(reader) != NULL) {
		is_whole = log_header(&log, sgz_reader_get_header(reader));
		write_again(sgz_reader_get_header(reader), is_whole, &log);
	}
	sgz_reader_close(reader);
	free(log.data);
	return 0;
}
