/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer binds device.h, and uses it. */
#include "../grade.h"

#include "device.h"

struct summary {
	double average;
	int64_t sum;
	uint64_t refused;
	int16_t newest[DEVICE_KEPT];
	size_t newest_count;
	char name[DEVICE_NAME_SIZE];
};

int
observe(const unsigned char *values, size_t len, struct summary *summary_out);

static void
call(struct ferrule_recorder *rec, const unsigned char *values, size_t len)
{
	struct summary summary = { .name = "untouched" };
	size_t i;

	rec_int(rec, "status", observe(values, len, &summary));
	rec_text_n(rec, "name", summary.name,
		   strnlen(summary.name, sizeof(summary.name)));
	rec_int(rec, "sum", summary.sum);
	rec_int(rec, "refused", (int64_t)summary.refused);
	rec_int(rec, "average in thousandths",
		(int64_t)(summary.average * 1000));
	rec_int(rec, "how many are the newest", (int64_t)summary.newest_count);
	for (i = 0; i < summary.newest_count && i < DEVICE_KEPT; i++)
		rec_int(rec, "one of the newest", summary.newest[i]);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const unsigned char few[] = { 20, 100, 19, 101, 21 };

	rec_step(rec, "nothing");
	call(rec, few, 0);

	rec_step(rec, "five values");
	call(rec, few, sizeof(few));

	rec_step(rec, "drawn");
	call(rec, in->data, in->len);
}
