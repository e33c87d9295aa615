/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer binds scene.h, and makes a scene. */
#include "../grade.h"

#include "scene.h"

struct survey {
	struct scene_box bounds;
	uint64_t added, removed, count, deepest;
	int32_t locked;
	char text[48];
};

int
survey(const unsigned char *values, size_t len, struct survey *out);

static void
call(struct ferrule_recorder *rec, const unsigned char *values, size_t len)
{
	struct survey found = { .text = "untouched" };

	rec_int(rec, "status", survey(values, len, &found));
	rec_int(rec, "added", (int64_t)found.added);
	rec_int(rec, "removed", (int64_t)found.removed);
	rec_int(rec, "count", (int64_t)found.count);
	rec_int(rec, "deepest", (int64_t)found.deepest);
	rec_int(rec, "status of a locked shape", found.locked);
	rec_text_n(rec, "description", found.text,
		   strnlen(found.text, sizeof(found.text)));
	rec_int(rec, "low x", (int64_t)found.bounds.low.x);
	rec_int(rec, "low y", (int64_t)found.bounds.low.y);
	rec_int(rec, "high x", (int64_t)found.bounds.high.x);
	rec_int(rec, "high y", (int64_t)found.bounds.high.y);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static const unsigned char few[] = { 7, 200, 3 };

	rec_step(rec, "no values");
	call(rec, few, 0);

	rec_step(rec, "three values");
	call(rec, few, sizeof(few));

	rec_step(rec, "drawn");
	call(rec, in->data, in->len);
}
