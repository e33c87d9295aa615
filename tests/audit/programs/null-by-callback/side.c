// The library: its session has no ticket.
#include <stddef.h>

void
tls_run(void *(*alloc)(size_t size), void (*end)(void *block, size_t size));

void
tls_run(void *(*alloc)(size_t size), void (*end)(void *block, size_t size))
{
	void *session = alloc(56), *ticket = NULL;

	end(ticket, 16);
	end(session, 56);
}
