/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer declares what frame.h does, and reads each field of a frame. */
#include "../grade.h"

struct report {
	int64_t body;
	uint32_t number;
	uint32_t length;
	uint32_t hops;
	uint32_t channel;
	int32_t ticks;
	unsigned char sync;
	bool urgent;
	char sender[6];
};

int
describe(const unsigned char *bytes, size_t len, struct report *report_out);

static void
call(struct ferrule_recorder *rec, const unsigned char *bytes, size_t len)
{
	struct report report = { 0 };

	rec_int(rec, "result", describe(bytes, len, &report));
	rec_int(rec, "sync", report.sync);
	rec_int(rec, "length", report.length);
	rec_int(rec, "number", report.number);
	rec_text_n(rec, "sender", report.sender, sizeof(report.sender));
	rec_int(rec, "urgent", report.urgent);
	rec_int(rec, "hops", report.hops);
	rec_int(rec, "channel", report.channel);
	rec_int(rec, "ticks on the way", report.ticks);
	rec_int(rec, "of the body", report.body);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	unsigned char bytes[] = "~\x2c\x00\x04\x03\x02\x01wessex\xff\xfe"
				"\x10\x00\x30\x00!\x07\x00\x00\x00\xce\xff"
				"abcdefghijklmnopqrstuvwxyz";
	unsigned char drawn[40];
	size_t at;

	rec_step(rec, "too short");
	call(rec, bytes, 31);

	rec_step(rec, "an acknowledgement");
	call(rec, bytes, sizeof(bytes));

	rec_step(rec, "data");
	bytes[19] = ' ';
	call(rec, bytes, sizeof(bytes));

	rec_step(rec, "as few bytes as can be");
	call(rec, bytes, 32);

	rec_step(rec, "drawn");
	memset(drawn, 0x5a, sizeof(drawn));
	for (at = 0; at < in->len; at++)
		drawn[at % sizeof(drawn)] ^= in->data[at];
	call(rec, drawn, sizeof(drawn));
	drawn[19] ^= 1;
	call(rec, drawn, sizeof(drawn));
}
