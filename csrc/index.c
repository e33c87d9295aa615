/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The `.gzi` index: make it, load it, save it, share it by reference count. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A `.gzi` file, all little-endian. The first block has no entry.
 *
 *   0       8                   16                    24
 *   | count | compressed_offset | uncompressed offset | ... next entry
 *
 * A file without data has a count of 0. Before htslib 1.23, bgzip wrote -1 for
 * it. That is read as 0.
 */
enum {
	COUNT_SIZE = 8,
	ENTRY_SIZE = 16
};

struct sgz_index {
	struct sgz_memory memory;
	atomic_size_t references;
	struct sgz_index_entry *entries;
	size_t count;
};

enum sgz_status
sgz_index_adopt(const struct sgz_memory *memory,
		struct sgz_index_entry *entries, size_t count,
		struct sgz_index **index_out, struct sgz_error *error)
{
	struct sgz_index *index = sgz_memory_alloc(memory, sizeof(*index));

	if (index == NULL)
		return sgz_error_set_nomem(error, NULL);
	index->memory = *memory;
	atomic_init(&index->references, 1);
	index->entries = entries;
	index->count = count;
	*index_out = index;
	return SGZ_OK;
}

bool
sgz_entries_add(struct sgz_entries *entries, const struct sgz_memory *memory,
		uint64_t compressed_offset, uint64_t offset)
{
	struct sgz_index_entry *data = entries->data;
	size_t capacity = entries->capacity;

	if (entries->count == capacity) {
		capacity = capacity == 0 ? 64 : capacity * 2;
		if (capacity > SIZE_MAX / sizeof(*data))
			return false;
		data = sgz_memory_resize(memory, data,
					 capacity * sizeof(*data));
		if (data == NULL)
			return false;
		entries->data = data;
		entries->capacity = capacity;
	}
	data[entries->count].compressed_offset = compressed_offset;
	data[entries->count].offset = offset;
	entries->count++;
	return true;
}

size_t
sgz_entries_locate(const struct sgz_index_entry *entries, size_t count,
		   uint64_t offset)
{
	size_t low = 0, high = count;

	/* entries[low] is at @offset or before it, entries[high] is after it */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (entries[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static bool
in_order(const struct sgz_index_entry *before,
	 const struct sgz_index_entry *entry)
{
	return entry->compressed_offset > before->compressed_offset &&
		entry->offset >= before->offset;
}

/* @offset: the position of entry @i in its file, or -1 if there is no file. */
static enum sgz_status
order_error(struct sgz_error *error, const char *name, int64_t offset, size_t i)
{
	return sgz_error_set(error, SGZ_E_INDEX, 0, name, offset,
			     "entry %zu is out of order", i);
}

static enum sgz_status
check_order(const struct sgz_index_entry *entries, size_t count,
	    struct sgz_error *error)
{
	if (entries[0].compressed_offset != 0 || entries[0].offset != 0)
		return sgz_error_set(error, SGZ_E_INDEX, 0, NULL, -1,
				     "the first entry is not 0, 0");
	for (size_t i = 1; i < count; i++)
		if (!in_order(&entries[i - 1], &entries[i]))
			return order_error(error, NULL, -1, i);
	return SGZ_OK;
}

enum sgz_status
sgz_index_from_entries(const struct sgz_index_entry *entries, size_t count,
		       const struct sgz_options *options,
		       struct sgz_index **index_out, struct sgz_error *error)
{
	struct sgz_options checked;
	struct sgz_memory memory;
	struct sgz_index_entry *copy;
	enum sgz_status status = sgz_options_copy(&checked, options, error);

	if (status != SGZ_OK)
		return status;
	if (entries == NULL || count == 0)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "an index needs at least one entry");
	if (count > SIZE_MAX / sizeof(*copy))
		return sgz_error_set_nomem(error, NULL);
	status = check_order(entries, count, error);
	if (status != SGZ_OK)
		return status;
	sgz_memory_init(&memory, checked.allocator);
	copy = sgz_memory_alloc(&memory, count * sizeof(*copy));
	if (copy == NULL)
		return sgz_error_set_nomem(error, NULL);
	memcpy(copy, entries, count * sizeof(*copy));
	status = sgz_index_adopt(&memory, copy, count, index_out, error);
	if (status != SGZ_OK)
		sgz_memory_free(&memory, copy);
	return status;
}

/* Read @len bytes, or fewer at the end. @offset is their position in the
 * file. */
static enum sgz_status
read_some(int fd, uint64_t offset, unsigned char *to, size_t len,
	  const char *path, size_t *len_out, struct sgz_error *error)
{
	size_t sum = 0;

	while (sum < len) {
		ssize_t got = sgz_fd_read(fd, to + sum, len - sum);

		if (got < 0)
			return sgz_error_set_errno(error, errno, path,
						   (int64_t)(offset + sum),
						   "read the index");
		if (got == 0)
			break;
		sum += (size_t)got;
	}
	*len_out = sum;
	return SGZ_OK;
}

static enum sgz_status
count_error(struct sgz_error *error, const char *path, uint64_t count,
	    const char *relation)
{
	return sgz_error_set(error, SGZ_E_INDEX, 0, path, 0,
			     "the count is %llu entries, %s the file holds",
			     (unsigned long long)count, relation);
}

/* Add the entries in @len @bytes. @offset is their position in the file. */
static enum sgz_status
take_entries(const unsigned char *bytes, size_t len, uint64_t offset,
	     uint64_t count, const char *path, const struct sgz_memory *memory,
	     struct sgz_entries *entries, struct sgz_error *error)
{
	for (size_t i = 0; i < len; i += ENTRY_SIZE) {
		const struct sgz_index_entry entry = {
			.compressed_offset = get_le64(bytes + i),
			.offset = get_le64(bytes + i + 8),
		};

		if (entries->count > count)
			return count_error(error, path, count, "fewer than");
		if (!in_order(&entries->data[entries->count - 1], &entry))
			return order_error(error, path, (int64_t)(offset + i),
					   entries->count);
		if (!sgz_entries_add(entries, memory, entry.compressed_offset,
				     entry.offset))
			return sgz_error_set_nomem(error, path);
	}
	return SGZ_OK;
}

/*
 * Read the entries after the count. Each is checked before memory is allocated
 * for it: a large sparse file is refused at its first entry.
 */
static enum sgz_status
read_entries(int fd, uint64_t count, const char *path,
	     const struct sgz_memory *memory, struct sgz_entries *entries,
	     struct sgz_error *error)
{
	unsigned char bytes[256 * ENTRY_SIZE];
	uint64_t offset = COUNT_SIZE;
	size_t len = sizeof(bytes);
	enum sgz_status status;

	while (len == sizeof(bytes)) {
		status = read_some(fd, offset, bytes, sizeof(bytes), path, &len,
				   error);
		if (status != SGZ_OK)
			return status;
		if (len % ENTRY_SIZE != 0)
			return count_error(error, path, count, "not what");
		status = take_entries(bytes, len, offset, count, path, memory,
				      entries, error);
		if (status != SGZ_OK)
			return status;
		offset += len;
	}
	if (entries->count <= count)
		return count_error(error, path, count, "more than");
	return SGZ_OK;
}

/* Compare the count with the file's size before memory is allocated. */
static enum sgz_status
check_size(int fd, uint64_t count, const char *path, struct sgz_error *error)
{
	struct stat st;
	off_t position = lseek(fd, 0, SEEK_CUR);
	uint64_t room;

	if (fstat(fd, &st) != 0)
		return sgz_error_set_errno(error, errno, path, -1,
					   "examine the index");
	if (!S_ISREG(st.st_mode) || position < 0 || position > st.st_size)
		return SGZ_OK;
	room = (uint64_t)(st.st_size - position);
	if (room % ENTRY_SIZE != 0 || room / ENTRY_SIZE != count)
		return count_error(error, path, count,
				   count > room / ENTRY_SIZE ? "more than" :
							       "not what");
	return SGZ_OK;
}

static enum sgz_status
load_entries(int fd, const char *path, const struct sgz_memory *memory,
	     struct sgz_entries *entries, struct sgz_error *error)
{
	unsigned char bytes[COUNT_SIZE];
	uint64_t count;
	size_t len = 0;
	enum sgz_status status =
		read_some(fd, 0, bytes, sizeof(bytes), path, &len, error);

	if (status != SGZ_OK)
		return status;
	if (len < sizeof(bytes))
		return sgz_error_set(error, SGZ_E_INDEX, 0, path, (int64_t)len,
				     "the index ends within its count");
	count = get_le64(bytes);
	if (count == UINT64_MAX)
		count = 0;
	status = check_size(fd, count, path, error);
	if (status != SGZ_OK)
		return status;
	if (!sgz_entries_add(entries, memory, 0, 0))
		return sgz_error_set_nomem(error, path);
	return read_entries(fd, count, path, memory, entries, error);
}

static enum sgz_status
load_index(int fd, const char *name, const struct sgz_allocator *allocator,
	   struct sgz_index **index_out, struct sgz_error *error)
{
	struct sgz_memory memory;
	struct sgz_entries entries = { NULL, 0, 0 };
	enum sgz_status status;

	sgz_memory_init(&memory, allocator);
	status = load_entries(fd, name, &memory, &entries, error);
	if (status == SGZ_OK)
		status = sgz_index_adopt(&memory, entries.data, entries.count,
					 index_out, error);
	if (status != SGZ_OK)
		sgz_memory_free(&memory, entries.data);
	return status;
}

enum sgz_status
sgz_index_load(const char *path, const struct sgz_options *options,
	       struct sgz_index **index_out, struct sgz_error *error)
{
	struct sgz_options checked;
	int fd;
	enum sgz_status status = sgz_options_copy(&checked, options, error);

	if (status != SGZ_OK)
		return status;
	if (path == NULL)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "no path");
	do
		fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return sgz_error_set_errno(error, errno, path, -1,
					   "open the index");
	status = load_index(fd, path, checked.allocator, index_out, error);
	(void)close(fd);
	return status;
}

/* The name in messages for a file without a path. */
static enum sgz_status
name_fd(int fd, char *name, size_t size, struct sgz_error *error)
{
	if (fd < 0)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "%d is no file descriptor", fd);
	snprintf(name, size, "<fd %d>", fd);
	return SGZ_OK;
}

enum sgz_status
sgz_index_load_fd(int fd, const struct sgz_options *options,
		  struct sgz_index **index_out, struct sgz_error *error)
{
	struct sgz_options checked;
	char name[32];
	enum sgz_status status = sgz_options_copy(&checked, options, error);

	if (status == SGZ_OK)
		status = name_fd(fd, name, sizeof(name), error);
	if (status != SGZ_OK)
		return status;
	return load_index(fd, name, checked.allocator, index_out, error);
}

static enum sgz_status
save_entries(int fd, const struct sgz_index *index, const char *path,
	     struct sgz_error *error)
{
	unsigned char bytes[256 * ENTRY_SIZE];
	size_t len = COUNT_SIZE;
	enum sgz_status status = SGZ_OK;

	put_le64(bytes, index->count - 1);
	for (size_t i = 1; i < index->count && status == SGZ_OK; i++) {
		if (len + ENTRY_SIZE > sizeof(bytes)) {
			status = sgz_fd_write_all(fd, bytes, len, path, error);
			len = 0;
		}
		put_le64(bytes + len, index->entries[i].compressed_offset);
		put_le64(bytes + len + 8, index->entries[i].offset);
		len += ENTRY_SIZE;
	}
	if (status == SGZ_OK)
		status = sgz_fd_write_all(fd, bytes, len, path, error);
	return status;
}

enum sgz_status
sgz_index_save(const struct sgz_index *index, const char *path,
	       struct sgz_error *error)
{
	struct sgz_new_file file = SGZ_NEW_FILE_INIT(&index->memory);
	enum sgz_status status;

	if (path == NULL)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "no path");
	status = sgz_new_file_open(&file, path, 0, error);
	if (status == SGZ_OK)
		status = save_entries(file.fd, index, path, error);
	if (status == SGZ_OK)
		status = sgz_new_file_commit(&file, false, path, error);
	sgz_new_file_close(&file);
	return status;
}

enum sgz_status
sgz_index_save_fd(const struct sgz_index *index, int fd,
		  struct sgz_error *error)
{
	char name[32];
	enum sgz_status status = name_fd(fd, name, sizeof(name), error);

	if (status != SGZ_OK)
		return status;
	return save_entries(fd, index, name, error);
}

const struct sgz_index_entry *
sgz_index_get_entries(const struct sgz_index *index, size_t *count_out)
{
	*count_out = index->count;
	return index->entries;
}

size_t
sgz_index_locate(const struct sgz_index *index, uint64_t offset)
{
	return sgz_entries_locate(index->entries, index->count, offset);
}

struct sgz_index *
sgz_index_ref(struct sgz_index *index)
{
	atomic_fetch_add_explicit(&index->references, 1, memory_order_relaxed);
	return index;
}

void
sgz_index_unref(struct sgz_index *index)
{
	struct sgz_memory memory;

	/* other threads' use of the index must happen before the free */
	if (index == NULL ||
	    atomic_fetch_sub_explicit(&index->references, 1,
				      memory_order_acq_rel) != 1)
		return;
	memory = index->memory;
	sgz_memory_free(&memory, index->entries);
	sgz_memory_free(&memory, index);
}
