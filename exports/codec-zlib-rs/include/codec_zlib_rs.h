/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Deflate streams by zlib-rs: a library that is written in Rust.
 *
 * Do not change this file: cbindgen wrote it from
 * exports/codec-zlib-rs/src/export.rs.
 */

#ifndef CODEC_ZLIB_RS_H
#define CODEC_ZLIB_RS_H

#include <stddef.h>

/**
 * The most bytes that one call takes or makes.
 */
#define CODEC_ZLIB_RS_LEN_MAX 1073741824

/**
 * How a call ended. Codes are never renumbered; new ones may come.
 */
enum codec_zlib_rs_answer {
        /**
         * It did what it says.
         */
        CODEC_ZLIB_RS_ANSWER_OK = 0,
        /**
         * An argument is NULL, or out of its range.
         */
        CODEC_ZLIB_RS_ANSWER_INVALID = -1,
        /**
         * What it makes does not fit.
         */
        CODEC_ZLIB_RS_ANSWER_NO_ROOM = -2,
        /**
         * The input is no such deflate stream.
         */
        CODEC_ZLIB_RS_ANSWER_CORRUPT = -3,
        /**
         * The codec itself failed.
         */
        CODEC_ZLIB_RS_ANSWER_BROKEN = -4,
        /**
         * The codec panicked, which is a fault of the library. The encoder or
         * decoder can only be freed.
         */
        CODEC_ZLIB_RS_ANSWER_PANIC = -5,
};

/**
 * The functions of the codec, as sgz/codec.h has them.
 */
struct sgz_codec_vtable;

/**
 * Compresses.
 */
struct codec_zlib_rs_encoder;

/**
 * Decompresses.
 */
struct codec_zlib_rs_decoder;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of zlib-rs, as "1.2.3".
 *
 * Ownership: borrows: the text is the library's
 * Lifetime: while the library is loaded
 * Threads: any thread, at any time
 * Errors: never NULL
 */
const char *codec_zlib_rs_version(void);

/**
 * The codec's functions, for sgz_codec_new() of <sgz/codec.h>.
 *
 * Ownership: borrows: the table is the library's
 * Lifetime: while the library is loaded
 * Threads: any thread, at any time
 * Errors: never NULL
 */
const struct sgz_codec_vtable *codec_zlib_rs_functions(void);

/**
 * Make an encoder for @level, which is from 1 to 9, or -1 for the default.
 *
 * Ownership: transfers *@encoder_out to the caller, who frees it with
 *   codec_zlib_rs_encoder_free()
 * Lifetime: until codec_zlib_rs_encoder_free()
 * Threads: any thread, at any time
 * Errors: CODEC_ZLIB_RS_ANSWER_INVALID, CODEC_ZLIB_RS_ANSWER_PANIC;
 *   *@encoder_out is unchanged then
 */
enum codec_zlib_rs_answer codec_zlib_rs_encoder_new(int level,
                                                    struct codec_zlib_rs_encoder **encoder_out);

/**
 * Compress the @len bytes at @data to a deflate stream at @out, where there
 * are @room bytes.
 *
 * Ownership: borrows @encoder, @data and @out for the call; writes
 *   *@made_out, the length of the stream
 * Lifetime: nothing is kept from one call to the next
 * Threads: any thread, but no other may use @encoder at the same time
 * Errors: CODEC_ZLIB_RS_ANSWER_NO_ROOM, CODEC_ZLIB_RS_ANSWER_INVALID also if
 *   @len or @room is more than CODEC_ZLIB_RS_LEN_MAX,
 *   CODEC_ZLIB_RS_ANSWER_BROKEN, CODEC_ZLIB_RS_ANSWER_PANIC; *@made_out is
 *   unchanged then, and what is at @out is not defined
 */
enum codec_zlib_rs_answer codec_zlib_rs_compress(struct codec_zlib_rs_encoder *encoder,
                                                 const void *data,
                                                 size_t len,
                                                 void *out,
                                                 size_t room,
                                                 size_t *made_out);

/**
 * Free @encoder.
 *
 * Ownership: transfers @encoder to the library; NULL is allowed
 * Lifetime: @encoder is invalid afterwards
 * Threads: any thread, but no other may use @encoder
 * Errors: none
 */
void codec_zlib_rs_encoder_free(struct codec_zlib_rs_encoder *encoder);

/**
 * Make a decoder.
 *
 * Ownership: transfers *@decoder_out to the caller, who frees it with
 *   codec_zlib_rs_decoder_free()
 * Lifetime: until codec_zlib_rs_decoder_free()
 * Threads: any thread, at any time
 * Errors: CODEC_ZLIB_RS_ANSWER_INVALID, CODEC_ZLIB_RS_ANSWER_PANIC;
 *   *@decoder_out is unchanged then
 */
enum codec_zlib_rs_answer codec_zlib_rs_decoder_new(struct codec_zlib_rs_decoder **decoder_out);

/**
 * Decompress the deflate stream at the start of the @len bytes at @data, which
 * has to make exactly @out_len bytes at @out.
 *
 * Ownership: borrows @decoder, @data and @out for the call; writes
 *   *@used_out, the length of the stream
 * Lifetime: nothing is kept from one call to the next
 * Threads: any thread, but no other may use @decoder at the same time
 * Errors: CODEC_ZLIB_RS_ANSWER_CORRUPT, CODEC_ZLIB_RS_ANSWER_INVALID also if
 *   @len or @out_len is more than CODEC_ZLIB_RS_LEN_MAX,
 *   CODEC_ZLIB_RS_ANSWER_PANIC; *@used_out is unchanged then, and what is at
 *   @out is not defined
 */
enum codec_zlib_rs_answer codec_zlib_rs_decompress(struct codec_zlib_rs_decoder *decoder,
                                                   const void *data,
                                                   size_t len,
                                                   void *out,
                                                   size_t out_len,
                                                   size_t *used_out);

/**
 * Free @decoder.
 *
 * Ownership: transfers @decoder to the library; NULL is allowed
 * Lifetime: @decoder is invalid afterwards
 * Threads: any thread, but no other may use @decoder
 * Errors: none
 */
void codec_zlib_rs_decoder_free(struct codec_zlib_rs_decoder *decoder);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CODEC_ZLIB_RS_H */
