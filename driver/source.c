/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A lesson's source, cut into steps; and the C functions that it calls. */
#include "source.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

static bool
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* ---- steps ---- */

/*
 * Is this the call that begins a step: `rec_step(rec, "name")` in C,
 * `rec.step("name")` in Rust? If so its name, to be freed, else NULL.
 */
static char *
step_call(const char *text, const char *at)
{
	bool in_c = strncmp(at, "rec_step(", 9) == 0 &&
		(at == text || !is_name(at[-1]));
	bool in_rust = strncmp(at, ".step(", 6) == 0;
	struct text name = { 0 };

	if (!in_c && !in_rust)
		return NULL;
	at += strcspn(at, "\";");
	if (*at != '"')
		return NULL;
	for (at++; *at != '"' && *at != '\0'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		text_add(&name, at, 1);
	}
	return text_take(&name);
}

static void
add_part(struct source *source, char *step, const char *from, const char *to)
{
	struct source_part part = { step, from, (size_t)(to - from) };

	/* empty lines around it are no part of it */
	while (part.len > 0 && (part.text[0] == '\n'))
		part.text++, part.len--;
	while (part.len > 0 && isspace((unsigned char)part.text[part.len - 1]))
		part.len--;
	if (part.len == 0 && step[0] == '\0') {
		free(step);
		return;
	}
	source->parts =
		xrealloc(source->parts, (source->count + 1) * sizeof(part));
	source->parts[source->count++] = part;
}

void
source_read(struct source *source, const char *path)
{
	const char *at, *line, *from;
	char *step = xstrdup("");
	char *name;

	*source = (struct source){ .text = read_file(path, NULL) };
	if (source->text == NULL) {
		free(step);
		return;
	}
	line = from = source->text;
	for (at = source->text; *at != '\0'; at++) {
		name = step_call(source->text, at);
		if (name != NULL) {
			add_part(source, step, from, line);
			step = name;
			from = line;
		}
		if (*at != '\n')
			continue;
		/* a brace in the first column ends a function */
		if (*line == '}' && step[0] != '\0') {
			add_part(source, step, from, at + 1);
			step = xstrdup("");
			from = at + 1;
		}
		line = at + 1;
	}
	add_part(source, step, from, at);
}

void
source_release(struct source *source)
{
	size_t i;

	for (i = 0; i < source->count; i++)
		free(source->parts[i].step);
	free(source->parts);
	free(source->text);
	*source = (struct source){ 0 };
}

const struct source_part *
source_find(const struct source *source, const char *step, size_t nth)
{
	size_t i;

	for (i = 0; i < source->count; i++)
		if (strcmp(source->parts[i].step, step) == 0 && nth-- == 0)
			return &source->parts[i];
	return NULL;
}

/* ---- declarations ---- */

/* Does @source call @name? */
static bool
calls(const struct source *source, const char *name)
{
	size_t len = strlen(name);
	const char *at = source->text;

	while ((at = strstr(at, name)) != NULL) {
		if ((at == source->text || !is_name(at[-1])) && at[len] == '(')
			return true;
		at += len;
	}
	return false;
}

/* The comment's lines, without the stars that lead them. */
static char *
plain_comment(const char *from, const char *to)
{
	struct text text = { 0 };
	const char *end;

	from += strlen("/**");
	to -= strlen("*/");
	while (from < to) {
		end = memchr(from, '\n', (size_t)(to - from));
		if (end == NULL)
			end = to;
		while (from < end && (*from == ' ' || *from == '*'))
			from++;
		if (text.len > 0 || from < end) {
			text_add(&text, from, (size_t)(end - from));
			text_add(&text, "\n", 1);
		}
		from = end + 1;
	}
	while (text.len > 0 && isspace((unsigned char)text.data[text.len - 1]))
		text.data[--text.len] = '\0';
	return text_take(&text);
}

/*
 * A documented function in a header: its comment at @comment, its name at the
 * start of a line, behind the line with what it returns.
 */
static bool
parse_function(const char *comment, struct declaration_text *out)
{
	const char *end = strstr(comment, "*/");
	const char *code, *name, *stop;
	size_t len;

	if (end == NULL)
		return false;
	end += 2;
	code = end + strspn(end, "\n");
	if (strncmp(code, "SGZ_API ", 8) != 0 &&
	    strncmp(code, "static inline ", 14) != 0)
		return false;
	name = strstr(code, "\nsgz_");
	stop = code + strcspn(code, ";{");
	if (name == NULL || name > stop)
		return false;
	len = strcspn(++name, "(");
	if (name + len > stop)
		return false;
	while (stop > code && isspace((unsigned char)stop[-1]))
		stop--;
	*out = (struct declaration_text){
		.name = xstrndup(name, len),
		.code = xasprintf("%.*s;", (int)(stop - code), code),
		.comment = plain_comment(comment, end),
	};
	return true;
}

static void
declaration_free(struct declaration_text *item)
{
	free(item->name);
	free(item->header);
	free(item->code);
	free(item->comment);
}

static void
find_in_header(struct declarations *declarations, const struct source *source,
	       const char *path)
{
	struct declaration_text item;
	char *text = read_file(path, NULL);
	const char *at = text;

	while (at != NULL && (at = strstr(at, "\n/**\n")) != NULL) {
		at++;
		if (!parse_function(at, &item))
			continue;
		if (!calls(source, item.name)) {
			declaration_free(&item);
			continue;
		}
		item.header = xasprintf("sgz/%s", strrchr(path, '/') + 1);
		declarations->items =
			xrealloc(declarations->items,
				 (declarations->count + 1) * sizeof(item));
		declarations->items[declarations->count++] = item;
	}
	free(text);
}

void
declarations_find(struct declarations *declarations,
		  const struct source *source, const char *include_dir)
{
	char *pattern = xasprintf("%s/sgz/*.h", include_dir);
	glob_t headers;
	size_t i;

	*declarations = (struct declarations){ 0 };
	if (source->text != NULL && glob(pattern, 0, NULL, &headers) == 0) {
		for (i = 0; i < headers.gl_pathc; i++)
			find_in_header(declarations, source,
				       headers.gl_pathv[i]);
		globfree(&headers);
	}
	free(pattern);
}

void
declarations_release(struct declarations *declarations)
{
	size_t i;

	for (i = 0; i < declarations->count; i++)
		declaration_free(&declarations->items[i]);
	free(declarations->items);
	*declarations = (struct declarations){ 0 };
}
