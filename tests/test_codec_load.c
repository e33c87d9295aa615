/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Codecs that are not built in: what is no plugin is refused with a reason,
 * what a codec says is not believed, and a plugin stays until its last user is
 * gone.
 */
#include "support.h"

#include "codecs/stored.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LEN = 300000
};

/* Where Meson built the plugins of tests/codecs. */
static const char *
plugin(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s.so", TEST_PLUGINS, name);
	return path;
}

/* Does this process have a mapping of a file whose path ends so? */
static bool
is_mapped(const char *end)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[4096];
	bool found = false;

	assert_non_null(maps);
	while (!found && fgets(line, sizeof(line), maps) != NULL)
		found = strstr(line, end) != NULL;
	fclose(maps);
	return found;
}

/* Loading */

/* @path is refused, in words that hold @reason and the path's last part. */
static void
refused(const char *path, enum sgz_status status, const char *reason)
{
	struct counter counter;
	struct sgz_codec *codec = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	counter_init(&counter);
	assert_failure(status,
		       sgz_codec_load(path, &counter.allocator, &codec, &error),
		       &error);
	if (strstr(error.text, reason) == NULL)
		fail_msg("'%s' is not in '%s'", reason, error.text);
	assert_non_null(strstr(error.text, strrchr(path, '/')));
	assert_null(codec);
	assert_none_live(&counter);
	assert_false(is_mapped(strrchr(path, '/')));
}

static void
test_codec_load__refuses_what_is_no_plugin(void **state)
{
	static const struct {
		const char *name;
		const char *reason;
	} faults[] = {
		{ "fault_abi", "another ABI number" },
		{ "fault_size", "too small" },
		{ "fault_function", "NULL" },
		{ "fault_levels", "levels" },
		{ "fault_name", "name" },
		{ "fault_null", "no functions for this ABI" },
		{ "no_symbol", "no symbol sgz_codec_plugin" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		refused(plugin(faults[i].name), SGZ_E_UNSUPPORTED,
			faults[i].reason);
}

static void
test_codec_load__refuses_what_is_no_shared_object(void **state)
{
	struct bytes whole = get_file(plugin("whole"));
	unsigned char *copy;

	(void)state;
	enter_dir();
	put_file("text.so", "a text\n", 7);
	refused("./text.so", SGZ_E_UNSUPPORTED, "not a shared object");
	put_file("empty.so", "", 0);
	refused("./empty.so", SGZ_E_UNSUPPORTED, "not a shared object");
	/* a copy that was cut short: dlopen() would die of it */
	put_file("cut.so", whole.data, whole.len / 8);
	refused("./cut.so", SGZ_E_UNSUPPORTED, "its end is missing");
	put_file("head.so", whole.data, 64);
	refused("./head.so", SGZ_E_UNSUPPORTED, "its end is missing");
	/* another machine's */
	copy = malloc(whole.len);
	assert_non_null(copy);
	memcpy(copy, whole.data, whole.len);
	copy[18] ^= 0x55;
	put_file("machine.so", copy, whole.len);
	refused("./machine.so", SGZ_E_UNSUPPORTED, "cannot be used");
	free(copy);
	/* nobody may wait here for who writes into it */
	assert_int_equal(mkfifo("fifo.so", 0600), 0);
	refused("./fifo.so", SGZ_E_UNSUPPORTED, "not a regular file");
	refused("./.", SGZ_E_UNSUPPORTED, "not a regular file");
	leave_dir();
	bytes_free(&whole);
}

static void
test_codec_load__libdeflate_is_declared_if_it_is_there(void **state)
{
	struct sgz_codec *codec = NULL;
	bool found = false;

	(void)state;
	for (size_t i = 0; sgz_codec_get_built_in(i) != NULL; i++)
		found |= strcmp(sgz_codec_get_built_in(i), "libdeflate") == 0;
#ifdef SGZ_HAVE_LIBDEFLATE
	assert_true(found);
	assert_int_equal(sgz_codec_load("libdeflate", NULL, &codec, NULL), 0);
	assert_string_equal(sgz_codec_get_libdeflate(),
			    sgz_codec_get_version(codec));
#else
	assert_false(found);
#endif
	sgz_codec_unref(codec);
}

static void
test_codec_load__a_name_is_built_in_or_in_the_folder(void **state)
{
	struct sgz_codec *codec = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct bytes whole = get_file(plugin("whole"));
	struct counter counter;

	(void)state;
	for (size_t i = 0; sgz_codec_get_built_in(i) != NULL; i++) {
		assert_ok(sgz_codec_load(sgz_codec_get_built_in(i), NULL,
					 &codec, &error),
			  &error);
		assert_string_equal(sgz_codec_get_name(codec),
				    sgz_codec_get_built_in(i));
		assert_true(strlen(sgz_codec_get_version(codec)) > 0);
		sgz_codec_unref(codec);
	}
	enter_dir();
	assert_int_equal(mkdir("folder", 0700), 0);
	put_file("folder/mine.so", whole.data, whole.len);
	assert_int_equal(setenv("SGZ_CODEC_PATH", "folder", 1), 0);
	assert_string_equal(sgz_codec_get_folder(), "folder");
	assert_ok(sgz_codec_load("mine", NULL, &codec, &error), &error);
	assert_string_equal(sgz_codec_get_name(codec), "stored");
	assert_string_equal(sgz_codec_get_version(codec), "1.0");
	sgz_codec_unref(codec);
	/* the path that is made of the name is of the allocator, too */
	counter_init(&counter);
	assert_ok(sgz_codec_load("mine", &counter.allocator, &codec, &error),
		  &error);
	assert_true(counter.calls > 1);
	sgz_codec_unref(codec);
	assert_none_live(&counter);
	codec = NULL;
	assert_failure(SGZ_E_IO, sgz_codec_load("other", NULL, &codec, &error),
		       &error);
	assert_int_equal(error.sys_errno, ENOENT);
	assert_non_null(strstr(error.text, "folder/other.so"));
	assert_failure(SGZ_E_INVALID, sgz_codec_load("", NULL, &codec, &error),
		       &error);
	assert_failure(SGZ_E_INVALID,
		       sgz_codec_load(NULL, NULL, &codec, &error), &error);
	assert_null(codec);
	assert_int_equal(unsetenv("SGZ_CODEC_PATH"), 0);
	assert_int_equal(unlink("folder/mine.so"), 0);
	assert_int_equal(rmdir("folder"), 0);
	leave_dir();
	bytes_free(&whole);
}

/* One that is gone before is refused, and one that goes afterwards works. */
static void
test_codec_load__a_plugin_may_vanish(void **state)
{
	struct bytes whole = get_file(plugin("whole"));
	struct sgz_codec *codec = NULL, *other = NULL;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	enter_dir();
	put_file("vanish.so", whole.data, whole.len);
	assert_ok(sgz_codec_load("./vanish.so", NULL, &codec, &error), &error);
	assert_int_equal(unlink("vanish.so"), 0);
	assert_failure(SGZ_E_IO,
		       sgz_codec_load("./vanish.so", NULL, &other, &error),
		       &error);
	assert_int_equal(error.sys_errno, ENOENT);
	assert_non_null(strstr(error.text, "./vanish.so"));
	options.codec = codec;
	assert_ok(sgz_writer_open_memory(&buffer, &options, &writer, &error),
		  &error);
	assert_ok(sgz_writer_write(writer, "text", 4, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	sgz_codec_unref(codec);
	sgz_buffer_release(&buffer);
	leave_dir();
	bytes_free(&whole);
}

static void
test_codec_load__a_later_table_is_understood(void **state)
{
	struct sgz_codec *codec = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	assert_ok(sgz_codec_load(plugin("later"), NULL, &codec, &error),
		  &error);
	sgz_codec_unref(codec);
}

/* Its users */

/* A file of @text, by @options. */
static struct sgz_buffer
write_all(const struct sgz_options *options, const unsigned char *text,
	  size_t len)
{
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	assert_ok(sgz_writer_open_memory(&buffer, options, &writer, &error),
		  &error);
	assert_ok(sgz_writer_write(writer, text, len, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	sgz_writer_free(writer);
	return buffer;
}

static void
test_codec_load__the_last_user_unloads_it(void **state)
{
	unsigned char *text = make_text(LEN);
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT, file;
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	struct sgz_block *block = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	size_t len;

	(void)state;
	assert_false(is_mapped("/whole.so"));
	assert_ok(sgz_codec_load(plugin("whole"), NULL, &options.codec, &error),
		  &error);
	file = write_all(&options, text, LEN);
	assert_ok(sgz_writer_open_memory(&buffer, &options, &writer, &error),
		  &error);
	assert_ok(sgz_reader_open_memory(file.data, file.len, &options, &reader,
					 &error),
		  &error);
	sgz_codec_unref(options.codec);
	/* the writer has never used it, and still can */
	assert_true(is_mapped("/whole.so"));
	assert_ok(sgz_writer_write(writer, text, LEN, &error), &error);
	assert_ok(sgz_writer_finish(writer, &error), &error);
	assert_int_equal(buffer.len, file.len);
	sgz_writer_free(writer);
	assert_true(is_mapped("/whole.so"));
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	assert_ok(sgz_reader_ref_block(reader, 1000, &block, &error), &error);
	sgz_reader_close(reader);
	/* a block and an index do without */
	assert_false(is_mapped("/whole.so"));
	assert_memory_equal(sgz_block_get_data(block, &len), text, 1000);
	sgz_block_unref(block);
	sgz_index_unref(index);
	sgz_buffer_release(&buffer);
	sgz_buffer_release(&file);
	free(text);
}

/* Lies: a codec in this program, of which one answer can be wrong. */

enum lie {
	HONEST,
	/* of encoders */
	MADE_TOO_MUCH,
	MADE_NOTHING,
	MADE_HUGE,
	PACK_BROKEN,
	PACK_UNKNOWN,
	PACK_BEYOND,
	/* of decoders */
	USED_LESS,
	USED_MORE,
	USED_UNSET,
	WRONG_BYTES,
	NO_BYTES,
	REFUSES,
	UNPACK_BROKEN,
	UNPACK_UNKNOWN,
	UNPACK_BEYOND,
	LIES
};

static enum lie lie;
static int32_t level_seen;

static void *
lying_encoder(int32_t level, const struct sgz_allocator *allocator)
{
	level_seen = level;
	return stored_new_encoder(level, allocator);
}

static enum sgz_codec_answer
lying_compress(void *encoder, const void *in, size_t in_len, void *out,
	       size_t room, size_t *made_out)
{
	enum sgz_codec_answer answer =
		stored_compress(encoder, in, in_len, out, room, made_out);

	switch (lie) {
	case MADE_TOO_MUCH:
		*made_out = room + 1;
		return answer;
	case MADE_NOTHING:
		*made_out = 0;
		return answer;
	case MADE_HUGE:
		*made_out = SIZE_MAX;
		return answer;
	case PACK_BROKEN:
		return SGZ_CODEC_BROKEN;
	case PACK_UNKNOWN:
		return (enum sgz_codec_answer)77;
	case PACK_BEYOND:
		((unsigned char *)out)[room] ^= 1;
		return answer;
	default:
		return answer;
	}
}

static enum sgz_codec_answer
lying_decompress(void *decoder, const void *in, size_t in_len, void *out,
		 size_t out_len, size_t room, size_t *used_out)
{
	size_t used = *used_out;
	enum sgz_codec_answer answer = stored_decompress(
		decoder, in, in_len, out, out_len, room, used_out);

	switch (lie) {
	case USED_LESS:
		--*used_out;
		return answer;
	case USED_MORE:
		*used_out = in_len + 1;
		return answer;
	case USED_UNSET:
		*used_out = used;
		return answer;
	case WRONG_BYTES:
		((unsigned char *)out)[out_len / 2] ^= 1;
		return answer;
	case NO_BYTES:
		memset(out, 0, out_len);
		return answer;
	case REFUSES:
		return SGZ_CODEC_CORRUPT;
	case UNPACK_BROKEN:
		return SGZ_CODEC_BROKEN;
	case UNPACK_UNKNOWN:
		return (enum sgz_codec_answer) - 5;
	case UNPACK_BEYOND:
		((unsigned char *)out)[room] ^= 1;
		return answer;
	default:
		return answer;
	}
}

static struct sgz_codec *
make_liar(const struct sgz_allocator *allocator)
{
	struct sgz_codec_vtable functions = STORED_FUNCTIONS;
	struct sgz_codec *codec = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	char name[] = "liar", version[] = "1.0";

	lie = HONEST;
	functions.name = name;
	functions.version = version;
	functions.new_encoder = lying_encoder;
	functions.compress_block = lying_compress;
	functions.decompress_block = lying_decompress;
	assert_ok(sgz_codec_new(&functions, allocator, &codec, &error), &error);
	/* it has a copy of its own, texts included */
	memset(&functions, 0, sizeof(functions));
	memset(name, 'x', sizeof(name));
	memset(version, 'x', sizeof(version));
	assert_string_equal(sgz_codec_get_name(codec), "liar");
	assert_string_equal(sgz_codec_get_version(codec), "1.0");
	return codec;
}

/* The failure says which codec it was. */
static void
blames_liar(enum sgz_status status, const struct sgz_error *error)
{
	check_failure(SGZ_E_CALLBACK, status, error, __FILE__, __LINE__);
	if (strstr(error->text, "the codec liar is wrong") == NULL)
		fail_msg("lie %d: %s", (int)lie, error->text);
}

static void
test_codec_load__a_writer_believes_nothing(void **state)
{
	unsigned char *text = make_text(LEN);
	struct sgz_options options = SGZ_OPTIONS_INIT;

	(void)state;
	for (int threads = 1; threads <= 3; threads++) {
		struct sgz_error error = SGZ_ERROR_INIT;

		options.codec = make_liar(NULL);
		assert_ok(sgz_pool_new((uint32_t)threads, 1, NULL,
				       &options.pool, &error),
			  &error);
		for (lie = MADE_TOO_MUCH; lie <= PACK_BEYOND; lie++) {
			struct sgz_buffer buffer = SGZ_BUFFER_INIT;
			struct sgz_writer *writer = NULL;
			enum sgz_status status;

			assert_ok(sgz_writer_open_memory(&buffer, &options,
							 &writer, &error),
				  &error);
			status = sgz_writer_write(writer, text, LEN, &error);
			if (status == SGZ_OK)
				status = sgz_writer_finish(writer, &error);
			blames_liar(status, &error);
			sgz_writer_free(writer);
			sgz_buffer_release(&buffer);
		}
		sgz_codec_unref(options.codec);
		sgz_pool_unref(options.pool);
	}
	free(text);
}

static enum sgz_codec_answer
claim_bytes(void *encoder, const void *in, size_t in_len, void *out,
	    size_t room, size_t *made_out)
{
	(void)encoder;
	(void)in;
	(void)in_len;
	(void)out;
	*made_out = room < 1000 ? room : 1000;
	return SGZ_CODEC_DONE;
}

/* What a codec says it wrote, and did not, is no memory of the program's. */
static void
test_codec_load__no_memory_goes_into_the_file(void **state)
{
	enum {
		HEADER = 18
	};
	unsigned char *text = make_text(LEN);
	struct sgz_codec_vtable functions = STORED_FUNCTIONS;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct counter counter;
	struct sgz_buffer file;

	(void)state;
	/* its memory is not zeroed */
	counter_init(&counter);
	functions.compress_block = claim_bytes;
	assert_ok(sgz_codec_new(&functions, NULL, &options.codec, &error),
		  &error);
	options.allocator = &counter.allocator;
	file = write_all(&options, text, 500);
	assert_true(file.len > HEADER + 1000);
	for (size_t i = HEADER; i < HEADER + 1000; i++)
		assert_int_equal(file.data[i], 0);
	sgz_buffer_release(&file);
	sgz_codec_unref(options.codec);
	assert_none_live(&counter);
	free(text);
}

/* Read @file in pieces of @piece bytes; what ended it. */
static enum sgz_status
read_pieces(const struct sgz_buffer *file, const struct sgz_options *options,
	    size_t piece, struct sgz_error *error)
{
	unsigned char *data = malloc(piece);
	struct sgz_reader *reader = NULL;
	size_t len = 1;
	enum sgz_status status = SGZ_OK;

	assert_non_null(data);
	assert_ok(sgz_reader_open_memory(file->data, file->len, options,
					 &reader, error),
		  error);
	while (status == SGZ_OK && len > 0)
		status = sgz_reader_read(reader, data, piece, &len, error);
	sgz_reader_close(reader);
	free(data);
	return status;
}

/* The same at offsets, of whole blocks, of parts, and as blocks. */
static void
read_at_offsets(const struct sgz_buffer *file,
		const struct sgz_options *options)
{
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	struct sgz_block *block = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	enum lie former = lie;
	unsigned char data[SGZ_BLOCK_DEFAULT];
	size_t len;

	assert_ok(sgz_reader_open_memory(file->data, file->len, options,
					 &reader, &error),
		  &error);
	lie = HONEST;
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	lie = former;
	blames_liar(sgz_reader_read_at(reader, 10, data, 10, &len, &error),
		    &error);
	blames_liar(
		sgz_reader_read_at(reader, 0, data, sizeof(data), &len, &error),
		&error);
	blames_liar(sgz_reader_ref_block(reader, 10, &block, &error), &error);
	assert_null(block);
	sgz_index_unref(index);
	sgz_reader_close(reader);
}

static void
test_codec_load__a_reader_believes_nothing(void **state)
{
	static const size_t pieces[] = { 1000, SGZ_BLOCK_DEFAULT,
					 SGZ_BLOCK_DEFAULT + 3, LEN };
	unsigned char *text = make_text(LEN);
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_buffer file;

	(void)state;
	options.codec = make_liar(NULL);
	file = write_all(&options, text, LEN);
	for (uint32_t threads = 1; threads <= 3; threads++) {
		assert_ok(sgz_pool_new(threads, 1, NULL, &options.pool, &error),
			  &error);
		for (int skip = 0; skip < 2; skip++)
			for (lie = USED_LESS; lie <= UNPACK_BEYOND; lie++) {
				options.skip_crc = skip != 0;
				for (size_t i = 0; i < 4; i++)
					blames_liar(read_pieces(&file, &options,
								pieces[i],
								&error),
						    &error);
				read_at_offsets(&file, &options);
			}
		sgz_pool_unref(options.pool);
	}
	sgz_codec_unref(options.codec);
	sgz_buffer_release(&file);
	free(text);
}

/* A file that is corrupt is that, and no codec's fault. */
static void
test_codec_load__a_corrupt_file_is_no_lie(void **state)
{
	unsigned char *text = make_text(LEN);
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT, other = SGZ_ERROR_INIT;
	struct sgz_codec *liar = make_liar(NULL);
	struct sgz_buffer file;

	(void)state;
	options.codec = liar;
	file = write_all(&options, text, LEN);
	/* one byte of the second block's data */
	file.data[SGZ_BLOCK_DEFAULT + 1000] ^= 1;
	assert_failure(SGZ_E_CRC, read_pieces(&file, &options, 5000, &error),
		       &error);
	options.codec = NULL;
	assert_failure(SGZ_E_CRC, read_pieces(&file, &options, 5000, &other),
		       &other);
	assert_string_equal(error.text, other.text);
	/* who does not want to know is given the bytes, as without a plugin */
	options.skip_crc = 1;
	options.codec = liar;
	assert_ok(read_pieces(&file, &options, 5000, &error), &error);
	sgz_codec_unref(liar);
	sgz_buffer_release(&file);
	free(text);
}

/* A codec that cannot stop early unpacks whole blocks, also if asked to. */
static void
test_codec_load__stopping_early_is_no_duty(void **state)
{
	unsigned char *text = make_text(LEN);
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_buffer file;
	unsigned char data[100];
	size_t len = 0;

	(void)state;
	options.stop_early = 1;
	options.codec = make_liar(NULL);
	file = write_all(&options, text, LEN);
	assert_ok(sgz_reader_open_memory(file.data, file.len, &options, &reader,
					 &error),
		  &error);
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	assert_ok(sgz_reader_read_at(reader, 70000, data, sizeof(data), &len,
				     &error),
		  &error);
	assert_int_equal(len, sizeof(data));
	assert_memory_equal(data, text + 70000, len);
	lie = NO_BYTES;
	blames_liar(sgz_reader_read_at(reader, 70000, data, sizeof(data), &len,
				       &error),
		    &error);
	sgz_index_unref(index);
	sgz_reader_close(reader);
	sgz_codec_unref(options.codec);
	sgz_buffer_release(&file);
	free(text);
}

static enum sgz_codec_answer
lying_part(void *decoder, const void *in, size_t in_len, void *out, size_t need)
{
	(void)decoder;
	(void)in;
	(void)in_len;
	memset(out, 0, need);
	return SGZ_CODEC_DONE;
}

/* What is wanted is the whole block: nothing is saved by not checking it. */
static void
test_codec_load__whole_blocks_are_checked(void **state)
{
	unsigned char *text = make_text(LEN);
	struct sgz_codec_vtable functions = STORED_FUNCTIONS;
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_reader *reader = NULL;
	struct sgz_index *index = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_buffer file;
	unsigned char data[SGZ_BLOCK_DEFAULT];
	size_t len = 0;

	(void)state;
	functions.decompress_part = lying_part;
	assert_ok(sgz_codec_new(&functions, NULL, &options.codec, &error),
		  &error);
	options.stop_early = 1;
	file = write_all(&options, text, LEN);
	assert_ok(sgz_reader_open_memory(file.data, file.len, &options, &reader,
					 &error),
		  &error);
	assert_ok(sgz_index_build(reader, false, &index, &error), &error);
	assert_ok(sgz_reader_set_index(reader, index, &error), &error);
	assert_ok(
		sgz_reader_read_at(reader, 0, data, sizeof(data), &len, &error),
		&error);
	assert_memory_equal(data, text, sizeof(data));
	/* to the end of a block, all of it is decompressed, too */
	assert_ok(sgz_reader_read_at(reader, 10, data, sizeof(data) - 10, &len,
				     &error),
		  &error);
	assert_memory_equal(data, text + 10, sizeof(data) - 10);
	sgz_index_unref(index);
	sgz_reader_close(reader);
	sgz_codec_unref(options.codec);
	sgz_buffer_release(&file);
	free(text);
}

static void
test_codec_load__levels_are_those_of_the_codec(void **state)
{
	static const int32_t levels[][2] = { { -1, 2 }, { 1, 1 },  { 3, 3 },
					     { 9, 3 },	{ 12, 3 }, { 0, 0 } };
	struct sgz_options options = SGZ_OPTIONS_INIT;

	(void)state;
	options.codec = make_liar(NULL);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		struct sgz_buffer file;

		level_seen = 0;
		options.level = levels[i][0];
		file = write_all(&options, (const unsigned char *)"text", 4);
		assert_int_equal(level_seen, levels[i][1]);
		sgz_buffer_release(&file);
	}
	sgz_codec_unref(options.codec);
}

/* What does not fit is stored, or cut in two: a whole block of 64 KiB here. */
static void
test_codec_load__what_does_not_fit_is_split(void **state)
{
	unsigned char *text = make_text(LEN);
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct bytes back = { NULL, 0, 0 };
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_buffer file;

	(void)state;
	options.codec = make_liar(NULL);
	options.block_size = SGZ_BLOCK_MAX;
	file = write_all(&options, text, LEN);
	assert_ok(inflate_all(&(struct bytes){ file.data, file.len, 0 }, NULL,
			      &back, &error),
		  &error);
	assert_int_equal(back.len, LEN);
	assert_memory_equal(back.data, text, LEN);
	sgz_codec_unref(options.codec);
	sgz_buffer_release(&file);
	bytes_free(&back);
	free(text);
}

/* One use of a plugin, which may fail for want of memory at each point. */
static enum sgz_status
use_plugin(struct counter *counter, const unsigned char *text)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader = NULL;
	unsigned char data[100];
	size_t len;
	enum sgz_status status;

	options.allocator = buffer.allocator = &counter->allocator;
	status = sgz_codec_load("./whole.so", &counter->allocator,
				&options.codec, NULL);
	if (status == SGZ_OK)
		status = sgz_writer_open_memory(&buffer, &options, &writer,
						NULL);
	if (status == SGZ_OK)
		status = sgz_writer_write(writer, text, LEN, NULL);
	if (status == SGZ_OK)
		status = sgz_writer_finish(writer, NULL);
	sgz_writer_free(writer);
	if (status == SGZ_OK)
		status = sgz_reader_open_memory(buffer.data, buffer.len,
						&options, &reader, NULL);
	sgz_codec_unref(options.codec);
	if (status == SGZ_OK)
		status =
			sgz_reader_read(reader, data, sizeof(data), &len, NULL);
	sgz_reader_close(reader);
	sgz_buffer_release(&buffer);
	return status;
}

static void
test_codec_load__memory_may_be_refused_at_each_point(void **state)
{
	unsigned char *text = make_text(LEN);
	struct bytes whole = get_file(plugin("whole"));
	enum sgz_status status = SGZ_E_NOMEM;

	(void)state;
	enter_dir();
	put_file("whole.so", whole.data, whole.len);
	for (size_t fail = 1; status != SGZ_OK; fail++) {
		struct counter counter;

		counter_init(&counter);
		counter.fail_at = fail;
		counter.fail_count = 1;
		status = use_plugin(&counter, text);
		assert_true(status == SGZ_OK || status == SGZ_E_NOMEM);
		assert_none_live(&counter);
		assert_false(is_mapped("/whole.so"));
	}
	leave_dir();
	bytes_free(&whole);
	free(text);
}

/* Each plugin that was built, and each codec that is built in */

/* bgzip, where it is installed, makes of @file what is in the file `text`. */
static void
check_by_bgzip(const struct bytes *file)
{
	if (system("command -v bgzip >/dev/null 2>&1") != 0) {
		printf("# not run: bgzip, which is not installed\n");
		return;
	}
	put_file("out.gz", file->data, file->len);
	assert_int_equal(system("bgzip -dc out.gz | cmp - text"), 0);
}

static void
round_trip(struct sgz_codec *codec, const unsigned char *text, size_t len)
{
	static const int32_t levels[] = { -1, 1, 2, 3, 9, 12 };
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_options plain = SGZ_OPTIONS_INIT;
	struct sgz_error error = SGZ_ERROR_INIT;

	for (uint32_t threads = 1; threads <= 3; threads += 2) {
		assert_ok(sgz_pool_new(threads, 1, NULL, &options.pool, &error),
			  &error);
		for (size_t i = 0; i < (len > LEN	  ? 1 :
						is_slow() ? 2 :
							    6);
		     i++) {
			struct sgz_buffer file;
			struct bytes packed, back = { NULL, 0, 0 };

			options.level = levels[i];
			options.codec = codec;
			file = write_all(&options, text, len);
			packed = (struct bytes){ file.data, file.len, 0 };
			assert_ok(inflate_all(&packed, &options, &back, &error),
				  &error);
			assert_int_equal(back.len, len);
			assert_memory_equal(back.data, text, len);
			if (i == 0 && !is_slow())
				check_by_bgzip(&packed);
			back.len = 0;
			assert_ok(inflate_all(&packed, &plain, &back, &error),
				  &error);
			assert_int_equal(back.len, len);
			assert_memory_equal(back.data, text, len);
			bytes_free(&back);
			/* what others wrote */
			options.codec = NULL;
			sgz_buffer_release(&file);
			file = write_all(&options, text, len);
			packed = (struct bytes){ file.data, file.len, 0 };
			options.codec = codec;
			assert_ok(inflate_all(&packed, &options, &back, &error),
				  &error);
			assert_memory_equal(back.data, text, len);
			bytes_free(&back);
			sgz_buffer_release(&file);
		}
		sgz_pool_unref(options.pool);
	}
}

/* SGZ_TEST_BYTES=200000000 is the long run. */
static void
test_codec_load__each_codec_makes_the_same_bytes_of_it(void **state)
{
	uint32_t noise = 1;
	const char *bytes = getenv("SGZ_TEST_BYTES");
	size_t len = bytes != NULL ? strtoul(bytes, NULL, 10) : LEN;
	unsigned char *text = make_text(len);
	const char *built = getenv("SGZ_TEST_CODECS");
	char *paths = strdup(built != NULL ? built : "");
	struct sgz_codec *codec = NULL;
	struct sgz_error error = SGZ_ERROR_INIT;

	(void)state;
	assert_non_null(paths);
	enter_dir();
	/* some of it cannot be made smaller */
	for (size_t i = 0; i < len / 3; i++) {
		noise = noise * 1664525 + 1013904223;
		text[len / 2 + i] = (unsigned char)(noise >> 24);
	}
	put_file("text", text, len);
	for (size_t i = 0; sgz_codec_get_built_in(i) != NULL; i++) {
		assert_ok(sgz_codec_load(sgz_codec_get_built_in(i), NULL,
					 &codec, &error),
			  &error);
		round_trip(codec, text, len);
		sgz_codec_unref(codec);
	}
	for (char *path = strtok(paths, ":"); path != NULL;
	     path = strtok(NULL, ":")) {
		assert_ok(sgz_codec_load(path, NULL, &codec, &error), &error);
		round_trip(codec, text, len);
		sgz_codec_unref(codec);
	}
	leave_dir();
	free(paths);
	free(text);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_codec_load__refuses_what_is_no_plugin),
	cmocka_unit_test(test_codec_load__refuses_what_is_no_shared_object),
	cmocka_unit_test(
		test_codec_load__libdeflate_is_declared_if_it_is_there),
	cmocka_unit_test(test_codec_load__a_name_is_built_in_or_in_the_folder),
	cmocka_unit_test(test_codec_load__a_plugin_may_vanish),
	cmocka_unit_test(test_codec_load__a_later_table_is_understood),
	cmocka_unit_test(test_codec_load__the_last_user_unloads_it),
	cmocka_unit_test(test_codec_load__a_writer_believes_nothing),
	cmocka_unit_test(test_codec_load__no_memory_goes_into_the_file),
	cmocka_unit_test(test_codec_load__a_reader_believes_nothing),
	cmocka_unit_test(test_codec_load__a_corrupt_file_is_no_lie),
	cmocka_unit_test(test_codec_load__stopping_early_is_no_duty),
	cmocka_unit_test(test_codec_load__whole_blocks_are_checked),
	cmocka_unit_test(test_codec_load__levels_are_those_of_the_codec),
	cmocka_unit_test(test_codec_load__what_does_not_fit_is_split),
	cmocka_unit_test(test_codec_load__memory_may_be_refused_at_each_point),
	cmocka_unit_test(
		test_codec_load__each_codec_makes_the_same_bytes_of_it),
};

RUN("codec_load", tests)
