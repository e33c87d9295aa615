/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program that does with the answer what programs do. */
#include "../grade.h"

#include <answer.h>
#include <pthread.h>

#define THREADS 4
#define EACH 50

static void
put(struct ferrule_recorder *rec, uint64_t bag, const char *text)
{
	rec_int(rec, "put", bag_put(bag, text, strlen(text)));
}

static void
take(struct ferrule_recorder *rec, uint64_t bag, size_t size)
{
	static unsigned char data[5000];
	size_t len = 12345;
	int status = bag_take(bag, data, size, &len);

	rec_int(rec, "take", status);
	rec_int(rec, "length", (int64_t)len);
	if (status == BAG_OK)
		rec_bytes(rec, "piece", data, len);
}

static uint64_t
open_bag(struct ferrule_recorder *rec, int kind)
{
	uint64_t bag = 0;

	rec_int(rec, "open", bag_open(kind, &bag));
	rec_int(rec, "has a number", bag != 0);
	return bag;
}

static void
be_polite(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	uint64_t queue, stack;

	rec_step(rec, "no mistake");
	queue = open_bag(rec, BAG_FIRST_IN);
	stack = open_bag(rec, BAG_LAST_IN);
	rec_int(rec, "two bags", queue != stack);
	put(rec, queue, "one");
	put(rec, queue, "two");
	put(rec, stack, "three");
	put(rec, stack, "four");
	take(rec, queue, 64);
	take(rec, stack, 64);
	take(rec, queue, 64);
	take(rec, queue, 64);
	/* what is left is dropped */
	rec_int(rec, "close", bag_close(stack));

	rec_step(rec, "drawn");
	rec_int(rec, "put", bag_put(queue, in->data, in->len));
	take(rec, queue, 5000);
	rec_int(rec, "close", bag_close(queue));
}

static void
pass_nonsense(struct ferrule_recorder *rec)
{
	uint64_t bag;

	rec_step(rec, "wrong arguments");
	rec_int(rec, "open", bag_open(BAG_FIRST_IN, NULL));
	open_bag(rec, BAG_LAST_IN + 1);
	open_bag(rec, -1);
	bag = open_bag(rec, BAG_FIRST_IN);
	rec_int(rec, "put", bag_put(bag, NULL, 3));
	rec_int(rec, "put", bag_put(bag, NULL, 0));
	rec_int(rec, "take", bag_take(bag, NULL, 3, NULL));
	take(rec, bag, 0);

	rec_step(rec, "too small");
	put(rec, bag, "twelve bytes");
	put(rec, bag, "two");
	take(rec, bag, 11);
	take(rec, bag, 0);
	take(rec, bag, 12);
	rec_int(rec, "close", bag_close(bag));
}

static void
use_after_close(struct ferrule_recorder *rec)
{
	uint64_t bag, next;
	size_t i;

	rec_step(rec, "no bag");
	for (bag = 0; bag < 300; bag += 100)
		put(rec, bag, "lost");
	put(rec, UINT64_MAX, "lost");
	take(rec, UINT64_C(0x100000000), 64);
	rec_int(rec, "close", bag_close(12345));

	rec_step(rec, "after its close");
	bag = open_bag(rec, BAG_FIRST_IN);
	put(rec, bag, "dropped");
	rec_int(rec, "close", bag_close(bag));
	rec_int(rec, "close", bag_close(bag));
	put(rec, bag, "lost");
	take(rec, bag, 64);

	rec_step(rec, "another bag in its place");
	next = open_bag(rec, BAG_FIRST_IN);
	put(rec, next, "not yours");
	take(rec, bag, 64);
	rec_int(rec, "close", bag_close(bag));
	take(rec, next, 64);
	rec_int(rec, "close", bag_close(next));

	rec_step(rec, "long after");
	for (i = 0; i < 70000; i++) {
		if (bag_open(BAG_FIRST_IN, &next) != BAG_OK)
			break;
		if (bag_put(bag, "lost", 4) != BAG_E_HANDLE)
			break;
		bag_close(next);
	}
	rec_int(rec, "bags", (int64_t)i);
}

static void
open_many(struct ferrule_recorder *rec)
{
	uint64_t bags[BAG_MAX] = { 0 }, more = 0;
	size_t i;

	rec_step(rec, "as many as there may be");
	for (i = 0; i < BAG_MAX; i++)
		if (bag_open(BAG_LAST_IN, &bags[i]) != BAG_OK)
			break;
	rec_int(rec, "opened", (int64_t)i);
	rec_int(rec, "one more", bag_open(BAG_LAST_IN, &more));
	rec_int(rec, "its number", (int64_t)more);
	bag_close(bags[7]);
	more = open_bag(rec, BAG_LAST_IN);
	bags[7] = more;
	for (i = 0; i < BAG_MAX; i++)
		bag_close(bags[i]);
}

static void *
put_some(void *bag)
{
	size_t i;

	for (i = 0; i < EACH; i++)
		if (bag_put(*(const uint64_t *)bag, "x", 1) != BAG_OK)
			break;
	return NULL;
}

static void
use_threads(struct ferrule_recorder *rec)
{
	pthread_t threads[THREADS];
	unsigned char data[1];
	int64_t count = 0;
	size_t i, len;
	uint64_t bag;

	rec_step(rec, "another thread");
	bag = open_bag(rec, BAG_LAST_IN);
	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, put_some, &bag);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	while (bag_take(bag, data, sizeof(data), &len) == BAG_OK)
		count++;
	rec_int(rec, "pieces", count);
	rec_int(rec, "close", bag_close(bag));
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	be_polite(rec, in);
	pass_nonsense(rec);
	use_after_close(rec);
	open_many(rec);
	use_threads(rec);
}
