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

/*
 * A bag is a number. It is never 0, and the number of a closed bag is refused
 * for ever: a wrong number is an error, and never anything worse. Each function
 * may be called by any thread at any time. An output is written on success
 * only, except where it says otherwise.
 */

/* Open a bag, which the caller closes. BAG_E_ARGUMENT, BAG_E_FULL. */
int
bag_open(int kind, uint64_t *bag_out);

/* Put a copy of @len bytes in; NULL is allowed if @len is 0. BAG_E_HANDLE,
 * BAG_E_ARGUMENT, BAG_E_NOMEM. */
int
bag_put(uint64_t bag, const void *data, size_t len);

/* Take a piece out, to the @size bytes at @data. BAG_E_SIZE: the piece stays,
 * and *len_out says how large it is. NULL is allowed for @data if @size is 0.
 * BAG_E_HANDLE, BAG_E_ARGUMENT, BAG_E_EMPTY. */
int
bag_take(uint64_t bag, void *data, size_t size, size_t *len_out);

/* Close a bag, and drop what is in it. BAG_E_HANDLE. */
int
bag_close(uint64_t bag);

#endif
