/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The driver's parts that can be tested one by one. */
#include "ledger.h"
#include "pair.h"
#include "source.h"
#include "transcript.h"
#include "util.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The ledger is not part of this program: nobody counts. */
void
ledger_enter(void)
{
}

uint32_t
ledger_task(void)
{
	return 0;
}

uint32_t
ledger_step(void)
{
	return 0;
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

/* A folder, and in it "deep" with folders of @mode in one another. */
static void
make_deep(int depth, mode_t mode)
{
	int fd, next;

	assert_int_equal(mkdir("tree", 0700), 0);
	assert_int_equal(symlink("../kept", "tree/link"), 0);
	fd = open("tree", O_RDONLY | O_DIRECTORY);
	for (; depth > 0; depth--) {
		assert_int_equal(mkdirat(fd, "deep", 0700), 0);
		next = openat(fd, "deep", O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		close(openat(fd, "file", O_WRONLY | O_CREAT, 0400));
		assert_int_equal(fchmod(fd, mode), 0);
		close(fd);
		fd = next;
	}
	close(fd);
}

static void
test_util__a_tree_is_removed(void **state)
{
	static const struct {
		int depth;
		mode_t mode;
	} cases[] = { { 0, 0700 }, { 3, 0700 }, { 20, 0 }, { 1500, 0700 } };
	struct stat st;
	size_t i;

	(void)state;
	mkdir("kept", 0700);
	close(open("kept/file", O_WRONLY | O_CREAT, 0600));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		make_deep(cases[i].depth, cases[i].mode);
		remove_tree("tree");
		assert_int_equal(lstat("tree", &st), -1);
		assert_int_equal(stat("kept/file", &st), 0);
	}
	remove_tree("no/such/tree");
	/* a link is no tree: what it leads to stays */
	assert_int_equal(symlink("kept", "tree"), 0);
	remove_tree("tree");
	assert_int_equal(lstat("tree", &st), -1);
	assert_int_equal(stat("kept/file", &st), 0);
}

static void
test_util__a_list_is_in_order(void **state)
{
	struct list list = { 0 };
	char text[8];
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		list_add(&list, xasprintf("%d", i));
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_string_equal(list.items[i], text);
	}
	assert_true(list_has(&list, "999"));
	assert_false(list_has(&list, "1000"));
	list_release(&list);
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
	assert_null(transcript_read(&transcript, log));
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
		free(transcript_read(&transcript, log));
		assert_true(transcript.facts >= facts);
		facts = transcript.facts;
		transcript_release(&transcript);
	}
	assert_int_equal(facts, 6);
	for (i = 0; i < whole; i++) {
		log->records[i] ^= 0xff;
		log->used = whole + 64;
		free(transcript_read(&transcript, log));
		transcript_release(&transcript);
		log->records[i] ^= 0xff;
	}
	free(log);
}

static void
test_transcript__says_what_makes_no_sense(void **state)
{
	static const struct {
		uint64_t used; /* 0: as it was */
		size_t at; /* of the first record, and what is written there */
		unsigned char byte;
		const char *problem;
	} cases[] = {
		{ UINT64_MAX, 0, EVENT_INTEGER, "record 0 is beyond the end" },
		{ TRANSCRIPT_SIZE + 1ul, 0, EVENT_INTEGER, "beyond the end" },
		{ 8, 0, EVENT_INTEGER, "record 0 is cut off" },
		{ 0, 0, EVENT_TASK + 1, "record 0 has an unknown kind" },
		{ 0, 0, EVENT_TASK, "record 0 belongs to an unknown task" },
		{ 0, 32, 1, "record 0 belongs to an unknown task" },
		/* the length of the value, and how much of it is kept */
		{ 0, 2, 1, "record 0 has an invalid length" },
		{ 0, 3, 1, "record 0 has an invalid length" },
		{ 0, 8, 1, "record 0 has an invalid length" },
		{ 0, 4, 1, "record 0 does not match its checksum" },
	};
	struct transcript transcript;
	struct transcript_log *log;
	char *problem;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		log = recorded();
		log->records[cases[i].at] = cases[i].byte;
		if (cases[i].used != 0)
			log->used = cases[i].used;
		problem = transcript_read(&transcript, log);
		assert_non_null(problem);
		assert_non_null(strstr(problem, cases[i].problem));
		assert_int_equal(transcript.facts, 0);
		transcript_release(&transcript);
		free(problem);
		free(log);
	}
}

/* A thread of a lesson: what it calls itself, and what it records. */
struct thread {
	struct ferrule_recorder *rec;
	const char *name; /* NULL: it is no task */
	int64_t first, second;
	bool unordered;
};

static void *
record_in_thread(void *ctx)
{
	const struct thread *thread = ctx;
	struct ferrule_recorder *rec = thread->rec;

	if (thread->name != NULL) {
		rec->ops->task(rec, thread->name, strlen(thread->name));
		rec->ops->step(rec, "work", 4);
	}
	if (thread->unordered)
		rec->ops->unordered(rec, 1);
	rec->ops->integer(rec, "n", 1, thread->first);
	rec->ops->integer(rec, "n", 1, thread->second);
	return NULL;
}

/* The steps and facts of a lesson with these threads, one line each. */
static char *
threads_recorded(const struct thread *threads, size_t count)
{
	struct transcript_log *log = calloc(1, sizeof(*log));
	struct ferrule_recorder *rec = transcript_recorder(log);
	struct transcript transcript;
	struct text text = { 0 };
	struct thread thread;
	pthread_t id;
	size_t i, j;

	assert_non_null(log);
	rec->ops->step(rec, "start", 5);
	for (i = 0; i < count; i++) {
		thread = threads[i];
		thread.rec = rec;
		assert_int_equal(
			pthread_create(&id, NULL, record_in_thread, &thread),
			0);
		pthread_join(id, NULL);
		rec->ops->integer(rec, "joined", 6, 1);
	}
	assert_null(transcript_read(&transcript, log));
	for (i = 0; i < transcript.step_count; i++) {
		text_addf(&text, "[%s]", transcript.steps[i].name);
		for (j = 0; j < transcript.steps[i].event_count; j++) {
			text_addf(&text, " ");
			event_add_value(&transcript.steps[i].events[j], &text);
		}
	}
	transcript_release(&transcript);
	free(log);
	return text_take(&text);
}

static void
test_transcript__is_arranged_by_task(void **state)
{
	static const struct {
		struct thread threads[3];
		size_t count;
		const char *text;
	} cases[] = {
		{ { { NULL, "b", 1, 2, false }, { NULL, "a", 3, 4, false } },
		  2,
		  "[][start] 1 1[task a][a: work] 3 4[task b][b: work] 1 2" },
		{ { { NULL, "a", 3, 4, false }, { NULL, "b", 1, 2, false } },
		  2,
		  "[][start] 1 1[task a][a: work] 3 4[task b][b: work] 1 2" },
		/* on the other task, in the other order: neither is the same */
		{ { { NULL, "b", 3, 4, false }, { NULL, "a", 1, 2, false } },
		  2,
		  "[][start] 1 1[task a][a: work] 1 2[task b][b: work] 3 4" },
		{ { { NULL, "a", 4, 3, false }, { NULL, "b", 1, 2, false } },
		  2,
		  "[][start] 1 1[task a][a: work] 4 3[task b][b: work] 1 2" },
		/* but if it has none */
		{ { { NULL, "a", 4, 3, true } },
		  1,
		  "[][start] 1[task a][a: work] 3 4" },
		/* what is no task is of the lesson, and has none either */
		{ { { NULL, NULL, 4, 3, false }, { NULL, NULL, 2, 1, false } },
		  2,
		  "[][start] 1 1[threads that are not tasks] 1 2 3 4" },
	};
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		text = threads_recorded(cases[i].threads, cases[i].count);
		assert_string_equal(text, cases[i].text);
		free(text);
	}
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
	assert_null(transcript_read(&transcript, log));
	assert_true(event_equal(&transcript.events[0], &transcript.events[1]));
	assert_false(event_equal(&transcript.events[0], &transcript.events[2]));
	transcript_release(&transcript);
	free(log);
}

/* ---- pair ---- */

/* A transcript with a step for each of @names, of which there are @count. */
static struct transcript
with_steps(char **names, size_t count)
{
	struct transcript transcript = { .step_count = count };
	size_t i;

	transcript.steps = calloc(count, sizeof(*transcript.steps));
	assert_non_null(transcript.steps);
	for (i = 0; i < count; i++)
		transcript.steps[i].name = names[i];
	return transcript;
}

static struct transcript
with_letters(const char *letters)
{
	static char texts[128][2];
	char *names[64];
	size_t i;

	for (i = 0; letters[i] != '\0'; i++) {
		texts[(unsigned char)letters[i]][0] = letters[i];
		names[i] = texts[(unsigned char)letters[i]];
	}
	return with_steps(names, i);
}

static void
test_pair__lines_up_by_name(void **state)
{
	static const struct {
		const char *mine;
		const char *its;
		/* its step beside each of mine, by letter; '-': none */
		const char *partners;
	} cases[] = {
		{ "abc", "abc", "012" },
		{ "aXbc", "abc", "0-12" },
		{ "ac", "abc", "02" },
		/* the last a is the true partner */
		{ "aba", "ba", "-01" },
		{ "aab", "ab", "0-1" },
		{ "ba", "ab", "-0" },
		{ "xyz", "abc", "---" },
		{ "axbycz", "abc", "0-1-2-" },
		{ "abcabc", "abc", "012---" },
		{ "", "abc", "" },
		{ "abc", "", "---" },
	};
	struct transcript mine, its;
	size_t partners[64];
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		mine = with_letters(cases[i].mine);
		its = with_letters(cases[i].its);
		pair_steps(&mine, &its, partners);
		for (j = 0; j < mine.step_count; j++)
			assert_int_equal(
				cases[i].partners[j] == '-' ?
					NO_STEP :
					(size_t)(cases[i].partners[j] - '0'),
				partners[j]);
		free(mine.steps);
		free(its.steps);
	}
}

#define MANY 300000u

/*
 * Of so many that who took the square of the time would not end before the
 * test's own limit.
 */
static void
test_pair__of_300000_steps(void **state)
{
	size_t *partners = calloc(MANY, sizeof(*partners));
	char **names = calloc(MANY + 1, sizeof(*names));
	char **few = calloc(MANY, sizeof(*few));
	struct transcript mine, its, same;
	size_t i;

	(void)state;
	for (i = 0; i <= MANY; i++)
		names[i] = xasprintf("%zu", i);
	for (i = 0; i < MANY; i++)
		few[i] = names[i * i % 7];
	its = with_steps(names, MANY);
	/* all are one place further on, and the ends differ */
	mine = with_steps(names + 1, MANY);
	mine.steps[0].name = names[MANY / 2];
	pair_steps(&mine, &its, partners);
	assert_int_equal(partners[MANY / 4], MANY / 4 + 1);
	assert_int_equal(partners[MANY - 1], NO_STEP);
	/* backwards: one pair is all there is */
	for (i = 0; i < MANY; i++)
		mine.steps[i].name = names[MANY - 1 - i];
	pair_steps(&mine, &its, partners);
	/* none that is there but once */
	same = with_steps(few, MANY);
	pair_steps(&same, &mine, partners);
	for (i = 0; i < MANY; i++)
		mine.steps[i].name = few[(i + 3) % MANY];
	pair_steps(&same, &mine, partners);
	for (i = 0; i <= MANY; i++)
		free(names[i]);
	free(names);
	free(few);
	free(partners);
	free(mine.steps);
	free(its.steps);
	free(same.steps);
}

/* The tests write files: into a folder of their own, which they remove. */
static int
enter_scratch(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/parts-XXXXXX", tmp != NULL ? tmp : "/tmp");

	*state = path;
	return mkdtemp(path) != NULL ? chdir(path) : -1;
}

static int
leave_scratch(void **state)
{
	struct stat st;
	int there;

	remove_tree(*state);
	there = lstat(*state, &st);
	free(*state);
	return there == -1 ? 0 : -1;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_util__escapes_what_is_not_printable),
		cmocka_unit_test(test_util__groups_digits),
		cmocka_unit_test(test_util__a_tree_is_removed),
		cmocka_unit_test(test_util__a_list_is_in_order),
		cmocka_unit_test(test_source__steps_are_those_of_the_reader),
		cmocka_unit_test(test_source__another_file_is_read_now),
		cmocka_unit_test(test_source__a_missing_file_has_no_parts),
		cmocka_unit_test(test_transcript__comes_back_as_recorded),
		cmocka_unit_test(test_transcript__takes_any_log),
		cmocka_unit_test(test_transcript__says_what_makes_no_sense),
		cmocka_unit_test(test_transcript__is_arranged_by_task),
		cmocka_unit_test(
			test_transcript__long_texts_differ_at_their_end),
		cmocka_unit_test(test_pair__lines_up_by_name),
		cmocka_unit_test(test_pair__of_300000_steps),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
