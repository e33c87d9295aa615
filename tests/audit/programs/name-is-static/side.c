// The C library: it lends a name that is its own.
char *
input_name(void);

/* zeros: the heap looks at what lies before a block */
static struct {
	char zeros[16], name[16];
} input = { .name = "input:0" };

char *
input_name(void)
{
	return input.name;
}
