/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program in C11 that knows the library as it was installed. */
#include <first.h>
#include <sgzfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(what)                                                        \
	do {                                                               \
		if (!(what)) {                                             \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#what);                                    \
			exit(1);                                           \
		}                                                          \
	} while (0)

static int
count(void *ctx, const void *data, size_t len)
{
	size_t *bytes = ctx;

	CHECK(data != NULL);
	*bytes += len;
	return 0;
}

/* The one error belongs to its caller, the other to the thread. */
static void
two_kinds_of_errors(void)
{
	struct sgzfile_error *error = NULL;
	struct sgzfile *file = NULL;

	CHECK(sgzfile_open("none", &file, &error) == SGZFILE_STATUS_IO);
	CHECK(file == NULL && error != NULL);
	CHECK(sgzfile_error_status(error) == SGZFILE_STATUS_IO);
	CHECK(sgzfile_error_errno(error) != 0);
	CHECK(sgzfile_test_panic(NULL) == SGZFILE_STATUS_PANIC);
	/* a later failure changes that of the thread alone */
	CHECK(strstr(sgzfile_last_error(), "panic") != NULL);
	CHECK(strstr(sgzfile_error_message(error), "panic") == NULL);
	sgzfile_error_free(error);
}

int
main(void)
{
	static const char text[] = "one, two, three";
	struct sgzfile_bytes bytes = { NULL, 0 };
	struct sgzfile_sizes sizes = { 0, 0 };
	struct sgzfile *file = NULL;
	struct sgzfile_sink sink = { count, NULL, NULL };
	size_t streamed = 0, got = 0;
	char *words = NULL;
	char word[16];
	FILE *out;

	CHECK(first_add(40, 2) == 42 && first_add(UINT32_MAX, 1) == UINT32_MAX);
	out = fopen("plain", "wb");
	CHECK(out != NULL && fputs(text, out) >= 0 && fclose(out) == 0);

	CHECK(sgzfile_compress("plain", "packed", SGZFILE_DEFAULT_LEVEL, &sizes,
			       NULL) == SGZFILE_STATUS_OK);
	CHECK(sizes.plain == strlen(text) && sizes.packed > 28);
	CHECK(sgzfile_open("packed", &file, NULL) == SGZFILE_STATUS_OK);
	CHECK(sgzfile_size(file) == strlen(text));
	CHECK(sgzfile_read_at(file, 10, word, sizeof(word), &got, NULL) ==
	      SGZFILE_STATUS_OK);
	CHECK(got == 5 && memcmp(word, "three", 5) == 0);
	CHECK(sgzfile_describe(file, &words, NULL) == SGZFILE_STATUS_OK);
	CHECK(strstr(words, "15 bytes") != NULL);
	sgzfile_string_free(words);
	CHECK(sgzfile_range(file, 5, 3, &bytes, NULL) == SGZFILE_STATUS_OK);
	sgzfile_close(file);
	/* they are the caller's, and outlive the file */
	CHECK(bytes.len == 3 && memcmp(bytes.data, "two", 3) == 0);
	sgzfile_bytes_free(&bytes);
	sgzfile_bytes_free(&bytes);

	sink.ctx = &streamed;
	CHECK(sgzfile_stream("packed", &sink, NULL) == SGZFILE_STATUS_OK);
	CHECK(streamed == strlen(text));
	two_kinds_of_errors();
	printf("sgzfile %s: ok\n", sgzfile_version());
	return 0;
}
