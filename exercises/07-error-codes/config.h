/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Settings: lines of the form "key = number", or "key = <file" with the number
 * in a file. */
#ifndef CONFIG_H
#define CONFIG_H

#include <stddef.h>
#include <stdint.h>

/* A later version may have more of them. */
enum config_status {
	CONFIG_OK = 0,
	CONFIG_E_SYNTAX = 1, /* of a line: see config_line() */
	CONFIG_E_MISSING = 2, /* no line has this key */
	CONFIG_E_SYSTEM = 3, /* errno says what */
};

struct config;

/* The source is borrowed until config_close(). Returns NULL if it fails; errno
 * says why. */
struct config *
config_open(const char *source, size_t len);

/* Writes *value_out only if it succeeds. */
enum config_status
config_get(struct config *config, const char *key, int64_t *value_out);

/* After CONFIG_E_SYNTAX: the line, which is a part of the source. Writes its
 * number, from 1, and its length. */
const char *
config_line(const struct config *config, size_t *number_out, size_t *len_out);

/* May change errno. */
void
config_close(struct config *config);

#endif
