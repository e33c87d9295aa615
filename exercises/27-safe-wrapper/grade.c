/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer wraps a library with many rules. */
#include "../grade.h"

struct outcome {
	uint64_t puts;
	uint64_t watched; /* bytes that the watcher heard of */
	uint32_t refused;
	uint32_t len;
	char text[512];
};

/* Put each line of the data there, go through the keys, and close. */
void
keep(const unsigned char *data, size_t len, struct outcome *out);
/* Mistakes, and what is said of them. */
void
refuse(struct outcome *out);
/* A watcher is replaced, and the store is dropped. */
void
replace(struct outcome *out);
/* A store that is made here and used on another thread. */
void
move_to_thread(struct outcome *out);

static void
record(struct ferrule_recorder *rec, const struct outcome *outcome)
{
	rec_text_n(rec, "said", outcome->text, outcome->len);
	rec_int(rec, "texts that were put", (int64_t)outcome->puts);
	rec_int(rec, "bytes that a watcher heard of",
		(int64_t)outcome->watched);
	rec_int(rec, "refused", outcome->refused);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const unsigned char lines[] = "one\ntwo\nthree\none\n\nfour";
	struct outcome outcome = { 0 };

	rec_step(rec, "put, get, go through the keys, close");
	keep(lines, sizeof(lines) - 1, &outcome);
	record(rec, &outcome);

	rec_step(rec, "nothing in it");
	keep(lines, 0, &outcome);
	record(rec, &outcome);

	rec_step(rec, "mistakes");
	refuse(&outcome);
	record(rec, &outcome);

	rec_step(rec, "another watcher");
	replace(&outcome);
	record(rec, &outcome);

	rec_step(rec, "on another thread");
	move_to_thread(&outcome);
	record(rec, &outcome);

	rec_step(rec, "drawn");
	keep(in->data, in->len, &outcome);
	record(rec, &outcome);
}
