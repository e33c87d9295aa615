// The child allocates.
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void *
make(void);

int
main(void)
{
	struct rlimit none = { 0, 0 };
	int status = 1;
	pid_t child;

	if (make() == NULL)
		return 3;
	setrlimit(RLIMIT_NOFILE, &none);
	child = fork();
	if (child == 0)
		_exit(make() == NULL);
	waitpid(child, &status, 0);
	return status;
}
