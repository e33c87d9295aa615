/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Texts by their keys, in the order in which the keys came. */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_SIZE 16

struct item {
	char key[KEY_SIZE];
	char *text;
};

struct store {
	struct item *items;
	size_t count;
	uint64_t puts;
	char error[64];
	void (*put)(void *user, const char *key, const char *text);
	void *user;
	void (*release)(void *user);
};

struct cursor {
	struct store *store;
	size_t at;
	char *key;
};

struct store *
store_open(void)
{
	return calloc(1, sizeof(struct store));
}

static void
release(struct store *store)
{
	if (store->release != NULL)
		store->release(store->user);
	store->release = NULL;
}

uint64_t
store_close(struct store *store)
{
	uint64_t puts = store->puts;
	size_t i;

	release(store);
	for (i = 0; i < store->count; i++)
		free(store->items[i].text);
	free(store->items);
	free(store);
	return puts;
}

static struct item *
find(const struct store *store, const char *key)
{
	size_t i;

	for (i = 0; i < store->count; i++)
		if (strcmp(store->items[i].key, key) == 0)
			return &store->items[i];
	return NULL;
}

/* All items move, as an array that grows does. */
static struct item *
add(struct store *store, const char *key)
{
	struct item *items = malloc((store->count + 1) * sizeof(*store->items));

	if (items == NULL)
		return NULL;
	if (store->count > 0)
		memcpy(items, store->items, store->count * sizeof(*items));
	free(store->items);
	store->items = items;
	memset(&items[store->count], 0, sizeof(*items));
	strcpy(items[store->count].key, key);
	return &items[store->count++];
}

static int
fail(struct store *store, const char *why, size_t number)
{
	snprintf(store->error, sizeof(store->error), "%s (%zu)", why, number);
	return -1;
}

int
store_put(struct store *store, const char *key, const char *text)
{
	struct item *item;
	char *copy;

	store->error[0] = '\0';
	if (strlen(key) == 0 || strlen(key) >= KEY_SIZE)
		return fail(store, "a key of this length", strlen(key));
	item = find(store, key);
	copy = strdup(text);
	if (copy != NULL && item == NULL)
		item = add(store, key);
	if (item == NULL || copy == NULL) {
		free(copy);
		return fail(store, "no memory", strlen(text));
	}
	free(item->text);
	item->text = copy;
	store->puts++;
	if (store->put != NULL)
		store->put(store->user, key, text);
	return 0;
}

const char *
store_error(const struct store *store)
{
	return store->error;
}

const char *
store_get(const struct store *store, const char *key)
{
	const struct item *item = find(store, key);

	return item != NULL ? item->text : NULL;
}

void
store_watch(struct store *store,
	    void (*put)(void *user, const char *key, const char *text),
	    void *user, void (*new_release)(void *user))
{
	release(store);
	store->put = put;
	store->user = user;
	store->release = new_release;
}

struct cursor *
cursor_open(struct store *store)
{
	struct cursor *cursor = calloc(1, sizeof(*cursor));

	if (cursor != NULL)
		cursor->store = store;
	return cursor;
}

const char *
cursor_next(struct cursor *cursor)
{
	const struct store *store = cursor->store;

	free(cursor->key);
	cursor->key = NULL;
	if (cursor->at < store->count)
		cursor->key = strdup(store->items[cursor->at++].key);
	return cursor->key;
}

void
cursor_close(struct cursor *cursor)
{
	if (cursor != NULL)
		free(cursor->key);
	free(cursor);
}
