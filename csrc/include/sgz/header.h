/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What stands at the front of a gzip member (RFC 1952, section 2.3). */
#ifndef SGZ_HEADER_H
#define SGZ_HEADER_H

#include <sgz/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The ten fixed bytes, as they stand in the file: packed, little-endian.
 *
 *   0     1     2        3       4 . . 7   8     9
 *   | 1f  | 8b  | method | flags | mtime | xfl | os |
 */
struct SGZ_PACKED sgz_prefix {
	uint8_t id1;
	uint8_t id2;
	uint8_t method;
	uint8_t flags;
	/* seconds since 1970, 0 for none; little-endian in the file, and in
	 * the host's order in every struct that the library fills */
	uint32_t mtime;
	uint8_t xfl;
	uint8_t os;
};

/*
 * One subfield of the extra field, in place: a header of four bytes with its
 * data behind it. Subfields follow each other without padding, so one may
 * start at any address; hence packed.
 */
struct SGZ_PACKED sgz_subfield {
	uint8_t si1;
	uint8_t si2;
	/* little-endian: read it with sgz_subfield_len() */
	uint16_t len;
	uint8_t data[];
};

/*
 * A member's header. Text is Latin-1 by the RFC and any bytes but NUL in
 * practice: do not take it for UTF-8.
 */
struct sgz_header {
	/* where the member starts in the compressed file */
	uint64_t offset;
	/* NUL-terminated, or NULL if the member has none */
	const char *name;
	const char *comment;
	/* the extra field, extra_len bytes, or NULL if the member has none */
	const unsigned char *extra;
	size_t extra_len;
	struct sgz_prefix prefix;
};

/**
 * The number of data bytes in @subfield.
 *
 * Ownership: borrows @subfield for the call
 * Lifetime: none
 * Threads: any thread, at any time
 * Errors: none
 */
static inline size_t
sgz_subfield_len(const struct sgz_subfield *subfield)
{
	const unsigned char *bytes = (const unsigned char *)subfield;

	return (size_t)bytes[2] | (size_t)bytes[3] << 8;
}

/**
 * The subfield after @subfield in @header's extra field.
 *
 * With NULL for @subfield: the first one.
 *
 * Ownership: borrows; what is returned points into header->extra
 * Lifetime: as long as header->extra
 * Threads: any thread, while nothing changes @header
 * Errors: NULL when there is no further one, or when it would overrun the
 *   extra field
 */
static inline const struct sgz_subfield *
sgz_subfield_next(const struct sgz_header *header,
		  const struct sgz_subfield *subfield)
{
	const unsigned char *at = header->extra;
	const unsigned char *end;

	if (at == NULL)
		return NULL;
	end = at + header->extra_len;
	if (subfield != NULL)
		at = (const unsigned char *)subfield + 4 +
			sgz_subfield_len(subfield);
	if (end - at < 4)
		return NULL;
	if ((size_t)(end - at) - 4 <
	    sgz_subfield_len((const struct sgz_subfield *)at))
		return NULL;
	return (const struct sgz_subfield *)at;
}

/**
 * Say what @header holds, in one line of text.
 *
 * For people: name, comment and subfields, bytes that are not printable ASCII
 * escaped as \xNN. The form may change with the version.
 *
 * Ownership: borrows @header; transfers *text_out, a NUL-terminated string,
 *   to the caller, who gives it to sgz_free()
 * Lifetime: *text_out is independent of @header
 * Threads: any thread, while nothing changes @header
 * Errors: SGZ_E_NOMEM
 */
SGZ_API enum sgz_status
sgz_header_describe(const struct sgz_header *header, char **text_out,
		    struct sgz_error *error);

#ifdef __cplusplus
}
#endif

#endif
