/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer and a library of C call each other, several times deep. */
#include "../grade.h"

struct outcome {
	int64_t value;
	uint32_t evaluations;
	uint32_t error; /* 0: none */
	uint32_t len; /* of the name in the error */
	char name[32];
};

enum sheet {
	PLAIN,
	CHAIN_OF_64,
	CHAIN_OF_65,
	CIRCLE,
	DOUBLED,
	BAD,
	DRAWN,
	DRAWN_WITHOUT_ONE,
};

/* Ask the sheet for each of the names; @out has as many outcomes. */
void
ask(enum sheet sheet, const unsigned char *data, size_t len,
    const char *const *names, size_t count, struct outcome *out);

static void
record(struct ferrule_recorder *rec, const struct outcome *outcome)
{
	static const char *const errors[] = { "none", "Unknown", "Syntax",
					      "TooDeep", "NoMemory" };

	rec_text(rec, "error", errors[outcome->error]);
	rec_text_n(rec, "of", outcome->name, outcome->len);
	rec_int(rec, "value", outcome->value);
	rec_int(rec, "formulas that C was given", outcome->evaluations);
}

/* Ask one sheet for up to three names. */
static void
try(struct ferrule_recorder *rec, enum sheet sheet,
    const struct ferrule_input *in, const char *a, const char *b, const char *c)
{
	const char *names[] = { a, b, c };
	struct outcome outcomes[3] = { 0 };
	size_t i, count = 1 + (b != NULL) + (c != NULL);

	ask(sheet, in->data, in->len, names, count, outcomes);
	for (i = 0; i < count; i++)
		record(rec, &outcomes[i]);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	rec_step(rec, "numbers and names");
	try(rec, PLAIN, in, "numbers", "price", "total");

	rec_step(rec, "asked twice");
	try(rec, PLAIN, in, "total", "total", NULL);

	rec_step(rec, "errors");
	try(rec, BAD, in, "misspelt", "no sum", "nobody");

	rec_step(rec, "right after an error");
	try(rec, BAD, in, "misspelt", "two", NULL);

	rec_step(rec, "used three times");
	try(rec, DOUBLED, in, "n10", NULL, NULL);

	rec_step(rec, "64 deep");
	try(rec, CHAIN_OF_64, in, "n63", NULL, NULL);

	rec_step(rec, "65 deep");
	try(rec, CHAIN_OF_65, in, "n64", "n63", NULL);

	rec_step(rec, "a circle");
	try(rec, CIRCLE, in, "one", "one", "two");

	rec_step(rec, "drawn");
	try(rec, DRAWN, in, "n39", "n20", NULL);

	rec_step(rec, "drawn, without one of them");
	try(rec, DRAWN_WITHOUT_ONE, in, "n39", "n39", "n0");
}
