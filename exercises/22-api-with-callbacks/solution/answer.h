/* A bell calls all who want to hear it. */
#ifndef BELL_H
#define BELL_H

#include <stdint.h>

struct bell;

enum bell_status {
	BELL_OK = 0,
	BELL_E_ARGUMENT = -1, /* NULL where it is not allowed */
	BELL_E_UNKNOWN = -2, /* no such id, or it was removed */
	BELL_E_BUSY = -3, /* it rings already */
	BELL_E_FREED = -4, /* bell_free() was called, by a callback */
	BELL_E_NOMEM = -5,
};

/*
 * Each function may be called by any thread, and by each callback: both call()
 * and release(). No lock is held while they run.
 */

/* NULL: there is no memory. The caller ends it with bell_free(). */
struct bell *
bell_new(void);

/*
 * From the next bell_ring() on, call() is called with @ctx. On success ctx is
 * the bell's, until release(), which is called once: after the end of the last
 * call(), on the thread that removes, rings or frees. release may be NULL, and
 * id_out, too. BELL_E_ARGUMENT, BELL_E_FREED, BELL_E_NOMEM: ctx stays the
 * caller's.
 */
int
bell_add(struct bell *bell, void (*call)(void *ctx, int value),
	 void (*release)(void *ctx), void *ctx, uint64_t *id_out);

/* No call() of it begins after this; one may still run, if another thread
 * rings. BELL_E_ARGUMENT, BELL_E_UNKNOWN, BELL_E_FREED. */
int
bell_remove(struct bell *bell, uint64_t id);

/* Call all, on this thread, in the order in which they were added. Returns how
 * many were called, or BELL_E_ARGUMENT, BELL_E_BUSY, BELL_E_FREED. */
int
bell_ring(struct bell *bell, int value);

/* Release all. While it rings no other call() begins, and the bell ends when
 * bell_ring() does. Nobody uses it after this, but the callbacks that still
 * run. NULL is allowed. */
void
bell_free(struct bell *bell);

#endif
