/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the fuzz targets share: an input is a plan of a few bytes, and data. */
#ifndef FERRULE_FUZZ_H
#define FERRULE_FUZZ_H

#include <sgz.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A promise of the library: if it does not hold, the fuzzer keeps the input. */
#define CHECK(promise)                                                     \
	do {                                                               \
		if (!(promise)) {                                          \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#promise);                                 \
			abort();                                           \
		}                                                          \
	} while (0)

/* What is left of an input. */
struct bytes {
	const uint8_t *at;
	size_t len;
};

static inline unsigned int
take_byte(struct bytes *from)
{
	if (from->len == 0)
		return 0;
	from->len--;
	return *from->at++;
}

static inline size_t
take_size(struct bytes *from)
{
	size_t low = take_byte(from);

	return low | (size_t)take_byte(from) << 8;
}

/* What happened, to be compared with what happened another time. */
struct log {
	unsigned char *data;
	size_t len;
	size_t room;
};

static inline void
log_bytes(struct log *log, const void *data, size_t len)
{
	if (log->room - log->len < len) {
		log->room = 2 * log->room + len;
		log->data = realloc(log->data, log->room);
		CHECK(log->data != NULL);
	}
	if (len > 0)
		memcpy(log->data + log->len, data, len);
	log->len += len;
}

static inline void
log_number(struct log *log, uint64_t number)
{
	log_bytes(log, &number, sizeof(number));
}

static inline bool
logs_are_equal(const struct log *a, const struct log *b)
{
	return a->len == b->len &&
		(a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* A status, and what the error says of it. */
static inline bool
log_status(struct log *log, enum sgz_status status,
	   const struct sgz_error *error)
{
	log_number(log, (uint64_t)status);
	if (status == SGZ_OK)
		return true;
	CHECK(error->status == status);
	CHECK(memchr(error->text, '\0', sizeof(error->text)) != NULL);
	log_bytes(log, error->text, strlen(error->text));
	return false;
}

/* A pool for all inputs: to start threads for each would take too long. */
static inline struct sgz_pool *
the_pool(void)
{
	static struct sgz_pool *pool;

	if (pool == NULL)
		CHECK(sgz_pool_new(3, 1, NULL, &pool, NULL) == SGZ_OK);
	return pool;
}

/* A file with these bytes, at its start. */
static inline int
file_of(const void *data, size_t len)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	CHECK(fd >= 0);
	CHECK(write(fd, data, len) == (ssize_t)len);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

#endif
