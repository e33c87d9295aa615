// The program is right: it uses the library as documented.
void *
acquire_handle(void);
void
free_handle(void *handle);

int
main(void)
{
	free_handle(acquire_handle());
	return 0;
}
