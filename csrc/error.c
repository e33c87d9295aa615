/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Status codes by name, and the text of a failure. */
/* for POSIX's strerror_r(), whatever the compiler flags are */
#undef _GNU_SOURCE
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif
#include "internal.h"

static const struct {
	enum sgz_status status;
	const char *name;
	const char *text;
} statuses[] = {
	{ SGZ_OK, "SGZ_OK", "success" },
	{ SGZ_E_INVALID, "SGZ_E_INVALID", "invalid argument" },
	{ SGZ_E_NOMEM, "SGZ_E_NOMEM", "out of memory" },
	{ SGZ_E_IO, "SGZ_E_IO", "input/output error" },
	{ SGZ_E_FORMAT, "SGZ_E_FORMAT", "not in gzip format" },
	{ SGZ_E_DATA, "SGZ_E_DATA", "corrupt deflate stream" },
	{ SGZ_E_CRC, "SGZ_E_CRC", "checksum mismatch" },
	{ SGZ_E_LENGTH, "SGZ_E_LENGTH", "length mismatch" },
	{ SGZ_E_TRUNCATED, "SGZ_E_TRUNCATED", "unexpected end of input" },
	{ SGZ_E_TRAILING, "SGZ_E_TRAILING", "trailing bytes are not gzip" },
	{ SGZ_E_CALLBACK, "SGZ_E_CALLBACK", "callback failed" },
	{ SGZ_E_CANCELLED, "SGZ_E_CANCELLED", "cancelled" },
	{ SGZ_E_INDEX, "SGZ_E_INDEX", "wrong or malformed index" },
	{ SGZ_E_RANGE, "SGZ_E_RANGE", "offset beyond the end" },
	{ SGZ_E_UNSUPPORTED, "SGZ_E_UNSUPPORTED",
	  "not supported for this kind of file" },
	{ SGZ_E_STATE, "SGZ_E_STATE", "not possible in this state" },
	{ SGZ_E_LIMIT, "SGZ_E_LIMIT", "limit exceeded" },
	{ SGZ_E_EXISTS, "SGZ_E_EXISTS", "file exists" },
};

enum {
	STATUS_COUNT = sizeof(statuses) / sizeof(statuses[0])
};

const char *
sgz_status_name(enum sgz_status status)
{
	for (size_t i = 0; i < STATUS_COUNT; i++)
		if (statuses[i].status == status)
			return statuses[i].name;
	return NULL;
}

const char *
sgz_status_text(enum sgz_status status)
{
	for (size_t i = 0; i < STATUS_COUNT; i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "unknown status";
}

/* The start of a long name is cut, so that the reason still fits. */
static size_t
put_name(char *text, size_t size, const char *name)
{
	enum {
		NAME_MOST = 120
	};
	size_t len = strlen(name);
	int put;

	if (len <= NAME_MOST)
		put = snprintf(text, size, "%s: ", name);
	else
		put = snprintf(text, size, "...%s: ", name + len - NAME_MOST);
	return put < 0 ? 0 : (size_t)put;
}

enum sgz_status
sgz_error_vset(struct sgz_error *error, enum sgz_status status, int sys_errno,
	       const char *name, int64_t offset, const char *format,
	       va_list args)
{
	size_t at = 0;
	int put;

	if (error == NULL)
		return status;
	memset(error, 0, sizeof(*error));
	error->status = status;
	error->sys_errno = sys_errno;
	error->offset = offset < 0 ? -1 : offset;
	if (name != NULL)
		at = put_name(error->text, sizeof(error->text), name);
	if (offset >= 0) {
		put = snprintf(error->text + at, sizeof(error->text) - at,
			       "at byte %lld: ", (long long)offset);
		at += put < 0 ? 0 : (size_t)put;
	}
	put = vsnprintf(error->text + at, sizeof(error->text) - at, format,
			args);
	if (put < 0)
		error->text[at] = '\0';
	/* the text is one line, even if a name holds a newline */
	for (char *c = error->text; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
	return status;
}

enum sgz_status
sgz_error_set(struct sgz_error *error, enum sgz_status status, int sys_errno,
	      const char *name, int64_t offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	sgz_error_vset(error, status, sys_errno, name, offset, format, args);
	va_end(args);
	return status;
}

enum sgz_status
sgz_error_set_errno(struct sgz_error *error, int sys_errno, const char *name,
		    int64_t offset, const char *doing)
{
	char reason[80];

	if (strerror_r(sys_errno, reason, sizeof(reason)) != 0)
		snprintf(reason, sizeof(reason), "error %d", sys_errno);
	return sgz_error_set(error, SGZ_E_IO, sys_errno, name, offset,
			     "cannot %s: %s", doing, reason);
}

enum sgz_status
sgz_error_set_nomem(struct sgz_error *error, const char *name)
{
	return sgz_error_set(error, SGZ_E_NOMEM, 0, name, -1, "out of memory");
}

enum sgz_status
sgz_error_set_forked(struct sgz_error *error, const char *name)
{
	return sgz_error_set(error, SGZ_E_STATE, 0, name, -1,
			     "the pool's threads are in the process that made "
			     "it, and this is another one, after fork()");
}

enum sgz_status
sgz_error_set_busy(struct sgz_error *error)
{
	return sgz_error_set(error, SGZ_E_STATE, 0, NULL, -1,
			     "called from the object's own callback");
}
