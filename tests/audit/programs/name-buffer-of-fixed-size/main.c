// C writes a name into the buffer.
#include <stddef.h>
#include <string.h>

char *
name_buffer(void);
size_t
name_take(char *name);

int
main(void)
{
	char *buffer = name_buffer();

	strcpy(buffer, "Drum");
	return name_take(buffer) != 4;
}
