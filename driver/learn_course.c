/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The exercises that there are: the data of tools/exercises.py. */
#include "learn.h"

#include "data.h"

#include <stdlib.h>
#include <string.h>

/* NULL if it is null. */
static const char *
text_at(const json_t *item, const char *key)
{
	return json_string_value(json_object_get(item, key));
}

static void
take_words(struct words *words, const json_t *array)
{
	json_t *item;
	size_t i;

	words->items = xcalloc(json_array_size(array) + 1, sizeof(char *));
	json_array_foreach(array, i, item)
		words->items[words->count++] = json_string_value(item);
}

static void
take_misuses(struct exercise *exercise, const json_t *array)
{
	struct misuse *misuse;
	json_t *item;
	size_t i;

	exercise->misuse_count = json_array_size(array);
	exercise->misuses =
		xcalloc(exercise->misuse_count + 1, sizeof(*exercise->misuses));
	json_array_foreach(array, i, item)
	{
		misuse = &exercise->misuses[i];
		misuse->file = text_at(item, "file");
		misuse->code = text_at(item, "code");
		misuse->what = text_at(item, "what");
		if (misuse->file == NULL || misuse->what == NULL)
			die("%s: misuse %zu is not complete", exercise->name,
			    i);
	}
}

static void
take_prediction(struct prediction *prediction, json_t *item)
{
	const char *tool;
	json_t *said;
	size_t at;

	prediction->program = text_at(item, "program");
	json_object_foreach(json_object_get(item, "said"), tool, said)
	{
		at = prediction->tool_count;
		if (at == ARRAY_SIZE(prediction->tools))
			die("%s: too many tools", prediction->program);
		prediction->tools[at] = tool;
		prediction->said[at] = json_string_value(said);
		prediction->tool_count++;
	}
}

static void
take_predictions(struct exercise *exercise, const json_t *array)
{
	json_t *item;
	size_t i;

	exercise->prediction_count = json_array_size(array);
	exercise->predictions = xcalloc(exercise->prediction_count + 1,
					sizeof(*exercise->predictions));
	json_array_foreach(array, i, item)
		take_prediction(&exercise->predictions[i], item);
}

static void
take_exercise(struct course *course, json_t *item)
{
	struct exercise *exercise = &course->exercises[course->count++];
	json_t *after, *files, *parts, *link, *misuses, *predictions;
	const char **hints = exercise->hints;
	int partial, exports;
	json_error_t error;

	if (json_unpack_ex(
		    item, &error, 0,
		    "{s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:b, s:[s, s, s]}",
		    "name", &exercise->name, "title", &exercise->title,
		    "folder", &exercise->folder, "read", &exercise->read,
		    "hash", &exercise->hash, "minutes", &exercise->minutes,
		    "partial", &partial, "exports", &exports, "hints",
		    &hints[0], &hints[1], &hints[2]) != 0 ||
	    json_unpack_ex(item, &error, 0, "{s:o, s:o, s:o, s:o, s:o, s:o}",
			   "after", &after, "files", &files, "parts", &parts,
			   "link", &link, "misuse", &misuses, "predict",
			   &predictions) != 0)
		die("exercise %zu: %s", course->count, error.text);
	exercise->grade = text_at(item, "grade");
	exercise->reference = text_at(item, "reference");
	exercise->header = text_at(item, "header");
	exercise->partial = partial != 0;
	exercise->exports = exports != 0;
	take_words(&exercise->after, after);
	take_words(&exercise->files, files);
	take_words(&exercise->parts, parts);
	take_words(&exercise->archive, json_object_get(item, "archive"));
	take_words(&exercise->link, link);
	take_misuses(exercise, misuses);
	take_predictions(exercise, predictions);
}

void
course_read(struct course *course, const char *path)
{
	json_error_t error;
	json_t *all, *item;
	size_t i;

	course->data = data_load(path);
	if (json_unpack_ex(course->data, &error, 0, "{s:[s, s], s:s, s:s, s:o}",
			   "include", &course->include[0], &course->include[1],
			   "library", &course->library, "front", &course->front,
			   "exercises", &all) != 0)
		die("%s: %s", path, error.text);
	course->exercises =
		xcalloc(json_array_size(all) + 1, sizeof(struct exercise));
	json_array_foreach(all, i, item) take_exercise(course, item);
}

void
course_release(struct course *course)
{
	struct exercise *exercise;
	size_t i;

	for (i = 0; i < course->count; i++) {
		exercise = &course->exercises[i];
		free(exercise->after.items);
		free(exercise->files.items);
		free(exercise->parts.items);
		free(exercise->archive.items);
		free(exercise->link.items);
		free(exercise->misuses);
		free(exercise->predictions);
	}
	free(course->exercises);
	json_decref(course->data);
}

const struct exercise *
course_find(const struct course *course, const char *name)
{
	const struct exercise *found = NULL;
	size_t i;

	if (name == NULL)
		die("name an exercise: 'ferrule learn list' shows them");
	for (i = 0; i < course->count; i++) {
		if (strncmp(course->exercises[i].name, name, strlen(name)) != 0)
			continue;
		if (found != NULL)
			die("both %s and %s begin with \"%s\"", found->name,
			    course->exercises[i].name, name);
		found = &course->exercises[i];
	}
	if (found == NULL)
		die("no exercise begins with \"%s\"; 'ferrule learn list' "
		    "shows them",
		    name);
	return found;
}

bool
words_have(const struct words *words, const char *word)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		if (strcmp(words->items[i], word) == 0)
			return true;
	return false;
}
