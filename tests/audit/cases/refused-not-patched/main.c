// Code may not be made executable any more: then a plugin is loaded, or, with
// -DAGAIN, this program itself, from its begin.
#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)

static int
forbid(void)
{
	struct sock_filter code[] = {
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
		LOAD(args[2]),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
		ANSWER(SECCOMP_RET_ERRNO | EPERM),
		ANSWER(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0;
}

int
main(int argc, char **argv)
{
#ifdef AGAIN
	char *again[] = { argv[0], "again", NULL };

	if (argc > 1)
		return 0;
	if (forbid() != 0)
		return 3;
	execv(argv[0], again);
	return 3;
#else
	(void)argc, (void)argv;
	if (forbid() != 0)
		return 3;
	return dlopen("./libplain.so", RTLD_NOW) == NULL ? 3 : 0;
#endif
}
