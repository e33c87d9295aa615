// It writes to what it is given.
#include <string.h>

void
remove_extension(char *path);

void
remove_extension(char *path)
{
	path[strcspn(path, ".")] = '\0';
}
