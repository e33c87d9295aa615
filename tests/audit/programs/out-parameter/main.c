// The callers were there before the Rust: the result was malloc()'s.
#include <stdlib.h>

int
unit_name_escape(const char *name, char **out);
void
unit_name_free(char *name);

static void
escape_both(const char *const *names)
{
	char *name;
	int i;

	for (i = 0; i < 2; i++) {
		unit_name_escape(names[i], &name);
#ifdef TWIN
		unit_name_free(name);
#else
		free(name); // FREE
#endif
	}
}

int
main(void)
{
	static const char *const names[] = { "Home", "Root" };

	escape_both(names);
	return 0;
}
