/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a plugin and the application agree on. */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define PLUGIN_ABI 2u

/*
 * A plugin gives a pointer to one of these, which is constant and stays. If
 * `abi` is another one, nothing that follows it has this meaning. The struct
 * may grow at its end: `size` is the one that the plugin was compiled with.
 */
struct plugin {
	uint32_t abi; /* PLUGIN_ABI */
	uint32_t size; /* sizeof(struct plugin) */
	const char *name;
	/* Return its state; NULL: it cannot, and is not to be stopped. It may
	 * be started several times. */
	void *(*start)(void);
	/* Change the bytes in place. */
	void (*run)(void *state, unsigned char *data, size_t len);
	/* End what start() began; NULL: there is nothing to end. */
	void (*stop)(void *state);
	/* Not in the first plugins, and may be NULL: a text that is valid until
	 * the next call with this state. */
	const char *(*describe)(void *state);
};

#endif
