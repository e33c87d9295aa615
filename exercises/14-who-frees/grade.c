/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer keeps blocks of three sides, for several holders. */
#include "../grade.h"
#include "bag.h"

#include <pthread.h>
#include <stdlib.h>

static void
libc_release(char *text)
{
	free(text);
}

static void
library_release(char *text)
{
	sgz_free(text);
}

/* One text of each origin, and one that nobody frees. */
static void
fill(struct bag *bag, const char *name)
{
	static char nobody[] = "static";
	struct sgz_header header = { .name = name };
	char *text = NULL;

	bag_put(bag, (struct piece){ strdup(name), libc_release });
	if (sgz_header_describe(&header, &text, NULL) == SGZ_OK)
		bag_put(bag, (struct piece){ text, library_release });
	bag_note(bag, name);
	bag_put(bag, (struct piece){ nobody, NULL });
}

static void
record(struct ferrule_recorder *rec, struct bag *bag)
{
	size_t i, count = bag_count(bag);

	rec_int(rec, "pieces", (int64_t)count);
	for (i = 0; i < count + 1; i++)
		rec_text(rec, "text", bag_text(bag, i));
}

/* What lay in *piece_out before is nobody's to release. */
static int released_before;

static void
count_release(char *text)
{
	(void)text;
	released_before++;
}

static void
take(struct ferrule_recorder *rec, struct bag *bag, size_t index)
{
	static char none[] = "nothing";
	struct piece piece = { none, count_release };
	bool taken = bag_take(bag, index, &piece);

	rec_int(rec, "taken", taken);
	rec_text(rec, "text", piece.text);
	rec_int(rec, "releases of what *piece_out had", released_before);
	if (taken && piece.release != NULL)
		piece.release(piece.text);
}

/* Holds the bag for as long as it runs; it is the last one. */
static void *
hold(void *arg)
{
	struct bag *bag = arg;
	uintptr_t len = 0;
	size_t i;

	bag_note(bag, "of another thread");
	for (i = 0; bag_text(bag, i) != NULL; i++)
		len += strlen(bag_text(bag, i));
	bag_unref(bag);
	return (void *)len;
}

static void
on_a_thread(struct ferrule_recorder *rec, const char *name)
{
	struct bag *bag = bag_new();
	void *len = NULL;
	pthread_t thread;

	fill(bag, name);
	bag_ref(bag);
	bag_unref(bag);
	if (pthread_create(&thread, NULL, hold, bag) == 0)
		pthread_join(thread, &len);
	rec_int(rec, "length of all texts", (int64_t)(uintptr_t)len);
}

static void
hold_twice(struct ferrule_recorder *rec)
{
	struct bag *bag = bag_new();

	fill(bag, "b.txt");
	bag_ref(bag);
	bag_unref(bag);
	record(rec, bag);
	bag_note(bag, "");
	bag_ref(bag);
	bag_ref(bag);
	bag_unref(bag);
	bag_unref(bag);
	rec_int(rec, "pieces", (int64_t)bag_count(bag));
	bag_unref(bag);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct bag *bag = bag_new();
	char name[64];
	size_t i, len;

	rec_step(rec, "one holder");
	record(rec, bag);
	fill(bag, "a.txt");
	record(rec, bag);

	rec_step(rec, "taken out");
	take(rec, bag, 2); /* Rust's */
	take(rec, bag, 1); /* the library's */
	take(rec, bag, 9);
	record(rec, bag);
	bag_unref(bag);

	rec_step(rec, "two holders");
	hold_twice(rec);

	rec_step(rec, "drawn, the last holder is a thread");
	len = 30 + in->len % (sizeof(name) - 30);
	for (i = 0; i + 1 < len; i++)
		name[i] = (char)('a' + in->data[i] % 26);
	name[len - 1] = '\0';
	on_a_thread(rec, name);
}
