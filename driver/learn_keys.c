/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The watch: bytes of a terminal become keys. */
#include "learn_watch.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* So long after an escape comes what belongs to it: seconds. */
#define REST 0.05

bool
keys_read(struct keys *keys)
{
	ssize_t got = read(STDIN_FILENO, keys->bytes + keys->len,
			   sizeof(keys->bytes) - keys->len);

	if (got > 0) {
		keys->len += (size_t)got;
		keys->since = now();
	}
	return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

void
keys_forget(struct keys *keys)
{
	keys->len = 0;
	tcflush(STDIN_FILENO, TCIFLUSH);
}

static void
drop(struct keys *keys, size_t len)
{
	keys->len -= len;
	memmove(keys->bytes, keys->bytes + len, keys->len);
}

/* What the sequence ESC [ @rest means. */
static int
meaning(const char *rest, size_t len)
{
	static const struct {
		const char *rest;
		int key;
	} sequences[] = {
		{ "A", KEY_UP },       { "B", KEY_DOWN },
		{ "5~", KEY_PAGE_UP }, { "6~", KEY_PAGE_DOWN },
		{ "H", KEY_FIRST },    { "F", KEY_LAST },
		{ "1~", KEY_FIRST },   { "4~", KEY_LAST },
		{ "M", KEY_ENTER },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sequences); i++)
		if (strlen(sequences[i].rest) == len &&
		    memcmp(sequences[i].rest, rest, len) == 0)
			return sequences[i].key;
	return KEY_NONE;
}

/* The bytes begin with an escape. @len_out: how many of them are taken; 0: more
 * are to come. */
static int
take_escape(const struct keys *keys, size_t *len_out)
{
	bool late = now() >= keys->since + REST;
	size_t i;

	*len_out = 1;
	if (keys->len == 1) {
		*len_out = late;
		return late ? KEY_ESCAPE : KEY_NONE;
	}
	if (keys->bytes[1] != '[' && keys->bytes[1] != 'O')
		return KEY_ESCAPE;
	for (i = 2; i < keys->len; i++) {
		if (keys->bytes[i] < '@' || keys->bytes[i] > '~')
			continue;
		*len_out = i + 1;
		return meaning(keys->bytes + 2, i - 1);
	}
	*len_out = late || keys->len == sizeof(keys->bytes) ? keys->len : 0;
	return KEY_NONE;
}

int
keys_take(struct keys *keys)
{
	int key = KEY_NONE;
	size_t len = 1;

	while (key == KEY_NONE && keys->len > 0 && len > 0) {
		len = 1;
		key = (unsigned char)keys->bytes[0];
		if (key == KEY_ESCAPE)
			key = take_escape(keys, &len);
		else if (key == '\r')
			key = KEY_ENTER;
		else if (key >= 0x80)
			key = KEY_NONE;
		else if (key != KEY_LAST)
			key = tolower(key);
		drop(keys, len);
	}
	return key;
}

double
keys_due(const struct keys *keys)
{
	return keys->len > 0 ? keys->since + REST : 0;
}
