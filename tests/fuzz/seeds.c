/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The inputs that the fuzzer begins with, one folder for each target: small
 * files of every kind, in every way to read and write them.
 */
#include "fuzz.h"

#include <errno.h>
#include <sys/stat.h>

static const char *folder;
static unsigned int count;

static void
put(const char *target, const struct log *seed)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, target);
	CHECK(mkdir(path, 0777) == 0 || errno == EEXIST);
	snprintf(path, sizeof(path), "%s/%s/seed-%u", folder, target, count++);
	file = fopen(path, "wb");
	CHECK(file != NULL);
	CHECK(fwrite(seed->data, 1, seed->len, file) == seed->len);
	CHECK(fclose(file) == 0);
}

static uint32_t
random_number(void)
{
	static uint32_t seed = 1;

	seed = seed * 1103515245 + 12345;
	return seed >> 8;
}

/* Text with lines, or noise; the same on every machine. */
static void
add_text(struct log *to, size_t len, bool is_noise)
{
	char line[32];

	while (len > 0) {
		size_t part;

		if (is_noise)
			snprintf(line, sizeof(line), "%c%c%c",
				 (int)random_number() & 255,
				 (int)random_number() & 255,
				 (int)random_number() & 255);
		else
			snprintf(line, sizeof(line), "line %u\n",
				 random_number() % 300);
		part = strlen(line) < len ? strlen(line) : len;
		log_bytes(to, line, part);
		len -= part;
	}
}

/* A compressed file of @len bytes. */
static void
add_file(struct log *to, enum sgz_format format, uint32_t block_size,
	 size_t len, int level)
{
	struct sgz_options options = SGZ_OPTIONS_INIT;
	struct sgz_buffer buffer = SGZ_BUFFER_INIT;
	struct log text = { NULL, 0, 0 };
	struct sgz_writer *writer = NULL;

	add_text(&text, len, level == 0);
	options.format = format;
	options.block_size = block_size;
	options.level = level;
	CHECK(sgz_writer_open_memory(&buffer, &options, &writer, NULL) ==
	      SGZ_OK);
	CHECK(sgz_writer_write(writer, text.data, text.len, NULL) == SGZ_OK);
	CHECK(sgz_writer_finish(writer, NULL) == SGZ_OK);
	sgz_writer_free(writer);
	log_bytes(to, buffer.data, buffer.len);
	sgz_buffer_release(&buffer);
	free(text.data);
}

/* A plan of fuzz_reader.c, and the file that is to follow it. */
static void
add_plan(struct log *to, unsigned int flags)
{
	unsigned char plan[40];

	for (size_t i = 0; i < sizeof(plan); i++)
		plan[i] = (unsigned char)random_number();
	plan[0] = (unsigned char)flags;
	log_bytes(to, plan, sizeof(plan));
}

static void
make_file(struct log *to, unsigned int kind)
{
	switch (kind) {
	case 0:
		add_file(to, SGZ_FORMAT_BGZF, 200, 3000, 6);
		break;
	case 1:
		add_file(to, SGZ_FORMAT_BGZF, 1000, 30000, 1);
		break;
	case 2:
		add_file(to, SGZ_FORMAT_BGZF, SGZ_BLOCK_DEFAULT, 200000, 9);
		break;
	case 3:
		add_file(to, SGZ_FORMAT_GZIP, SGZ_BLOCK_DEFAULT, 5000, 6);
		break;
	case 4:
		add_file(to, SGZ_FORMAT_BGZF, 300, 2000, 0);
		break;
	case 5:
		add_file(to, SGZ_FORMAT_BGZF, 300, 2000, 6);
		add_file(to, SGZ_FORMAT_GZIP, 300, 2000, 6);
		add_file(to, SGZ_FORMAT_BGZF, 300, 2000, 6);
		break;
	case 6:
		add_file(to, SGZ_FORMAT_BGZF, 300, 0, 6);
		break;
	default:
		/* without its end marker, and one byte is another */
		add_file(to, SGZ_FORMAT_BGZF, 300, 2000, 6);
		to->len -= 28;
		if (kind == 8)
			to->data[to->len / 2] ^= 1;
		break;
	}
}

static void
make_readers(void)
{
	for (unsigned int kind = 0; kind < 9; kind++)
		for (unsigned int i = 0; i < 12; i++) {
			struct log seed = { NULL, 0, 0 };

			add_plan(&seed, i * 23);
			make_file(&seed, kind);
			put("reader", &seed);
			free(seed.data);
		}
}

static void
make_writers(void)
{
	for (unsigned int i = 0; i < 64; i++) {
		struct log seed = { NULL, 0, 0 };
		/* options, a level, two sizes */
		unsigned char plan[6] = { (unsigned char)(i % 32),
					  (unsigned char)(i * 5) };

		plan[2] = (unsigned char)random_number();
		plan[4] = (unsigned char)random_number();
		log_bytes(&seed, plan, sizeof(plan));
		for (unsigned int call = 0; call < 8; call++) {
			unsigned char bytes[3] = {
				(unsigned char)(call * i),
				(unsigned char)random_number(),
				(unsigned char)(i & 3)
			};

			log_bytes(&seed, bytes, sizeof(bytes));
			add_text(&seed, 300, i & 1);
		}
		put("writer", &seed);
		free(seed.data);
	}
}

static void
make_indexes(void)
{
	for (unsigned int kind = 0; kind < 9; kind++) {
		struct log file = { NULL, 0, 0 }, seed = { NULL, 0, 0 };
		struct sgz_reader *reader = NULL;
		struct sgz_index *index = NULL;
		unsigned char bytes[2], saved[1 << 15];
		ssize_t len;
		int fd = file_of("", 0);

		make_file(&file, kind);
		CHECK(sgz_reader_open_memory(file.data, file.len, NULL, &reader,
					     NULL) == SGZ_OK);
		if (sgz_index_build(reader, false, &index, NULL) == SGZ_OK) {
			CHECK(sgz_index_save_fd(index, fd, NULL) == SGZ_OK);
			len = pread(fd, saved, sizeof(saved), 0);
			CHECK(len > 0);
			bytes[0] = (unsigned char)len;
			bytes[1] = (unsigned char)(len >> 8);
			log_bytes(&seed, bytes, 2);
			log_bytes(&seed, saved, (size_t)len);
			log_bytes(&seed, file.data, file.len);
			put("index", &seed);
		}
		close(fd);
		sgz_index_unref(index);
		sgz_reader_close(reader);
		free(file.data);
		free(seed.data);
	}
}

/* A plan of fuzz_codec.c: a codec that is honest, but for one kind of answer. */
static void
make_codecs(void)
{
	for (unsigned int kind = 0; kind < 9; kind++)
		for (unsigned int deed = 0; deed < 16; deed++) {
			struct log seed = { NULL, 0, 0 };
			/* options, a block size, 16 answers, 8 operations */
			unsigned char plan[3 + 32 + 24];

			for (size_t i = 0; i < sizeof(plan); i++)
				plan[i] = (unsigned char)random_number();
			plan[0] = (unsigned char)(kind & 7);
			plan[2] = 1;
			for (size_t i = 0; i < 16; i++)
				plan[3 + 2 * i] =
					i % 4 == 0 ? (unsigned char)deed : 0;
			log_bytes(&seed, plan, sizeof(plan));
			make_file(&seed, kind);
			put("codec", &seed);
			free(seed.data);
		}
}

static void
make_headers(void)
{
	static const unsigned char extra[] = { 'A', 'B', 3,   0, 1, 2,
					       3,   'C', 'D', 0, 0 };

	for (unsigned int i = 0; i < 8; i++) {
		struct sgz_options options = SGZ_OPTIONS_INIT;
		struct sgz_buffer buffer = SGZ_BUFFER_INIT;
		struct sgz_header header = { 0 };
		struct sgz_writer *writer = NULL;
		struct log seed = { NULL, 0, 0 };

		options.format = SGZ_FORMAT_GZIP;
		header.prefix.mtime = i * 1000;
		header.name = i & 1 ? "name" : NULL;
		header.comment = i & 2 ? "a comment" : NULL;
		header.extra = i & 4 ? extra : NULL;
		header.extra_len = i & 4 ? sizeof(extra) : 0;
		CHECK(sgz_writer_open_memory(&buffer, &options, &writer,
					     NULL) == SGZ_OK);
		CHECK(sgz_writer_set_header(writer, &header, NULL) == SGZ_OK);
		CHECK(sgz_writer_finish(writer, NULL) == SGZ_OK);
		sgz_writer_free(writer);
		log_bytes(&seed, buffer.data, buffer.len);
		put("header", &seed);
		sgz_buffer_release(&buffer);
		free(seed.data);
	}
}

int
main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "seeds FOLDER\n");
		return 2;
	}
	folder = argv[1];
	make_readers();
	make_writers();
	make_indexes();
	make_headers();
	make_codecs();
	return 0;
}
