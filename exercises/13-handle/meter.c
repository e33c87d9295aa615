/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A meter has a name and adds numbers up. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct meter {
	uint64_t total;
	char name[];
};

struct meter *
meter_open(const char *name)
{
	struct meter *meter = calloc(1, sizeof(*meter) + strlen(name) + 1);

	if (meter != NULL)
		strcpy(meter->name, name);
	return meter;
}

void
meter_add(struct meter *meter, uint32_t n)
{
	meter->total += n;
}

uint64_t
meter_total(const struct meter *meter)
{
	return meter->total;
}

const char *
meter_name(const struct meter *meter)
{
	return meter->name;
}

void
meter_close(struct meter *meter)
{
	free(meter);
}
