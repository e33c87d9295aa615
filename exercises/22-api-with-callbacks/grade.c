/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program whose callbacks use the answer, which calls them. */
#include "../grade.h"

#include <answer.h>
#include <pthread.h>
#include <stdlib.h>

enum what {
	LISTEN,
	REMOVE,
	REMOVE_BY_THREAD,
	ADD,
	RING,
	FREE,
};

/* One who hears the bell. It is freed by release(). */
struct ear {
	struct bell *bell;
	uint64_t id; /* its own */
	uint64_t other; /* that it removes */
	enum what what;
	char letter;
};

/* What was called, in this order, and what that got. */
static char heard[4096];
static size_t heard_len;
static int results[8];
static size_t result_count;

static struct ear *
add(struct bell *bell, enum what what, char letter);

static void
got(int result)
{
	if (result_count < sizeof(results) / sizeof(results[0]))
		results[result_count++] = result;
}

static void *
remove_it(void *ctx)
{
	struct ear *ear = ctx;

	got(bell_remove(ear->bell, ear->other));
	return NULL;
}

static void
hear(void *ctx, int value)
{
	struct ear *ear = ctx;
	pthread_t thread;

	if (heard_len < sizeof(heard))
		heard[heard_len++] = (char)(ear->letter + value);
	if (ear->what == REMOVE) {
		remove_it(ear);
	} else if (ear->what == REMOVE_BY_THREAD) {
		pthread_create(&thread, NULL, remove_it, ear);
		pthread_join(thread, NULL);
	} else if (ear->what == ADD) {
		add(ear->bell, LISTEN, 'n');
	} else if (ear->what == RING) {
		got(bell_ring(ear->bell, 0));
	} else if (ear->what == FREE) {
		bell_free(ear->bell);
		got(bell_remove(ear->bell, ear->id));
	}
	/* it is there until its end */
	ear->what = LISTEN;
}

static struct ear *
add(struct bell *bell, enum what what, char letter)
{
	struct ear *ear = calloc(1, sizeof(*ear));

	if (ear == NULL)
		abort();
	ear->bell = bell;
	ear->what = what;
	ear->letter = letter;
	if (bell_add(bell, hear, free, ear, &ear->id) == BELL_OK) {
		ear->other = ear->id;
		return ear;
	}
	got(BELL_E_NOMEM);
	free(ear);
	return NULL;
}

static void
rec_heard(struct ferrule_recorder *rec, int result)
{
	size_t i;

	rec_int(rec, "rang", result);
	rec_text_n(rec, "heard", heard, heard_len);
	for (i = 0; i < result_count; i++)
		rec_int(rec, "a callback got", results[i]);
	heard_len = 0;
	result_count = 0;
}

/* Three, of which the second one does something; it rings twice. */
static void
three(struct ferrule_recorder *rec, const char *step, enum what what, int other)
{
	struct bell *bell = bell_new();
	struct ear *ears[3];

	rec_step(rec, step);
	ears[0] = add(bell, LISTEN, 'a');
	ears[1] = add(bell, what, 'b');
	ears[2] = add(bell, LISTEN, 'c');
	ears[1]->other = ears[other]->id;
	rec_heard(rec, bell_ring(bell, 0));
	if (what == FREE)
		return;
	rec_heard(rec, bell_ring(bell, 0));
	bell_free(bell);
}

static void
pass_nonsense(struct ferrule_recorder *rec)
{
	struct bell *bell = bell_new();
	uint64_t id = 0;
	int value = 0;

	rec_step(rec, "wrong arguments");
	rec_int(rec, "add", bell_add(bell, NULL, NULL, NULL, &id));
	rec_int(rec, "add", bell_add(NULL, hear, NULL, NULL, &id));
	rec_int(rec, "ring", bell_ring(NULL, value));
	rec_int(rec, "remove", bell_remove(NULL, 1));
	rec_int(rec, "remove", bell_remove(bell, 12345));
	id = add(bell, LISTEN, 'a')->id;
	rec_int(rec, "remove", bell_remove(bell, id));
	rec_int(rec, "remove", bell_remove(bell, id));
	rec_heard(rec, bell_ring(bell, value));
	bell_free(bell);
	bell_free(NULL);
}

static void
no_release(struct ferrule_recorder *rec)
{
	static struct ear ear = { .letter = 's' };
	struct bell *bell = bell_new();

	rec_step(rec, "no release(), and no id");
	rec_int(rec, "add", bell_add(bell, hear, NULL, &ear, NULL));
	rec_heard(rec, bell_ring(bell, 1));
	bell_free(bell);
}

static void *
ring_it(void *bell)
{
	got(bell_ring(bell, 0));
	return NULL;
}

static void
use_thread(struct ferrule_recorder *rec)
{
	struct bell *bell = bell_new();
	pthread_t thread;

	rec_step(rec, "another thread rings");
	add(bell, LISTEN, 'a');
	add(bell, REMOVE, 'b');
	add(bell, ADD, 'c');
	pthread_create(&thread, NULL, ring_it, bell);
	pthread_join(thread, NULL);
	rec_heard(rec, bell_ring(bell, 0));
	bell_free(bell);
}

/* Callbacks as the input says: some remove themselves or add others. */
static void
drawn(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct bell *bell = bell_new();
	size_t i;

	rec_step(rec, "drawn");
	for (i = 0; i < in->len && i < 20 + in->len % 80; i++)
		add(bell, in->data[i] % 2 == 0 ? REMOVE : ADD,
		    (char)('a' + in->data[i] % 26));
	rec_heard(rec, bell_ring(bell, 0));
	rec_heard(rec, bell_ring(bell, 0));
	bell_free(bell);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	three(rec, "only listens", LISTEN, 1);
	three(rec, "removes itself", REMOVE, 1);
	three(rec, "removes the next one", REMOVE, 2);
	three(rec, "removes the one before", REMOVE, 0);
	three(rec, "adds another", ADD, 1);
	three(rec, "rings", RING, 1);
	three(rec, "frees the bell", FREE, 1);
	three(rec, "another thread removes it", REMOVE_BY_THREAD, 1);
	pass_nonsense(rec);
	no_release(rec);
	use_thread(rec);
	drawn(rec, in);
}
