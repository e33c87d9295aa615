// The program frees the text as if C had made it.
#include <stdlib.h>

char *
to_json(void);
void
json_free(char *text);

int
main(void)
{
	char *text = to_json();

#ifdef TWIN
	json_free(text);
#else
	free(text); // FREE
#endif
	return 0;
}
