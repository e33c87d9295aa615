/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The answer wraps a handle. */
#include "../grade.h"

size_t
add_up(const unsigned char *data, size_t len, char *out, uint64_t *total);
uint64_t
dropped(void);
bool
nul_inside(void);

static void
grade(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	uint64_t total = 0;
	char out[16];
	size_t len;

	rec_step(rec, "closed");
	len = add_up(in->data, in->len, out, &total);
	rec_text_n(rec, "name", out, len);
	rec_int(rec, "total", (int64_t)total);

	rec_step(rec, "dropped");
	rec_int(rec, "total", (int64_t)dropped());

	rec_step(rec, "a name with a NUL inside");
	rec_int(rec, "opened", nul_inside());
}
