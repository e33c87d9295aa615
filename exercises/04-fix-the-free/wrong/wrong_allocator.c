// fails: memory: wrong-side free
#include <sgz.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Write the header's description to @out in capital letters. Returns 0, or -1
 * if @size bytes are too few. */
int
upper(const struct sgz_header *header, char *out, size_t size)
{
	char *text = NULL;
	char *copy = NULL;
	int result = -1;
	size_t i;

	if (sgz_header_describe(header, &text, NULL) != SGZ_OK)
		return -1;
	copy = strdup(text);
	if (copy == NULL)
		goto out;
	for (i = 0; copy[i] != '\0'; i++)
		copy[i] = (char)toupper((unsigned char)copy[i]);
	if (i >= size)
		goto out;
	memcpy(out, copy, i + 1);
	result = 0;
out:
	free(copy);
	free(text);
	return result;
}
