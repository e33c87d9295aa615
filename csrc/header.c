/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A member's header: its BSIZE, and its description. */
#include "internal.h"

/*
 * The subfield of BGZF:
 *
 *   | 'B' | 'C' | 02 00 | BSIZE |
 */
int32_t
sgz_header_find_bsize(const unsigned char *extra, size_t len)
{
	const struct sgz_header header = { .extra = extra, .extra_len = len };
	const struct sgz_subfield *field = NULL;

	while ((field = sgz_subfield_next(&header, field)) != NULL)
		if (field->si1 == 'B' && field->si2 == 'C' &&
		    sgz_subfield_len(field) == 2)
			return get_le16(field->data);
	return -1;
}

static bool
put_escaped(struct sgz_buffer *text, const char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		char escape[4] = { '\\', 'x', digits[byte >> 4],
				   digits[byte & 15] };
		bool plain = byte >= ' ' && byte <= '~' && byte != '\\' &&
			byte != '"';

		if (!sgz_buffer_append(text, plain ? bytes + i : escape,
				       plain ? 1 : sizeof(escape)))
			return false;
	}
	return true;
}

static bool
put_text(struct sgz_buffer *text, const char *bytes)
{
	return sgz_buffer_append(text, bytes, strlen(bytes));
}

static bool
put_quoted(struct sgz_buffer *text, const char *label, const char *bytes)
{
	return bytes == NULL ||
		(put_text(text, label) && put_text(text, "\"") &&
		 put_escaped(text, bytes, strlen(bytes)) &&
		 put_text(text, "\""));
}

static bool
put_subfields(struct sgz_buffer *text, const struct sgz_header *header)
{
	const struct sgz_subfield *field = NULL;
	char len[24];

	while ((field = sgz_subfield_next(header, field)) != NULL) {
		const char id[2] = { (char)field->si1, (char)field->si2 };

		snprintf(len, sizeof(len), "[%zu]", sgz_subfield_len(field));
		if (!put_text(text, ", subfield ") ||
		    !put_escaped(text, id, sizeof(id)) || !put_text(text, len))
			return false;
	}
	return true;
}

enum sgz_status
sgz_header_describe(const struct sgz_header *header, char **text_out,
		    struct sgz_error *error)
{
	struct sgz_buffer text = SGZ_BUFFER_INIT;
	char fixed[120];

	snprintf(fixed, sizeof(fixed),
		 "member at %llu: mtime %lu, xfl %u, os %u",
		 (unsigned long long)header->offset,
		 (unsigned long)header->prefix.mtime, header->prefix.xfl,
		 header->prefix.os);
	if (!put_text(&text, fixed) ||
	    !put_quoted(&text, ", name ", header->name) ||
	    !put_quoted(&text, ", comment ", header->comment) ||
	    !put_subfields(&text, header)) {
		sgz_buffer_release(&text);
		return sgz_error_set_nomem(error, NULL);
	}
	*text_out = (char *)text.data;
	return SGZ_OK;
}
