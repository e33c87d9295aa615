// It copies itself to memory, and becomes the copy.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

void *
make(void);

int
main(int argc, char **argv)
{
	int from = open("/proc/self/exe", O_RDONLY);
	int to = memfd_create("copy", MFD_CLOEXEC);
	char *again[] = { argv[0], "again", NULL };

	if (argc > 1)
		return make() == NULL;
	while (sendfile(to, from, NULL, 1 << 20) > 0)
		;
	fexecve(to, again, environ);
	return 3;
}
