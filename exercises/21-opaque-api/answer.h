/* Bags keep pieces of data. */
#ifndef BAG_H
#define BAG_H

#include <stddef.h>
#include <stdint.h>

/* So many may be open at the same time. */
#define BAG_MAX 64

enum bag_kind {
	BAG_FIRST_IN, /* bag_take() takes the oldest piece */
	BAG_LAST_IN, /* ... the newest piece */
};

enum bag_status {
	BAG_OK = 0,
	BAG_E_ARGUMENT = -1, /* NULL where it is not allowed, or no such kind */
	BAG_E_HANDLE = -2, /* this number is no open bag */
	BAG_E_SIZE = -3, /* the caller's memory is too small */
	BAG_E_EMPTY = -4,
	BAG_E_FULL = -5, /* BAG_MAX are open */
	BAG_E_NOMEM = -6,
};

/* TODO: say of each function who owns what, and which errors it has */
int
bag_open(int kind, uint64_t *bag_out);
int
bag_put(uint64_t bag, const void *data, size_t len);
int
bag_take(uint64_t bag, void *data, size_t size, size_t *len_out);
int
bag_close(uint64_t bag);

#endif
