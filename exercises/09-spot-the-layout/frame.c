/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Takes the frames of a radio apart. The numbers in them are little-endian. */
#include "frame.h"

#include <string.h>

static uint16_t
number16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t
number32(const uint8_t *bytes)
{
	return number16(bytes) | (uint32_t)number16(bytes + 2) << 16;
}

int
frame_decode(const uint8_t *bytes, size_t len, struct frame *frame_out)
{
	struct frame frame = { 0 };
	unsigned int flags;

	if (len < FRAME_LEAST)
		return -1;
	frame.head.sync = bytes[0];
	frame.head.length = number16(bytes + 1);
	frame.head.number = number32(bytes + 3);
	memcpy(frame.sender, bytes + 7, sizeof(frame.sender));
	flags = number16(bytes + 13);
	frame.flags.urgent = flags & 1;
	frame.flags.hops = flags >> 1 & 31;
	frame.flags.channel = flags >> 6;
	frame.sent = number16(bytes + 15);
	frame.received = number16(bytes + 17);
	frame.kind = bytes[19] & 1 ? FRAME_KIND_ACK : FRAME_KIND_DATA;
	bytes += 20;
	len -= 20;
	if (frame.kind == FRAME_KIND_ACK) {
		frame.body.ack.number = number32(bytes);
		frame.body.ack.signal = (int16_t)number16(bytes + 4);
	} else {
		memcpy(frame.body.data, bytes,
		       len < FRAME_DATA_MAX ? len : FRAME_DATA_MAX);
	}
	*frame_out = frame;
	return 0;
}
