/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A device that measures, and keeps its newest readings. */
#ifndef DEVICE_H
#define DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEVICE_NAME_SIZE 12 /* with the NUL */
#define DEVICE_KEPT 8 /* so many readings a device keeps */

enum device_status {
	DEVICE_OK = 0,
	DEVICE_E_RANGE = -1, /* the value is outside the limits */
	DEVICE_E_MEMORY = -2,
};

struct device_config {
	char name[DEVICE_NAME_SIZE];
	int16_t lowest, highest; /* the limits, which belong to the range */
	double scale; /* what a value of 1 stands for */
};

struct device_reading {
	unsigned long number; /* 1, 2, 3... */
	int16_t value;
	bool last; /* the newest of all */
};

struct device;

/* Called for one reading, which is valid during the call. */
typedef void (*device_handler)(void *context,
			       const struct device_reading *reading);

/* The device copies @config. Writes *@device_out only if it succeeds. */
enum device_status
device_open(const struct device_config *config, struct device **device_out);

/* @handler is called for each reading from now on; NULL: none. Returns the one
 * until now, or NULL. */
device_handler
device_set_handler(struct device *device, device_handler handler,
		   void *context);

/* A new reading, if @value is within the limits. */
enum device_status
device_measure(struct device *device, int16_t value);

/* Copies the newest readings, the oldest of them first, at most @count.
 * Returns how many. */
size_t
device_copy(const struct device *device, struct device_reading *readings,
	    size_t count);

/* The average of the readings that are kept, in units of the scale; 0 if there
 * is none. */
double
device_average(const struct device *device);

/* How many values were outside the limits. */
unsigned long
device_refused(const struct device *device);

/* Its name, which is valid until the device is closed. */
const char *
device_name(const struct device *device);

/* NULL is allowed. */
void
device_close(struct device *device);

#endif
