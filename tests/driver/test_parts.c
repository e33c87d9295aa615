/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The driver's parts that can be tested one by one. */
#include "ledger.h"
#include "source.h"
#include "transcript.h"
#include "util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The ledger is not part of this program: nobody counts. */
void
ledger_step(void)
{
}

/* ---- util ---- */

static void
test_util__escapes_what_is_not_printable(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} cases[] = {
		{ "", 0, "" },
		{ "plain", 5, "plain" },
		{ "a\nb\tc", 5, "a\\nb\\tc" },
		{ "\0\x1f\x7f", 3, "\\x00\\x1f\\x7f" },
		{ "gr\xc3\xbc\xc3\x9f", 6, "gr\xc3\xbc\xc3\x9f" },
		{ "\xf0\x9f\xa6\x80", 4, "\xf0\x9f\xa6\x80" },
		/* cut short, overlong, a surrogate, beyond the last one */
		{ "\xc3", 1, "\\xc3" },
		{ "\xc0\x80", 2, "\\xc0\\x80" },
		{ "\xe0\x80\x80", 3, "\\xe0\\x80\\x80" },
		{ "\xed\xa0\x80", 3, "\\xed\\xa0\\x80" },
		{ "\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80" },
		/* C1 controls and U+FFFF may not stand in XML */
		{ "\xc2\x85", 2, "\\xc2\\x85" },
		{ "\xef\xbf\xbf", 3, "\\xef\\xbf\\xbf" },
	};
	struct text text = { 0 };
	char *taken;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		text_add_escaped(&text, cases[i].bytes, cases[i].len);
		taken = text_take(&text);
		assert_string_equal(taken, cases[i].text);
		free(taken);
	}
}

static void
test_util__groups_digits(void **state)
{
	(void)state;
	assert_string_equal(with_commas(0), "0");
	assert_string_equal(with_commas(999), "999");
	assert_string_equal(with_commas(1000), "1,000");
	assert_string_equal(with_commas(UINT64_MAX),
			    "18,446,744,073,709,551,615");
}

/* ---- source ---- */

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static json_t *
readings(const char *text)
{
	json_t *root = json_loads(text, 0, NULL);

	assert_non_null(root);
	return root;
}

static void
test_source__steps_are_those_of_the_reader(void **state)
{
	json_t *root = readings("{\"sources\": {\"/a.c\": {\"parts\": ["
				"{\"step\": \"\", \"text\": \"before\"},"
				"{\"step\": \"one\", \"text\": \"first\"},"
				"{\"step\": \"one\", \"text\": \"again\"}],"
				"\"calls\": [\"sgz_free\"]}}}");
	const json_t *source = source_get(root, "/a.c");

	(void)state;
	assert_non_null(source);
	assert_string_equal(source_find(source, "", 0), "before");
	assert_string_equal(source_find(source, "one", 1), "again");
	assert_null(source_find(source, "one", 2));
	assert_null(source_find(source, "two", 0));
	assert_true(source_calls(source, "sgz_free"));
	assert_false(source_calls(source, "sgz_fre"));
	json_decref(root);
}

/* A lane that was built elsewhere has its source where nobody looked. */
static void
test_source__another_file_is_read_now(void **state)
{
	json_t *root = readings("{\"sources\": {}}");
	const json_t *source;

	(void)state;
	write_file("a b'c.rs",
		   "    rec.step(\"open\");\n"
		   "    sgz_crc32(0);\n");
	source = source_get(root, "a b'c.rs");
	assert_non_null(source);
	assert_string_equal(source_find(source, "open", 0),
			    "    rec.step(\"open\");\n    sgz_crc32(0);");
	assert_true(source_calls(source, "sgz_crc32"));
	assert_ptr_equal(source_get(root, "a b'c.rs"), source);
	json_decref(root);
}

static void
test_source__a_missing_file_has_no_parts(void **state)
{
	json_t *root = readings("{\"sources\": {}}");

	(void)state;
	assert_null(source_get(root, "no/such/file"));
	assert_null(source_find(NULL, "", 0));
	assert_false(source_calls(NULL, "sgz_free"));
	json_decref(root);
}

/* ---- transcript ---- */

static struct transcript_log *
recorded(void)
{
	struct transcript_log *log = calloc(1, sizeof(*log));
	struct ferrule_recorder *rec;

	assert_non_null(log);
	rec = transcript_recorder(log);
	rec->ops->integer(rec, "early", 5, 7);
	rec->ops->step(rec, "open", 4);
	rec->ops->status(rec, "open", 4, -6);
	rec->ops->note(rec, "by the way", 10);
	rec->ops->error(rec, "open", 4, -3, 2, 18, "no\xff", 3);
	rec->ops->step(rec, "read", 4);
	rec->ops->bytes(rec, "data", 4, "\1\2\3", 3);
	return log;
}

static void
assert_event(const struct event *event, const char *wanted)
{
	struct text text = { 0 };

	event_add(event, &text);
	assert_string_equal(text.data, wanted);
	free(text.data);
}

static void
test_transcript__comes_back_as_recorded(void **state)
{
	struct transcript_log *log = recorded();
	struct transcript transcript;

	(void)state;
	transcript_read(&transcript, log);
	assert_int_equal(transcript.step_count, 3);
	assert_int_equal(transcript.facts, 6);
	assert_string_equal(transcript.steps[0].name, "");
	assert_event(transcript.steps[0].events, "integer \"early\" 7");
	assert_string_equal(transcript.steps[1].name, "open");
	assert_int_equal(transcript.steps[1].event_count, 3);
	assert_event(transcript.steps[1].events, "status \"open\" SGZ_E_CRC");
	assert_event(transcript.steps[1].events + 2,
		     "error \"open\" SGZ_E_IO, errno 2, at 18: \"no\\xff\"");
	assert_event(transcript.steps[2].events,
		     "bytes \"data\" 3 bytes, CRC-32 55bc801d: 01 02 03");
	transcript_release(&transcript);
	free(log);
}

/* However much of it is there, or whatever a lane wrote over it. */
static void
test_transcript__takes_any_log(void **state)
{
	struct transcript_log *log = recorded();
	uint64_t whole = log->used;
	struct transcript transcript;
	size_t facts = 0;
	uint64_t i;

	(void)state;
	for (log->used = 0; log->used <= whole; log->used++) {
		transcript_read(&transcript, log);
		assert_true(transcript.facts >= facts);
		facts = transcript.facts;
		transcript_release(&transcript);
	}
	assert_int_equal(facts, 6);
	for (i = 0; i < whole; i++) {
		log->records[i] ^= 0xff;
		log->used = whole + 64;
		transcript_read(&transcript, log);
		transcript_release(&transcript);
		log->records[i] ^= 0xff;
	}
	log->used = UINT64_MAX;
	transcript_read(&transcript, log);
	transcript_release(&transcript);
	free(log);
}

static void
test_transcript__long_texts_differ_at_their_end(void **state)
{
	struct transcript_log *log = calloc(1, sizeof(*log));
	struct ferrule_recorder *rec = transcript_recorder(log);
	static char text[100000];
	struct transcript transcript;

	(void)state;
	assert_non_null(log);
	memset(text, 'a', sizeof(text));
	rec->ops->text(rec, "t", 1, text, sizeof(text));
	rec->ops->text(rec, "t", 1, text, sizeof(text));
	text[sizeof(text) - 1] = 'b';
	rec->ops->text(rec, "t", 1, text, sizeof(text));
	transcript_read(&transcript, log);
	assert_true(event_equal(&transcript.events[0], &transcript.events[1]));
	assert_false(event_equal(&transcript.events[0], &transcript.events[2]));
	transcript_release(&transcript);
	free(log);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_util__escapes_what_is_not_printable),
		cmocka_unit_test(test_util__groups_digits),
		cmocka_unit_test(test_source__steps_are_those_of_the_reader),
		cmocka_unit_test(test_source__another_file_is_read_now),
		cmocka_unit_test(test_source__a_missing_file_has_no_parts),
		cmocka_unit_test(test_transcript__comes_back_as_recorded),
		cmocka_unit_test(test_transcript__takes_any_log),
		cmocka_unit_test(
			test_transcript__long_texts_differ_at_their_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
