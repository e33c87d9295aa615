/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the C tests share: an allocator that counts, samples, and checks. */
#ifndef SGZ_TESTS_SUPPORT_H
#define SGZ_TESTS_SUPPORT_H

/* cmocka.h needs these four before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sgz.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The memory that a pool adds to a reader. */
#ifndef POOL_PEAK
#define POOL_PEAK 0u
#endif

/* An allocator that counts, and that fails when told to. */
struct counter {
	struct sgz_allocator allocator; /* its ctx is this struct */
	size_t calls; /* of alloc and realloc */
	size_t live; /* blocks */
	size_t bytes; /* in them */
	size_t peak; /* most bytes at once */
	size_t largest; /* asked for in one call */
	size_t fail_at; /* this call fails, counted from 1; 0: none */
	size_t fail_count; /* so many calls fail from there on */
	bool resizes_only; /* only a realloc can fail */
};

void
counter_init(struct counter *counter);
/* Nothing that came from @counter is left. */
#define assert_none_live(counter) assert_int_equal((counter)->live, 0)

/* Growing bytes, from malloc() and not from the library under test. */
struct bytes {
	unsigned char *data;
	size_t len;
	size_t capacity;
};

void
bytes_add(struct bytes *bytes, const void *data, size_t len);
void
bytes_free(struct bytes *bytes);

/* --- samples, made with zlib alone --- */

/* One BGZF block that holds @len bytes. */
void
add_block(struct bytes *file, const void *data, size_t len);
/* The empty block that ends a BGZF file. */
void
add_eof_block(struct bytes *file);
/* A whole BGZF file of @data in blocks of @block_size bytes. */
void
add_bgzf(struct bytes *file, const void *data, size_t len, size_t block_size);
/* A gzip member without optional header fields. */
void
add_member(struct bytes *file, const void *data, size_t len);
/* A gzip member; each of @extra, @name and @comment may be NULL. */
void
add_member_with(struct bytes *file, const void *data, size_t len,
		const void *extra, size_t extra_len, const char *name,
		const char *comment);
/* @len bytes of lines, compressible and the same each time; free() it. */
unsigned char *
make_text(size_t len);

/* --- reading and writing in one go --- */

/* Read all that is left to @to; the status that ended it. */
enum sgz_status
read_all(struct sgz_reader *reader, struct bytes *to, struct sgz_error *error);
/* Open @file in memory, read it all, close it. */
enum sgz_status
inflate_all(const struct bytes *file, const struct sgz_options *options,
	    struct bytes *to, struct sgz_error *error);
/* A reader over @file, which must open. */
struct sgz_reader *
open_bytes(const struct bytes *file);

/* --- files --- */

/* A fresh directory becomes the working directory, until leave_dir(). */
void
enter_dir(void);
void
leave_dir(void);
void
put_file(const char *path, const void *data, size_t len);
/* All of the file at @path; fails the test if it cannot be read. */
struct bytes
get_file(const char *path);
/* How many names, but "." and "..", the working directory has. */
size_t
count_files(void);
/* Run @body in a child process, where it has to return 0 before long. */
void
in_child(int (*body)(void *ctx), void *ctx);

/* True under valgrind, where everything takes longer. */
bool
is_slow(void);

/* @call gave @status, and said as much in @error, in words. */
#define assert_failure(status_wanted, call, error) \
	check_failure(status_wanted, call, error, __FILE__, __LINE__)
void
check_failure(enum sgz_status wanted, enum sgz_status status,
	      const struct sgz_error *error, const char *file, int line);
#define assert_ok(call, error) \
	check_failure(SGZ_OK, call, error, __FILE__, __LINE__)

/* A cmocka group's main(): the tests as TAP, with the file's stem as name. */
#define RUN(stem, tests)                                                     \
	int main(void)                                                       \
	{                                                                    \
		cmocka_set_message_output(CM_OUTPUT_TAP);                    \
		return cmocka_run_group_tests_name(stem, tests, NULL, NULL); \
	}

/* Seek to @offset, and compare what can be read there with @text. */
void
check_part(struct sgz_reader *reader, uint64_t offset,
	   const unsigned char *text, size_t text_len);

#endif
