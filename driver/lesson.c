/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reads the description of a lesson: its title, and what may differ. */
#include "data.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>

json_t *
readings_load(const char *path)
{
	json_t *root = data_load(path);

	if (!json_is_array(json_object_get(root, "lessons")) ||
	    !json_is_object(json_object_get(root, "sources")))
		die("%s: describes no lessons; 'tools/reader.py json' writes "
		    "what does",
		    path);
	return root;
}

static void
add_declaration(struct lesson_info *lesson, json_t *item)
{
	struct declaration *declared;
	const char *lane, *step, *reason;
	int prevented, memory, freed;
	json_error_t error;
	json_t *facts, *label, *proof = NULL;
	size_t i, count = lesson->declared_count;

	if (json_unpack_ex(item, &error, JSON_STRICT,
			   "{s:s, s:s, s:s, s:{s:b, s:b, s:b, s:o}, s?o}",
			   "lane", &lane, "step", &step, "reason", &reason,
			   "differs", "prevented", &prevented, "memory",
			   &memory, "freed", &freed, "facts", &facts, "proof",
			   &proof) != 0)
		die("%s: declaration %zu: %s", lesson->name, count, error.text);
	lesson->declared = xrealloc(lesson->declared,
				    (count + 1) * sizeof(*lesson->declared));
	declared = &lesson->declared[count];
	*declared = (struct declaration){
		.lane = xstrdup(lane),
		.step = xstrdup(step),
		.allowed = {
			.prevented = prevented,
			.memory = memory,
			.freed = freed,
		},
		.reason = xstrdup(reason),
		.proof = proof,
	};
	if (prevented && proof == NULL)
		die("%s: declaration %zu: prevented, and without a proof",
		    lesson->name, count);
	json_array_foreach(facts, i, label)
	{
		if (!json_is_string(label))
			die("%s: declaration %zu: a fact's label is not text",
			    lesson->name, count);
		list_add(&declared->allowed.facts,
			 xstrdup(json_string_value(label)));
	}
	lesson->declared_count++;
}

const json_t *
readings_lesson(const json_t *readings, const char *name)
{
	const char *text;
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(readings, "lessons"), i, item)
	{
		text = json_string_value(json_object_get(item, "name"));
		if (text != NULL && strcmp(text, name) == 0)
			return item;
	}
	return NULL;
}

void
lesson_read(struct lesson_info *lesson, const json_t *readings)
{
	const json_t *found = readings_lesson(readings, lesson->name);
	const char *text;
	json_t *declared;
	size_t i;

	text = json_string_value(json_object_get(found, "title"));
	lesson->title = xstrdup(text != NULL ? text : lesson->name);
	lesson->looks = json_object_get(found, "looks");
	json_array_foreach(json_object_get(found, "declared"), i, declared)
		add_declaration(lesson, declared);
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
