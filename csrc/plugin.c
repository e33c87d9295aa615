/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Codecs that are loaded from shared objects. */
/* for secure_getenv() */
#undef _GNU_SOURCE
#define _GNU_SOURCE
#include "codec.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

void
sgz_plugin_close(void *library)
{
	if (library != NULL)
		dlclose(library);
}

const char *
sgz_codec_get_folder(void)
{
	const char *folder = secure_getenv("SGZ_CODEC_PATH");

	return folder != NULL && folder[0] != '\0' ? folder : SGZ_CODEC_FOLDER;
}

static enum sgz_status
refuse(const char *path, const char *reason, struct sgz_error *error)
{
	return sgz_error_set(error, SGZ_E_UNSUPPORTED, 0, path, -1,
			     "the codec cannot be used: %s", reason);
}

/* Where the file at @fd has to end at least; 0: not a shared object. */
static uint64_t
measure(int fd)
{
	ElfW(Ehdr) head;
	ElfW(Phdr) part;
	uint64_t end = sizeof(head);

	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
	    head.e_type != ET_DYN || head.e_phentsize != sizeof(part))
		return 0;
	for (size_t i = 0; i < head.e_phnum; i++) {
		off_t at = (off_t)(head.e_phoff + i * sizeof(part));

		if (pread(fd, &part, sizeof(part), at) != (ssize_t)sizeof(part))
			return UINT64_MAX;
		if (part.p_type == PT_LOAD &&
		    part.p_offset + part.p_filesz > end)
			end = part.p_offset + part.p_filesz;
	}
	return end;
}

/*
 * dlopen() waits at a FIFO, and dies of a bus error in a file that was cut
 * short. So look at the file before.
 */
static enum sgz_status
check_file(const char *path, struct sgz_error *error)
{
	struct stat about;
	uint64_t end;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum sgz_status status = SGZ_OK;

	if (fd < 0 || fstat(fd, &about) < 0) {
		status = sgz_error_set_errno(error, errno, path, -1,
					     "open the codec");
	} else if (!S_ISREG(about.st_mode)) {
		status = refuse(path, "it is not a regular file", error);
	} else {
		end = measure(fd);
		if (end == 0)
			status = refuse(path, "it is not a shared object",
					error);
		else if (end > (uint64_t)about.st_size)
			status = refuse(path, "its end is missing", error);
	}
	if (fd >= 0)
		close(fd);
	return status;
}

/* What @library exports, if it is of use. */
static enum sgz_status
find_vtable(void *library, const char *path,
	    const struct sgz_codec_vtable **vtable_out, struct sgz_error *error)
{
	void *symbol = dlsym(library, "sgz_codec_plugin");
	sgz_codec_plugin_fn plugin;
	const char *fault;

	if (symbol == NULL)
		return refuse(path, "it has no symbol sgz_codec_plugin", error);
	/* POSIX lets a pointer to data hold one to a function */
	memcpy(&plugin, &symbol, sizeof(plugin));
	*vtable_out = plugin(SGZ_CODEC_ABI);
	if (*vtable_out == NULL)
		return refuse(path, "it has no functions for this ABI", error);
	fault = sgz_codec_find_fault(*vtable_out);
	return fault == NULL ? SGZ_OK : refuse(path, fault, error);
}

static enum sgz_status
load_plugin(const char *path, const struct sgz_memory *memory,
	    struct sgz_codec **codec_out, struct sgz_error *error)
{
	const struct sgz_codec_vtable *vtable = NULL;
	void *library = NULL;
	enum sgz_status status = check_file(path, error);

	if (status != SGZ_OK)
		return status;
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		return refuse(path, dlerror(), error);
	status = find_vtable(library, path, &vtable, error);
	if (status != SGZ_OK)
		goto out;
	*codec_out = sgz_codec_make(vtable, memory);
	if (*codec_out == NULL) {
		status = sgz_error_set_nomem(error, path);
		goto out;
	}
	(*codec_out)->library = library;
	library = NULL;
out:
	sgz_plugin_close(library);
	return status;
}

enum sgz_status
sgz_codec_load(const char *name, const struct sgz_allocator *allocator,
	       struct sgz_codec **codec_out, struct sgz_error *error)
{
	struct sgz_memory memory;
	struct sgz_codec *codec = NULL;
	struct sgz_buffer path = SGZ_BUFFER_INIT;
	enum sgz_status status;

	if (name == NULL || name[0] == '\0')
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "no name of a codec");
	status = sgz_allocator_check(allocator, error);
	if (status != SGZ_OK)
		return status;
	sgz_memory_init(&memory, allocator);
	path.allocator = allocator;
	if (strchr(name, '/') != NULL) {
		status = load_plugin(name, &memory, &codec, error);
		goto out;
	}
	codec = sgz_codec_find_built_in(name);
	status = SGZ_OK;
	if (codec != NULL)
		goto out;
	status = SGZ_E_NOMEM;
	if (!sgz_buffer_append(&path, sgz_codec_get_folder(),
			       strlen(sgz_codec_get_folder())) ||
	    !sgz_buffer_append(&path, "/", 1) ||
	    !sgz_buffer_append(&path, name, strlen(name)) ||
	    !sgz_buffer_append(&path, ".so", 3))
		sgz_error_set_nomem(error, name);
	else
		status = load_plugin((const char *)path.data, &memory, &codec,
				     error);
out:
	sgz_buffer_release(&path);
	if (status == SGZ_OK)
		*codec_out = codec;
	return status;
}
