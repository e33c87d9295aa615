/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer makes a Result of a status and errno. */
#include "../grade.h"

/* What came of it, for the Rust program to fill. */
struct outcome {
	int64_t number; /* the value, the line, errno or the status */
	size_t at; /* where the text lies in the source */
	size_t len;
	int kind;
};

void
ask(const char *source, size_t len, const char *key, struct outcome *outcome);

static void
call(struct ferrule_recorder *rec, const char *source, size_t len,
     const char *key)
{
	static const char *const kinds[] = { "ok", "syntax", "missing",
					     "system", "unknown" };
	struct outcome outcome = { 0 };

	ask(source, len, key, &outcome);
	rec_text(rec, "result", kinds[outcome.kind]);
	rec_int(rec, "number", outcome.number);
	if (outcome.kind != 1)
		return;
	rec_int(rec, "where the text lies", (int64_t)outcome.at);
	if (outcome.at <= len && outcome.len <= len - outcome.at)
		rec_bytes(rec, "text", source + outcome.at, outcome.len);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const char source[] = "speed = -40\n"
				     "\n"
				     "none=</nonexistent/file\n"
				     "within = </dev/null/file\n"
				     "large = 99999999999999999999\n"
				     "word = forty\n"
				     "this is no setting";
	char drawn[128];
	size_t len;

	rec_step(rec, "a value");
	call(rec, source, sizeof(source) - 1, "speed");
	call(rec, source, 0, "speed");

	rec_step(rec, "a file that is not there");
	call(rec, source, sizeof(source) - 1, "none");

	rec_step(rec, "a file in what is no folder");
	call(rec, source, sizeof(source) - 1, "within");

	rec_step(rec, "a status of a later version");
	call(rec, source, sizeof(source) - 1, "large");

	rec_step(rec, "no number");
	call(rec, source, sizeof(source) - 1, "word");

	rec_step(rec, "no setting");
	call(rec, source, sizeof(source) - 1, "other");

	rec_step(rec, "drawn");
	len = 20 + in->len % 80;
	memcpy(drawn, "d=4\n", 4);
	memcpy(drawn + 4, in->data, len);
	len += 4;
	call(rec, drawn, len, "d");
	call(rec, drawn, len, "e");
}
