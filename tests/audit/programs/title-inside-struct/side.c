// The C library.
#include <stdlib.h>
#include <string.h>

struct disc {
	long tracks;
	char title[32];
};

struct disc *
disc_new(void);
char *
disc_title(struct disc *disc);
void
disc_free(struct disc *disc);

struct disc *
disc_new(void)
{
	struct disc *made = malloc(sizeof(*made)); // MALLOC

	made->tracks = 16;
	strcpy(made->title, "Kind of Blue");
	return made;
}

char *
disc_title(struct disc *disc)
{
	return disc->title;
}

void
disc_free(struct disc *disc)
{
	free(disc);
}
