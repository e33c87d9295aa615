/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 14, views: both sides use the bytes where they are. */
#include "lesson.h"
#include "witness.h"
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum {
	BLOCK = 4096
};

/* Some bytes of a block, and the reference that keeps them. */
struct view {
	struct sgz_block *block;
	const unsigned char *data;
	size_t len;
};

static struct view
view_part(struct sgz_block *block, size_t at, size_t len)
{
	const unsigned char *data = sgz_block_get_data(block, &(size_t){ 0 });

	return (struct view){ sgz_block_ref(block), data + at, len };
}

/* A thread that gets a view. */
struct guest {
	pthread_t thread;
	struct ferrule_recorder *rec;
	struct view view;
};

static void *
guest_run(void *ctx)
{
	struct guest *guest = ctx;

	rec_task(guest->rec, "guest");
	rec_step(guest->rec, "the part");
	rec_bytes(guest->rec, "bytes", guest->view.data, guest->view.len);
	sgz_block_unref(guest->view.block);
	return NULL;
}

/* What is given away to the library, and how often it came back. */
struct gift {
	struct sgz_block *block;
	int64_t released;
};

static void
gift_release(void *ctx)
{
	struct gift *gift = ctx;

	sgz_block_unref(gift->block);
	gift->released++;
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_writer *writer = NULL;
	struct sgz_reader *reader = NULL;
	struct sgz_block *block = NULL, *again = NULL;
	struct sgz_index *index;
	unsigned char page[2 * BLOCK];
	const void *data, *borrowed = NULL;
	enum sgz_status rc;
	size_t len = 0;

	rec_step(rec, "a file");
	memset(page, '.', sizeof(page)); /* the file may be empty */
	options.block_size = BLOCK;
	options.build_index = 1;
	sgz_writer_open("views.gz", &options, &writer, NULL);
	sgz_writer_write(writer, in->data, in->len, NULL);
	sgz_writer_write(writer, page, sizeof(page), NULL);
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	index = sgz_writer_ref_index(writer);
	sgz_writer_free(writer);

	rec_step(rec, "a view");
	options.cache_size = 1 << 20;
	sgz_reader_open("views.gz", &options, &reader, NULL);
	sgz_reader_set_index(reader, index, NULL);
	sgz_index_unref(index); /* the reader has a reference of its own */
	rc = sgz_reader_ref_block(reader, 0, &block, NULL);
	rec_status(rec, "block", rc);
	data = sgz_block_get_data(block, &len);
	rec_bytes(rec, "bytes", data, len);

	rec_step(rec, "the same bytes");
	rc = sgz_reader_ref_block(reader, 1, &again, NULL);
	rec_status(rec, "block", rc);
	rec_int(rec, "same address", sgz_block_get_data(again, &len) == data);
	sgz_block_unref(again);

	rec_step(rec, "a part");
	struct guest guest = { .rec = rec };
	rc = sgz_reader_ref_block(reader, BLOCK, &again, NULL);
	rec_status(rec, "block", rc);
	guest.view = view_part(again, 100, 50);
	rec_int(rec, "in front",
		guest.view.data -
			(const unsigned char *)sgz_block_get_data(again, &len));
	sgz_block_unref(again); /* the part has a reference of its own */

	rec_step(rec, "after its reader");
	sgz_reader_close(reader);
	rec_bytes(rec, "bytes", data, len);

	rec_step(rec, "on another thread");
	if (pthread_create(&guest.thread, NULL, guest_run, &guest) == 0)
		pthread_join(guest.thread, NULL);

	rec_step(rec, "lent");
	witness_add(&options);
	options.build_index = 0;
	sgz_writer_open("again.gz", &options, &writer, NULL);
	sgz_writer_write(writer, data, len, NULL);
	rec_status(rec, "flush", sgz_writer_flush(writer, NULL));
	rec_int(rec, "same address", witness_seen == data);

	rec_step(rec, "given");
	struct gift gift = { sgz_block_ref(block), 0 };
	struct sgz_owned owned = { data, len, gift_release, &gift };
	rec_status(rec, "write", sgz_writer_write_owned(writer, &owned, NULL));
	rec_int(rec, "released", gift.released);
	rec_status(rec, "flush", sgz_writer_flush(writer, NULL));
	rec_int(rec, "same address", witness_seen == data);
	rec_int(rec, "released", gift.released);
	rec_status(rec, "finish", sgz_writer_finish(writer, NULL));
	sgz_writer_free(writer);
	rec_int(rec, "released", gift.released);
	witness_remove(&options);

	rec_step(rec, "given to one that fails");
	int fd = open("views.gz", O_RDONLY); /* nothing can be written to it */
	sgz_writer_open_fd(fd, NULL, &writer, NULL);
	sgz_writer_write(writer, data, len, NULL);
	rec_status(rec, "flush", sgz_writer_flush(writer, NULL));
	gift = (struct gift){ block, 0 }; /* the last reference */
	rec_bytes(rec, "bytes", data, len);
	rc = sgz_writer_write_owned(writer, &owned, NULL);
	rec_status(rec, "write", rc);
	sgz_writer_free(writer);
	rec_int(rec, "released", gift.released);
	close(fd);

	rec_step(rec, "borrowed");
	unsigned char kept[16];
	sgz_reader_open("again.gz", NULL, &reader, NULL);
	rc = sgz_reader_peek(reader, &borrowed, &len, NULL);
	rec_status(rec, "peek", rc);
	rec_bytes(rec, "bytes", borrowed, len);
	memcpy(kept, borrowed, sizeof(kept)); /* no reference can keep them */
	sgz_reader_close(reader);
	rec_bytes(rec, "kept", kept, sizeof(kept));
}
