/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 04, handles: who owns one, what ends it, and what happens then. */
#include "lesson.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Read all that @reader has left, in one piece. */
static void
read_back(struct ferrule_recorder *rec, struct sgz_reader *reader, size_t len)
{
	unsigned char *all = malloc(len + 1);
	size_t got = 0;

	if (all != NULL)
		rec_status(rec, "read",
			   sgz_reader_read(reader, all, len + 1, &got, NULL));
	rec_bytes(rec, "read", all, got);
	free(all);
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	rec_step(rec, "open");
	/* from here on the handle is ours, and so is the duty to free it */
	struct sgz_writer *writer = NULL;
	rec_status(rec, "open", sgz_writer_open("out.gz", NULL, &writer, NULL));

	rec_step(rec, "write");
	rec_status(rec, "write",
		   sgz_writer_write(writer, in->data, in->len, NULL));
	rec_int(rec, "written", (int64_t)sgz_writer_tell(writer));
	rec_int(rec, "there", access("out.gz", F_OK) == 0); /* not yet */

	rec_step(rec, "finish");
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	rec_int(rec, "there", access("out.gz", F_OK) == 0);

	rec_step(rec, "finish twice");
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));

	rec_step(rec, "free");
	sgz_writer_free(writer);
	writer = NULL; /* a second free would now do nothing */
	rec_int(rec, "there", access("out.gz", F_OK) == 0);

	rec_step(rec, "free twice");
	sgz_writer_free(writer);
	rec_int(rec, "is NULL", writer == NULL);

	rec_step(rec, "give up");
	/* freed without finish: the file never gets its name */
	sgz_writer_open("never.gz", NULL, &writer, NULL);
	sgz_writer_write(writer, in->data, in->len, NULL);
	sgz_writer_free(writer);
	rec_int(rec, "there", access("never.gz", F_OK) == 0);

	rec_step(rec, "finish can fail");
	struct sgz_error err = SGZ_ERROR_INIT;
	sgz_writer_open("taken", NULL, &writer, NULL);
	mkdir("taken", 0777); /* the name goes to somebody else */
	rec_status(rec, "finish", sgz_writer_finish(writer, &err));
	rec_error(rec, "finish", &err);
	sgz_writer_free(writer);

	rec_step(rec, "exclusive");
	struct sgz_options options = SGZ_OPTIONS_INIT;
	options.exclusive = 1;
	writer = NULL; /* a failed open leaves it as it was */
	rec_status(rec, "open",
		   sgz_writer_open("out.gz", &options, &writer, &err));
	rec_error(rec, "open", &err);
	sgz_writer_free(writer);

	rec_step(rec, "read back");
	struct sgz_reader *reader = NULL;
	rec_status(rec, "open", sgz_reader_open("out.gz", NULL, &reader, NULL));
	read_back(rec, reader, in->len);

	rec_step(rec, "close");
	sgz_reader_close(reader); /* it cannot fail: there is nothing to save */
	reader = NULL;

	rec_step(rec, "close twice");
	sgz_reader_close(reader);
	rec_int(rec, "is NULL", reader == NULL);
}
