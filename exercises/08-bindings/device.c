/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A device that measures: its readings are kept in a ring. */
#include "device.h"

#include <stdlib.h>

struct device {
	struct device_config config;
	struct device_reading kept[DEVICE_KEPT];
	unsigned long count, refused;
	device_handler handler;
	void *context;
};

enum device_status
device_open(const struct device_config *config, struct device **device_out)
{
	struct device *device = calloc(1, sizeof(*device));

	if (device == NULL)
		return DEVICE_E_MEMORY;
	device->config = *config;
	device->config.name[DEVICE_NAME_SIZE - 1] = '\0';
	*device_out = device;
	return DEVICE_OK;
}

device_handler
device_set_handler(struct device *device, device_handler handler, void *context)
{
	device_handler old = device->handler;

	device->handler = handler;
	device->context = context;
	return old;
}

enum device_status
device_measure(struct device *device, int16_t value)
{
	struct device_reading *reading;

	if (value < device->config.lowest || value > device->config.highest) {
		device->refused++;
		return DEVICE_E_RANGE;
	}
	reading = &device->kept[device->count++ % DEVICE_KEPT];
	*reading = (struct device_reading){
		.number = device->count,
		.value = value,
		.last = true,
	};
	if (device->handler != NULL)
		device->handler(device->context, reading);
	return DEVICE_OK;
}

size_t
device_copy(const struct device *device, struct device_reading *readings,
	    size_t count)
{
	unsigned long at;
	size_t i;

	if (count > DEVICE_KEPT)
		count = DEVICE_KEPT;
	if (count > device->count)
		count = device->count;
	for (i = 0; i < count; i++) {
		at = device->count - count + i;
		readings[i] = device->kept[at % DEVICE_KEPT];
		readings[i].last = at + 1 == device->count;
	}
	return count;
}

double
device_average(const struct device *device)
{
	unsigned long i, kept = device->count;
	double sum = 0;

	if (kept > DEVICE_KEPT)
		kept = DEVICE_KEPT;
	for (i = 0; i < kept; i++)
		sum += device->kept[i].value;
	return kept > 0 ? sum / (double)kept * device->config.scale : 0;
}

unsigned long
device_refused(const struct device *device)
{
	return device->refused;
}

const char *
device_name(const struct device *device)
{
	return device->config.name;
}

void
device_close(struct device *device)
{
	free(device);
}
