#include <stdlib.h>
#include <string.h>

size_t
vowels(const char *text, size_t len);

int
main(void)
{
	char *text = malloc(6);
	size_t count;

	strcpy(text, "audit");
	count = vowels(text, strlen(text));

	free(text);
	return count == 3 ? 0 : 1;
}
