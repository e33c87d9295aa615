/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 15, generics: one function for many types, behind `void *`. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* qsort_r() */
#endif
#include "lesson.h"
#include <stdlib.h>

#define MOST 48 /* entries that are sorted; the file has 3 at least */

/* C's generics: the macro writes a comparator for each type. */
#define COMPARE(name, type, key)                                  \
	static int name(const void *a, const void *b)             \
	{                                                         \
		const type *x = a, *y = b;                        \
		return ((x key) > (y key)) - ((x key) < (y key)); \
	}

COMPARE(compare_entry, struct sgz_index_entry, ->offset)
COMPARE(compare_length, uint32_t, [0])

/* The key of bsearch() need not have the type of the elements. */
static int
compare_offset(const void *key, const void *element)
{
	const uint64_t *offset = key;
	const struct sgz_index_entry *entry = element;

	return (*offset > entry->offset) - (*offset < entry->offset);
}

/* @key is a uint64_t: only this line says so. */
static int64_t
find(const void *key, const struct sgz_index_entry *entries, size_t count)
{
	const struct sgz_index_entry *found =
		bsearch(key, entries, count, sizeof(*entries), compare_offset);

	return found != NULL ? found - entries : -1;
}

/* What a comparator of qsort_r() gets as its context. */
struct order {
	uint64_t to;
	int64_t calls;
	const char *why; /* that it failed, or NULL */
};

static uint64_t
distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static int
nearest_first(const void *a, const void *b, void *ctx)
{
	const struct sgz_index_entry *x = a, *y = b;
	struct order *order = ctx;
	uint64_t dx = distance(x->offset, order->to);
	uint64_t dy = distance(y->offset, order->to);

	order->calls++;
	return dx != dy ? (dx > dy) - (dx < dy) : compare_entry(a, b);
}

/* qsort_r() cannot be stopped: after a failure all are equal. */
static int
failing(const void *a, const void *b, void *ctx)
{
	struct order *order = ctx;

	(void)a, (void)b;
	if (order->why != NULL)
		return 0;
	order->calls++;
	order->why = "no order";
	return 0;
}

static int
always_less(const void *a, const void *b)
{
	(void)a, (void)b;
	return -1;
}

/* Whether @entries are still those of the index, in whatever order. */
static bool
all_there(struct sgz_index_entry *entries, const struct sgz_index_entry *lent,
	  size_t count)
{
	qsort(entries, count, sizeof(*entries), compare_entry);
	return memcmp(entries, lent, count * sizeof(*entries)) == 0;
}

/* The lengths of all blocks but the last: @count - 1 of them. */
static uint32_t *
make_lengths(const struct sgz_index_entry *entries, size_t count)
{
	uint32_t *lengths = calloc(count, sizeof(*lengths));

	if (lengths == NULL)
		abort();
	for (size_t i = 0; i + 1 < count; i++)
		lengths[i] = (uint32_t)(entries[i + 1].compressed_offset -
					entries[i].compressed_offset);
	return lengths;
}

static bool
in_order(const uint32_t *lengths, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (lengths[i - 1] > lengths[i])
			return false;
	return true;
}

static struct sgz_index *
make_index(const struct ferrule_input *in)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer file = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_index *index;

	options.block_size = 16384;
	options.build_index = 1;
	sgz_writer_open_memory(&file, &options, &writer, NULL);
	for (int i = 0; i < 3; i++) {
		sgz_writer_write(writer, "a short block", 13, NULL);
		sgz_writer_flush(writer, NULL);
	}
	sgz_writer_write(writer, in->data, in->len, NULL);
	sgz_writer_finish(writer, NULL);
	index = sgz_writer_ref_index(writer);
	sgz_writer_free(writer);
	sgz_buffer_release(&file);
	return index;
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgz_index_entry entries[MOST];
	struct sgz_index *index, *copy = NULL;
	enum sgz_status rc;
	size_t all, count;

	rec_step(rec, "entries");
	index = make_index(in);
	const struct sgz_index_entry *lent = sgz_index_get_entries(index, &all);
	rec_int(rec, "all", (int64_t)all);
	count = all < MOST ? all : MOST;
	for (size_t i = 0; i < count; i++)
		entries[i] = lent[count - 1 - i];
	uint32_t *lengths = make_lengths(lent, count);

	rec_step(rec, "one per type");
	qsort(entries, count, sizeof(entries[0]), compare_entry);
	qsort(lengths, count - 1, sizeof(lengths[0]), compare_length);
	rec_int(rec, "first", (int64_t)entries[0].offset);
	rec_int(rec, "last", (int64_t)entries[count - 1].offset);
	rec_int(rec, "lengths in order", in_order(lengths, count - 1));
	rec_int(rec, "shortest", lengths[0]);
	rec_int(rec, "longest", lengths[count - 2]);

	rec_step(rec, "found");
	const uint64_t within = 1;
	rec_int(rec, "last", find(&lent[all - 1].offset, lent, all));
	rec_int(rec, "within a block", find(&within, lent, all));

	rec_step(rec, "context");
	struct order near = { .to = lent[count / 2].offset + 1 };
	qsort_r(entries, count, sizeof(entries[0]), nearest_first, &near);
	rec_int(rec, "nearest", (int64_t)entries[0].offset);
	rec_int(rec, "farthest", (int64_t)entries[count - 1].offset);
	rec_int(rec, "called", near.calls > 0);

	rec_step(rec, "panics");
	struct order bad = { .why = NULL };
	qsort_r(entries, count, sizeof(entries[0]), failing, &bad);
	rec_text(rec, "why", bad.why);
	rec_int(rec, "calls", bad.calls);
	rec_int(rec, "all there", all_there(entries, lent, count));

	rec_step(rec, "contradicts");
	qsort(entries, count, sizeof(entries[0]), always_less);
	rec_int(rec, "all there", all_there(entries, lent, count));

	rec_step(rec, "far apart");
	/* 3 GiB: the difference is negative as an int */
	struct sgz_index_entry far[] = {
		{ 900, UINT64_C(3) << 30 },
		{ 0, 0 },
	};
	qsort(far, 2, sizeof(far[0]), compare_entry);
	rc = sgz_index_from_entries(far, 2, NULL, &copy, NULL);
	rec_status(rec, "index", rc);
	rec_int(rec, "first", (int64_t)far[0].offset);

	free(lengths);
	sgz_index_unref(copy);
	sgz_index_unref(index);
}
