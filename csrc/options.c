/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Options: defaults, versions of the struct, and range checks. */
#include "internal.h"

/* The first version's struct ends with the allocator. It is the smallest. */
#define FIRST_SIZE                                 \
	(offsetof(struct sgz_options, allocator) + \
	 sizeof(const struct sgz_allocator *))

/* The second one's ends with the size of the cache. */
#define SECOND_SIZE (offsetof(struct sgz_options, cache_size) + sizeof(size_t))

static const struct sgz_options defaults = SGZ_OPTIONS_INIT;

/* Is @size that of an earlier struct, of this one, or of a later one? */
static bool
is_size(size_t size)
{
	return size == FIRST_SIZE || size == SECOND_SIZE ||
		size >= sizeof(defaults);
}

enum sgz_status
sgz_options_init(struct sgz_options *options, size_t size)
{
	if (!is_size(size))
		return SGZ_E_INVALID;
	/* the default of a later version's fields is zero */
	if (size > sizeof(defaults))
		memset((unsigned char *)options + sizeof(defaults), 0,
		       size - sizeof(defaults));
	memcpy(options, &defaults,
	       size < sizeof(defaults) ? size : sizeof(defaults));
	options->size = size;
	return SGZ_OK;
}

/* The first fault of @options, or NULL. */
static const char *
find_fault(const struct sgz_options *options)
{
	if (options->level < SGZ_LEVEL_DEFAULT ||
	    options->level > SGZ_LEVEL_MAX)
		return "level is not -1 to 12";
	if (options->block_size < sgz_block_sizes[0] ||
	    options->block_size > sgz_block_sizes[2])
		return "block_size is not 1 to 65536";
	if (options->format != SGZ_FORMAT_BGZF &&
	    options->format != SGZ_FORMAT_GZIP)
		return "format is neither BGZF nor GZIP";
	if (options->reserved != 0)
		return "reserved is not 0";
	if (options->read_size == 0)
		return "read_size is 0";
	if (!sgz_allocator_is_whole(options->allocator))
		return "allocator lacks a function";
	return NULL;
}

enum sgz_status
sgz_options_copy(struct sgz_options *to, const struct sgz_options *from,
		 struct sgz_error *error)
{
	const char *fault = NULL;

	size_t known = sizeof(*to);

	*to = defaults;
	if (from == NULL)
		return SGZ_OK;
	if (!is_size(from->size)) {
		fault = "size is that of no version's struct";
		goto out;
	}
	/* are fields of a later version set, which this version cannot
	 * honour? */
	for (size_t i = sizeof(*to); i < from->size; i++) {
		if (((const unsigned char *)from)[i] != 0) {
			fault = "this version lacks a field that is set";
			goto out;
		}
	}
	/* what an older caller's struct lacks keeps its default */
	if (from->size < known)
		known = from->size;
	memcpy(to, from, known);
	to->size = sizeof(*to);
	fault = find_fault(to);
out:
	if (fault == NULL)
		return SGZ_OK;
	return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1, "options: %s",
			     fault);
}

enum sgz_format
sgz_detect(const void *data, size_t len)
{
	const unsigned char *at = data;

	if (len < 3 || at[0] != 0x1f || at[1] != 0x8b ||
	    at[2] != METHOD_DEFLATE)
		return SGZ_FORMAT_NONE;
	if (len > 3 && (at[3] & FLAG_RESERVED) != 0)
		return SGZ_FORMAT_NONE;
	if (len < BGZF_HEADER_SIZE || (at[3] & FLAG_EXTRA) == 0)
		return SGZ_FORMAT_GZIP;
	len -= PREFIX_SIZE + 2;
	if (len > get_le16(at + PREFIX_SIZE))
		len = get_le16(at + PREFIX_SIZE);
	if (sgz_header_find_bsize(at + PREFIX_SIZE + 2, len) >= 0)
		return SGZ_FORMAT_BGZF;
	return SGZ_FORMAT_GZIP;
}
