/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 16, plugins: code that comes while the program runs, and goes. */
#include "lesson.h"
#include "helper.h"
#include <dlfcn.h>
#include <pthread.h>

static void
rec_log(struct ferrule_recorder *rec)
{
	char text[256];

	plugins_log(text, sizeof(text));
	rec_text(rec, "log", text);
}

static void
rec_mapped(struct ferrule_recorder *rec, const char *label, const char *name)
{
	rec_int(rec, label, plugins_is_mapped(name));
}

static struct sgz_codec *
load(const char *path)
{
	struct sgz_codec *codec = NULL;

	sgz_codec_load(path, NULL, &codec, NULL);
	return codec;
}

static enum sgz_status
write_with(struct sgz_codec *codec, const char *path, const void *data,
	   size_t len)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	enum sgz_status status;

	options.codec = codec;
	sgz_writer_open(path, &options, &writer, NULL);
	sgz_writer_write(writer, data, len, NULL);
	status = sgz_writer_finish(writer, NULL);
	sgz_writer_free(writer);
	return status;
}

static struct sgz_reader *
read_with(struct sgz_codec *codec, struct ferrule_recorder *rec)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_reader *reader = NULL;
	unsigned char part[100];
	size_t got = 0;

	options.codec = codec;
	sgz_reader_open("own.gz", &options, &reader, NULL);
	rec_status(rec, "read",
		   sgz_reader_read(reader, part, sizeof(part), &got, NULL));
	rec_bytes(rec, "bytes", part, got);
	return reader;
}

/* A thread uses a plugin. */
struct user {
	struct sgz_codec *codec; /* the last reference */
	bool keeps; /* it, until the thread has ended */
	bool mapped; /* at its end */
};

static void *
use(void *ctx)
{
	struct user *user = ctx;

	write_with(user->codec, "rust.gz", "text", 4);
	if (!user->keeps)
		sgz_codec_unref(user->codec);
	user->mapped = plugins_is_mapped("plugin_rs.so");
	return NULL;
}

static void
use_on_a_thread(struct user *user)
{
	pthread_t thread;

	user->codec = load("./plugin_rs.so");
	pthread_create(&thread, NULL, use, user);
	pthread_join(thread, NULL);
	if (user->keeps)
		sgz_codec_unref(user->codec);
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgz_codec *codec = NULL, *again;
	struct sgz_error error = SGZ_ERROR_INIT;
	struct sgz_reader *reader;

	rec_step(rec, "a plugin");
	plugins_lay();
	rec_status(rec, "load",
		   sgz_codec_load("./plugin_c.so", NULL, &codec, NULL));
	rec_text(rec, "name", sgz_codec_get_name(codec));
	rec_text(rec, "version", sgz_codec_get_version(codec));
	rec_log(rec);

	rec_step(rec, "used");
	rec_status(rec, "write",
		   write_with(codec, "own.gz", in->data, in->len));
	reader = read_with(codec, rec);

	rec_step(rec, "the last user");
	sgz_codec_unref(codec);
	rec_mapped(rec, "while it is read", "plugin_c.so");
	sgz_reader_close(reader);
	rec_mapped(rec, "afterwards", "plugin_c.so");
	rec_log(rec);

	rec_step(rec, "loaded twice");
	codec = load("./plugin_c.so");
	again = load("./plugin_c.so");
	sgz_codec_unref(codec);
	rec_mapped(rec, "one is left", "plugin_c.so");
	sgz_codec_unref(again);
	rec_mapped(rec, "none", "plugin_c.so");
	rec_log(rec); /* its static began at 0 again */

	rec_step(rec, "another ABI");
	sgz_codec_load("./plugin_abi.so", NULL, &codec, &error);
	rec_error(rec, "refused", &error);
	rec_mapped(rec, "mapped", "plugin_abi.so");
	rec_log(rec); /* code of it has run */

	rec_step(rec, "by hand");
	void *library = dlopen("./plugin_c.so", RTLD_NOW | RTLD_LOCAL);
	sgz_codec_plugin_fn plugin;
	*(void **)&plugin = dlsym(library, "sgz_codec_plugin");
	sgz_codec_new(plugin(SGZ_CODEC_ABI), NULL, &codec, NULL);
	reader = read_with(codec, rec);
	sgz_codec_unref(codec);
	sgz_reader_close(reader); /* its code is still there */
	dlclose(library);
	rec_log(rec);

	rec_step(rec, "a plugin in Rust");
	codec = load("./plugin_rs.so");
	rec_text(rec, "name", sgz_codec_get_name(codec));
	sgz_codec_unref(codec);
	rec_mapped(rec, "afterwards", "plugin_rs.so");

	rec_step(rec, "a thread's own data");
	struct user leaves = { .keeps = false }, keeps = { .keeps = true };
	use_on_a_thread(&leaves);
	rec_int(rec, "while the thread lives", leaves.mapped);
	rec_mapped(rec, "when it has ended", "plugin_rs.so");
	sgz_codec_unref(load("./plugin_rs.so"));
	rec_mapped(rec, "unloaded once more", "plugin_rs.so");
	use_on_a_thread(&keeps);
	rec_mapped(rec, "unloaded after the thread", "plugin_rs.so");
}
