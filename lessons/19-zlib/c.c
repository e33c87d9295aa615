/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 19, zlib: a large C library with many rules. */
#include "lesson.h"
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

enum {
	MOST = 1 << 16, /* bytes of the file that are used */
	ROOM = MOST + 1024 /* enough for them, compressed or not */
};

/* A dictionary: what both sides know before the first byte. */
static const unsigned char words[] = "the of and to in is that it was for";

/* Set the four fields by which a caller lends its memory to a stream. */
static void
lend(z_stream *strm, const unsigned char *in, size_t in_len, unsigned char *out,
     size_t out_len)
{
	strm->next_in = (unsigned char *)in; /* which zlib only reads */
	strm->avail_in = (uInt)in_len;
	strm->next_out = out;
	strm->avail_out = (uInt)out_len;
}

/* zalloc() and zfree(): count, and grant so many blocks. */
struct counter {
	int64_t allocs, frees, bytes, left;
};

static void *
counted_alloc(void *opaque, uInt items, uInt size)
{
	struct counter *counter = opaque;

	if (counter->left-- <= 0)
		return NULL;
	counter->allocs++;
	counter->bytes += (int64_t)items * size;
	return malloc((size_t)items * size);
}

static void
counted_free(void *opaque, void *block)
{
	((struct counter *)opaque)->frees++;
	free(block);
}

/* Both ends of inflateBack(): pieces of 100 bytes in, a checksum out. */
struct ends {
	const unsigned char *in;
	size_t len;
	int64_t reads, writes, bytes;
	uLong crc;
};

static unsigned
give(void *desc, unsigned char **data)
{
	struct ends *ends = desc;
	size_t len = ends->len < 100 ? ends->len : 100;

	*data = (unsigned char *)ends->in;
	ends->in += len;
	ends->len -= len;
	ends->reads++;
	return (unsigned)len;
}

static int
take(void *desc, unsigned char *data, unsigned len)
{
	struct ends *ends = desc;

	ends->crc = crc32(ends->crc, data, len);
	ends->bytes += len;
	ends->writes++;
	return 0;
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	static unsigned char packed[ROOM], text[ROOM], window[1 << MAX_WBITS];
	const unsigned char *data = in->data;
	size_t len = in->len < MOST ? in->len : MOST, made;
	int rc;

	rec_step(rec, "deflate");
	z_stream strm = { .zalloc = NULL }; /* and all the rest of it */
	rec_int(rec, "init", deflateInit(&strm, Z_DEFAULT_COMPRESSION));
	lend(&strm, data, len, packed, ROOM);
	rec_int(rec, "deflate", deflate(&strm, Z_FINISH));
	made = strm.total_out;
	rec_bytes(rec, "packed", packed, made);
	rec_int(rec, "adler", (int64_t)strm.adler);
	rec_int(rec, "end", deflateEnd(&strm));

	rec_step(rec, "inflate");
	int64_t calls = 0;
	uLong crc = crc32(0, NULL, 0);
	strm = (z_stream){ .zalloc = NULL };
	rec_int(rec, "init", inflateInit(&strm));
	lend(&strm, packed, made, NULL, 0);
	do {
		strm.next_out = text;
		strm.avail_out = 512;
		rc = inflate(&strm, Z_NO_FLUSH);
		crc = crc32(crc, text, 512 - strm.avail_out);
		calls++;
	} while (rc == Z_OK);
	rec_int(rec, "last", rc);
	rec_int(rec, "calls", calls);
	rec_int(rec, "bytes", (int64_t)strm.total_out);
	rec_int(rec, "crc", (int64_t)crc);
	rec_int(rec, "end", inflateEnd(&strm));

	rec_step(rec, "a damaged stream");
	packed[made - 1] ^= 1; /* of the Adler-32 */
	inflateInit(&strm);
	lend(&strm, packed, made, text, ROOM);
	rec_int(rec, "inflate", inflate(&strm, Z_NO_FLUSH));
	rec_text(rec, "text", strm.msg); /* zlib's constant: not freed */
	inflateEnd(&strm);

	rec_step(rec, "a dictionary");
	deflateInit(&strm, Z_DEFAULT_COMPRESSION);
	rc = deflateSetDictionary(&strm, words, sizeof(words));
	rec_int(rec, "set", rc);
	lend(&strm, data, len, packed, ROOM);
	rec_int(rec, "deflate", deflate(&strm, Z_FINISH));
	made = strm.total_out;
	deflateEnd(&strm);
	inflateInit(&strm);
	lend(&strm, packed, made, text, ROOM);
	rec_int(rec, "inflate", inflate(&strm, Z_NO_FLUSH)); /* it asks */
	rec_int(rec, "asks for", (int64_t)strm.adler);
	rc = inflateSetDictionary(&strm, words, 3);
	rec_int(rec, "another", rc);
	rc = inflateSetDictionary(&strm, words, sizeof(words));
	rec_int(rec, "the right one", rc);
	rec_int(rec, "again", inflate(&strm, Z_NO_FLUSH));
	rec_bytes(rec, "text", text, strm.total_out);
	inflateEnd(&strm);

	rec_step(rec, "a copy");
	z_stream copy;
	deflateInit(&strm, Z_DEFAULT_COMPRESSION);
	lend(&strm, data, len / 2, packed, ROOM);
	deflate(&strm, Z_SYNC_FLUSH);
	rec_int(rec, "copy", deflateCopy(&copy, &strm)); /* with its memory */
	lend(&strm, data + len / 2, len - len / 2, packed, ROOM);
	rec_int(rec, "one", deflate(&strm, Z_FINISH));
	rec_bytes(rec, "its end", packed, ROOM - strm.avail_out);
	lend(&copy, NULL, 0, packed, ROOM);
	rec_int(rec, "the other", deflate(&copy, Z_FINISH));
	rec_bytes(rec, "another end", packed, ROOM - copy.avail_out);
	rec_int(rec, "end of one", deflateEnd(&strm));
	rec_int(rec, "end of the other", deflateEnd(&copy));

	rec_step(rec, "a moved stream");
	deflateInit(&strm, Z_DEFAULT_COMPRESSION);
	z_stream moved = strm; /* but zlib's state points to strm */
	lend(&moved, data, len, packed, ROOM);
	rec_int(rec, "deflate", deflate(&moved, Z_FINISH));
	rec_int(rec, "end of the moved", deflateEnd(&moved));
	rec_int(rec, "end", deflateEnd(&strm));

	rec_step(rec, "another end call");
	deflateInit(&strm, Z_DEFAULT_COMPRESSION);
	rec_int(rec, "inflateEnd", inflateEnd(&strm)); /* frees nothing */
	rec_int(rec, "end", deflateEnd(&strm));

	rec_step(rec, "callbacks");
	deflateInit2(&strm, 1, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
	lend(&strm, data, len, packed, ROOM);
	deflate(&strm, Z_FINISH);
	made = strm.total_out; /* and then come 4 bytes of something else */
	deflateEnd(&strm);
	struct ends ends = { .in = packed, .len = made + 4 };
	rec_int(rec, "init", inflateBackInit(&strm, MAX_WBITS, window));
	strm.next_in = NULL;
	strm.avail_in = 0;
	rc = inflateBack(&strm, give, &ends, take, &ends);
	rec_int(rec, "inflateBack", rc);
	rec_int(rec, "left", (int64_t)(strm.avail_in + ends.len));
	rec_int(rec, "end", inflateBackEnd(&strm)); /* not inflateEnd() */
	rec_int(rec, "reads", ends.reads);
	rec_int(rec, "writes", ends.writes);
	rec_int(rec, "bytes", ends.bytes);
	rec_int(rec, "crc", (int64_t)ends.crc);

	rec_step(rec, "an allocator");
	struct counter counter = { .left = 0 };
	int64_t refused = -1, lost = 0;
	do {
		lost += counter.allocs - counter.frees;
		counter = (struct counter){ .left = ++refused };
		strm = (z_stream){ .next_in = NULL };
		strm.zalloc = counted_alloc;
		strm.zfree = counted_free;
		strm.opaque = &counter; /* has to live as long as strm */
		rc = deflateInit(&strm, Z_DEFAULT_COMPRESSION);
	} while (rc == Z_MEM_ERROR);
	rec_int(rec, "init", rc);
	rec_int(rec, "refused", refused);
	rec_int(rec, "lost", lost);
	rec_int(rec, "bytes", counter.bytes);
	rec_int(rec, "end", deflateEnd(&strm));
	rec_int(rec, "live", counter.allocs - counter.frees);

	rec_step(rec, "a gzip file");
	gzFile file = gzopen("t.gz", "wb");
	rec_int(rec, "written", gzwrite(file, data, (unsigned)len));
	rec_int(rec, "printed", gzprintf(file, "%d bytes\n", (int)len));
	rec_int(rec, "position", gztell(file));
	rec_int(rec, "close", gzclose(file)); /* frees it, and can fail */
	file = gzopen("t.gz", "rb");
	rec_int(rec, "read", gzread(file, text, ROOM));
	rec_int(rec, "close", gzclose(file));
	file = gzopen("none.gz", "rb");
	rec_int(rec, "errno", file == NULL ? errno : 0);
}
