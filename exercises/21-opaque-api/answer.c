/* Bags keep pieces of data; see answer.h. */
#include <answer.h>

#include <stdlib.h>
#include <string.h>

struct piece {
	struct piece *next;
	size_t len;
	unsigned char data[];
};

struct bag {
	int kind;
	struct piece *first;
};

/* TODO: this is right for a program that makes no mistake, and for no other */
int
bag_open(int kind, uint64_t *bag_out)
{
	struct bag *bag = calloc(1, sizeof(*bag));

	if (bag == NULL)
		return BAG_E_NOMEM;
	bag->kind = kind;
	*bag_out = (uint64_t)(uintptr_t)bag;
	return BAG_OK;
}

int
bag_put(uint64_t handle, const void *data, size_t len)
{
	struct bag *bag = (struct bag *)(uintptr_t)handle;
	struct piece *piece = malloc(sizeof(*piece) + len);
	struct piece **at = &bag->first;

	if (piece == NULL)
		return BAG_E_NOMEM;
	piece->len = len;
	memcpy(piece->data, data, len);
	while (bag->kind == BAG_FIRST_IN && *at != NULL)
		at = &(*at)->next;
	piece->next = *at;
	*at = piece;
	return BAG_OK;
}

int
bag_take(uint64_t handle, void *data, size_t size, size_t *len_out)
{
	struct bag *bag = (struct bag *)(uintptr_t)handle;
	struct piece *piece = bag->first;

	if (piece == NULL)
		return BAG_E_EMPTY;
	*len_out = piece->len;
	if (piece->len > size)
		return BAG_E_SIZE;
	memcpy(data, piece->data, piece->len);
	bag->first = piece->next;
	free(piece);
	return BAG_OK;
}

int
bag_close(uint64_t handle)
{
	struct bag *bag = (struct bag *)(uintptr_t)handle;
	struct piece *piece;

	while ((piece = bag->first) != NULL) {
		bag->first = piece->next;
		free(piece);
	}
	free(bag);
	return BAG_OK;
}
