/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Codecs: the one to use, and all that there are. */
#include "tool.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
load_codec(struct args *args)
{
	struct sgz_error error;

	if (args->codec_name == NULL ||
	    sgz_codec_load(args->codec_name, NULL, &args->codec, &error) ==
		    SGZ_OK)
		return true;
	complain_error("codec", &error);
	return false;
}

/* Print the codec @name with @where, or why it cannot be used. */
static void
print_codec(const char *name, const char *where)
{
	struct sgz_codec *codec;
	struct sgz_error error;

	if (sgz_codec_load(name, NULL, &codec, &error) != SGZ_OK) {
		printf("not a codec: %s\n", error.text);
		return;
	}
	printf("codec %s %s (%s)\n", sgz_codec_get_name(codec),
	       sgz_codec_get_version(codec), where);
	sgz_codec_unref(codec);
}

static int
is_plugin(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 3 && strcmp(entry->d_name + len - 3, ".so") == 0;
}

void
print_codecs(void)
{
	const char *folder = sgz_codec_get_folder();
	struct dirent **found = NULL;
	int count = scandir(folder, &found, is_plugin, alphasort);

	for (size_t i = 0; sgz_codec_get_built_in(i) != NULL; i++)
		print_codec(sgz_codec_get_built_in(i),
			    i == 0 ? "built in, the default" : "built in");
	/* a folder that is not there has no plugins */
	for (int i = 0; i < count; i++) {
		char *path = NULL;

		if (asprintf(&path, "%s/%s", folder, found[i]->d_name) < 0)
			abort();
		print_codec(path, path);
		free(path);
		free(found[i]);
	}
	free(found);
}
