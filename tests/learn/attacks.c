/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Answers to the exercise 04 that do what they should not. The test includes
 * this file after these definitions:
 *
 *   SOLUTION   the file of the right answer, which each of them is as well
 *   ATTACK     a function of this file
 *
 * It returns 0 if nothing that it tried was possible, or the number of the line
 * of what was.
 */
#define _GNU_SOURCE
#define upper solved
#include SOLUTION
#undef upper

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

/* End the attack if it was possible. */
#define REFUSED(call)                                                    \
	do {                                                             \
		if ((call) >= 0)                                         \
			return __LINE__;                                 \
		if (errno != EACCES && errno != EPERM && errno != EXDEV) \
			return -__LINE__;                                \
	} while (0)

#define UNUSED __attribute__((unused))

/* ---- what is not possible ---- */

/* OUTSIDE is a folder with a file "kept". */
static int UNUSED
files(void)
{
	const char *outside = getenv("OUTSIDE");
	char path[4096];
	int fd;

	if (outside == NULL || chdir(outside) != 0)
		return -__LINE__;
	REFUSED(open("new", O_WRONLY | O_CREAT, 0600));
	REFUSED(open("kept", O_WRONLY));
	REFUSED(open("kept", O_RDWR | O_APPEND));
	REFUSED(open("kept", O_RDONLY | O_TRUNC));
	REFUSED(open(".", O_TMPFILE | O_RDWR, 0600));
	REFUSED(truncate("kept", 0));
	REFUSED(unlink("kept"));
	REFUSED(rename("kept", "moved"));
	REFUSED(link("kept", "linked"));
	REFUSED(symlink("kept", "linked"));
	REFUSED(mkdir("folder", 0700));
	REFUSED(mkfifo("fifo", 0600));
	REFUSED(chmod("kept", 0));
	REFUSED(utimensat(AT_FDCWD, "kept", NULL, 0));
	REFUSED(setxattr("kept", "user.x", "x", 1, 0));
	snprintf(path, sizeof(path), "%s/new", getenv("HOME"));
	REFUSED(open(path, O_WRONLY | O_CREAT, 0600));
	/* into its own folder, and out of it */
	snprintf(path, sizeof(path), "%s/mine", getenv("TMPDIR"));
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1)
		return -__LINE__;
	REFUSED(rename(path, "moved"));
	REFUSED(link(path, "linked"));
	REFUSED(rename("kept", path));
	/* it is said to be done: the test looks whether it was */
	fd = open("kept", O_RDONLY);
	if (fd < 0 || fchmod(fd, 0) != 0)
		return -__LINE__;
	strcat(path, "-device");
	REFUSED(mknod(path, S_IFBLK | 0600, 0));
	return 0;
}

/* PORT listens. */
static int UNUSED
network(void)
{
	const char *port = getenv("PORT");
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (port == NULL || fd < 0)
		return -__LINE__;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)atoi(port));
	REFUSED(connect(fd, (struct sockaddr *)&to, sizeof(to)));
	to.sin_port = 0;
	REFUSED(bind(fd, (struct sockaddr *)&to, sizeof(to)));
	return 0;
}

/* Nothing that records can be found by its name. */
static int
names(void)
{
	static const char *const wanted[] = {
		"transcript_recorder",
		"transcript_log",
		"recorder",
		"ledger_begin",
		"ledger_end",
		"ledger_host",
		"rec_int",
		"grade",
		"grade_lane",
		"leftover",
		"scratch",
	};
	size_t i;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (dlsym(RTLD_DEFAULT, wanted[i]) != NULL)
			return __LINE__;
	return 0;
}

static pid_t
parent_of(pid_t pid)
{
	char path[64], line[256];
	int parent = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "PPid: %d", &parent) == 1)
			break;
	if (file != NULL)
		fclose(file);
	return parent;
}

static int UNUSED
processes(void)
{
	const struct rlimit most = { RLIM_INFINITY, RLIM_INFINITY };
	pid_t supervisor = getppid(), driver = parent_of(supervisor);
	struct iovec iov = { &supervisor, sizeof(supervisor) };
	char path[64];
	int i;

	if (driver <= 1)
		return -__LINE__;
	REFUSED(kill(supervisor, SIGKILL));
	REFUSED(kill(driver, SIGKILL));
	REFUSED(kill(driver, SIGSTOP));
	REFUSED(kill(driver, 0));
	REFUSED(process_vm_writev(driver, &iov, 1, &iov, 1, 0));
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)driver);
	REFUSED(open(path, O_RDWR));
	REFUSED(prlimit(driver, RLIMIT_CPU, &(struct rlimit){ 0 }, NULL));
	REFUSED(setrlimit(RLIMIT_AS, &most));
	REFUSED(setrlimit(RLIMIT_FSIZE, &most));
	for (i = 0; i < 1000; i++)
		REFUSED(fork());
	REFUSED(vfork());
	return names();
}

static void *
nothing(void *ctx)
{
	return ctx;
}

/* What an honest answer may do. */
static int UNUSED
allowed(void)
{
	pthread_t thread;
	FILE *file = fopen("mine", "w");

	if (file == NULL || fputs("x", file) < 0 || fclose(file) != 0)
		return __LINE__;
	if (mkdir("folder", 0700) != 0 || rename("mine", "moved") != 0 ||
	    unlink("moved") != 0 || rmdir("folder") != 0)
		return __LINE__;
	file = fopen("/dev/null", "w");
	if (file == NULL || fputs("x", file) < 0 || fclose(file) != 0)
		return __LINE__;
	file = fopen("/etc/passwd", "r");
	if (file == NULL || fclose(file) != 0)
		return __LINE__;
	if (pthread_create(&thread, NULL, nothing, NULL) != 0 ||
	    pthread_join(thread, NULL) != 0)
		return __LINE__;
	/* a signal to itself */
	signal(SIGUSR1, SIG_IGN);
	return raise(SIGUSR1) != 0 || kill(getpid(), SIGUSR1) != 0 ? __LINE__ :
								     0;
}

/* ---- what is limited ---- */

static int UNUSED
print(void)
{
	static char bytes[65536];

	for (;;)
		if (write(1, bytes, sizeof(bytes)) < 0)
			return __LINE__;
}

/* What it prints is no text. */
static int UNUSED
print_bytes(void)
{
	_exit(write(1, "\xff\xfe\n", 3) == 3 ? 0 : 1);
}

/* It takes no notice of a write that fails. */
static int UNUSED
one_file(void)
{
	static char bytes[1 << 20];
	int fd = open("large", O_WRONLY | O_CREAT, 0600);

	while (fd >= 0)
		if (write(fd, bytes, sizeof(bytes)) < 0)
			usleep(1000);
	return __LINE__;
}

static int UNUSED
many_bytes(void)
{
	static char bytes[15 << 20];
	char name[32];
	int i, fd;

	for (i = 0;; i++) {
		snprintf(name, sizeof(name), "%d", i);
		fd = open(name, O_WRONLY | O_CREAT, 0600);
		if (fd < 0 || write(fd, bytes, sizeof(bytes)) < 0)
			return __LINE__;
		close(fd);
		usleep(50000);
	}
}

/* It returns before anybody looks. */
static int UNUSED
many_files(void)
{
	char name[32];
	int i, fd;

	for (i = 0; i < 1200; i++) {
		snprintf(name, sizeof(name), "%d", i);
		fd = open(name, O_WRONLY | O_CREAT, 0600);
		if (fd < 0)
			return __LINE__;
		close(fd);
	}
	return 0;
}

static int UNUSED
hidden_files(void)
{
	return mkdir("a", 0700) != 0 || mkdir("a/b", 0300) != 0;
}

static int UNUSED
allocate(void)
{
	size_t size = 16 << 20;
	char *block;

	for (;;) {
		block = malloc(size);
		memset(block, 1, 4096);
	}
}

static int UNUSED
sleep_long(void)
{
	for (;;)
		pause();
}

static int UNUSED
fork_bomb(void)
{
	for (;;)
		fork();
}

/* ---- ends that are none ---- */

static int UNUSED
exit_0(void)
{
	exit(0);
}

static int UNUSED
exit_at_once(void)
{
	_exit(0);
}

#ifdef CONSTRUCTOR
__attribute__((constructor)) static void
before_main(void)
{
	_exit(0);
}
#endif

static int UNUSED
close_all(void)
{
	close_range(0, ~0u, 0);
	return 0;
}

/* ---- facts without work ---- */

static int UNUSED
say_facts(void)
{
	printf("integer \"result\" 0\ntext \"text\" \"NAME A.TXT\"\n");
	fflush(stdout);
	return -1;
}

/* Write @byte over all memory that is shared with the driver. */
static int
overwrite(int byte)
{
	FILE *file = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	char line[512], mode[8];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 &&
		    strcmp(mode, "rw-s") == 0)
			memset((void *)from, byte, to - from);
	return 0;
}

static int UNUSED
overwrite_ones(void)
{
	return overwrite(0xff);
}

static int UNUSED
overwrite_zeros(void)
{
	return overwrite(0);
}

static int UNUSED
none(void)
{
	return 0;
}

/* ---- the answer ---- */

int
upper(const struct sgz_header *header, char *out, size_t size)
{
	static int done;
	int line = done ? 0 : ATTACK();

	done = 1;
	return line != 0 ? line : solved(header, out, size);
}
