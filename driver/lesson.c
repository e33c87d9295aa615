/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What lies beside a lesson's sources: its title, and what may differ. */
#include "run.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The first heading of a Markdown text, without its marks; NULL for none. */
static char *
first_heading(const char *text)
{
	const char *line = text;
	size_t len;

	while (*line != '\0') {
		len = strcspn(line, "\n");
		if (line[0] == '#') {
			while (len > 0 && (*line == '#' || *line == ' '))
				line++, len--;
			return xstrndup(line, len);
		}
		line += len + (line[len] == '\n');
	}
	return NULL;
}

static void
read_differs(struct allowance *allowed, const char *path, size_t entry,
	     const json_t *differs)
{
	const char *what;
	json_t *item;
	size_t i;

	if (!json_is_array(differs) || json_array_size(differs) == 0)
		die("%s: entry %zu: \"differs\" has to be a list of what "
		    "differs: \"prevented\", \"memory\", \"fact LABEL\"",
		    path, entry);
	json_array_foreach(differs, i, item)
	{
		what = json_string_value(item);
		if (what == NULL || !allowance_add(allowed, what))
			die("%s: entry %zu: what differs is \"prevented\", "
			    "\"memory\" or \"fact LABEL\", not %s",
			    path, entry, what != NULL ? what : "that");
	}
}

static void
add_declaration(struct lesson_info *lesson, const char *path, json_t *item)
{
	struct declaration *declared;
	const char *lane, *step, *reason;
	json_error_t error;
	json_t *differs;
	size_t i, count = lesson->declared_count;

	if (json_unpack_ex(item, &error, JSON_STRICT, "{s:s, s:s, s:o, s:s}",
			   "lane", &lane, "step", &step, "differs", &differs,
			   "reason", &reason) != 0)
		die("%s: entry %zu: %s", path, count, error.text);
	for (i = 0; i < count; i++)
		if (strcmp(lesson->declared[i].lane, lane) == 0 &&
		    strcmp(lesson->declared[i].step, step) == 0)
			die("%s: entry %zu: the step \"%s\" is declared twice "
			    "for the lane %s",
			    path, count, step, lane);
	lesson->declared = xrealloc(lesson->declared,
				    (count + 1) * sizeof(*lesson->declared));
	declared = &lesson->declared[count];
	*declared = (struct declaration){
		.lane = xstrdup(lane),
		.step = xstrdup(step),
		.reason = xstrdup(reason),
	};
	read_differs(&declared->allowed, path, count, differs);
	lesson->declared_count++;
}

static void
read_declarations(struct lesson_info *lesson, const char *path)
{
	json_error_t error;
	json_t *root, *item;
	size_t len, i;
	char *text = read_file(path, &len);

	if (text == NULL && errno == ENOENT)
		return;
	if (text == NULL)
		die("%s: cannot read: %s", path, strerror(errno));
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	free(text);
	if (root == NULL)
		die("%s:%d:%d: %s", path, error.line, error.column, error.text);
	if (!json_is_array(root))
		die("%s: is no array of declarations", path);
	json_array_foreach(root, i, item) add_declaration(lesson, path, item);
	json_decref(root);
}

void
lesson_read(struct lesson_info *lesson, const char *lessons_dir)
{
	char *path = xasprintf("%s/%s/lesson.md", lessons_dir, lesson->name);
	char *text = read_file(path, NULL);

	if (text != NULL)
		lesson->title = first_heading(text);
	if (lesson->title == NULL)
		lesson->title = xstrdup(lesson->name);
	free(text);
	free(path);
	path = xasprintf("%s/%s/declared.json", lessons_dir, lesson->name);
	read_declarations(lesson, path);
	free(path);
}

void
lesson_release(struct lesson_info *lesson)
{
	size_t i;

	for (i = 0; i < lesson->declared_count; i++) {
		free(lesson->declared[i].lane);
		free(lesson->declared[i].step);
		free(lesson->declared[i].reason);
		list_release(&lesson->declared[i].allowed.facts);
	}
	rows_release(lesson);
	free(lesson->declared);
	free(lesson->name);
	free(lesson->title);
}
