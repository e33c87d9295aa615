/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Functions that end with a call, compiled so that it becomes a jump: in the
 * stack of the call they are not there any more.
 */
#include <ferrule/lane.h>

#include <stdlib.h>

void *
tail_malloc(size_t size);
void *
tail_thread(void *size);
void
tail_lesson(struct ferrule_recorder *rec, const struct ferrule_input *in);

void *
tail_malloc(size_t size)
{
	return malloc(size);
}

void *
tail_thread(void *size)
{
	return malloc((size_t)size);
}

/* As in any other lesson of this name, but for the last call. */
void
tail_lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	(void)in;
	rec->ops->step(rec, "use", 3);
	rec->ops->step(rec, "end", 3);
	tail_malloc(23);
}
