// The C library: it lends a name that is its own.
char *
input_name(void);

char *
input_name(void)
{
	static char name[] = "input:0";

	return name;
}
