/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer has blocks of two allocators. */
#include "../grade.h"

int
upper(const struct sgz_header *header, char *out, size_t size);

static void
call(struct ferrule_recorder *rec, const struct sgz_header *header, size_t size)
{
	char out[512] = "untouched";
	int result = upper(header, out, size);

	rec_int(rec, "result", result);
	rec_text(rec, "text", out);
}

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgz_header header = { .name = "a.txt" };
	char *text = NULL;
	size_t len;
	char name[32];

	rec_step(rec, "enough");
	call(rec, &header, 512);

	rec_step(rec, "too small");
	call(rec, &header, 4);

	rec_step(rec, "one byte too small");
	sgz_header_describe(&header, &text, NULL);
	len = strlen(text);
	sgz_free(text);
	call(rec, &header, len);

	rec_step(rec, "drawn");
	len = in->len % (sizeof(name) - 1);
	memset(name, 'n', len);
	name[len] = '\0';
	header.name = name;
	call(rec, &header, 512);
}
