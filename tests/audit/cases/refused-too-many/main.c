// Loads 130 copies of a library.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <unistd.h>

static int
load_copy(int number)
{
	int from = open("libold.so", O_RDONLY), to;
	char path[32];

	snprintf(path, sizeof(path), "./copy-%d.so", number);
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);
	while (sendfile(to, from, NULL, 1 << 20) > 0)
		;
	close(from);
	close(to);
	return dlopen(path, RTLD_NOW) == NULL;
}

int
main(void)
{
	int i;

	for (i = 0; i < 130; i++)
		if (load_copy(i) != 0)
			return 3;
	return 0;
}
