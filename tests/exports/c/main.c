/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program in C11 that knows the library as it was installed. */
#include <codec_zlib_rs.h>
#include <first.h>
#include <sgz.h>
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

/* libsgz, in C, writes a file by a codec in Rust; a library in Rust reads it. */
static void
three_libraries(const char *text)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_codec *codec = NULL;
	struct sgzfile *file = NULL;
	struct sgzfile_bytes bytes = { NULL, 0 };

	CHECK(sgz_codec_new(codec_zlib_rs_functions(), NULL, &codec, NULL) ==
	      SGZ_OK);
	CHECK(strcmp(sgz_codec_get_name(codec), "zlib-rs") == 0);
	options.codec = codec;
	CHECK(sgz_writer_open("by_codec", &options, &writer, NULL) == SGZ_OK);
	sgz_codec_unref(codec);
	CHECK(sgz_writer_write(writer, text, strlen(text), NULL) == SGZ_OK);
	CHECK(sgz_writer_finish(writer, NULL) == SGZ_OK);
	sgz_writer_free(writer);

	CHECK(sgzfile_open("by_codec", &file, NULL) == SGZFILE_STATUS_OK);
	CHECK(sgzfile_range(file, 0, 100, &bytes, NULL) == SGZFILE_STATUS_OK);
	sgzfile_close(file);
	CHECK(bytes.len == strlen(text) &&
	      memcmp(bytes.data, text, bytes.len) == 0);
	sgzfile_bytes_free(&bytes);
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
	three_libraries(text);
	printf("sgzfile %s: ok\n", sgzfile_version());
	return 0;
}
