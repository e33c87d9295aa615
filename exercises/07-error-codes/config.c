/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Settings: it looks for a key in lines of text. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number is too large: new, and in no header yet. */
#define CONFIG_E_RANGE 7

struct config {
	const char *source, *line;
	size_t len, line_len, number;
	int file; /* with the value; -1: none */
};

struct config *
config_open(const char *source, size_t len)
{
	struct config *config = calloc(1, sizeof(*config));

	if (config == NULL)
		return NULL;
	config->source = source;
	config->len = len;
	config->file = -1;
	return config;
}

static enum config_status
parse(const char *text, int64_t *value_out)
{
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno == ERANGE)
		return (enum config_status)CONFIG_E_RANGE;
	if (end == text || *end != '\0')
		return CONFIG_E_SYNTAX;
	*value_out = value;
	return CONFIG_OK;
}

static enum config_status
take_value(struct config *config, const char *value, size_t len,
	   int64_t *value_out)
{
	char text[64] = "";
	ssize_t got;

	if (len >= sizeof(text))
		return CONFIG_E_SYNTAX;
	memcpy(text, value, len);
	if (text[0] != '<')
		return parse(text, value_out);
	config->file = open(text + 1, O_RDONLY | O_CLOEXEC);
	if (config->file < 0)
		return CONFIG_E_SYSTEM;
	got = read(config->file, text, sizeof(text) - 1);
	if (got < 0)
		return CONFIG_E_SYSTEM;
	text[got] = '\0';
	return parse(text, value_out);
}

/* Is @key what stands before the "=" at @equals? */
static int
has_key(const struct config *config, const char *equals, const char *key)
{
	size_t len = (size_t)(equals - config->line);

	while (len > 0 && config->line[len - 1] == ' ')
		len--;
	return strlen(key) == len && memcmp(config->line, key, len) == 0;
}

/* Go on to the next line. 0: there is none. */
static int
next_line(struct config *config)
{
	const char *end = config->source + config->len;
	const char *newline;

	config->line = config->number == 0 ?
		config->source :
		config->line + config->line_len + 1;
	if (config->line >= end)
		return 0;
	newline = memchr(config->line, '\n', (size_t)(end - config->line));
	config->line_len =
		(size_t)((newline != NULL ? newline : end) - config->line);
	config->number++;
	return 1;
}

enum config_status
config_get(struct config *config, const char *key, int64_t *value_out)
{
	const char *equals, *value, *end;

	config->number = 0;
	while (next_line(config)) {
		if (config->line_len == 0)
			continue;
		equals = memchr(config->line, '=', config->line_len);
		if (equals == NULL)
			return CONFIG_E_SYNTAX;
		if (!has_key(config, equals, key))
			continue;
		value = equals + 1;
		end = config->line + config->line_len;
		while (value < end && *value == ' ')
			value++;
		return take_value(config, value, (size_t)(end - value),
				  value_out);
	}
	return CONFIG_E_MISSING;
}

const char *
config_line(const struct config *config, size_t *number_out, size_t *len_out)
{
	*number_out = config->number;
	*len_out = config->line_len;
	return config->line;
}

void
config_close(struct config *config)
{
	close(config->file);
	free(config);
}
