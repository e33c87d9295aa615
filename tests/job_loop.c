/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Jobs in an event loop: poll(2) waits for several of them and for other
 * descriptors at once, and no callback is needed. Run as a test, it compresses
 * a file and reads ranges of it.
 */
#include <poll.h>
#include <sgz.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	RANGES = 4,
	RANGE = 5000,
};

static void
fail(const struct sgz_error *error)
{
	fprintf(stderr, "job_loop: %s\n", error->text);
	exit(1);
}

/* Wait until each of @jobs has ended, and say how. */
static void
run_loop(struct sgz_job **jobs, size_t count)
{
	struct pollfd fds[RANGES];
	struct sgz_error error;
	size_t left = count;

	for (size_t i = 0; i < count; i++) {
		fds[i].events = POLLIN;
		if (sgz_job_get_fd(jobs[i], &fds[i].fd, &error) != SGZ_OK)
			fail(&error);
	}
	while (left > 0) {
		if (poll(fds, count, -1) < 0)
			exit(2);
		for (size_t i = 0; i < count; i++) {
			if (fds[i].fd < 0 || (fds[i].revents & POLLIN) == 0)
				continue;
			if (sgz_job_get_result(jobs[i], &error) != SGZ_OK)
				fail(&error);
			/* poll() leaves this one out from now on */
			fds[i].fd = -1;
			left--;
		}
	}
}

/* Take the bytes of @job, and compare them with those of @number. */
static void
check_range(struct sgz_job *job, size_t number)
{
	struct sgz_block *block = NULL;
	struct sgz_error error;
	const unsigned char *data;
	size_t len;

	if (sgz_job_take_block(job, &block, &error) != SGZ_OK)
		fail(&error);
	data = sgz_block_get_data(block, &len);
	if (len != RANGE)
		exit(3);
	for (size_t i = 0; i < len; i++)
		if (data[i] != (unsigned char)((number * RANGE + i) / 3))
			exit(4);
	sgz_block_unref(block);
	sgz_job_unref(job);
}

static void
write_sample(const char *path)
{
	FILE *file = fopen(path, "wb");

	if (file == NULL)
		exit(5);
	for (size_t i = 0; i < RANGES * RANGE; i++)
		fputc((int)(unsigned char)(i / 3), file);
	if (fclose(file) != 0)
		exit(5);
}

int
main(void)
{
	char dir[] = "/tmp/job_loop-XXXXXX";
	struct sgz_pool *pool = NULL;
	struct sgz_job *jobs[RANGES] = { NULL };
	struct sgz_error error;

	if (mkdtemp(dir) == NULL || chdir(dir) != 0)
		return 5;
	write_sample("in");
	if (sgz_pool_new(2, 1, NULL, &pool, &error) != SGZ_OK ||
	    sgz_job_submit_compress(pool, "in", "out.gz", NULL, NULL, &jobs[0],
				    &error) != SGZ_OK)
		fail(&error);
	run_loop(jobs, 1);
	sgz_job_unref(jobs[0]);
	for (size_t i = 0; i < RANGES; i++)
		if (sgz_job_submit_range(pool, "out.gz", NULL, i * RANGE, RANGE,
					 NULL, NULL, &jobs[i],
					 &error) != SGZ_OK)
			fail(&error);
	run_loop(jobs, RANGES);
	for (size_t i = 0; i < RANGES; i++)
		check_range(jobs[i], i);
	sgz_pool_unref(pool);
	unlink("in");
	unlink("out.gz");
	return chdir("/") == 0 && rmdir(dir) == 0 ? 0 : 5;
}
