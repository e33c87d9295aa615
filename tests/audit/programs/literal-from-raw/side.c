// The C library: it has one place for all of its log.
#include <stddef.h>

void
log_text(const char *text, size_t length, void (*log)(const char *, size_t));

void
log_text(const char *text, size_t length, void (*log)(const char *, size_t))
{
	log(text, length);
}
