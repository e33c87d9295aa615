/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Looks into a gzip file: at its size, a piece of it, and its last line. */
#ifndef TAIL_H
#define TAIL_H

#include <sgz.h>

struct tail;

/* Open a file. The caller closes what is returned with tail_close(). NULL: it
 * failed, and *error says why. */
struct tail *
tail_open(const char *path, struct sgz_error *error);

/* The uncompressed size; not written on failure. */
enum sgz_status
tail_get_size(struct tail *tail, uint64_t *size_out);

/* Read @len bytes at @offset to @data; *len_out are fewer at the end. Not
 * written on failure. */
enum sgz_status
tail_read_at(struct tail *tail, uint64_t offset, unsigned char *data,
	     size_t len, size_t *len_out);

/* Lend the last line, with its newline. The bytes are the tail's, until it is
 * used again. In an empty file *len_out is 0. Not written on failure. */
enum sgz_status
tail_last_line(struct tail *tail, const unsigned char **line_out,
	       size_t *len_out);

/* Lend what is known of the last failure, until the tail is closed. */
const struct sgz_error *
tail_get_error(const struct tail *tail);

/* NULL is allowed. */
void
tail_close(struct tail *tail);

#endif
