// The database: texts that it is given have to be db_text()'s.
#include <stdlib.h>
#include <string.h>

void
db_open(void (*connect)(char **error_out));
char *
db_text(const char *text);

char *
db_text(const char *text)
{
	return strdup(text);
}

static __attribute__((noinline)) void
db_free(char *text)
{
	free(text); // FREE
	__asm__ volatile("");
}

void
db_open(void (*connect)(char **error_out))
{
	char *error = NULL;

	connect(&error);
	db_free(error);
}
