/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A process confines itself, and all that it starts.
 *
 * The interface of Landlock is written out here, since the headers of a system
 * may be older than its kernel. A right that a kernel does not know must not be
 * named to it, so each has the version that brought it.
 */
#include "confine.h"

#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- Landlock ---- */

/* The same numbers on all architectures. */
#define CREATE_RULESET 444
#define ADD_RULE 445
#define RESTRICT_SELF 446
#define ASK_VERSION 1u
#define PATH_BENEATH 1

struct ruleset {
	uint64_t files;
	uint64_t net;
	uint64_t scoped;
};

struct path_beneath {
	uint64_t allowed;
	int32_t folder;
} __attribute__((packed));

enum {
	WRITE_FILE = 1 << 1,
	REMOVE_DIR = 1 << 4,
	REMOVE_FILE = 1 << 5,
	MAKE_CHAR = 1 << 6,
	MAKE_DIR = 1 << 7,
	MAKE_REG = 1 << 8,
	MAKE_SOCK = 1 << 9,
	MAKE_FIFO = 1 << 10,
	MAKE_BLOCK = 1 << 11,
	MAKE_SYM = 1 << 12,
	REFER = 1 << 13,
	TRUNCATE = 1 << 14,
	IOCTL_DEV = 1 << 15,
};

#define TCP_BIND_CONNECT 3u
#define SCOPE_SOCKETS_SIGNALS 3u

/* By version: what it handles first, and what is not prevented before. */
static const struct {
	int version;
	uint64_t files;
	uint64_t net;
	uint64_t scoped;
	const char *gap;
} rights[] = {
	{ .version = 1,
	  .files = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_CHAR |
		  MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_BLOCK |
		  MAKE_SYM },
	{ .version = 2, .files = REFER },
	{ .version = 3, .files = TRUNCATE, .gap = "truncate()" },
	{ .version = 4, .net = TCP_BIND_CONNECT, .gap = "TCP" },
	{ .version = 5, .files = IOCTL_DEV, .gap = "ioctl() of devices" },
	{ .version = 6,
	  .scoped = SCOPE_SOCKETS_SIGNALS,
	  .gap = "signals to other processes" },
};

/* 0 and errno: there is none. */
static int
landlock_version(void)
{
	long version = syscall(CREATE_RULESET, NULL, (size_t)0, ASK_VERSION);

	return version < 0 ? 0 : (int)version;
}

/* All rights that the kernel knows. */
static struct ruleset
known_rights(int version)
{
	struct ruleset known = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rights); i++) {
		if (rights[i].version > version)
			continue;
		known.files |= rights[i].files;
		known.net |= rights[i].net;
		known.scoped |= rights[i].scoped;
	}
	return known;
}

static bool
allow(int ruleset, const char *path, uint64_t what)
{
	struct path_beneath rule = {
		.allowed = what,
		.folder = open(path, O_PATH | O_CLOEXEC),
	};
	int failure;
	bool done;

	if (rule.folder < 0)
		return false;
	done = syscall(ADD_RULE, ruleset, PATH_BENEATH, &rule, 0u) == 0;
	failure = errno;
	close(rule.folder);
	errno = failure;
	return done;
}

bool
confine_files(const char *const *folders)
{
	struct ruleset known = known_rights(landlock_version());
	/* whoever may make a device could write to any disk */
	uint64_t in_folder = known.files & ~(uint64_t)(MAKE_CHAR | MAKE_BLOCK);
	uint64_t in_file = known.files & (WRITE_FILE | TRUNCATE | IOCTL_DEV);
	bool done = false;
	int ruleset;

	if (known.files == 0)
		return true;
	ruleset = (int)syscall(CREATE_RULESET, &known, sizeof(known), 0u);
	if (ruleset < 0)
		return false;
	for (; *folders != NULL; folders++)
		if (!allow(ruleset, *folders, in_folder))
			goto out;
	if (!allow(ruleset, "/dev/null", in_file) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		goto out;
	done = syscall(RESTRICT_SELF, ruleset, 0u) == 0;
out:
	close(ruleset);
	return done;
}

/* ---- a filter of system calls ---- */

#if defined(__x86_64__) && defined(__LP64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__AARCH64EL__)
#define NATIVE AUDIT_ARCH_AARCH64
#else
#define NATIVE 0
#endif

#define FIELD(name) ((uint32_t)offsetof(struct seccomp_data, name))
#define FAIL(number) (SECCOMP_RET_ERRNO | (number))
/* Of an argument, which is 64 bits, the halves (both are little-endian). */
#define LOW(nth) (FIELD(args) + (nth)*8)
#define HIGH(nth) (LOW(nth) + 4)

/* What fails with EPERM. */
static const uint16_t refused[] = {
#ifdef SYS_fork
	SYS_fork,
	SYS_vfork,
	SYS_chmod,
	SYS_chown,
	SYS_lchown,
	SYS_utime,
	SYS_utimes,
	SYS_futimesat,
#endif
	SYS_setrlimit,
	SYS_fchmodat,
	452, /* fchmodat2() */
	SYS_fchownat,
	SYS_utimensat,
	SYS_setxattr,
	SYS_lsetxattr,
	SYS_fsetxattr,
	463, /* setxattrat() */
	SYS_removexattr,
	SYS_lremovexattr,
	SYS_fremovexattr,
	466, /* removexattrat() */
	425, /* io_uring_setup(): it makes such calls unseen */
};

/* What is said to be done, and is not: who copies or replaces a file of his own
 * does this, and it does not matter there. */
static const uint16_t ignored[] = { SYS_fchmod, SYS_fchown };

struct program {
	struct sock_filter lines[96];
	unsigned short count;
};

static void
add(struct program *program, uint16_t code, uint32_t value, uint8_t yes,
    uint8_t no)
{
	program->lines[program->count++] =
		(struct sock_filter){ code, yes, no, value };
}

static void
load(struct program *program, uint32_t offset)
{
	add(program, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void
end(struct program *program, uint32_t what)
{
	add(program, BPF_RET | BPF_K, what, 0, 0);
}

/* The call @number ends so. */
static void
answer(struct program *program, uint32_t number, uint32_t what)
{
	add(program, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
	end(program, what);
}

static void
write_filter(struct program *program)
{
	size_t i;

	/* the calls of another architecture have other numbers */
	load(program, FIELD(arch));
	add(program, BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0);
	end(program, FAIL(EPERM));
	load(program, FIELD(nr));
#ifdef __x86_64__
	/* and so have those of x32 */
	add(program, BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
	end(program, FAIL(EPERM));
#endif
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		answer(program, refused[i], FAIL(EPERM));
	for (i = 0; i < ARRAY_SIZE(ignored); i++)
		answer(program, ignored[i], FAIL(0));
	/* its flags cannot be seen here; libc calls clone() then */
	answer(program, SYS_clone3, FAIL(ENOSYS));
	/* clone() is for threads only */
	add(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4);
	load(program, LOW(0));
	add(program, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0);
	end(program, FAIL(EPERM));
	end(program, SECCOMP_RET_ALLOW);
	/* prlimit() only asks: its third argument is NULL */
	add(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 5);
	load(program, LOW(2));
	add(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2);
	load(program, HIGH(2));
	add(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
	end(program, FAIL(EPERM));
	end(program, SECCOMP_RET_ALLOW);
}

static bool
filters_work(void)
{
	const uint32_t what = SECCOMP_RET_ERRNO;

	return NATIVE != 0 &&
		syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0u, &what) == 0;
}

bool
confine_calls(void)
{
	struct program program = { 0 };
	struct sock_fprog filter = { .filter = program.lines };

	if (!filters_work())
		return true;
	write_filter(&program);
	filter.len = program.count;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0u, &filter) == 0;
}

/* ---- what is not prevented ---- */

bool
confine_works(void)
{
	return landlock_version() > 0;
}

static void
add_landlock_gap(struct text *gap)
{
	int version = landlock_version();
	const char *before = "does not prevent";
	size_t i;

	if (version == 0 && errno == ENOSYS) {
		text_addf(gap, "this kernel has no Landlock");
		return;
	}
	if (version == 0) {
		text_addf(gap, "Landlock does not work here (%s)",
			  strerror(errno));
		return;
	}
	for (i = 0; i < ARRAY_SIZE(rights); i++) {
		if (rights[i].version <= version || rights[i].gap == NULL)
			continue;
		if (gap->len == 0)
			text_addf(gap, "this kernel's Landlock (version %d) ",
				  version);
		text_addf(gap, "%s %s", before, rights[i].gap);
		before = ",";
	}
}

char *
confine_gap(void)
{
	struct text gap = { 0 };

	add_landlock_gap(&gap);
	if (!filters_work())
		text_addf(&gap,
			  "%sthis kernel cannot prevent that processes are "
			  "started",
			  gap.len > 0 ? "; " : "");
	return gap.len > 0 ? text_take(&gap) : NULL;
}
