/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A frame of a radio, taken apart. */
#ifndef FRAME_H
#define FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_LEAST 32 /* no frame has fewer bytes */
#define FRAME_DATA_MAX 24
#define FRAME_KIND_DATA 1
#define FRAME_KIND_ACK 2

/* As in the bytes that are sent: nothing lies between the fields. */
struct frame_head {
	uint8_t sync;
	uint16_t length;
	uint32_t number;
} __attribute__((packed));

struct frame_flags {
	unsigned int urgent : 1;
	unsigned int hops : 5;
	unsigned int channel : 10;
};

struct frame_ack {
	uint32_t number;
	int16_t signal;
};

union frame_body {
	struct frame_ack ack; /* FRAME_KIND_ACK */
	uint8_t data[FRAME_DATA_MAX]; /* FRAME_KIND_DATA */
};

struct frame {
	struct frame_head head;
	char sender[6]; /* without a NUL */
	struct frame_flags flags;
	uint16_t sent, received; /* ticks */
	uint8_t kind;
	union frame_body body;
};

/* Takes @len bytes apart. Returns 0, or -1 if they are too few. */
int
frame_decode(const uint8_t *bytes, size_t len, struct frame *frame_out);

#endif
