/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program in C11 with a codec in Rust, and without libsgz. */
#include <codec_zlib_rs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OK CODEC_ZLIB_RS_ANSWER_OK
#define CHECK(what)                                                        \
	do {                                                               \
		if (!(what)) {                                             \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#what);                                    \
			exit(1);                                           \
		}                                                          \
	} while (0)

int
main(void)
{
	static const char text[] = "one, two, three, one, two, three";
	struct codec_zlib_rs_encoder *encoder = NULL;
	struct codec_zlib_rs_decoder *decoder = NULL;
	unsigned char stream[100];
	char back[sizeof(text)];
	size_t made = 0, used = 0;

	CHECK(codec_zlib_rs_encoder_new(100, &encoder) ==
	      CODEC_ZLIB_RS_ANSWER_INVALID);
	CHECK(codec_zlib_rs_encoder_new(9, &encoder) == OK);
	CHECK(codec_zlib_rs_compress(encoder, text, sizeof(text), stream, 3,
				     &made) == CODEC_ZLIB_RS_ANSWER_NO_ROOM);
	CHECK(codec_zlib_rs_compress(encoder, text, sizeof(text), stream,
				     sizeof(stream), &made) == OK);
	codec_zlib_rs_encoder_free(encoder);
	CHECK(made > 0 && made < sizeof(text));

	CHECK(codec_zlib_rs_decoder_new(&decoder) == OK);
	CHECK(codec_zlib_rs_decompress(decoder, stream, made, back, 3, &used) ==
	      CODEC_ZLIB_RS_ANSWER_CORRUPT);
	CHECK(codec_zlib_rs_decompress(decoder, stream, made, back,
				       sizeof(back), &used) == OK);
	codec_zlib_rs_decoder_free(decoder);
	CHECK(used == made && strcmp(back, text) == 0);
	printf("codec_zlib_rs %s: ok\n", codec_zlib_rs_version());
	return 0;
}
