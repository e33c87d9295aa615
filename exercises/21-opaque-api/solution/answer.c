/* Bags keep pieces of data; see answer.h. */
#include <answer.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct piece {
	struct piece *next;
	size_t len;
	unsigned char data[];
};

/* A place for a bag, which many bags have one after the other. */
struct place {
	uint32_t generation; /* of the bag that is here, or comes next */
	bool open;
	int kind;
	struct piece *first;
};

/* The lock guards the table. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct place places[BAG_MAX];

/* The bag of this number, or NULL. */
static struct place *
find(uint64_t bag)
{
	struct place *place = &places[(bag & 0xff) % BAG_MAX];

	if ((bag & 0xff) >= BAG_MAX || !place->open ||
	    place->generation != bag >> 8)
		return NULL;
	return place;
}

static int
open_bag(int kind, uint64_t *bag_out)
{
	struct place *place;
	size_t i;

	for (i = 0; i < BAG_MAX; i++) {
		place = &places[i];
		/* the last generation is not used again */
		if (place->open || place->generation == UINT32_MAX)
			continue;
		place->generation++;
		place->open = true;
		place->kind = kind;
		*bag_out = (uint64_t)place->generation << 8 | i;
		return BAG_OK;
	}
	return BAG_E_FULL;
}

static int
put(struct place *place, const void *data, size_t len)
{
	struct piece **at = &place->first;
	struct piece *piece;

	if (len > SIZE_MAX - sizeof(*piece))
		return BAG_E_NOMEM;
	piece = malloc(sizeof(*piece) + len);
	if (piece == NULL)
		return BAG_E_NOMEM;
	piece->len = len;
	if (len > 0)
		memcpy(piece->data, data, len);
	while (place->kind == BAG_FIRST_IN && *at != NULL)
		at = &(*at)->next;
	piece->next = *at;
	*at = piece;
	return BAG_OK;
}

static int
take(struct place *place, void *data, size_t size, size_t *len_out)
{
	struct piece *piece = place->first;

	if (piece == NULL)
		return BAG_E_EMPTY;
	*len_out = piece->len;
	if (piece->len > size)
		return BAG_E_SIZE;
	if (piece->len > 0)
		memcpy(data, piece->data, piece->len);
	place->first = piece->next;
	free(piece);
	return BAG_OK;
}

int
bag_open(int kind, uint64_t *bag_out)
{
	int status;

	if (bag_out == NULL || (kind != BAG_FIRST_IN && kind != BAG_LAST_IN))
		return BAG_E_ARGUMENT;
	pthread_mutex_lock(&lock);
	status = open_bag(kind, bag_out);
	pthread_mutex_unlock(&lock);
	return status;
}

int
bag_put(uint64_t bag, const void *data, size_t len)
{
	struct place *place;
	int status;

	pthread_mutex_lock(&lock);
	place = find(bag);
	if (place == NULL)
		status = BAG_E_HANDLE;
	else if (data == NULL && len > 0)
		status = BAG_E_ARGUMENT;
	else
		status = put(place, data, len);
	pthread_mutex_unlock(&lock);
	return status;
}

int
bag_take(uint64_t bag, void *data, size_t size, size_t *len_out)
{
	struct place *place;
	int status;

	pthread_mutex_lock(&lock);
	place = find(bag);
	if (place == NULL)
		status = BAG_E_HANDLE;
	else if (len_out == NULL || (data == NULL && size > 0))
		status = BAG_E_ARGUMENT;
	else
		status = take(place, data, size, len_out);
	pthread_mutex_unlock(&lock);
	return status;
}

int
bag_close(uint64_t bag)
{
	struct place *place;
	struct piece *piece;
	int status = BAG_E_HANDLE;

	pthread_mutex_lock(&lock);
	place = find(bag);
	if (place != NULL) {
		status = BAG_OK;
		place->open = false;
		while ((piece = place->first) != NULL) {
			place->first = piece->next;
			free(piece);
		}
	}
	pthread_mutex_unlock(&lock);
	return status;
}
