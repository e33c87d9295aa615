// The program ends as it did before it had Rust in it.
#include <stdlib.h>

char **
get_files(void);
void
files_free(char **files);

static void
files_end(char **files)
{
#ifdef TWIN
	files_free(files);
#else
	for (int i = 0; i < 3; i++)
		free(files[i]); // FREE_TEXT
	free(files); // FREE_ARRAY
#endif
	__asm__ volatile("");
}

int
main(void)
{
	files_end(get_files());
	return 0;
}
