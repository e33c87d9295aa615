/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Codecs of BGZF blocks: built in, or from a plugin. */
#ifndef SGZ_CODEC_H
#define SGZ_CODEC_H

#include <sgz/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A codec compresses and decompresses the deflate stream of a BGZF block as a
 * whole. It is counted: the holder of a reference may use it from any thread.
 * Readers and writers take one with sgz_options.codec. Gzip streams that are
 * not BGZF blocks are decompressed by zlib, whatever the codec.
 *
 * The answers of a codec that is not built in are checked: libsgz checks each
 * length, and compares the CRC-32 of each block that the codec decompressed,
 * with its own function. A block that the codec refused is decompressed again
 * by zlib. So a mistake of the codec is reported as SGZ_E_CALLBACK, with its
 * name, and a corrupt file as what it is. What the codec compressed is not
 * decompressed again to compare it.
 */
struct sgz_codec;

/* The version of struct sgz_codec_vtable, and of what its functions mean. */
#define SGZ_CODEC_ABI 1u

/* Bytes behind what is wanted that `decompress_part` may write to. */
#define SGZ_CODEC_PART_SLACK 1024u

/* The answer of a codec's function. libsgz expects other values, too: each of
 * them means SGZ_CODEC_BROKEN. */
enum sgz_codec_answer {
	SGZ_CODEC_DONE = 0,
	SGZ_CODEC_NO_ROOM = 1, /* what it makes does not fit */
	SGZ_CODEC_CORRUPT = 2, /* the input is not such a deflate stream */
	SGZ_CODEC_BROKEN = 3, /* the codec itself failed */
};

/*
 * The functions of a codec. `size` and `abi` stay where they are in all
 * versions; later ones add fields at the end.
 *
 * A level from 1 to SGZ_LEVEL_MAX that is out of the codec's range becomes the
 * next one in it, and SGZ_LEVEL_DEFAULT becomes `level_default`. Blocks of
 * level 0 are stored without the codec.
 *
 * An encoder or decoder is used by one thread at a time, but not always by the
 * same one, and may be freed by another. Several of them are used at the same
 * time.
 */
struct sgz_codec_vtable {
	/* sizeof(struct sgz_codec_vtable), as the codec was compiled */
	size_t size;
	/* SGZ_CODEC_ABI, as the codec was compiled */
	uint32_t abi;
	/* 1 <= level_least <= level_default <= level_most */
	int32_t level_least;
	int32_t level_most;
	int32_t level_default;
	/* 1 to 31 printable characters of ASCII, without a space */
	const char *name;
	/* the same of its version, up to 63 */
	const char *version;
	/**
	 * Make an encoder for @level.
	 *
	 * Ownership: borrows @allocator; transfers the encoder to the library,
	 *   which passes it to `free_encoder` once
	 * Lifetime: @allocator stays valid until `free_encoder` returns; the
	 *   encoder has to stay valid until then
	 * Threads: called by any thread, and by several at the same time
	 * Errors: NULL if no memory is left
	 * Re-entry: may call the functions of @allocator, and none of the
	 *   library
	 */
	void *(*new_encoder)(int32_t level,
			     const struct sgz_allocator *allocator);
	/**
	 * Compress @in_len bytes at @in (1 to SGZ_BLOCK_MAX) to a whole deflate
	 * stream at @out, where there are @room bytes.
	 *
	 * Ownership: borrows all of them for the call
	 * Lifetime: the codec must not use @in or @out afterwards; nothing is
	 *   kept in @encoder from one call to the next
	 * Threads: called by any thread; by one at a time per encoder
	 * Errors: SGZ_CODEC_DONE with the stream's length in *made_out, or
	 *   SGZ_CODEC_NO_ROOM: then the block is stored; SGZ_CODEC_BROKEN
	 * Re-entry: may call the functions of the encoder's allocator, and none
	 *   of the library
	 */
	enum sgz_codec_answer (*compress_block)(void *encoder, const void *in,
						size_t in_len, void *out,
						size_t room, size_t *made_out);
	/**
	 * Free an encoder.
	 *
	 * @encoder is never NULL.
	 *
	 * Ownership: transfers @encoder back to the codec
	 * Lifetime: @encoder is not used afterwards
	 * Threads: called by any thread, and by several at the same time
	 * Errors: none; it must not fail
	 * Re-entry: may call the functions of the encoder's allocator, and none
	 *   of the library
	 */
	void (*free_encoder)(void *encoder);
	/**
	 * Make a decoder.
	 *
	 * Ownership: borrows @allocator; transfers the decoder to the library,
	 *   which passes it to `free_decoder` once
	 * Lifetime: @allocator stays valid until `free_decoder` returns; the
	 *   decoder has to stay valid until then
	 * Threads: called by any thread, and by several at the same time
	 * Errors: NULL if no memory is left
	 * Re-entry: may call the functions of @allocator, and none of the
	 *   library
	 */
	void *(*new_decoder)(const struct sgz_allocator *allocator);
	/**
	 * Decompress the deflate stream at the start of the @in_len bytes at
	 * @in, which must make exactly @out_len bytes (0 to SGZ_BLOCK_MAX).
	 *
	 * There are @room bytes at @out, at least @out_len. What is written to
	 * those behind @out_len does not matter. The last 8 bytes of @in are no
	 * part of the stream, but may be read.
	 *
	 * Ownership: borrows all of them for the call
	 * Lifetime: the codec must not use @in or @out afterwards; nothing is
	 *   kept in @decoder from one call to the next
	 * Threads: called by any thread; by one at a time per decoder
	 * Errors: SGZ_CODEC_DONE with the stream's length in *used_out;
	 *   SGZ_CODEC_CORRUPT, also if the stream makes more bytes or fewer
	 *   than @out_len; SGZ_CODEC_BROKEN
	 * Re-entry: may call the functions of the decoder's allocator, and none
	 *   of the library
	 */
	enum sgz_codec_answer (*decompress_block)(void *decoder, const void *in,
						  size_t in_len, void *out,
						  size_t out_len, size_t room,
						  size_t *used_out);
	/**
	 * Decompress the first @need bytes of the deflate stream at @in. This
	 * function may be NULL: then whole blocks are decompressed.
	 *
	 * There are @need + SGZ_CODEC_PART_SLACK bytes at @out. The library
	 * calls it only with sgz_options.stop_early, and cannot check what it
	 * answers: a CRC-32 is that of a whole block.
	 *
	 * Ownership: borrows all of them for the call
	 * Lifetime: the codec must not use @in or @out afterwards; nothing is
	 *   kept in @decoder from one call to the next
	 * Threads: called by any thread; by one at a time per decoder
	 * Errors: SGZ_CODEC_DONE if the bytes are at @out; with any other
	 *   answer the whole block is decompressed
	 * Re-entry: may call the functions of the decoder's allocator, and none
	 *   of the library
	 */
	enum sgz_codec_answer (*decompress_part)(void *decoder, const void *in,
						 size_t in_len, void *out,
						 size_t need);
	/**
	 * Free a decoder.
	 *
	 * @decoder is never NULL.
	 *
	 * Ownership: transfers @decoder back to the codec
	 * Lifetime: @decoder is not used afterwards
	 * Threads: called by any thread, and by several at the same time
	 * Errors: none; it must not fail
	 * Re-entry: may call the functions of the decoder's allocator, and none
	 *   of the library
	 */
	void (*free_decoder)(void *decoder);
};

/**
 * The type of the function that a plugin exports as `sgz_codec_plugin`. Its
 * argument is the library's SGZ_CODEC_ABI.
 *
 * Ownership: borrows; the table belongs to the plugin
 * Lifetime: the table and its functions stay valid, and the same, as long as
 *   the plugin is loaded
 * Threads: called by any thread, and by several at the same time
 * Errors: NULL if the plugin has no functions for that ABI
 * Re-entry: must not call the library
 */
typedef const struct sgz_codec_vtable *(*sgz_codec_plugin_fn)(uint32_t abi);

/**
 * Find a codec by its name, or load it from a plugin.
 *
 * A @name with a slash is the path of a plugin. Another one is that of a codec
 * that is built in, or else of a plugin NAME.so in sgz_codec_get_folder(). To
 * load a plugin runs code of it: load only what you trust as you trust the
 * program. The same plugin can be loaded several times. If @allocator is NULL:
 * the default.
 *
 * Ownership: borrows @name; copies @allocator; transfers one reference to the
 *   caller
 * Lifetime: until the last sgz_codec_unref(); the allocator's ctx as long
 * Threads: any thread, while no other one changes the environment
 * Errors: SGZ_E_INVALID if @name is NULL or empty, or the allocator lacks a
 *   function; SGZ_E_NOMEM; SGZ_E_IO if the file does not exist or cannot be
 *   read; SGZ_E_UNSUPPORTED if it is not a shared object, or not a codec that
 *   this version can use. The text names the file and the reason.
 */
SGZ_API enum sgz_status
sgz_codec_load(const char *name, const struct sgz_allocator *allocator,
	       struct sgz_codec **codec_out, struct sgz_error *error);

/**
 * Make a codec of functions that the program has itself.
 *
 * It is checked, and used, as the codec of a plugin is. If @allocator is NULL:
 * the default.
 *
 * Ownership: copies @vtable and @allocator; transfers one reference to the
 *   caller
 * Lifetime: the functions must stay valid until the last reference is dropped,
 *   those of readers and writers included; the allocator's ctx as long
 * Threads: any thread, at any time
 * Errors: SGZ_E_NOMEM, SGZ_E_INVALID if @vtable or the allocator lacks a
 *   function, SGZ_E_UNSUPPORTED if @vtable is not one that this version can use
 */
SGZ_API enum sgz_status
sgz_codec_new(const struct sgz_codec_vtable *vtable,
	      const struct sgz_allocator *allocator,
	      struct sgz_codec **codec_out, struct sgz_error *error);

/**
 * The name of @codec.
 *
 * Ownership: borrows; the text belongs to @codec
 * Lifetime: until the last sgz_codec_unref()
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API const char *
sgz_codec_get_name(const struct sgz_codec *codec);

/**
 * The version of @codec, or of the library that it uses, as it names it.
 *
 * Ownership: borrows; the text belongs to @codec
 * Lifetime: until the last sgz_codec_unref()
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API const char *
sgz_codec_get_version(const struct sgz_codec *codec);

/**
 * The name of the built-in codec number @at; number 0 is the default codec.
 *
 * Ownership: borrows; the text belongs to the library and is never freed
 * Lifetime: as long as the library is loaded
 * Threads: any thread, at any time
 * Errors: NULL if there are not so many
 */
SGZ_API const char *
sgz_codec_get_built_in(size_t at);

#ifdef SGZ_HAVE_LIBDEFLATE
/**
 * The version of libdeflate that is built in.
 *
 * It is there only if the library was built with libdeflate. pkg-config says
 * so: its file for this library defines SGZ_HAVE_LIBDEFLATE. A program that
 * asks while it runs uses sgz_codec_get_built_in() instead.
 *
 * Ownership: borrows; the text belongs to the library and is never freed
 * Lifetime: as long as the library is loaded
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API const char *
sgz_codec_get_libdeflate(void);
#endif

/**
 * The folder in which sgz_codec_load() looks for plugins by their names.
 *
 * It is the value of SGZ_CODEC_PATH in the environment, except in a program
 * that has more rights than who started it; else the folder where the library's
 * plugins were to be installed.
 *
 * Ownership: borrows; the text belongs to the environment or to the library
 * Lifetime: until the environment is changed
 * Threads: any thread, while no other one changes the environment
 * Errors: none
 */
SGZ_API const char *
sgz_codec_get_folder(void);

/**
 * Take one more reference to @codec.
 *
 * Ownership: transfers one reference to the caller; returns @codec
 * Lifetime: until the last sgz_codec_unref()
 * Threads: any thread, at any time
 * Errors: none
 */
SGZ_API struct sgz_codec *
sgz_codec_ref(struct sgz_codec *codec);

/**
 * Drop one reference to @codec; the last one unloads its plugin.
 *
 * Readers, writers and their encoders and decoders hold references of their
 * own. Blocks and indexes do not need the codec. To unload is a request to the
 * system: a plugin that is loaded twice stays, and so does one that has a
 * destructor for a thread's own data, as one written in Rust may.
 *
 * Ownership: transfers one reference to the library; NULL is allowed
 * Lifetime: the caller must not use @codec afterwards, unless it holds another
 *   reference; after the last one nothing of the plugin may be used
 * Threads: any thread, at any time, but not a function of a codec
 * Errors: none
 */
SGZ_API void
sgz_codec_unref(struct sgz_codec *codec);

#ifdef __cplusplus
}
#endif

#endif
