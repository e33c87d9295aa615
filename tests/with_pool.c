/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Linked into a test, this gives a pool to each reader and writer whose options
 * have none: what holds without threads has to hold with them.
 */
#include "support.h"

#include <unistd.h>

enum sgz_status
__real_sgz_options_copy(struct sgz_options *to, const struct sgz_options *from,
			struct sgz_error *error);
enum sgz_status
__wrap_sgz_options_copy(struct sgz_options *to, const struct sgz_options *from,
			struct sgz_error *error);

enum sgz_status
__wrap_sgz_options_copy(struct sgz_options *to, const struct sgz_options *from,
			struct sgz_error *error)
{
	static struct sgz_pool *pool;
	static pid_t process;
	enum sgz_status status = __real_sgz_options_copy(to, from, error);

	/* its threads are not in a child; and it is not from the default
	 * allocator, which tests replace */
	if (process != getpid())
		pool = NULL;
	process = getpid();
	if (pool == NULL &&
	    sgz_pool_new(3, 3, &sgz_allocator_libc, &pool, NULL) != SGZ_OK)
		abort();
	if (status == SGZ_OK && to->pool == NULL)
		to->pool = pool;
	return status;
}
