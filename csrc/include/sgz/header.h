/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The header of a gzip member (RFC 1952, section 2.3). */
#ifndef SGZ_HEADER_H
#define SGZ_HEADER_H

#include <sgz/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The ten fixed bytes, as they are in the file: packed, little-endian.
 *
 *   0     1     2        3       4 . . 7   8     9
 *   | 1f  | 8b  | method | flags | mtime | xfl | os |
 */
struct SGZ_PACKED sgz_prefix {
	uint8_t id1;
	uint8_t id2;
	uint8_t method;
	uint8_t flags;
	/* seconds since 1970, or 0; little-endian in the file, in the host's
	 * byte order in every struct that the library fills */
	uint32_t mtime;
	uint8_t xfl;
	uint8_t os;
};

/*
 * One subfield of the extra field, in place: a header of four bytes, then the
 * data. Subfields follow each other without padding. A subfield can therefore
 * start at any address, and the struct is packed.
 */
struct SGZ_PACKED sgz_subfield {
	uint8_t si1;
	uint8_t si2;
	/* little-endian: read it with sgz_subfield_len() */
	uint16_t len;
	uint8_t data[];
};

/*
 * A member's header. The RFC says that its text is Latin-1. In practice it can
 * hold any byte except NUL: do not assume that it is UTF-8.
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
 * If @subfield is NULL, this is the first subfield.
 *
 * Ownership: borrows; the returned pointer points into header->extra
 * Lifetime: as long as header->extra
 * Threads: any thread, while nothing changes @header
 * Errors: NULL if there are no more subfields, or if the next one does not fit
 *   into the extra field
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
 * Describe @header in one line of text.
 *
 * The text is for people: name, comment and subfields. Bytes that are not
 * printable ASCII are escaped as \xNN. The format may change with the version.
 *
 * Ownership: borrows @header; transfers *text_out, a NUL-terminated string, to
 *   the caller, who frees it with sgz_free()
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
