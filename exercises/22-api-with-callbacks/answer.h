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

/* TODO: say what a callback may do, on which thread it runs, and when
 * release() is called */
struct bell *
bell_new(void);
int
bell_add(struct bell *bell, void (*call)(void *ctx, int value),
	 void (*release)(void *ctx), void *ctx, uint64_t *id_out);
int
bell_remove(struct bell *bell, uint64_t id);
int
bell_ring(struct bell *bell, int value);
void
bell_free(struct bell *bell);

#endif
